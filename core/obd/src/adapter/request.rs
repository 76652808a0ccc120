//! What may be asked of a vehicle: a closed list of services that only read.

use roadworthy_api::{Code, Error};
use std::fmt;

/// Services of SAE J1979 that change nothing in the vehicle: present values, freeze frames, stored codes, pending codes,
/// vehicle information, permanent codes. Clearing codes (04), controlling (08) and all of UDS are not among them.
pub const READ_ONLY: [u8; 6] = [0x01, 0x02, 0x03, 0x07, 0x09, 0x0A];

/// A read-only request. There is no other way to make one than [`Request::new`], and the driver sends nothing else to a bus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    bytes: Vec<u8>,
    hex: String,
}

impl Request {
    /// From service byte and parameters, at most seven bytes.
    ///
    /// # Errors
    /// [`Code::Forbidden`] for a service that is not in [`READ_ONLY`]; [`Code::Invalid`] for a request that is empty or
    /// longer than one frame.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let Some(&service) = bytes.first().filter(|_| bytes.len() <= 7) else {
            return Err(Error::new(Code::Invalid, "A request has one to seven bytes."));
        };
        if !READ_ONLY.contains(&service) {
            return Err(Error::new(
                Code::Forbidden,
                format!("Service {service:02X} could change the vehicle and is not sent."),
            )
            .hint("Only services that read are allowed: 01, 02, 03, 07, 09, 0A."));
        }
        Ok(Self { bytes: bytes.to_vec(), hex: bytes.iter().map(|b| format!("{b:02X}")).collect() })
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

    /// Whether a reply's payload answers this request: the service's positive answer with the same parameters. A request for
    /// several present values is answered by those that the ECU has, each behind its PID, so the first must be one of them;
    /// the decoder holds the rest to it.
    pub fn is_answered_by(&self, payload: &[u8]) -> bool {
        let positive = self.service() | 0x40;
        let same = match (self.service(), &self.bytes[1..]) {
            (0x01, pids) if pids.len() > 1 => payload.get(1).is_some_and(|pid| pids.contains(pid)),
            (_, parameters) => payload.get(1..self.bytes.len()) == Some(parameters),
        };
        payload.first() == Some(&positive) && same
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_services_that_read_can_be_asked_for() {
        for service in 0..=0xFFu8 {
            let allowed = matches!(service, 0x01 | 0x02 | 0x03 | 0x07 | 0x09 | 0x0A);
            let made = Request::new(&[service]);
            assert_eq!(made.is_ok(), allowed, "service {service:02X}");
            if let Err(error) = made {
                assert_eq!(error.code, Code::Forbidden);
            }
        }
        for bad in [&[][..], &[1; 8]] {
            assert_eq!(Request::new(bad).unwrap_err().code, Code::Invalid);
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
        ] {
            assert_eq!(Request::new(request).unwrap().is_answered_by(payload), expect, "{request:02X?} {payload:02X?}");
        }
    }
}
