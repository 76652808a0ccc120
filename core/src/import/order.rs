//! In which order day, month and year stand in dates of figures: told by the dates themselves where one order fits all of them.
//! Pure.

use super::time::{self, Figures};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Code, Error, Result,
    import::{DateOrder, Question},
};

const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// A date as it stands in a file, and what day it is in each of [`ORDERS`].
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    cell: String,
    days: [Option<String>; 3],
}

/// What dates say of their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orders {
    /// The first, and the first that reads in more ways than one.
    first: Option<Seen>,
    open: Option<Seen>,
    /// The first that does not read so.
    against: [Option<String>; 3],
}

fn word(order: DateOrder) -> &'static str {
    match order {
        DateOrder::Dmy => "dmy",
        DateOrder::Mdy => "mdy",
        DateOrder::Ymd => "ymd",
    }
}

fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| String::new(), |t| t.to_zoned(TimeZone::UTC).date().to_string())
}

impl Orders {
    /// Takes a date in; one that reads in no order says nothing.
    pub(crate) fn see(&mut self, cell: &str, figures: Figures) {
        let days = ORDERS.map(|order| time::in_order(figures, order).map(iso));
        let ways = days.iter().flatten().count();
        if ways == 0 {
            return;
        }
        for (against, day) in self.against.iter_mut().zip(&days) {
            if day.is_none() {
                against.get_or_insert_with(|| cell.to_owned());
            }
        }
        let seen = || Seen { cell: cell.to_owned(), days: days.clone() };
        self.first.get_or_insert_with(seen);
        if ways > 1 {
            self.open.get_or_insert_with(seen);
        }
    }

    fn fitting(&self) -> impl Iterator<Item = DateOrder> + '_ {
        let all = ORDERS.into_iter().zip(&self.against).filter(|(_, against)| against.is_none());
        all.map(|(order, _)| order).filter(|_| self.first.is_some())
    }

    /// The one order that fits all dates.
    pub(crate) fn only(&self) -> Option<DateOrder> {
        let mut all = self.fitting();
        all.next().filter(|_| all.next().is_none())
    }

    /// What must be asked, where no order or more than one fits.
    pub(crate) fn question(&self) -> Option<Question> {
        let first = self.first.as_ref()?;
        let fitting: Vec<DateOrder> = self.fitting().collect();
        let (ask, choices) = match (fitting.as_slice(), &self.open) {
            ([_], _) => return None,
            ([_, _, ..], open) => {
                let seen = open.as_ref().unwrap_or(first);
                let days: Vec<&str> = ORDERS
                    .iter()
                    .zip(&seen.days)
                    .filter(|(order, _)| fitting.contains(order))
                    .filter_map(|(_, day)| day.as_deref())
                    .collect();
                (format!("{} can be {}. In which order do the dates stand?", seen.cell, days.join(" or ")), fitting)
            }
            ([], _) => {
                let other = self.against.iter().flatten().find(|cell| **cell != first.cell);
                let both = other.map_or_else(|| first.cell.clone(), |other| format!("{} and {other}", first.cell));
                let ask = format!("No order fits all dates, as {both}. In which do they stand? Others are left out.");
                (ask, ORDERS.to_vec())
            }
        };
        let choices: Vec<String> = choices.into_iter().map(|order| word(order).to_owned()).collect();
        let option = format!("--date-order {}", choices.first().map_or("dmy", String::as_str));
        Some(Question { what: "date_order".to_owned(), ask, option, choices })
    }

    /// Refuses an order in which a date cannot be read, where another fits all of them.
    ///
    /// # Errors
    /// [`Code::Invalid`] with the date.
    pub(crate) fn allow(&self, said: Option<DateOrder>) -> Result<()> {
        let against = said.and_then(|said| self.against.get(ORDERS.iter().position(|o| *o == said)?)?.as_ref());
        match (against, self.only()) {
            (Some(cell), Some(only)) => Err(Error::new(
                Code::Invalid,
                format!("The order {} is said of the dates, and {cell} is none so.", said.map_or("", word)),
            )
            .hint(format!("Say that they are {} (on the command line: --date-order {0}).", word(only)))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_counts_where_it_is_the_only_one() {
        let check = |cells: &[&str], only: Option<DateOrder>, asks: &str, choices: &[&str]| {
            let mut orders = Orders::default();
            for cell in cells {
                if let Some(figures) = time::open_date(cell.as_bytes()) {
                    orders.see(cell, figures);
                }
            }
            assert_eq!(orders.only(), only, "{cells:?}");
            let question = orders.question();
            assert_eq!(
                question.as_ref().map(|q| q.ask.contains(asks)),
                (!asks.is_empty()).then_some(true),
                "{question:?}"
            );
            assert_eq!(question.map(|q| q.choices).unwrap_or_default(), choices);
        };
        check(&[], None, "", &[]);
        check(&["2024-03-04"], None, "", &[]);
        check(&["03/04/2024"], None, "03/04/2024 can be 2024-04-03 or 2024-03-04.", &["dmy", "mdy"]);
        check(&["03/04/2024", "25/04/2024"], Some(DateOrder::Dmy), "", &[]);
        check(&["03/04/2024", "04/25/2024"], Some(DateOrder::Mdy), "", &[]);
        check(&["25/04/2024", "04/25/2024"], None, "25/04/2024 and 04/25/2024", &["dmy", "mdy", "ymd"]);
        // A year of two figures may be a day as well.
        check(&["24-03-05"], None, "24-03-05 can be 2005-03-24 or 2024-03-05.", &["dmy", "ymd"]);
        check(&["25.03.24"], None, "2024-03-25 or 2025-03-24", &["dmy", "ymd"]);
        check(&["05/03/24"], None, "2024-03-05 or 2024-05-03 or 2005-03-24", &["dmy", "mdy", "ymd"]);
        check(&["3/25/24"], Some(DateOrder::Mdy), "", &[]);
        check(&["24-03-05", "24-03-32"], Some(DateOrder::Dmy), "", &[]);
        check(&["24-03-05", "99-99-99"], None, "24-03-05", &["dmy", "ymd"]);
        check(&["99-03-31"], Some(DateOrder::Ymd), "", &[]);
        check(&["31-12-99"], Some(DateOrder::Dmy), "", &[]);
        check(&["1/1/1800"], None, "", &[]);
    }

    #[test]
    fn an_order_that_the_dates_contradict_is_refused() {
        let mut orders = Orders::default();
        for cell in ["03/04/2024", "03/25/2024"] {
            orders.see(cell, time::open_date(cell.as_bytes()).unwrap());
        }
        assert_eq!((orders.allow(None), orders.allow(Some(DateOrder::Mdy))), (Ok(()), Ok(())));
        let error = orders.allow(Some(DateOrder::Dmy)).unwrap_err();
        assert!(error.message.contains("03/25/2024") && error.hint.contains("mdy"), "{error}");
        // Where none fits all, a person may choose.
        orders.see("25/03/2024", time::open_date(b"25/03/2024").unwrap());
        assert_eq!(orders.allow(Some(DateOrder::Dmy)), Ok(()));
    }
}
