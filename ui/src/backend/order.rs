//! Messages of a channel in the order they were sent: large ones are fetched apart and arrive late.

use std::collections::BTreeMap;

/// Holds back what came too early.
#[derive(Default)]
pub(crate) struct InOrder<T> {
    next: u64,
    early: BTreeMap<u64, T>,
}

impl<T> InOrder<T> {
    /// Takes message number `index` and returns those whose turn has come.
    pub(crate) fn take(&mut self, index: u64, message: T) -> Vec<T> {
        if index >= self.next {
            self.early.insert(index, message);
        }
        let mut due = Vec::new();
        while let Some(message) = self.early.remove(&self.next) {
            due.push(message);
            self.next += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_in_order_and_once() {
        let mut order = InOrder::default();
        let mut out = Vec::new();
        for index in [1, 0, 3, 3, 0, 2, 4] {
            out.extend(order.take(index, index));
        }
        assert_eq!(out, [0, 1, 2, 3, 4]);
    }
}
