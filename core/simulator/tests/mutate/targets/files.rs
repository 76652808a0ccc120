//! Files of vehicles and of adapters: what is read is also played.

use super::{rng::Rng, target::Target};
use roadworthy_api::Code;
use roadworthy_simulator::{Options, Profile, Source, about, connect_file, connect_with};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    runtime::Runtime,
    time::timeout,
};

/// Values where another stood.
const VALUES: [&str; 22] = [
    "0",
    "-1",
    "1",
    "255",
    "256",
    "0xFFFFFFFF",
    "9223372036854775807",
    "1e308",
    "-0.0",
    "nan",
    "inf",
    "true",
    "[]",
    "[0, 0]",
    "[[1]]",
    "\"\"",
    "\"all\"",
    "\"\\u0000\"",
    "\"P0420\"",
    "{}",
    "{ a = 1 }",
    "2026-11-21",
];

pub(crate) struct Files {
    vehicles: bool,
    seeds: Vec<String>,
    runtime: Runtime,
    read: usize,
    refused: usize,
    played: usize,
}

impl Files {
    pub(crate) fn vehicles() -> Self {
        Self::of("vehicles", true)
    }

    pub(crate) fn adapters() -> Self {
        Self::of("adapters", false)
    }

    fn of(folder: &str, vehicles: bool) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator").join(folder);
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let seeds = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        Self { vehicles, seeds, runtime, read: 0, refused: 0, played: 0 }
    }

    fn mutant(&self, rng: &mut Rng) -> String {
        let text = rng.pick(&self.seeds).clone();
        let mut lines: Vec<String> = text.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect();
        for _ in 0..1 + rng.below(2) {
            let (at, other) = (rng.below(lines.len()), rng.below(lines.len()));
            let value = lines[other].split_once(" = ").map(|(_, value)| value.to_owned());
            let key = lines[at].split_once(" = ").map(|(key, _)| key.to_owned());
            match (rng.below(10), key) {
                (0, _) if lines.len() > 1 => drop(lines.remove(at)),
                (1, _) => lines.insert(other, lines[at].clone()),
                (2, _) => lines.swap(at, other),
                (3, Some(key)) => lines[at] = format!("{key} = {}", value.unwrap_or_default()),
                (4, Some(key)) => lines[at] = format!("{key} = {}", rng.pick(&VALUES)),
                (5, _) => {
                    let donor = rng.pick(&self.seeds).lines().map(str::to_owned).collect::<Vec<_>>();
                    lines[at] = rng.pick(&donor).clone();
                }
                (6, _) => lines[at] = rng.spoil(&lines[at], "abcdefxyz=[]{}\"\\'.,#-_ \té\0"),
                // Another number.
                _ => {
                    let places: Vec<usize> =
                        lines[at].bytes().enumerate().filter(|(_, b)| b.is_ascii_hexdigit()).map(|(i, _)| i).collect();
                    if !places.is_empty() {
                        let place = *rng.pick(&places);
                        let digit = *rng.pick(&["0", "1", "7", "9", "F", "99", "-", "."]);
                        lines[at].replace_range(place..=place, digit);
                    }
                }
            }
        }
        lines.join("\n")
    }

    /// Asks what stands behind the link a few things: it lives, and ends every answer.
    fn play(&mut self, text: &str, patient: bool, link: impl FnOnce() -> DuplexStream) {
        self.played += 1;
        self.runtime.block_on(async {
            let mut link = link();
            for command in ["ATZ\r", "ATSP0\r", "0100\r", "010C\r", "03\r", "0902\r", "020200\r", "0601\r", "ATRV\r"] {
                if link.write_all(command.as_bytes()).await.is_err() {
                    assert!(patient, "it died of {command:?}\n{text}");
                    return;
                }
                let (mut byte, mut count) = ([0u8; 256], 0);
                while let Ok(read) = timeout(Duration::from_secs(200), link.read(&mut byte)).await {
                    let n = read.unwrap_or(0);
                    assert!(n > 0 || patient, "it died of {command:?}\n{text}");
                    count += n;
                    assert!(count < 1 << 20, "{command:?} has no end\n{text}");
                    if n == 0 || byte[..n].contains(&b'>') {
                        break;
                    }
                }
            }
        });
    }
}

impl Target for Files {
    fn one(&mut self, rng: &mut Rng) {
        let text = self.mutant(rng);
        let (play, seed) = (rng.below(8) == 0, rng.byte().into());
        let refused = |error: &roadworthy_api::Error| {
            assert!(error.code == Code::Malformed && error.hint.contains("docs/"), "{error:?}\n{text}");
        };
        if self.vehicles {
            match about(Source::File(&text)) {
                Err(error) => {
                    refused(&error);
                    self.refused += 1;
                }
                Ok((name, about)) => {
                    self.read += 1;
                    assert!(!name.is_empty() && text.contains(&name) && !about.is_empty(), "{text}");
                    if play {
                        let options = Options { seed, ..Options::default() };
                        self.play(&text, false, || connect_file(&text, options).unwrap());
                    }
                }
            }
            return;
        }
        match Profile::parse(&text) {
            Err(error) => {
                refused(&error);
                self.refused += 1;
            }
            Ok(profile) => {
                self.read += 1;
                assert!(text.contains(&profile.name) && (1200..=2_000_000).contains(&profile.baud()), "{text}");
                assert_eq!(Profile::parse(&text).as_ref(), Ok(&profile));
                if play {
                    let options = Options { seed, adapter: Some(Arc::new(profile)), ..Options::default() };
                    self.play(&text, true, || connect_with("misfire", options).unwrap());
                }
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused, {} played", self.read, self.refused, self.played)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 10 && self.refused > inputs / 10 && self.played > inputs / 200
    }
}
