//! In which order vehicles are shown, as it is remembered. Pure; the engine does the ordering.

use roadworthy_api::vehicle::VehicleOrder as Column;

/// Every column, in the order of the table.
pub(super) const COLUMNS: [Column; 5] = [Column::State, Column::Plate, Column::Name, Column::Vin, Column::LastSeen];

/// A column as its key.
pub(super) fn key(column: Column) -> &'static str {
    match column {
        Column::State => "state",
        Column::Plate => "plate",
        Column::Name => "name",
        Column::Vin => "vin",
        Column::LastSeen => "seen",
    }
}

/// A column's heading.
pub(super) fn title(column: Column) -> &'static str {
    match column {
        Column::State => "State",
        Column::Plate => "Plate",
        Column::Name => "Name",
        Column::Vin => "VIN",
        Column::LastSeen => "Last seen",
    }
}

/// A column as a choice of orders.
pub(super) fn by(column: Column) -> &'static str {
    match column {
        Column::State => "Worst first",
        Column::Plate => "By plate",
        Column::Name => "By name",
        Column::Vin => "By VIN",
        Column::LastSeen => "Last seen first",
    }
}

/// The column of a key.
pub(super) fn read(text: &str) -> Option<Column> {
    COLUMNS.into_iter().find(|c| key(*c) == text)
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
        format!("{}{}", if self.back { "-" } else { "" }, key(self.column))
    }

    /// What was remembered; `None`: by another version, and no longer understood.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (back, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
        read(key).map(|column| Self { column, back })
    }

    /// The same column again turns it round; another one starts forwards.
    pub(super) fn pressed(self, column: Column) -> Self {
        Self { column, back: self.column == column && !self.back }
    }

    /// As `aria-sort` says it. State and last seen start with the greatest.
    pub(super) fn direction(self, column: Column) -> &'static str {
        let falls = matches!(column, Column::State | Column::LastSeen);
        match (self.column == column, self.back == falls) {
            (false, _) => "none",
            (true, true) => "ascending",
            (true, false) => "descending",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_reads_back_as_it_is_remembered() {
        for column in COLUMNS {
            for back in [false, true] {
                let order = Order { column, back };
                assert_eq!(Order::read(&order.written()), Some(order));
            }
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
    fn the_direction_is_that_of_what_is_seen() {
        for (written, column, expect) in [
            ("plate", Column::Plate, "ascending"),
            ("-plate", Column::Plate, "descending"),
            ("seen", Column::LastSeen, "descending"),
            ("-seen", Column::LastSeen, "ascending"),
            ("plate", Column::Vin, "none"),
        ] {
            assert_eq!(Order::read(written).map(|o| o.direction(column)), Some(expect), "{written}");
        }
    }
}
