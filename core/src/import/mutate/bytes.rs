//! Files as bytes: their letters in any encoding, packed or not, whole or damaged.

use super::{rng::Rng, target::Target};
use crate::import::source;
use flate2::{Compression, write::GzEncoder};
use std::io::{Read as _, Write as _};

#[derive(Default)]
pub(crate) struct Files {
    whole: usize,
    read: usize,
    refused: usize,
}

const WORDS: [&str; 9] = ["time", "Öl °C", "µ€", "1;2", "\r\n", "\n", "😀", "88,5", "\t"];

impl Target for Files {
    fn one(&mut self, rng: &mut Rng) {
        let text: String = (0..1 + rng.below(30)).map(|_| *rng.pick(&WORDS)).collect();
        let text = format!("t{text}");
        let utf16 = |mark: [u8; 2], order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
        };
        let mut bytes = match rng.below(4) {
            0 => utf16([0xff, 0xfe], u16::to_le_bytes),
            1 => utf16([0xfe, 0xff], u16::to_be_bytes),
            2 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            _ => text.clone().into_bytes(),
        };
        let packed = rng.below(2) == 0;
        let spoilt = rng.below(4) > 0;
        // The damage comes before the packing or after it.
        let inside = rng.below(2) == 0;
        if spoilt && (inside || !packed) {
            rng.damage(&mut bytes, &mut |rng, _| rng.byte());
        }
        if packed {
            let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
            gz.write_all(&bytes).unwrap();
            bytes = gz.finish().unwrap();
            if spoilt && !inside {
                rng.damage(&mut bytes, &mut |rng, _| rng.byte());
            }
        }
        let mut out = Vec::new();
        let read = source::open(std::io::Cursor::new(bytes.clone()))
            .and_then(|mut source| source.bytes.read_to_end(&mut out).map_err(|e| source::told(&e)));
        match read {
            Ok(_) if !spoilt => {
                assert_eq!(String::from_utf8_lossy(&out), text, "{bytes:02X?}");
                self.whole += 1;
            }
            Ok(_) => self.read += 1,
            Err(error) => {
                assert!(spoilt && !error.message.is_empty() && !error.hint.is_empty(), "{error:?} of {bytes:02X?}");
                assert_ne!(error.code, roadworthy_api::Code::Internal, "{error}");
                self.refused += 1;
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} whole, {} damaged and read, {} refused", self.whole, self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.whole > inputs / 8 && self.read > inputs / 8 && self.refused > inputs / 10
    }
}
