//! The adapter's own commands that tell a chip from its copies, with the version that brought each ("ELM327 AT Commands",
//! Elm Electronics). Each either reads, or sets what is set already after a reset and this driver's set-up; none reaches the
//! vehicle or is stored in the adapter.

/// A command that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// As sent.
    pub text: &'static str,
    /// What it is for.
    pub label: &'static str,
    /// Version that brought it; `STN`: a command of that family alone.
    pub since: &'static str,
    /// What its absence means for use, in a sentence; empty where it means nothing.
    pub lack: &'static str,
}

const fn own(text: &'static str, since: &'static str, label: &'static str, lack: &'static str) -> Own {
    Own { text, label, since, lack }
}

/// Says what kind of device it is.
pub(crate) const DESCRIBE: &str = "AT@1";
/// Chip and firmware of an STN.
pub(crate) const STN: &str = "STI";
/// Asked of an STN only: device, maker, serial number.
pub(crate) const STN_MORE: [&str; 3] = ["STDI", "STMFR", "STSN"];
/// Prints every programmable parameter: a long answer without a vehicle. Reads; `ATPP` would write.
pub(crate) const LONG: &str = "ATPPS";

/// Those whose answers, with its name, know an adapter again where it has no serial number.
pub(crate) const TELLING: [&str; 4] = [DESCRIBE, "ATIGN", "ATCEA", "ATAMC"];

/// All that are tried, those of the oldest chips first: a clone that trips over one has said most by then.
pub const PROBED: [Own; 15] = [
    own(DESCRIBE, "1.0", "its description", ""),
    own("ATRV", "1.0", "voltage", "It does not measure the voltage, so a low battery is not noticed."),
    own(LONG, "1.1", "its settings", ""),
    own(
        "ATFCSM0",
        "1.1",
        "flow control by itself",
        "Its flow control cannot be set, so ECUs with unusual ids cannot send long replies.",
    ),
    own(
        "ATAT1",
        "1.2",
        "adaptive timing",
        "It does not learn how fast the vehicle answers, so every request takes longer.",
    ),
    own("ATS0", "1.3", "replies without spaces", "It prints spaces between bytes, so every reply takes longer."),
    own("ATD0", "1.3", "frame lengths off", ""),
    own("ATV0", "1.3", "frames of fixed length", ""),
    own("ATCRA", "1.4b", "filter for one sender", "It cannot be told whom to listen to."),
    own("ATCEA", "1.4", "extended addresses off", "It cannot reach ECUs with extended addresses."),
    own("ATIGN", "1.4", "ignition line", ""),
    own("ATRD", "1.4", "its data byte", ""),
    own("ATCSM1", "1.4b", "silent listening", ""),
    own("ATJHF1", "1.4b", "J1939 headers", ""),
    own("ATAMC", "2.0", "its activity counter", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_probe_writes_reaches_the_bus_or_locks_a_clone() {
        let all = PROBED.iter().map(|own| own.text).chain(STN_MORE).chain([STN]);
        for text in all {
            assert!(text.starts_with("AT") || text.starts_with("ST"), "{text}");
            // Writing (SP, PP but PPS, SV, SD, @3, CV, BRD), reaching the bus (FI, SI, WM, MA, MR, MT, MP, DM, BI), sleep
            // (LP), and what is known to lock or to break: TPA0, CFC0.
            for bad in [
                "ATSP", "ATSV", "ATSD", "AT@3", "ATCV", "ATBR", "ATFI", "ATSI", "ATWM", "ATM", "ATDM", "ATBI", "ATLP",
                "ATTPA0", "ATCFC", "STP", "STBR", "STSL", "STW", "STUF", "STRST", "STM ", "STMA",
            ] {
                assert!(!text.starts_with(bad), "{text} begins with {bad}");
            }
            assert!(!text.starts_with("ATPP") || text == LONG, "{text}");
        }
        assert!(TELLING.iter().all(|t| PROBED.iter().any(|own| own.text == *t)));
    }
}
