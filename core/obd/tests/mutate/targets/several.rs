//! Replies to several PIDs at once: each reads as it does by itself, or none does.

use super::{judge, rng::Rng, target::Target};
use roadworthy_obd::decode::{Context, Decoded, decode};

#[derive(Default)]
pub(crate) struct Several {
    together: usize,
    refused: usize,
}

fn read(payload: &[u8], request: &[u8]) -> Option<Decoded> {
    decode(payload, Context { legacy: false, uds: false, request: Some(request) }).ok()
}

impl Target for Several {
    fn one(&mut self, rng: &mut Rng) {
        let frozen = rng.below(4) == 0;
        let number = rng.byte() & 3;
        let (mut parts, mut request) = (Vec::<Vec<u8>>::new(), vec![if frozen { 2 } else { 1 }]);
        let mut asked = Vec::new();
        for _ in 0..1 + rng.below(6) {
            let pid = rng.byte();
            let lengths = judge::lengths(pid);
            if lengths.is_empty() || asked.contains(&pid) {
                continue;
            }
            asked.push(pid);
            request.push(pid);
            let mut part = vec![pid];
            if frozen {
                request.push(number);
                part.push(number);
            }
            let n = *rng.pick(lengths);
            match rng.below(3) {
                0 => part.extend(vec![*rng.pick(&[0, 0xFF, 0x80]); n]),
                _ => part.extend(rng.bytes(n)),
            }
            parts.push(part);
        }
        if parts.is_empty() {
            return;
        }
        let damaged = rng.below(2) == 0;
        if damaged {
            let copy = parts.clone();
            match rng.below(4) {
                0 => rng.damage(&mut parts, &mut |rng, _| rng.pick(&copy).clone()),
                _ => {
                    let at = rng.below(parts.len());
                    rng.damage(&mut parts[at], &mut |rng, _| rng.byte());
                }
            }
        }
        let service = request[0] | 0x40;
        let payload: Vec<u8> = std::iter::once(service).chain(parts.iter().flatten().copied()).collect();
        let Some(together) = read(&payload, &request) else {
            self.refused += 1;
            return;
        };
        let pairs = if frozen { Some(number) } else { None };
        let Some(cut) = judge::only_way(&payload[1..], pairs, &asked) else {
            // One parameter without a published length may be as long as it likes; nothing else may.
            assert!(asked.len() == 1, "{payload:02X?} asked with {request:02X?}");
            return;
        };
        let mut items = Vec::new();
        for part in cut {
            let alone: Vec<u8> = std::iter::once(service).chain(part.iter().copied()).collect();
            let own = if frozen { vec![2, part[0], number] } else { vec![1, part[0]] };
            let Some(alone) = read(&alone, &own) else { panic!("{alone:02X?} reads only within {payload:02X?}") };
            items.extend(alone.items());
        }
        assert_eq!(together.items(), items, "{payload:02X?} asked with {request:02X?}");
        self.together += 1;
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.together, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.together > inputs / 10 && self.refused > inputs / 10
    }
}
