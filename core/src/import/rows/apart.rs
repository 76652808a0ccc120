//! Which columns are one signal, and how their values take its unit: nothing is mixed that is not the same.

use super::{Convert, Rows, Signal, invalid};
use crate::import::{
    known, name,
    unit::{self, Conversion},
};
use roadworthy_api::{
    Result,
    import::{ColumnMapping, Mapping},
};

/// A conversion of a column's values, as the mapping says.
pub(super) fn convert(c: &ColumnMapping, mapping: &Mapping) -> Result<Convert> {
    let (decimal, settled) = (c.decimal.unwrap_or(mapping.decimal), mapping.settled);
    let none = Convert { decimal, settled, by: Conversion::None };
    if c.unit_found.is_empty() || c.unit_found == c.unit {
        return Ok(none);
    }
    let by = match (unit::find(&c.unit_found), unit::find(&c.unit)) {
        (Some(from), Some(to)) => Conversion::between(from, to),
        // A ratio has no unit, whatever a file calls it.
        _ if c.unit.is_empty() => return Ok(none),
        _ => None,
    };
    let by = by.ok_or_else(|| {
        invalid(
            format!("Values of {:?} cannot be converted from {} to {}.", c.column, c.unit_found, c.unit),
            "Name units of one kind in the mapping, or leave the unit as it was found.",
        )
    })?;
    Ok(Convert { decimal, settled, by })
}

/// Whether values of one unit become those of another.
fn converts(from: &str, to: &str) -> bool {
    matches!((unit::find(from), unit::find(to)), (Some(from), Some(to)) if Conversion::between(from, to).is_some())
}

impl Rows {
    /// A column that no mapping names, as a signal of its own: what is of another name, of a unit that does not convert, or of
    /// another column of the same row is not mixed with it. `there`: signals of those columns.
    pub(super) fn own_signal(&self, mut column: ColumnMapping, there: &[usize]) -> ColumnMapping {
        let bare = |name: &str| known::header(name).0;
        let is_it = |(at, s): &(usize, &Signal)| {
            !there.contains(at)
                && bare(&s.column) == bare(&column.column)
                && (s.recorded.unit == column.unit || converts(&column.unit, &s.recorded.unit))
        };
        let mut all = self.signals.iter().enumerate();
        if let Some((_, known)) = all.find(is_it) {
            (column.signal, column.unit) = (known.recorded.id.clone(), known.recorded.unit.clone());
            return column;
        }
        let first = column.signal.clone();
        let mut count = 1;
        while self.signals.iter().any(|s| s.recorded.id == column.signal)
            || self.mapping.columns.iter().any(|c| c.take && c.signal == column.signal)
        {
            count += 1;
            column.signal = format!("::{}_{count}", first.rsplit(':').next().unwrap_or_default());
        }
        column
    }

    /// Values of a column whose signal is there already take its unit.
    pub(super) fn in_unit(&self, column: &mut ColumnMapping) -> Result<()> {
        let Some(there) = self.signals.iter().find(|s| s.recorded.id == column.signal) else { return Ok(()) };
        if there.recorded.unit == column.unit {
            return Ok(());
        }
        if !converts(&column.unit, &there.recorded.unit) {
            return Err(invalid(
                format!(
                    "The mapping makes one signal of the columns {:?} and {:?}, which have different units.",
                    there.column, column.column
                ),
                "Give each a signal of its own, or units of one kind.",
            ));
        }
        if column.unit_found.is_empty() {
            column.unit_found.clone_from(&column.unit);
        }
        column.unit.clone_from(&there.recorded.unit);
        Ok(())
    }

    /// A signal that rows name and no mapping does.
    pub(super) fn fresh(&self, name: &str, unit: &str) -> ColumnMapping {
        let column = name::column(name, Some(unit).filter(|u| !u.is_empty()), self.mapping.location);
        if column.take { self.own_signal(column, &[]) } else { column }
    }
}
