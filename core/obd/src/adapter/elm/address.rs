//! Whom the chip's requests are for: the header it puts in front of them (`AT SH`). It is set only when it changes, and told
//! anew after everything that makes the chip forget it.

use super::{Elm, command, wire::Heard};
use crate::{
    adapter::Target,
    protocol::{Family, Protocol},
};
use roadworthy_api::{Code, Error};

/// The header of a target. `None` where the bus cannot ask one ECU alone, or the target is of another kind of bus.
fn header(protocol: Protocol, target: Target) -> Option<String> {
    match (protocol.family(), target) {
        (Family::Can11, _) => target.can_id(protocol).map(|id| format!("{id:03X}")),
        // Three bytes: the first of the four is the priority, which stays as it is (18).
        (Family::Can29, _) => target.can_id(protocol).map(|id| format!("{:06X}", id & 0xFF_FFFF)),
        (Family::Kwp, Target::Everyone) => Some("C233F1".into()),
        // Physical addressing; the chip fills in the length (ISO 14230-2).
        (Family::Kwp, Target::Legacy(address)) => Some(format!("82{address:02X}F1")),
        (Family::Pwm, Target::Everyone) => Some("616AF1".into()),
        (Family::Vpw | Family::Iso9141, Target::Everyone) => Some("686AF1".into()),
        _ => None,
    }
}

impl Elm {
    /// Sees to it that the next request is for `target`.
    pub(super) async fn address(&mut self, protocol: Protocol, target: Target) -> Result<(), Error> {
        if self.addressed == target {
            return Ok(());
        }
        let Some(header) = header(protocol, target) else {
            return Err(Error::new(Code::Invalid, format!("{target} cannot be asked alone on {}.", protocol.name()))
                .hint("Ask every ECU."));
        };
        let text = format!("ATSH{header}");
        let heard = self.wire.exchange(&text, command::PATIENCE).await?;
        let accepted = matches!(&heard, Heard::Answer(answer) if command::accepted(&command::lines(&text, answer)));
        if accepted {
            self.addressed = target;
            return Ok(());
        }
        Err(Error::new(Code::AdapterFault, "The adapter refuses ATSH, so it cannot ask one ECU alone.")
            .hint("Use another adapter for this."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bus_has_its_header() {
        for (protocol, target, expect) in [
            ('6', Target::Everyone, Some("7DF")),
            ('6', Target::Can11(0x7E9), Some("7E1")),
            ('8', Target::Can29(0x10), None),
            ('7', Target::Everyone, Some("DB33F1")),
            ('9', Target::Can29(0x10), Some("DA10F1")),
            ('5', Target::Everyone, Some("C233F1")),
            ('4', Target::Legacy(0x10), Some("8210F1")),
            ('3', Target::Everyone, Some("686AF1")),
            ('3', Target::Legacy(0x10), None),
            ('2', Target::Legacy(0x10), None),
            ('1', Target::Everyone, Some("616AF1")),
        ] {
            let protocol = Protocol::from_id(protocol).unwrap();
            assert_eq!(header(protocol, target).as_deref(), expect, "{protocol:?} {target:?}");
        }
    }
}
