//! Which vehicles are shown, in which order. Pure.

use crate::words;
use roadworthy_api::vehicle::{State, VehicleRow};
use std::cmp::{Ordering, Reverse};

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Column {
    /// Worst first.
    #[default]
    State,
    /// Plate.
    Plate,
    /// Name.
    Name,
    /// VIN.
    Vin,
    /// Last seen, newest first.
    Seen,
}

impl Column {
    pub(super) const ALL: [Self; 5] = [Self::State, Self::Plate, Self::Name, Self::Vin, Self::Seen];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Plate => "plate",
            Self::Name => "name",
            Self::Vin => "vin",
            Self::Seen => "seen",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Plate => "Plate",
            Self::Name => "Name",
            Self::Vin => "VIN",
            Self::Seen => "Last seen",
        }
    }

    pub(super) fn by(self) -> &'static str {
        match self {
            Self::State => "Worst first",
            Self::Plate => "By plate",
            Self::Name => "By name",
            Self::Vin => "By VIN",
            Self::Seen => "Last seen first",
        }
    }

    pub(super) fn read(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.key() == key)
    }
}

/// A column, forwards or backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) column: Column,
    pub(super) back: bool,
}

impl Order {
    /// As it is remembered.
    pub(super) fn written(self) -> String {
        format!("{}{}", if self.back { "-" } else { "" }, self.column.key())
    }

    /// What was remembered; `None`: by another version, and no longer understood.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (back, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
        Column::read(key).map(|column| Self { column, back })
    }

    /// The same column again turns it round; another one starts forwards.
    pub(super) fn pressed(self, column: Column) -> Self {
        Self { column, back: self.column == column && !self.back }
    }

    pub(super) fn sort(self, rows: &mut [VehicleRow]) {
        rows.sort_by(|a, b| {
            let order = match self.column {
                Column::State => b.verdict.state.cmp(&a.verdict.state),
                Column::Plate => text(&a.plate, &b.plate),
                Column::Name => text(&a.name, &b.name),
                Column::Vin => text(&a.vin, &b.vin),
                Column::Seen => Reverse(a.last_seen).cmp(&Reverse(b.last_seen)),
            };
            let order = if self.back { order.reverse() } else { order };
            order.then_with(|| words::vehicle_title(a).cmp(&words::vehicle_title(b)))
        });
    }
}

/// Case and spaces aside; what has no text comes last.
fn text(a: &Option<String>, b: &Option<String>) -> Ordering {
    let plain = |t: &Option<String>| t.as_deref().map(plain).filter(|t| !t.is_empty());
    match (plain(a), plain(b)) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

/// Whether a vehicle is of the state chosen and every word typed is in its plate, VIN or name.
pub(super) fn is_found(row: &VehicleRow, typed: &str, state: Option<State>) -> bool {
    if state.is_some_and(|s| s != row.verdict.state) {
        return false;
    }
    let all: String = [&row.plate, &row.vin, &row.name].into_iter().flatten().map(|t| plain(t) + "\n").collect();
    typed.split_whitespace().all(|word| all.contains(&plain(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{id::VehicleId, vehicle::Verdict};

    fn row(id: u128, plate: Option<&str>, state: State, last_seen: Option<i64>) -> VehicleRow {
        VehicleRow {
            id: VehicleId(id),
            vin: Some(format!("1RWTEST00X000000{id}")),
            plate: plate.map(Into::into),
            name: None,
            verdict: Verdict { state, reason: String::new() },
            last_seen,
        }
    }

    fn fleet() -> Vec<VehicleRow> {
        vec![
            row(1, Some("B 2"), State::Good, Some(10)),
            row(2, None, State::ActNow, None),
            row(3, Some("a-1"), State::Watch, Some(30)),
            row(4, Some("A 9"), State::ActNow, Some(20)),
        ]
    }

    #[test]
    fn every_column_sorts_both_ways() {
        for (written, expect) in [
            ("state", [2, 4, 3, 1]),
            ("-state", [1, 3, 2, 4]),
            ("plate", [3, 4, 1, 2]),
            ("-plate", [2, 1, 4, 3]),
            ("seen", [3, 4, 1, 2]),
            ("vin", [1, 2, 3, 4]),
            ("-vin", [4, 3, 2, 1]),
        ] {
            let mut rows = fleet();
            let order = Order::read(written).unwrap();
            assert_eq!(order.written(), written);
            order.sort(&mut rows);
            let ids: Vec<_> = rows.iter().map(|r| r.id.0).collect();
            assert_eq!(ids, expect, "{written}");
        }
        assert_eq!(Order::read("colour"), None);
    }

    #[test]
    fn a_column_pressed_again_turns_round() {
        let order = Order::default().pressed(Column::Plate);
        assert_eq!(order.written(), "plate");
        assert_eq!(order.pressed(Column::Plate).written(), "-plate");
        assert_eq!(order.pressed(Column::Plate).pressed(Column::Plate).written(), "plate");
    }

    #[test]
    fn vehicles_are_found_by_state_and_by_words_whatever_their_spelling() {
        for (typed, state, expect) in [
            ("", None, vec![1, 2, 3, 4]),
            ("", Some(State::ActNow), vec![2, 4]),
            ("b2", None, vec![1]),
            ("A1", None, vec![3]),
            ("test a9", None, vec![4]),
            ("1rwtest00x0000003", None, vec![3]),
            ("nowhere", None, vec![]),
        ] {
            let found: Vec<_> = fleet().iter().filter(|r| is_found(r, typed, state)).map(|r| r.id.0).collect();
            assert_eq!(found, expect, "{typed} {state:?}");
        }
    }
}
