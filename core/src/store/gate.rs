//! Who may write next: what must not wait goes before what may.
//!
//! SQLite has one writer, and each process one connection for it. Live recording loses samples when it waits, a person
//! notices, a worker does not; so they stand in three rows, each in the order they came. Nobody is passed for ever: who has
//! been passed [`PASSED`] times is next.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Times that a row may be passed before it is its turn.
const PASSED: u32 = 16;
const ROWS: usize = 3;

/// How much a write presses, most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Samples of live recordings.
    Live,
    /// What a person asked for.
    Person,
    /// Workers, upkeep.
    Background,
}

#[derive(Debug, Default)]
struct Rows {
    taken: bool,
    ticket: u64,
    waiting: [VecDeque<u64>; ROWS],
    passed: [u32; ROWS],
}

impl Rows {
    /// The row whose turn it is, if anybody waits.
    fn next(&self) -> Option<usize> {
        let there = |row: &usize| !self.waiting[*row].is_empty();
        (0..ROWS).find(|row| there(row) && self.passed[*row] >= PASSED).or_else(|| (0..ROWS).find(there))
    }
}

/// The gate in front of the writer.
#[derive(Debug, Default)]
pub(super) struct Gate {
    rows: Mutex<Rows>,
    moved: Condvar,
}

/// Leave to write; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Pass<'a>(&'a Gate);

impl Gate {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for its turn.
    pub(super) fn enter(&self, turn: Turn) -> Pass<'_> {
        let row = turn as usize;
        let mut rows = self.rows();
        rows.ticket += 1;
        let mine = rows.ticket;
        rows.waiting[row].push_back(mine);
        while rows.taken || rows.next() != Some(row) || rows.waiting[row].front() != Some(&mine) {
            rows = self.moved.wait(rows).unwrap_or_else(PoisonError::into_inner);
        }
        rows.taken = true;
        rows.waiting[row].pop_front();
        for other in 0..ROWS {
            let passed = other > row && !rows.waiting[other].is_empty();
            rows.passed[other] = if passed { rows.passed[other] + 1 } else { rows.passed[other] };
        }
        rows.passed[row] = 0;
        Pass(self)
    }

    /// Enters if nobody is in, nor waits.
    pub(super) fn try_enter(&self) -> Option<Pass<'_>> {
        let mut rows = self.rows();
        if rows.taken || rows.next().is_some() {
            return None;
        }
        rows.taken = true;
        Some(Pass(self))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.rows().taken = false;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::Arc,
        thread,
        time::{Duration, Instant},
    };

    /// Lets these wait in this order while the gate is taken, then says in which order they got in.
    fn order(turns: &[Turn]) -> Vec<Turn> {
        let (gate, went) = (Arc::new(Gate::default()), Arc::new(Mutex::new(Vec::new())));
        let first = gate.enter(Turn::Person);
        let threads: Vec<_> = turns
            .iter()
            .enumerate()
            .map(|(i, turn)| {
                let (gate_of, went, turn) = (Arc::clone(&gate), Arc::clone(&went), *turn);
                let thread = thread::spawn(move || {
                    let pass = gate_of.enter(turn);
                    went.lock().unwrap().push((i, turn));
                    drop(pass);
                });
                let until = Instant::now() + Duration::from_secs(10);
                while gate.rows().waiting.iter().map(VecDeque::len).sum::<usize>() <= i {
                    assert!(Instant::now() < until, "because each stands in a row by then");
                    thread::yield_now();
                }
                thread
            })
            .collect();
        drop(first);
        for thread in threads {
            thread.join().unwrap();
        }
        let went = went.lock().unwrap();
        for turn in [Turn::Live, Turn::Person, Turn::Background] {
            let row: Vec<usize> = went.iter().filter(|(_, t)| *t == turn).map(|(i, _)| *i).collect();
            assert!(row.is_sorted(), "{turn:?}: {row:?}, because a row keeps its order");
        }
        went.iter().map(|(_, turn)| *turn).collect()
    }

    #[test]
    fn live_goes_first_and_workers_last() {
        use Turn::{Background, Live, Person};
        let came = [Background, Person, Background, Live, Person, Live];
        assert_eq!(order(&came), [Live, Live, Person, Person, Background, Background]);
    }

    #[test]
    fn nobody_is_passed_for_ever() {
        let mut came = vec![Turn::Background, Turn::Background];
        came.extend([Turn::Live; 40]);
        let went = order(&came);
        let at: Vec<usize> = (0..went.len()).filter(|i| went[*i] == Turn::Background).collect();
        assert_eq!(at, [16, 33], "because each waits for sixteen others at most");
    }

    #[test]
    fn who_does_not_wait_enters_only_when_it_is_free() {
        let gate = Gate::default();
        let pass = gate.try_enter();
        assert!(pass.is_some() && gate.try_enter().is_none());
        drop(pass);
        assert!(gate.try_enter().is_some());
    }
}
