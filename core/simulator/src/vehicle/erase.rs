//! Clearing codes: what an ECU forgets, and what it does not.

use super::{drive::State, ecu::Ecu, value::Part};

/// Values that count since codes were cleared: km and minutes with the lamp on, warm-ups, km and minutes since then.
const SINCE: [u8; 5] = [0x21, 0x30, 0x31, 0x4D, 0x4E];

impl Ecu {
    /// Codes, freeze frames, test results and readiness are gone, and what counts since then starts anew. Permanent codes stay.
    pub(crate) fn erase(&mut self, state: &State) {
        self.stored.clear();
        self.pending.clear();
        if self.zero_frames {
            self.zeros = self.frozen.first().map(|f| f.pids.clone()).unwrap_or_default();
        }
        self.frozen.clear();
        if let Some(uds) = &mut self.uds {
            uds.codes.clear();
        }
        self.monitors.values_mut().flatten().for_each(super::monitors::Test::zero);
        if let Some([lamp, continuous, fitted, open]) = &mut self.readiness {
            // Every monitor that is fitted has yet to run.
            (*lamp, *continuous, *open) = (0, *continuous & 0x0F | (*continuous & 0x07) << 4, *fitted);
        }
        for (_, parts) in self.values.iter_mut().filter(|(pid, _)| SINCE.contains(pid)) {
            for part in parts {
                match part {
                    Part::Byte(byte) => *byte = 0,
                    Part::Scaled { get, scale, offset, .. } => *offset = -(get(state) * *scale),
                }
            }
        }
    }
}
