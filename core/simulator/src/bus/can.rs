//! ISO 15765-2, as an ECU sends it: segmenting a reply into frames with the times they appear.

use super::{Frame, Reply};
use crate::random::Random;

/// Frames of all replies in the order they appear on the bus, so that ECUs interleave as they do in a car. Without
/// `flow_control` from the tester only the first frame of a long reply appears.
pub(crate) fn send(replies: &[Reply], flow_control: bool, random: &mut Random) -> Vec<Frame> {
    let mut frames = Vec::new();
    for reply in replies {
        let mut at = reply.think;
        for message in &reply.messages {
            segment(reply, at, message, flow_control, random, &mut frames);
            at += reply.pause;
        }
    }
    frames.sort_by(|a, b| a.at.total_cmp(&b.at));
    frames
}

fn segment(reply: &Reply, start: f64, payload: &[u8], flow_control: bool, random: &mut Random, out: &mut Vec<Frame>) {
    let frame = |at, head: &[u8], body: &[u8]| {
        let mut data = vec![reply.pad; 8];
        data[..head.len()].copy_from_slice(head);
        data[head.len()..head.len() + body.len()].copy_from_slice(body);
        Frame { at, sender: reply.sender, data }
    };
    let length = u16::try_from(payload.len()).unwrap_or(u16::MAX).min(0xFFF);
    let [high, low] = length.to_be_bytes();
    if length <= 7 {
        out.push(frame(start, &[low], payload));
        return;
    }
    let (first, rest) = payload.split_at(6);
    out.push(frame(start, &[0x10 | high, low], first));
    if !flow_control {
        return;
    }
    let mut at = start + random.between(0.6, 2.0);
    for (chunk, sequence) in rest.chunks(7).zip((1u8..).chain(std::iter::repeat(0))) {
        at += random.between(1.0, 4.0);
        out.push(frame(at, &[0x20 | (sequence & 0x0F)], chunk));
    }
}

/// Takes a tester's single frame apart: `None` when it is not one (an ECU ignores it). In a frame of CAN FD with more than
/// eight bytes the length stands behind a zero.
pub(crate) fn single(data: &[u8]) -> Option<&[u8]> {
    let (&pci, rest) = data.split_first()?;
    if data.len() > 8 {
        let (&length, rest) = rest.split_first().filter(|_| pci == 0)?;
        return (length > 7).then(|| rest.get(..usize::from(length))).flatten();
    }
    let length = usize::from(pci);
    (1..=7).contains(&length).then(|| rest.get(..length)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(sender: u32, length: usize) -> Reply {
        let message = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
        Reply { sender, think: 10.0, pause: 0.0, messages: vec![message], pad: 0xAA, functional: true }
    }

    #[test]
    fn a_reply_is_cut_as_the_standard_says() {
        let frames = send(&[reply(0x7E8, 7)], true, &mut Random::new(1));
        assert_eq!(frames[0].data, [7, 0, 1, 2, 3, 4, 5, 6]);
        let frames = send(&[reply(0x7E8, 20)], true, &mut Random::new(1));
        let data: Vec<_> = frames.iter().map(|f| f.data.clone()).collect();
        assert_eq!(data[0], [0x10, 20, 0, 1, 2, 3, 4, 5]);
        assert_eq!(data[1], [0x21, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(data[2], [0x22, 13, 14, 15, 16, 17, 18, 19]);
        assert_eq!(
            send(&[reply(0x7E8, 8)], true, &mut Random::new(1))[1].data,
            [0x21, 6, 7, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA]
        );
    }

    #[test]
    fn a_long_reply_wraps_its_counter_and_reads_back_whole() {
        let sent = reply(0x7E8, 400);
        let frames = send(std::slice::from_ref(&sent), true, &mut Random::new(3));
        let mut got = frames[0].data[2..].to_vec();
        for (i, frame) in frames[1..].iter().enumerate() {
            assert_eq!(usize::from(frame.data[0]), 0x20 | ((i + 1) % 16));
            got.extend_from_slice(&frame.data[1..]);
        }
        got.truncate(400);
        assert_eq!(got, sent.messages[0]);
    }

    #[test]
    fn without_flow_control_a_long_reply_stops_after_its_first_frame() {
        assert_eq!(send(&[reply(0x7E8, 20)], false, &mut Random::new(1)).len(), 1);
    }

    #[test]
    fn long_replies_of_two_ecus_interleave() {
        let frames = send(&[reply(0x7E8, 60), reply(0x7E9, 60)], true, &mut Random::new(1));
        let changes = frames.windows(2).filter(|w| w[0].sender != w[1].sender).count();
        assert!(changes > 4, "{changes} changes of sender");
        assert!(frames.windows(2).all(|w| w[0].at <= w[1].at));
    }

    #[test]
    fn a_testers_frame_is_a_single_frame_or_nothing() {
        assert_eq!(single(&[2, 1, 0, 0, 0, 0, 0, 0]), Some(&[1, 0][..]));
        for bad in [&[][..], &[0], &[3, 1, 0], &[0x10, 8, 1, 1], &[8, 1, 2, 3, 4, 5, 6, 7, 8]] {
            assert_eq!(single(bad), None, "{bad:?}");
        }
    }
}
