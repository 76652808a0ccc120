//! Bitmaps of what an ECU supports: ids `xx00`, `xx20` … `xxE0`.

/// One bitmap: which of the 32 ids after its base an ECU supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supported {
    /// The bitmap's own id, as in `0x20`; a data identifier (`0xF420`) in UDS.
    pub base: u16,
    /// Whether `base` is a two-byte data identifier.
    pub wide: bool,
    /// As sent; the most significant bit is `base + 1`, the least `base + 32`.
    pub bits: u32,
}

impl Supported {
    /// Supported ids, ascending. That of the next bitmap is among them where the ECU has one.
    pub fn ids(self) -> impl Iterator<Item = u16> {
        // The last bit of the last bitmap would name an id past FF; it is reserved.
        let room = 0xFF - (self.base & 0xFF);
        (1..=32u16.min(room)).filter(move |i| self.bits >> (32 - i) & 1 != 0).map(move |i| self.base + i)
    }

    /// Whether the ECU has the next bitmap.
    pub fn has_next(self) -> bool {
        self.bits & 1 != 0
    }

    /// Supported ids in upper-case hex, two digits, or four for data identifiers.
    pub fn texts(self) -> Vec<String> {
        self.ids().map(|id| if self.wide { format!("{id:04X}") } else { format!("{id:02X}") }).collect()
    }

    /// The base in upper-case hex.
    pub fn base_text(self) -> String {
        if self.wide { format!("{:04X}", self.base) } else { format!("{:02X}", self.base) }
    }
}
