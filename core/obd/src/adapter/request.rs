//! What may be asked of a vehicle: a closed list of services that only read, and, behind an [`Unlock`], erasing codes.

use super::{Target, Unlock};
use roadworthy_api::{Code, Error};
use std::fmt;

/// Services that change nothing in the vehicle. Of SAE J1979: present values, freeze frames, stored codes, oxygen sensor
/// tests, monitor tests, pending codes, vehicle information, permanent codes. Of ISO 14229-1: reading codes (19), reading
/// data (22), tester present (3E). Controlling (08) is never sent; clearing (04, 14) needs an [`Unlock`].
pub const READ_ONLY: [u8; 11] = [0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x09, 0x0A, 0x19, 0x22, 0x3E];

/// Bytes that one frame of classic CAN holds, and every adapter of the ELM327 kind sends.
pub(crate) const ONE_FRAME: usize = 7;
/// Bytes of a message whose length every transport of CAN can tell (ISO 15765-2: twelve bits).
const MOST: usize = 0xFFF;

/// A request. A read-only one comes from [`Request::new`]; the driver sends nothing else to a bus but what an [`Unlock`]
/// was used up for: such a one exists only within [`crate::bus::erase`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    bytes: Vec<u8>,
    hex: String,
    target: Target,
}

impl Request {
    /// A read-only request to everyone, from service byte and parameters, at most seven bytes. Service 22 may name more
    /// identifiers than that holds, up to 4095 bytes: only a device that passes CAN frames on sends these, to one ECU, or to
    /// everyone where one frame of CAN FD holds them (62 bytes).
    ///
    /// # Errors
    /// [`Code::Forbidden`] for a service that is not in [`READ_ONLY`]; [`Code::Invalid`] for a request that is empty, too long,
    /// or lacks what its service needs.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let Some((&service, parameters)) = bytes.split_first() else {
            return Err(Error::new(Code::Invalid, "A request has at least one byte."));
        };
        if !READ_ONLY.contains(&service) {
            return Err(forbidden(service));
        }
        let most = if service == 0x22 { MOST } else { ONE_FRAME };
        if bytes.len() > most {
            return Err(Error::new(
                Code::Invalid,
                format!("A request of service {service:02X} has at most {most} bytes."),
            ));
        }
        let whole = match service {
            0x19 => !parameters.is_empty(),
            // Data identifiers of two bytes each.
            0x22 => !parameters.is_empty() && parameters.len().is_multiple_of(2),
            // With and without asking for silence; there is no other.
            0x3E => matches!(parameters, [0x00 | 0x80]),
            _ => true,
        };
        if !whole {
            return Err(Error::new(Code::Invalid, format!("Service {service:02X} needs other parameters.")));
        }
        Ok(Self::of(bytes, Target::Everyone))
    }

    /// The same to one ECU, or to everyone.
    #[must_use]
    pub fn to(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The request that an unlock was made for, to everyone.
    pub(crate) fn unlocked(unlock: Unlock) -> Self {
        Self::of(unlock.use_up().bytes(), Target::Everyone)
    }

    fn of(bytes: &[u8], target: Target) -> Self {
        Self { bytes: bytes.to_vec(), hex: bytes.iter().map(|b| format!("{b:02X}")).collect(), target }
    }

    /// Who it is for.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Whether it changes nothing, so that it may be sent a second time where the first answer was spoilt.
    pub fn only_reads(&self) -> bool {
        READ_ONLY.contains(&self.service())
    }

    /// Service byte first.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same in upper-case hex, as it goes to the adapter.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The service.
    pub fn service(&self) -> u8 {
        self.bytes[0]
    }

    /// Whether a reply's payload answers this request: the service's positive answer with the parameters that come back. A
    /// request for several present values, monitors or data identifiers is answered by those that the ECU has, so the first
    /// must be one of them; the decoder holds the rest to it.
    pub fn is_answered_by(&self, payload: &[u8]) -> bool {
        let positive = self.service() | 0x40;
        let Some((first, said)) = payload.split_first() else { return false };
        let same = match (self.service(), &self.bytes[1..]) {
            (0x01 | 0x06, ids) if ids.len() > 1 => said.first().is_some_and(|id| ids.contains(id)),
            (0x22, ids) if ids.len() > 2 => {
                said.get(..2).is_some_and(|id| ids.chunks_exact(2).any(|asked| asked == id))
            }
            // Behind the sub-function of WWH-OBD's the functional group comes back; masks do not.
            (0x19, [sub @ (0x42 | 0x55 | 0x56), group, ..]) => said.get(..2) == Some(&[*sub, *group]),
            // What is stored with a code repeats the code.
            (0x19, [0x04 | 0x06, _, _, _, ..]) => said.get(..4) == self.bytes.get(1..5),
            (0x19, [sub, ..]) => said.first() == Some(sub),
            // Bit 7 asks for silence and does not come back.
            (0x3E, [sub, ..]) => said == [sub & 0x7F],
            (0x14, _) => said.is_empty(),
            (_, parameters) => said.get(..parameters.len()) == Some(parameters),
        };
        *first == positive && same
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex)
    }
}

fn forbidden(service: u8) -> Error {
    let why = match service {
        0x04 | 0x14 => format!("Service {service:02X} erases codes and is sent only when that was unlocked."),
        0x08 => "Service 08 controls parts of the vehicle and is never sent.".to_owned(),
        _ => format!("Service {service:02X} could change the vehicle and is not sent."),
    };
    let read: Vec<String> = READ_ONLY.iter().map(|s| format!("{s:02X}")).collect();
    Error::new(Code::Forbidden, why).hint(format!("Services that read are allowed: {}.", read.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Erase;

    #[test]
    fn only_services_that_read_can_be_asked_for() {
        for service in 0..=0xFFu8 {
            let allowed = matches!(service, 0x01 | 0x02 | 0x03 | 0x05 | 0x06 | 0x07 | 0x09 | 0x0A | 0x19 | 0x22 | 0x3E);
            for parameters in [&[][..], &[0x00], &[0xF1, 0x90], &[0xFF, 0xFF, 0x33], &[0x01, 0x02, 0x03, 0x04]] {
                let made = Request::new(&[&[service], parameters].concat());
                assert!(allowed || made.is_err(), "service {service:02X} {parameters:02X?}");
                match made {
                    Ok(request) => assert!(request.only_reads() && request.target() == Target::Everyone),
                    Err(error) => {
                        let expect = if allowed { Code::Invalid } else { Code::Forbidden };
                        assert_eq!(error.code, expect, "service {service:02X} {parameters:02X?}");
                    }
                }
            }
        }
        for bad in [
            &[][..],
            &[1; 8],
            &[0x19],
            &[0x22],
            &[0x22, 0xF1],
            &[0x22, 0xF1, 0x90, 0xF1],
            &[0x3E],
            &[0x3E, 0x01],
            &[0x22; 4097],
        ] {
            assert_eq!(Request::new(bad).unwrap_err().code, Code::Invalid, "{bad:02X?}");
        }
        for many in [&[0x22; 9][..], &[0x22; 4095]] {
            assert_eq!(Request::new(many).unwrap().bytes(), many);
        }
    }

    #[test]
    fn codes_are_erased_only_with_an_unlock_and_never_sent_twice() {
        for (erase, hex) in [(Erase::Obd, "04"), (Erase::UdsEmissions, "14FFFF33"), (Erase::UdsAll, "14FFFFFF")] {
            let request = Request::unlocked(Unlock::to_erase_codes_freeze_frames_and_readiness(erase));
            assert_eq!(request.hex(), hex);
            assert!(!request.only_reads());
            assert_eq!(Request::new(request.bytes()).unwrap_err().code, Code::Forbidden);
        }
    }

    #[test]
    fn an_answer_must_repeat_what_was_asked() {
        for (request, payload, expect) in [
            (&[0x01, 0x0C][..], &[0x41, 0x0C, 0x1A, 0xF8][..], true),
            (&[0x01, 0x0C], &[0x41, 0x0D, 0x1A], false),
            (&[0x01, 0x0C], &[0x42, 0x0C, 0x00], false),
            (&[0x01, 0x0C], &[0x41], false),
            (&[0x01, 0x0C], &[], false),
            (&[0x02, 0x05, 0x00], &[0x42, 0x05, 0x00, 0x7B], true),
            (&[0x02, 0x05, 0x00], &[0x42, 0x05, 0x01, 0x7B], false),
            (&[0x03], &[0x43, 0x00], true),
            (&[0x03], &[0x47, 0x00], false),
            (&[0x01, 0x0C, 0x0D], &[0x41, 0x0C, 0x1A, 0xF8, 0x0D, 0x20], true),
            (&[0x01, 0x0C, 0x0D], &[0x41, 0x0D, 0x20], true),
            (&[0x01, 0x0C, 0x0D], &[0x41, 0x05, 0x20], false),
            (&[0x01, 0x0C, 0x0D], &[0x41], false),
            (&[0x06, 0x01], &[0x46, 0x01, 0x01, 0x0A], true),
            (&[0x06, 0x01], &[0x46, 0x02, 0x01, 0x0A], false),
            (&[0x06, 0x01, 0x02], &[0x46, 0x02, 0x01, 0x0A], true),
            (&[0x05, 0x01, 0x01], &[0x45, 0x01, 0x01, 0x5A], true),
            (&[0x05, 0x01, 0x01], &[0x45, 0x01, 0x02, 0x5A], false),
            (&[0x22, 0xF1, 0x90], &[0x62, 0xF1, 0x90, 0x31], true),
            (&[0x22, 0xF1, 0x90], &[0x62, 0xF1, 0x91, 0x31], false),
            (&[0x22, 0xF4, 0x0C, 0xF4, 0x0D], &[0x62, 0xF4, 0x0D, 0x31], true),
            (&[0x22, 0xF4, 0x0C, 0xF4, 0x0D], &[0x62, 0x0C, 0xF4, 0x0D], false),
            (&[0x19, 0x42, 0x33, 0x08, 0x1E], &[0x59, 0x42, 0x33, 0xFF, 0x1E, 0x04], true),
            (&[0x19, 0x42, 0x33, 0x08, 0x1E], &[0x59, 0x42, 0xD0, 0xFF, 0x1E, 0x04], false),
            (&[0x19, 0x55, 0x33], &[0x59, 0x55, 0x33, 0xFF, 0x04], true),
            (&[0x19, 0x02, 0x08], &[0x59, 0x02, 0xFF], true),
            (&[0x19, 0x02, 0x08], &[0x59, 0x0A, 0xFF], false),
            (&[0x19, 0x04, 3, 1, 0x11, 0xFF], &[0x59, 0x04, 3, 1, 0x11, 0x8F], true),
            (&[0x19, 0x04, 3, 1, 0x11, 0xFF], &[0x59, 0x04, 3, 2, 0x11, 0x8F], false),
            (&[0x3E, 0x00], &[0x7E, 0x00], true),
            (&[0x3E, 0x80], &[0x7E, 0x80], false),
            (&[0x3E, 0x00], &[0x7E], false),
        ] {
            assert_eq!(Request::new(request).unwrap().is_answered_by(payload), expect, "{request:02X?} {payload:02X?}");
        }
    }
}
