//! The window: how soon it can be used and what it weighs, beside WebKit's own MiniBrowser with an empty page.

use super::display::{Display, Group, pss_of_tree};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

fn window(home: &Path) -> Command {
    let path = std::env::current_exe().unwrap().with_file_name("roadworthy-desktop");
    assert!(path.exists(), "{} is missing: cargo build --release -p roadworthy-desktop", path.display());
    let mut command = Command::new(path);
    command.env("ROADWORTHY_HOME", home);
    command
}

fn mini_browser() -> Option<Command> {
    let path = ["/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser", "/usr/libexec/webkit2gtk-4.1/MiniBrowser"]
        .into_iter()
        .map(PathBuf::from)
        .find(|p| p.exists())?;
    let mut command = Command::new(path);
    command.arg("data:text/html,<title>empty page ready</title>");
    Some(command)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn start() {
    let display = Display::open();
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    // Alternating, so that a slow spell of the machine hits both.
    for _ in 0..5 {
        let home = tempfile::tempdir().unwrap();
        ours.push(display.until_title(&mut window(home.path()), "^Fleet .*Roadworthy").0);
        if let Some(mut command) = mini_browser() {
            theirs.push(display.until_title(&mut command, "empty page ready").0);
        }
    }
    let ours = median(ours).as_secs_f64();
    let baseline = match theirs.is_empty() {
        true => "no MiniBrowser here".into(),
        false => {
            let theirs = median(theirs).as_secs_f64();
            format!("MiniBrowser, empty page: {theirs:.2} s, ratio {:.2}", ours / theirs)
        }
    };
    super::report(
        "window, process start to first interactive page",
        &format!("{ours:.2} s"),
        "<= 2 s",
        ours <= 2.0,
        &baseline,
    );
}

pub(crate) fn memory() {
    let display = Display::open();
    let home = tempfile::tempdir().unwrap();
    let idle = |group: &Group| {
        std::thread::sleep(Duration::from_secs(5));
        pss_of_tree(group.0.id())
    };
    let (_, group) = display.until_title(&mut window(home.path()), "^Fleet .*Roadworthy");
    let ours = idle(&group);
    drop(group);
    let baseline = match mini_browser() {
        None => "no MiniBrowser here".into(),
        Some(mut command) => {
            let (_, group) = display.until_title(&mut command, "empty page ready");
            let theirs = idle(&group);
            format!("MiniBrowser, empty page: {theirs:.0} MiB, ratio {:.2}", ours / theirs)
        }
    };
    super::report(
        "memory of the whole process tree, idle (PSS)",
        &format!("{ours:.0} MiB"),
        "<= 300 MiB",
        ours <= 300.0,
        &baseline,
    );
}
