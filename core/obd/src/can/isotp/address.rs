//! Who a message is for: the id, and the address in front of the data where there is one (ISO 15765-2 clause 10.3).

use crate::can::CanId;

/// Where messages to one receiver go, and where its answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Id of our frames.
    pub to: CanId,
    /// Id of its frames.
    pub from: CanId,
    /// The first data byte of ours and of its frames: the target address with extended addressing, the address extension with
    /// mixed addressing; `None` with normal addressing, which OBD uses.
    pub extension: Option<(u8, u8)>,
}

impl Address {
    /// The ECU that answers with this id, as ISO 15765-4 numbers them: 7E8 + n is asked at 7E0 + n, 18DAF1xx at 18DAxxF1.
    /// `None`: it is no id of an ECU that a tester asks.
    pub fn of_responder(from: CanId) -> Option<Self> {
        let to = match from {
            CanId::Standard(id @ 0x7E8..=0x7EF) => CanId::Standard(id - 8),
            CanId::Extended(id) if id >> 8 == 0x0018_DAF1 => CanId::Extended(0x18DA_00F1 | (id & 0xFF) << 8),
            _ => return None,
        };
        Some(Self { to, from, extension: None })
    }

    /// Extended addressing: `target` and `source` stand in front of the data of our and of its frames.
    #[must_use]
    pub fn extended(mut self, target: u8, source: u8) -> Self {
        self.extension = Some((target, source));
        self
    }

    /// Mixed addressing: the same extension in front of the data of both.
    #[must_use]
    pub fn mixed(mut self, extension: u8) -> Self {
        self.extension = Some((extension, extension));
        self
    }

    /// Bytes in front of the data.
    pub fn prefix(&self) -> usize {
        usize::from(self.extension.is_some())
    }

    /// The data of our frame, from what the transport layer gives.
    pub fn wrap(&self, data: &[u8]) -> Vec<u8> {
        self.extension.iter().map(|(ours, _)| *ours).chain(data.iter().copied()).collect()
    }

    /// What the transport layer gets of its frame; `None` where it is for somebody else.
    pub fn unwrap<'a>(&self, id: CanId, data: &'a [u8]) -> Option<&'a [u8]> {
        match (self.extension, data) {
            _ if id != self.from => None,
            (None, data) => Some(data),
            (Some((_, theirs)), [first, rest @ ..]) if *first == theirs => Some(rest),
            _ => None,
        }
    }
}
