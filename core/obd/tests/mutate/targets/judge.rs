//! Whether a payload can hold a value at all, worked out from the published lengths alone.

/// Data bytes of each PID that is decoded by its layout; two where two are allowed. Copied from the standard's list.
pub(crate) fn lengths(pid: u8) -> &'static [usize] {
    match pid {
        0x00 | 0x20 | 0x40 | 0x60 | 0x80 | 0xA0 | 0xC0 | 0xE0 => &[4],
        0x01 | 0x24..=0x2B | 0x34..=0x3B | 0x41 | 0x4F | 0x50 | 0x9D | 0xA6 => &[4],
        0x06..=0x09 | 0x55..=0x58 => &[1, 2],
        0x04 | 0x05 | 0x0A | 0x0B | 0x0D..=0x0F | 0x11..=0x13 | 0x1C..=0x1E => &[1],
        0x2C..=0x30 | 0x33 | 0x45..=0x4C | 0x51 | 0x52 | 0x5A..=0x5C | 0x5F | 0x61 | 0x62 => &[1],
        0x7D | 0x7E | 0x84 | 0x8D | 0x8E | 0xAA | 0xB2 => &[1],
        0x02 | 0x03 | 0x0C | 0x10 | 0x14..=0x1B | 0x1F | 0x21..=0x23 | 0x31 | 0x32 | 0x3C..=0x3F => &[2],
        0x42..=0x44 | 0x4D | 0x4E | 0x53 | 0x54 | 0x59 | 0x5D | 0x5E | 0x63 | 0x65 | 0x92 | 0x9E | 0xA2 => &[2],
        0x67 | 0x6F | 0x90 | 0x93 => &[3],
        0x64 | 0x66 | 0x6A..=0x6C | 0x72..=0x74 | 0x77 | 0x86 | 0x87 | 0x91 => &[5],
        0x71 | 0x9A => &[6],
        0x68 => &[3, 7],
        0x69 | 0x75 | 0x76 | 0x7A | 0x7B | 0x8B | 0x8F => &[7],
        0x6D => &[6, 11],
        0x6E | 0x83 => &[5, 9],
        0x78 | 0x79 | 0x7C | 0x98 | 0x99 | 0x9F => &[9],
        0x70 | 0x85 => &[10],
        0x94 => &[12],
        0x7F | 0x88 => &[13],
        0x8C | 0x9C => &[17],
        0x81 | 0x82 | 0x89 | 0x8A => &[41],
        _ => &[],
    }
}

/// In how many ways a row of parameters can be cut to the byte.
fn ways(rest: &[u8], frame: Option<u8>, asked: Option<&[u8]>, seen: &mut Vec<u8>) -> usize {
    let [pid, after @ ..] = rest else { return 1 };
    let after = match (frame, after) {
        (None, after) => after,
        (Some(frame), [own, after @ ..]) if *own == frame => after,
        _ => return 0,
    };
    if seen.contains(pid) || seen.len() == 6 || asked.is_some_and(|asked| !asked.contains(pid)) {
        return 0;
    }
    seen.push(*pid);
    let sum = lengths(*pid).iter().map(|n| after.get(*n..).map_or(0, |more| ways(more, frame, asked, seen))).sum();
    seen.pop();
    sum
}

/// Whether a row of identifiers `F4xx`, each with one published length, fits to the byte.
fn identifiers(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [0xF4, pid, data @ ..] => match lengths(*pid) {
            [n] => data.get(*n..).is_some_and(identifiers),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a row of parameters has one reading: cut to the byte, or a single one without published length.
fn parameters(rest: &[u8], frame: bool, asked: Option<&[u8]>) -> bool {
    match rest {
        [pid, _, ..] if !frame && lengths(*pid).is_empty() => true,
        [pid, _, _, ..] if frame && lengths(*pid).is_empty() => true,
        [_, own, ..] if frame => ways(rest, Some(*own), asked, &mut Vec::new()) == 1,
        [_, _, ..] => ways(rest, None, asked, &mut Vec::new()) == 1,
        _ => false,
    }
}

/// Whether the payload's shape allows any value. Legal values inside that shape are judged elsewhere.
/// `asked` is what follows the service in the request, where that is known.
pub(crate) fn may_hold_a_value(payload: &[u8], legacy: bool, uds: bool, asked: Option<&[u8]>) -> bool {
    let [service, rest @ ..] = payload else { return false };
    let n = rest.len();
    // A request of service 02 is pairs of PID and frame.
    let asked_pids: Option<Vec<u8>> = asked.map(|pairs| pairs.chunks(2).map(|pair| pair[0]).collect());
    match (service, rest) {
        (0x7F, [asked, nrc]) => *asked & 0x40 == 0 && *nrc != 0,
        (0x41, _) => parameters(rest, false, asked),
        (0x42, _) => parameters(rest, true, asked_pids.as_deref()),
        (0x43 | 0x47 | 0x4A, _) if legacy => n > 0 && n % 2 == 0,
        (0x43 | 0x47 | 0x4A, [count, ..]) => n == 1 + 2 * *count as usize,
        (0x44, _) => n == 0,
        (0x45, [_, sensor, ..]) => legacy && *sensor != 0 && matches!(n, 3 | 5 | 6),
        (0x46 | 0x48, _) if legacy => n == 6,
        (0x48, [tid, ..]) => tid % 0x20 != 0 || n == 5,
        (0x46, [mid, ..]) if !legacy => {
            if mid % 0x20 == 0 {
                n % 5 == 0
            } else {
                true
            }
        }
        (0x49, [it, ..]) if legacy => match it {
            1 | 3 | 5 | 7 | 9 => n == 2,
            // Joined, joined with the first number, or all lines numbered.
            2 | 10 => matches!(n, 21 | 22 | 34),
            0 | 0x20 | 0x40 | 0x60 | 0x80 | 0xA0 | 0xC0 | 0xE0 => matches!(n, 5 | 6),
            _ => n > 1 && ((n - 1) % 4 == 0 || (n - 2) % 4 == 0 || (n + 1) % 7 == 0),
        },
        (0x49, [0 | 0x20 | 0x40 | 0x60 | 0x80 | 0xA0 | 0xC0 | 0xE0, ..]) => n == 5,
        (0x49, [2, ..]) => n == 19 && rest[1] == 1,
        (0x49, [10, ..]) => n == 22 && rest[1] == 1,
        (0x49, [13 | 15, ..]) => n == 19 && rest[1] == 1,
        (0x49, [17, ..]) => n == 13 && rest[1] == 1,
        (0x49, [18 | 20, ..]) => n == 4 && rest[1] == 1,
        (0x49, [it @ (4 | 6 | 8 | 11), count, ..]) => {
            let size = match it {
                4 => 16,
                6 => 4,
                _ => 2,
            };
            *count > 0 && n == 2 + size * *count as usize
        }
        (0x49, [4 | 6 | 8 | 11]) => false,
        (0x49, _) => n >= 2,
        (0x50, _) => uds && n == 5,
        (0x54, _) => uds && n == 0,
        (0x59, [1 | 7, ..]) => uds && n == 5,
        (0x59, [3, ..]) => uds && n % 4 == 1,
        (0x59, [4 | 6, ..]) => uds && n >= 5 && n != 6,
        (0x59, [8 | 9, ..]) => uds && n >= 2 && n % 6 == 2,
        (0x59, [0x1A, ..]) => uds && (n == 2 || n >= 3 && n % 4 == 3),
        (0x59, [0x42, ..]) => uds && n >= 5 && n % 5 == 0,
        (0x59, [0x55, ..]) => uds && n >= 4 && n % 4 == 0,
        (0x59, [0x56, ..]) => uds && n >= 5 && n % 4 == 1,
        (0x59, [_, ..]) => uds && n >= 2 && n % 4 == 2,
        (0x62, [0xF4, pid, data @ ..]) => {
            let many = asked.is_none_or(|asked| asked.len() > 2);
            let alone = if lengths(*pid).is_empty() { !data.is_empty() } else { lengths(*pid).contains(&data.len()) };
            uds && (alone || many && identifiers(rest))
        }
        (0x62, [0xF1, 0x90, ..]) => uds && n == 19,
        (0x62, [0xF5 | 0xF6 | 0xF8, list, data @ ..]) if list % 0x20 == 0 => uds && data.len() == 4,
        (0x62, [0xF8, 2, data @ ..]) => uds && matches!(data.len(), 17 | 18),
        (0x62, [0xF8, it, data @ ..]) if uds => {
            let size = match it {
                4 => 16,
                6 => 4,
                8 | 11 | 18 | 20 => 2,
                10 => 20,
                13 | 15 => 17,
                17 => 11,
                _ => return !data.is_empty(),
            };
            let single = !matches!(it, 4 | 6 | 8 | 11);
            let counted = data.len() % size == 1 && usize::from(data[0]) == data.len() / size && data[0] > 0;
            let whole = !data.is_empty() && data.len() % size == 0;
            (counted || whole) && (!single || data.len() / size == 1)
        }
        (0x62, _) => uds && n >= 3,
        (0x7E, _) => uds && rest == [0],
        _ => false,
    }
}

/// The parameters of a row, where it can be cut in one way alone.
pub(crate) fn only_way<'a>(rest: &'a [u8], frame: Option<u8>, asked: &[u8]) -> Option<Vec<&'a [u8]>> {
    fn walk<'a>(
        rest: &'a [u8],
        frame: Option<u8>,
        asked: &[u8],
        so_far: &mut Vec<&'a [u8]>,
        found: &mut Vec<Vec<&'a [u8]>>,
    ) {
        let Some(pid) = rest.first() else {
            found.push(so_far.clone());
            return;
        };
        let head = 1 + usize::from(frame.is_some());
        if !asked.contains(pid)
            || so_far.iter().any(|part| part[0] == *pid)
            || frame.is_some() && rest.get(1).copied() != frame
        {
            return;
        }
        for n in lengths(*pid) {
            if let (Some(part), Some(more)) = (rest.get(..head + n), rest.get(head + n..)) {
                so_far.push(part);
                walk(more, frame, asked, so_far, found);
                so_far.pop();
            }
        }
    }
    let mut found = Vec::new();
    walk(rest, frame, asked, &mut Vec::new(), &mut found);
    if found.len() == 1 { found.pop() } else { None }
}
