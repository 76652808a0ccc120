//! The profiles that ship with the program.

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        /// Their names.
        pub(super) const NAMES: &[&str] = &[$($name),+];

        pub(super) fn text(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../../adapters/", $name, ".toml"))),)+
                _ => None,
            }
        }
    };
}

shipped![
    "all-at-once",
    "answers-stuck-on-the-way",
    "asleep",
    "asleep-for-long",
    "buffer-full",
    "busy-while-searching",
    "can-error-bursts",
    "clone",
    "connecting-banner",
    "count-as-data",
    "crlf",
    "cuts-requests",
    "data-error-marks",
    "deaf",
    "double-prompts",
    "doubled-lines",
    "drops-on-reset",
    "echo-stays",
    "fatal-can-error",
    "fb-error-bursts",
    "first-answer-slow",
    "forgets-settings",
    "glued-search",
    "hangs-on-tpa0",
    "headers-stay-off",
    "high-bytes",
    "junk-before-banner",
    "late-answers",
    "late-prompts",
    "late-second-prompt",
    "lfcr",
    "lv-reset",
    "missing-prompts",
    "no-flow-control",
    "no-voltage",
    "no-wake-ups",
    "nul-bytes",
    "protocol-unresolved",
    "question-marks",
    "refuses-tp-with-a",
    "resets-again-and-again",
    "rx-error-marks",
    "search-finds-nothing",
    "serial-115200",
    "serial-500000",
    "serial-9600",
    "serial-asleep",
    "silent-after-reset",
    "silent-reset",
    "slow-commands",
    "slow-search",
    "small-packets",
    "stopped",
    "tiny-buffer",
    "wifi-one-client",
];
