use super::*;
use crate::can::CanId;
use proptest::prelude::*;

const MS: Duration = Duration::from_millis(1);

fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect()
}

/// Carries a message over, frame by frame, with a word for each frame: `Some` frames arrive instead. Gives what was received,
/// the time it took, and the frames of the sender.
fn carry(
    sender: &mut Sender,
    receiver: &mut Receiver,
    mut wire: impl FnMut(usize, Vec<u8>) -> Vec<Vec<u8>>,
) -> (Result<Vec<u8>, IsoTpError>, Duration, Vec<Vec<u8>>) {
    let (mut now, mut frames) = (Duration::ZERO, Vec::new());
    for _ in 0..100_000 {
        if let Some(error) = receiver.late(now) {
            return (Err(error), now, frames);
        }
        match sender.next(now) {
            Err(error) => return (Err(error), now, frames),
            Ok(Next::Send(data)) => {
                frames.push(data.clone());
                sender.sent(now);
                for data in wire(frames.len() - 1, data) {
                    let (heard, ended) = receiver.take(now, &data);
                    if let Some(error) = ended {
                        return (Err(error), now, frames);
                    }
                    match heard {
                        Ok(Heard::Whole(message)) => return (Ok(message), now, frames),
                        Ok(Heard::Flow(flow)) => {
                            receiver.sent(now);
                            sender.flow(now, &flow);
                        }
                        Ok(_) => {}
                        Err(error) => return (Err(error), now, frames),
                    }
                }
            }
            Ok(Next::Wait(until)) => now = receiver.due().map_or(until, |due| due.min(until)).max(now),
            Ok(Next::Done) => match receiver.due() {
                Some(due) => now = now.max(due),
                None => return (Err(IsoTpError::Length(0)), now, frames),
            },
        }
    }
    panic!("no end");
}

fn through(options: Options, length: usize) -> (Result<Vec<u8>, IsoTpError>, Duration, Vec<Vec<u8>>) {
    let mut sender = Sender::new(options, &payload(length)).unwrap();
    carry(&mut sender, &mut Receiver::new(options), |_, data| vec![data])
}

#[test]
fn a_message_of_any_length_comes_through() {
    for frame in [8, 12, 16, 20, 24, 32, 48, 64] {
        for prefix in [0, 1] {
            for length in [1, 5, 6, 7, 8, 10, 11, 20, 61, 62, 63, 64, 255, 4095, 4096, 5000] {
                let options = Options { frame, prefix, longest: 8000, ..Options::default() };
                let (got, _, frames) = through(options, length);
                assert_eq!(got, Ok(payload(length)), "{frame} {prefix} {length}");
                assert!(
                    frames.iter().all(|f| crate::can::fd_length(f.len() + prefix) == Some(f.len() + prefix)),
                    "{frames:02X?}"
                );
            }
        }
    }
}

#[test]
fn frames_are_cut_as_the_standard_says() {
    let (_, _, frames) = through(Options::default(), 15);
    assert_eq!(frames[0], [0x10, 15, 0, 7, 14, 21, 28, 35]);
    assert_eq!(frames[1], [0x21, 42, 49, 56, 63, 70, 77, 84]);
    assert_eq!(frames[2], [0x22, 91, 98, 0, 0, 0, 0, 0]);
    let fd = Options { frame: 64, ..Options::default() };
    assert_eq!(through(fd, 20).2[0][..3], [0x00, 20, 0]);
    assert_eq!(through(Options { longest: 9000, ..fd }, 4096).2[0][..7], [0x10, 0, 0, 0, 0x10, 0, 0]);
    let plain = Options { pad: None, ..Options::default() };
    assert_eq!(through(plain, 3).2[0], [3, 0, 7, 14]);
}

#[test]
fn what_fits_one_frame_waits_for_nobody() {
    for (frame, prefix, most) in [(8, 0, 7), (8, 1, 6), (12, 0, 10), (64, 0, 62), (64, 1, 61)] {
        let options = Options { frame, prefix, ..Options::default() };
        for length in [most, most + 1] {
            let mut sender = Sender::new(options, &payload(length)).unwrap();
            assert_eq!(sender.is_single(), length == most, "{frame} {prefix} {length}");
            assert!(matches!(sender.next(MS), Ok(Next::Send(_))));
            assert_eq!(sender.due(), Some(MS + options.to_send));
            sender.sent(2 * MS);
            assert_eq!(sender.due(), (length > most).then_some(2 * MS + options.to_flow));
        }
    }
}

#[test]
fn block_size_and_gap_of_the_receiver_are_kept() {
    for (block_size, gap, least, blocks) in [
        (0, 0x00, Duration::ZERO, 1),
        (0, 0x0A, 10 * MS * 12, 1),
        (3, 0x00, Duration::ZERO, 5),
        (1, 0xF1, Duration::ZERO, 14),
        (0, 0xF5, 12 * Duration::from_micros(500), 1),
        (0, 0x80, 127 * MS * 12, 1),
        (0, 0xFA, 127 * MS * 12, 1),
    ] {
        let options = Options { block_size, gap: Gap::from_byte(gap), ..Options::default() };
        let mut sender = Sender::new(Options::default(), &payload(100)).unwrap();
        let mut receiver = Receiver::new(options);
        let (mut flows, mut now, mut got) = (0, Duration::ZERO, None);
        while got.is_none() {
            match sender.next(now).unwrap() {
                Next::Send(data) => {
                    sender.sent(now);
                    match receiver.take(now, &data).0.unwrap() {
                        Heard::Flow(flow) => {
                            flows += 1;
                            assert_eq!(flow, [0x30, block_size, gap, 0, 0, 0, 0, 0]);
                            receiver.sent(now);
                            sender.flow(now, &flow);
                        }
                        Heard::Whole(message) => got = Some(message),
                        _ => {}
                    }
                }
                Next::Wait(until) => now = until,
                Next::Done => break,
            }
        }
        assert_eq!(got, Some(payload(100)));
        assert_eq!((flows, now >= least), (blocks, true), "{block_size} {gap:02X} {now:?}");
    }
}

#[test]
fn lost_doubled_and_disordered_frames_break_the_message_with_the_reason() {
    for (what, at) in [("lost", 2), ("doubled", 2), ("swapped", 2)] {
        let mut sender = Sender::new(Options::default(), &payload(60)).unwrap();
        let mut receiver = Receiver::new(Options::default());
        let mut held = None;
        let (got, _, _) = carry(&mut sender, &mut receiver, |n, data| match what {
            "lost" if n == at => Vec::new(),
            "doubled" if n == at => vec![data.clone(), data],
            "swapped" if n == at => {
                held = Some(data);
                Vec::new()
            }
            _ => std::iter::once(data).chain(held.take()).collect(),
        });
        assert_eq!(got, Err(IsoTpError::Frame(FrameError::OfBrokenMessage)), "{what}");
        // The frame itself says which number was due.
        let mut receiver = Receiver::new(Options::default());
        receiver.take(MS, &[0x10, 20, 1, 2, 3, 4, 5, 6]).0.unwrap();
        let wrong = receiver.take(MS, &[0x22, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(wrong.0, Err(IsoTpError::Frame(FrameError::Sequence { due: 1, got: 2 })));
        assert_eq!(receiver.due(), None);
    }
}

/// Found by mutants: frames of a CAN FD message with the right numbers went into a classic one, cut to its length.
#[test]
fn a_frame_longer_than_the_first_belongs_to_another_message() {
    let fd = [&[0x21][..], &[7; 23]].concat();
    let mut receiver = Receiver::new(Options::default());
    receiver.take(MS, &[0x10, 12, 1, 2, 3, 4, 5, 6]).0.unwrap();
    let taken = receiver.take(MS, &fd);
    assert_eq!(taken.0, Err(IsoTpError::Frame(FrameError::Length { said: 7, got: 23 })));
    assert!(!receiver.under_way() && receiver.due().is_none());
}

/// Found by mutants: the limit held for long messages alone.
#[test]
fn a_single_frame_longer_than_is_taken_is_refused_too() {
    let mut receiver = Receiver::new(Options { longest: 20, ..Options::default() });
    let whole = [&[0x00, 30][..], &[7; 30]].concat();
    assert_eq!(receiver.take(MS, &whole).0, Err(IsoTpError::Frame(FrameError::Announced { bytes: 30 })));
    assert!(matches!(receiver.take(MS, &[0x02, 0x41, 0x00]).0, Ok(Heard::Whole(_))));
}

#[test]
fn every_wait_has_its_end() {
    let options = Options { to_send: 3 * MS, to_flow: 5 * MS, to_continue: 7 * MS, ..Options::default() };
    // N_As: handed out, and never on the bus.
    let mut sender = Sender::new(options, &payload(20)).unwrap();
    assert!(matches!(sender.next(Duration::ZERO), Ok(Next::Send(_))));
    assert_eq!(sender.next(2 * MS), Ok(Next::Wait(3 * MS)));
    assert_eq!(sender.next(3 * MS), Err(IsoTpError::Late(Timer::As)));
    assert_eq!(sender.next(9 * MS), Err(IsoTpError::Late(Timer::As)));
    // N_Bs: out, and no flow control.
    let mut sender = Sender::new(options, &payload(20)).unwrap();
    assert!(matches!(sender.next(Duration::ZERO), Ok(Next::Send(_))));
    sender.sent(MS);
    assert_eq!(sender.next(2 * MS), Ok(Next::Wait(6 * MS)));
    assert_eq!(sender.next(6 * MS), Err(IsoTpError::Late(Timer::Bs)));
    // N_Ar: our flow control does not get out.
    let mut receiver = Receiver::new(options);
    assert!(matches!(receiver.take(MS, &[0x10, 20, 1, 2, 3, 4, 5, 6]).0, Ok(Heard::Flow(_))));
    assert_eq!((receiver.late(3 * MS), receiver.due()), (None, Some(4 * MS)));
    assert_eq!(receiver.late(4 * MS), Some(IsoTpError::Late(Timer::Ar)));
    // N_Cr: the sender falls silent; what comes later belongs to nothing.
    let mut receiver = Receiver::new(options);
    receiver.take(MS, &[0x10, 20, 1, 2, 3, 4, 5, 6]).0.unwrap();
    receiver.sent(2 * MS);
    receiver.take(3 * MS, &[0x21, 1, 2, 3, 4, 5, 6, 7]).0.unwrap();
    assert_eq!((receiver.late(9 * MS), receiver.due()), (None, Some(10 * MS)));
    assert_eq!(receiver.late(10 * MS), Some(IsoTpError::Late(Timer::Cr)));
    let after = receiver.take(11 * MS, &[0x22, 1, 2, 3, 4, 5, 6, 7]).0;
    assert_eq!(after, Err(IsoTpError::Frame(FrameError::OfBrokenMessage)));
}

#[test]
fn a_receivers_wait_is_borne_and_its_overflow_ends_the_message() {
    let options = Options { waits: 2, to_flow: 10 * MS, ..Options::default() };
    let start = || {
        let mut sender = Sender::new(options, &payload(20)).unwrap();
        assert!(matches!(sender.next(Duration::ZERO), Ok(Next::Send(_))));
        sender.sent(Duration::ZERO);
        sender
    };
    let mut patient = start();
    patient.flow(9 * MS, &[0x31, 0, 0]);
    patient.flow(18 * MS, &[0x31, 0, 0]);
    assert_eq!(patient.next(20 * MS), Ok(Next::Wait(28 * MS)));
    patient.flow(20 * MS, &[0x30, 0, 0]);
    assert!(matches!(patient.next(20 * MS), Ok(Next::Send(data)) if data[0] == 0x21));
    let mut endless = start();
    for n in 1..=3 {
        endless.flow(n * MS, &[0x31, 0, 0]);
    }
    assert_eq!(endless.next(4 * MS), Err(IsoTpError::Waits));
    let mut full = start();
    full.flow(MS, &[0x32, 0, 0]);
    assert_eq!(full.next(MS), Err(IsoTpError::Overflow));
    let mut odd = start();
    odd.flow(MS, &[0x35, 0, 0]);
    assert_eq!(odd.next(MS), Err(IsoTpError::Frame(FrameError::BadPci)));
    let mut deaf = start();
    deaf.flow(MS, &[0x04, 0x41, 0x0C, 0, 0]);
    assert_eq!(deaf.next(MS), Ok(Next::Wait(10 * MS)));
    assert_eq!(Sender::new(options, &[]).err(), Some(IsoTpError::Length(0)));
}

#[test]
fn a_message_longer_than_is_taken_is_refused_and_takes_no_memory() {
    let options = Options { longest: 100, ..Options::default() };
    let mut receiver = Receiver::new(options);
    for first in [&[0x10, 101, 1, 2, 3, 4, 5, 6][..], &[0x10, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2]] {
        let (heard, why) = receiver.take(MS, first);
        assert_eq!(heard, Ok(Heard::Flow(vec![0x32, 0, 0, 0, 0, 0, 0, 0])));
        assert!(matches!(why, Some(IsoTpError::Frame(FrameError::Announced { .. }))), "{why:?}");
        assert_eq!(receiver.due(), None);
        let after = receiver.take(MS, &[0x21, 1, 2, 3, 4, 5, 6, 7]).0;
        assert_eq!(after, Err(IsoTpError::Frame(FrameError::OfBrokenMessage)));
    }
    assert!(matches!(receiver.take(MS, &[0x02, 0x41, 0x00]).0, Ok(Heard::Whole(_))));
}

#[test]
fn a_new_message_ends_the_one_under_way() {
    let mut receiver = Receiver::new(Options::default());
    receiver.take(MS, &[0x10, 20, 1, 2, 3, 4, 5, 6]).0.unwrap();
    let (heard, ended) = receiver.take(MS, &[0x02, 0x41, 0x00]);
    assert_eq!(heard, Ok(Heard::Whole(vec![0x41, 0x00])));
    assert_eq!(ended, Some(IsoTpError::Frame(FrameError::Incomplete { announced: 20, got: 6 })));
    assert_eq!(receiver.due(), None);
}

#[test]
fn flow_control_goes_to_the_ecu_that_sends() {
    for (from, to) in [("7E8", "7E0"), ("7EF", "7E7"), ("18DAF110", "18DA10F1"), ("18DAF1EF", "18DAEFF1")] {
        let address = Address::of_responder(CanId::parse(from).unwrap()).unwrap();
        assert_eq!(address.to.to_string(), to, "{from}");
    }
    for nobody in ["7DF", "7E0", "7F0", "18DB33F1", "18DA10F1", "000007E8"] {
        assert_eq!(Address::of_responder(CanId::parse(nobody).unwrap()), None, "{nobody}");
    }
}

#[test]
fn an_address_in_front_of_the_data_is_kept_apart() {
    let from = CanId::parse("7E8").unwrap();
    let normal = Address::of_responder(from).unwrap();
    let (extended, mixed) = (normal.extended(0x10, 0xF1), normal.mixed(0x99));
    assert_eq!(normal.wrap(&[2, 1, 0]), [2, 1, 0]);
    assert_eq!(extended.wrap(&[2, 1, 0]), [0x10, 2, 1, 0]);
    assert_eq!(mixed.wrap(&[2, 1, 0]), [0x99, 2, 1, 0]);
    assert_eq!((normal.prefix(), extended.prefix()), (0, 1));
    assert_eq!(normal.unwrap(from, &[2, 0x41, 0]), Some(&[2, 0x41, 0][..]));
    assert_eq!(extended.unwrap(from, &[0xF1, 2, 0x41, 0]), Some(&[2, 0x41, 0][..]));
    assert_eq!(extended.unwrap(from, &[0x10, 2, 0x41, 0]), None);
    assert_eq!(mixed.unwrap(from, &[0x99, 2, 0x41, 0]), Some(&[2, 0x41, 0][..]));
    assert_eq!(mixed.unwrap(from, &[]), None);
    assert_eq!(normal.unwrap(CanId::parse("7E9").unwrap(), &[2, 0x41, 0]), None);
}

proptest! {
    /// Whatever arrives, nothing panics, memory stays within bounds, and every message given had its frames in order.
    #[test]
    fn any_frames_are_messages_or_typed_errors(
        frames in proptest::collection::vec((0u8..0x40, proptest::collection::vec(any::<u8>(), 0..12)), 0..60), prefix in 0usize..2
    ) {
        let options = Options { longest: 64, prefix, ..Options::default() };
        let mut receiver = Receiver::new(options);
        let mut sender = Sender::new(options, &[7; 50]).unwrap();
        let mut now = Duration::ZERO;
        for (head, rest) in frames {
            now += 100 * MS;
            let data = [&[head][..], &rest].concat();
            if let (Ok(Heard::Whole(message)), _) = receiver.take(now, &data) {
                prop_assert!(!message.is_empty() && message.len() <= 64);
            }
            receiver.sent(now);
            sender.flow(now, &data);
            let _ = sender.next(now);
            sender.sent(now);
            let _ = receiver.late(now);
        }
    }

    #[test]
    fn a_message_comes_through_or_breaks_and_is_never_another(
        length in 1usize..300, block_size in 0u8..5, lost in proptest::option::of(0usize..50)
    ) {
        let options = Options { block_size, ..Options::default() };
        let mut sender = Sender::new(options, &payload(length)).unwrap();
        let mut receiver = Receiver::new(options);
        let mut touched = false;
        let (got, _, _) = carry(&mut sender, &mut receiver, |n, data| {
            if lost == Some(n) { touched = true; Vec::new() } else { vec![data] }
        });
        match got {
            Ok(message) => prop_assert!(message == payload(length)),
            Err(_) => prop_assert!(touched),
        }
    }
}
