//! The process is killed at random instants, again and again on the same folder.

use crate::{
    chance::Chance,
    mail::Server,
    promise::{Counts, check},
    work::{Said, spawnable},
};
use std::{process::Stdio, time::Duration};

/// Kills on one folder before a new one is begun, since a folder grows.
const EACH: u32 = 10;

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Lets it work for a while, kills it, and gives what it said.
fn killed(folder: &std::path::Path, mail: u16, chance: &mut Chance) -> Vec<Said> {
    let mut child = spawnable(folder, mail).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        for said in Said::lines(output) {
            if said == Said::Ready {
                let _ = ready.send(());
            }
            all.push(said);
        }
        all
    });
    // One in five while it opens the folder, which is recovery where one was killed before.
    if chance.below(5) == 0 {
        std::thread::sleep(Duration::from_micros(chance.next() % 60_000));
    } else {
        let _ = is_ready.recv_timeout(Duration::from_secs(60));
        std::thread::sleep(Duration::from_micros(chance.next() % 1_500_000));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn a_process_killed_at_any_instant_keeps_every_promise() {
    let kills = if std::env::var_os("ROADWORTHY_LONG").is_some() { 300 } else { 20 };
    let (mut chance, seed) = Chance::new();
    println!("seed {seed}");
    let mut counts = Counts::default();
    let (mut sent, mut repeated) = (0, 0);
    for round in 0..kills / EACH {
        let (place, server) = (folder(), Server::start());
        let mut said = Vec::new();
        for kill in 0..EACH {
            let last = said.len();
            said.extend(killed(place.path(), server.port, &mut chance));
            if let Err(broken) = check(place.path(), &said, last, &mut counts) {
                let kept = place.keep();
                panic!("seed {seed}, kill {} : {broken}; the folder is kept: {}", round * EACH + kill, kept.display());
            }
            counts.cuts += 1;
        }
        // The other side tells a repeat by its id: a kill between the sending and the note of it is what repeats are for.
        let taken = server.taken();
        let ids: std::collections::BTreeSet<&String> = taken.iter().collect();
        sent += ids.len();
        repeated += taken.len() - ids.len();
        assert!(taken.len() - ids.len() <= EACH as usize, "seed {seed}: {taken:?}");
    }
    println!("{kills} kills, {counts}; {sent} mails, {repeated} of them twice under the same id; seed {seed}");
    counts.must_have_met_everything();
}
