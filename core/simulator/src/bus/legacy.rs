//! The older buses: three header bytes, at most seven data bytes, a checksum (SAE J1850, ISO 9141-2, ISO 14230-4).

use super::{Family, Frame, Reply};
use crate::random::Random;

/// The tester's address.
const TESTER: u8 = 0xF1;

/// The header of a request to every ECU, as the chip sets it up.
pub(crate) fn header(family: Family) -> [u8; 3] {
    match family {
        Family::Pwm => [0x61, 0x6A, TESTER],
        Family::Kwp => [0xC2, 0x33, TESTER],
        // The last three of the four bytes of an identifier.
        Family::Can29 => [0xDB, 0x33, TESTER],
        _ => [0x68, 0x6A, TESTER],
    }
}

/// One frame per message. ECUs wait for each other on a K-line; on J1850 the lower address wins, so that nothing collides
/// and the frames of two ECUs may alternate.
pub(crate) fn send(family: Family, replies: &[Reply], random: &mut Random) -> Vec<Frame> {
    // Milliseconds per byte, and between two messages (P2 of the K-line, interframe separation of J1850).
    let (byte, gap) = match family {
        Family::Pwm => (0.2, (1.0, 6.0)),
        Family::Vpw => (0.8, (3.0, 9.0)),
        _ => (1.2, (26.0, 45.0)),
    };
    let mut frames = Vec::new();
    for reply in replies {
        let mut at = reply.think;
        for message in &reply.messages {
            let data = frame(family, reply, message);
            at += byte * f64::from(u32::try_from(data.len()).unwrap_or(0));
            frames.push(Frame { at, sender: reply.sender, data });
            at += random.between(gap.0, gap.1);
        }
    }
    frames.sort_by(|a, b| a.at.total_cmp(&b.at));
    frames
}

fn frame(family: Family, reply: &Reply, message: &[u8]) -> Vec<u8> {
    let source = reply.sender.to_be_bytes()[3];
    let head = match family {
        // The low six bits are the length; 80: addresses follow, one ECU speaks to one tester.
        Family::Kwp => [0x80 | u8::try_from(message.len() & 0x3F).unwrap_or(0), TESTER, source],
        Family::Pwm if reply.functional => [0x41, 0x6B, source],
        Family::Pwm => [0xC4, TESTER, source],
        _ if reply.functional => [0x48, 0x6B, source],
        _ => [0x6C, TESTER, source],
    };
    let mut out = [&head, message].concat();
    out.push(if matches!(family, Family::Pwm | Family::Vpw) { crc(&out) } else { sum(&out) });
    out
}

/// Sum modulo 256 (ISO 9141-2, ISO 14230-2).
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, b| sum.wrapping_add(*b))
}

/// CRC-8 of SAE J1850, bit by bit: polynomial 1D, preset FF, complemented.
fn crc(bytes: &[u8]) -> u8 {
    let mut register = 0xFFu8;
    for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1)) {
        let out = register >> 7;
        register <<= 1;
        if out != bit {
            register ^= 0x1D;
        }
    }
    !register
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(family: Family, sender: u32, functional: bool, messages: &[&[u8]]) -> Vec<String> {
        let messages = messages.iter().map(|m| m.to_vec()).collect();
        let reply = Reply { sender, think: 30.0, pause: 0.0, messages, pad: 0, functional };
        let frames = send(family, &[reply], &mut Random::new(1));
        frames.iter().map(|f| f.data.iter().map(|b| format!("{b:02X}")).collect()).collect()
    }

    #[test]
    fn frames_are_those_of_the_standards() {
        // Sums by hand: 48+6B+10+41+00+BE+3E+B8+11 = 2C9; 86+F1+10+41+00+BE+3E+F8+11 = 3CD, as a recorded car sent it.
        for (family, functional, message, expect) in [
            (Family::Iso9141, true, &[0x41, 0x00, 0xBE, 0x3E, 0xB8, 0x11][..], "486B104100BE3EB811C9"),
            (Family::Kwp, true, &[0x41, 0x00, 0xBE, 0x3E, 0xF8, 0x11], "86F1104100BE3EF811CD"),
            (Family::Kwp, false, &[0x7F, 0x01, 0x12], "83F1107F011216"),
            (Family::Iso9141, true, &[0x41, 0x0C, 0x1A, 0xF8], "486B10410C1AF822"),
        ] {
            assert_eq!(sent(family, 0x10, functional, &[message]), [expect]);
        }
    }

    #[test]
    fn the_checksum_of_j1850_is_its_published_one() {
        // The check value of CRC-8/SAE-J1850 in the catalogues, and its residue over any sound frame.
        assert_eq!(crc(b"123456789"), 0x4B);
        for body in [&[0x68, 0x6A, 0xF1, 0x01, 0x00][..], &[0x41, 0x6B, 0x10, 0x41, 0x00, 0xBE], &[0x00], &[0xFF; 11]] {
            let whole = [body, &[crc(body)]].concat();
            assert_eq!(!crc(&whole), 0xC4, "{body:02X?}");
        }
    }

    #[test]
    fn messages_of_one_ecu_follow_each_other_with_a_pause() {
        let reply = |sender, think| Reply {
            sender,
            think,
            pause: 0.0,
            messages: vec![vec![0x43, 1, 2, 3, 4, 5, 6]; 3],
            pad: 0,
            functional: true,
        };
        let frames = send(Family::Kwp, &[reply(0x10, 30.0), reply(0x18, 40.0)], &mut Random::new(2));
        assert_eq!(frames.len(), 6);
        assert!(frames.windows(2).all(|w| w[0].at <= w[1].at));
        let own: Vec<f64> = frames.iter().filter(|f| f.sender == 0x10).map(|f| f.at).collect();
        assert!(own.windows(2).all(|w| w[1] - w[0] > 26.0), "{own:?}");
    }
}
