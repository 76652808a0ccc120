//! What is chosen on a timeline: in the address, so that reloading and going back keep it.

use crate::{chart::calendar::DAY, locale, words};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use roadworthy_api::{Timestamp, id::VehicleId, journal::EventGroup};

/// The filters, and whose story is told.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// Groups shown; none means all.
    pub(super) groups: Memo<Vec<EventGroup>>,
    /// First day, as the field has it.
    pub(super) from: Memo<String>,
    /// Last day.
    pub(super) to: Memo<String>,
    pub(super) vehicle: Memo<Option<VehicleId>>,
    /// What the story is asked of.
    pub(super) story: Memo<Option<String>>,
    /// Puts something into the address; an empty text takes it out.
    pub(super) change: Callback<(&'static str, String)>,
}

impl Chosen {
    /// Reads the address; `vehicle` is whose page it is, if it is one's.
    pub(super) fn new(vehicle: Option<VehicleId>) -> Self {
        let (query, path, navigate) = (use_query_map(), use_location().pathname, use_navigate());
        let text = move |key: &'static str| Memo::new(move |_| query.with(|q| q.get(key).unwrap_or_default()));
        let (groups, named, story) = (text("groups"), text("vehicle"), text("story"));
        let change = Callback::new(move |(key, value): (&'static str, String)| {
            let mut query = query.get_untracked();
            query.remove(key);
            if !value.is_empty() {
                query.insert(key, value);
            }
            navigate(
                &format!("{}{}", path.get_untracked(), query.to_query_string()),
                NavigateOptions { replace: true, scroll: false, ..Default::default() },
            );
        });
        Self {
            groups: Memo::new(move |_| groups.with(|g| read_groups(g))),
            from: text("from"),
            to: text("to"),
            vehicle: Memo::new(move |_| vehicle.or_else(|| named.with(|n| n.parse().ok()))),
            story: Memo::new(move |_| story.with(|s| (!s.is_empty()).then(|| s.clone()))),
            change,
        }
    }

    /// The stretch that the days mean.
    pub(super) fn stretch(self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from.with(|d| locale::typed_date(d)), self.to.with(|d| end_of(d)))
    }

    /// Whether anything is left out.
    pub(super) fn filtered(self) -> bool {
        !self.groups.with(Vec::is_empty) || self.stretch() != (None, None)
    }

    /// Shows a group, or leaves it out.
    pub(super) fn toggle(self, group: EventGroup) {
        let mut groups = self.groups.get_untracked();
        if groups.contains(&group) {
            groups.retain(|g| *g != group)
        } else {
            groups.push(group)
        }
        self.change.run(("groups", written(&groups)));
    }

    /// Leaves nothing out.
    pub(super) fn clear(self) {
        for key in ["groups", "from", "to"] {
            self.change.run((key, String::new()));
        }
    }
}

fn read_groups(text: &str) -> Vec<EventGroup> {
    words::EVENT_GROUPS.into_iter().filter(|g| text.split(',').any(|key| key == words::group_key(*g))).collect()
}

/// Groups for the address; all of them are as good as none.
fn written(groups: &[EventGroup]) -> String {
    let keys: Vec<_> = words::EVENT_GROUPS.into_iter().filter(|g| groups.contains(g)).map(words::group_key).collect();
    if keys.len() == words::EVENT_GROUPS.len() { String::new() } else { keys.join(",") }
}

/// The first moment after a day that was typed.
fn end_of(day: &str) -> Option<Timestamp> {
    // A day with a change of clocks has 23 or 25 hours: its end is the start of the day that holds noon of the next.
    let noon = locale::typed_date(day)? + DAY + DAY / 2;
    locale::typed_date(&locale::date(noon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_survive_the_address() {
        use EventGroup::{Alerts, Readings};
        for (text, expect, back) in [
            ("", vec![], ""),
            ("alerts,readings,nonsense", vec![Readings, Alerts], "readings,alerts"),
            ("readings,alerts,papers,records,messages,system", words::EVENT_GROUPS.to_vec(), ""),
        ] {
            assert_eq!(read_groups(text), expect, "{text}");
            assert_eq!(written(&expect), back);
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        assert_eq!(end_of("2024-02-29"), locale::typed_date("2024-03-01"));
        assert_eq!(end_of("nonsense"), None);
    }
}
