//! Vehicles with their options, as in `misfire?unplug=20&seed=7`.

use super::{rng::Rng, target::Target};
use roadworthy_simulator::{Key, Options, Profile, parse_spec};

const PAIRS: [&str; 14] = [
    "key=off",
    "key=on",
    "key=running",
    "unplug=0",
    "unplug=2.5",
    "unplug=86400",
    "adapter=strict",
    "adapter=clone",
    "adapter=late-answers",
    "seed=7",
    "seed=18446744073709551615",
    "speed=0.01",
    "speed=20",
    "speed=1000",
];

#[derive(Default)]
pub(crate) struct Specs {
    read: usize,
    refused: usize,
}

impl Target for Specs {
    fn one(&mut self, rng: &mut Rng) {
        let pairs: Vec<&str> = (0..rng.below(4)).map(|_| *rng.pick(&PAIRS)).collect();
        let mut text = format!("misfire{}{}", if pairs.is_empty() { "" } else { "?" }, pairs.join("&"));
        if rng.below(3) > 0 {
            text = rng.spoil(&text, "0123456789abcdefklnoprstuvy=&?.-+ eEé\0");
        }
        let base = Options { seed: 5, ..Options::default() };
        let (name, options) = match parse_spec(&text, base.clone()) {
            Ok(read) => read,
            Err(error) => {
                assert!(!error.message.is_empty() && error.hint.contains("key=off|on|running"), "{text:?}");
                self.refused += 1;
                return;
            }
        };
        self.read += 1;
        let mut expect = base;
        let rest = text.strip_prefix(name).unwrap();
        for pair in rest.strip_prefix('?').into_iter().flat_map(|rest| rest.split('&')) {
            match pair.split_once('=').unwrap() {
                ("key", "off") => expect.key = Key::Off,
                ("key", "on") => expect.key = Key::On,
                ("key", "running") => expect.key = Key::Running,
                ("seed", n) => expect.seed = n.parse().unwrap(),
                ("speed", n) => expect.speed = n.parse().unwrap(),
                ("unplug", n) => expect.unplug = Some(n.parse().unwrap()),
                ("adapter", "strict") => expect.adapter = None,
                ("adapter", name) => expect.adapter = Some(Profile::named(name).unwrap().into()),
                _ => panic!("{pair} of {text:?}"),
            }
        }
        assert_eq!(options, expect, "{text:?}");
        assert!((0.01..=1000.0).contains(&options.speed), "{text:?}");
        assert!(options.unplug.is_none_or(|s| (0.0..=86_400.0).contains(&s)), "{text:?}");
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 10 && self.refused > inputs / 10
    }
}
