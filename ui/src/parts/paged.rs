//! Long lists that the engine pages: the pages near the view are asked for, and again when stored data changed.
//!
//! [`paged`] asks, [`Paged::drawn`] says which rows to draw, [`Paged::row`] gives one of them once it is there.

use super::{notice, window};
use crate::{backend::call, live::Live};
use leptos::{html::ElementType, prelude::*, task::spawn_local};
use roadworthy_api::{Error, call::Request, vehicle::Page};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use wasm_bindgen::JsCast;

/// Rows per call.
pub(crate) const PAGE: u32 = 100;

/// Which rows to draw, and the pixels of empty space above and below them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) rows: Range<usize>,
    pub(crate) above: f64,
    pub(crate) below: f64,
}

/// Whether a list has something to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is known yet: a skeleton stands in.
    Opening,
    Empty,
    Rows,
}

struct Held<T> {
    round: u32,
    total: Option<u32>,
    pages: BTreeMap<u32, Vec<T>>,
}

impl<T> Held<T> {
    fn row(&self, at: usize) -> Option<&T> {
        let at = u32::try_from(at).ok()?;
        self.pages.get(&(at / PAGE))?.get((at % PAGE) as usize)
    }

    /// Takes an answer; those of an earlier round stay only where they are looked at, until their own answer comes.
    fn take(&mut self, round: u32, page: u32, answer: Page<T>, view: (u32, u32)) {
        if self.round != round {
            self.round = round;
            self.pages.retain(|page, _| (view.0..=view.1).contains(page));
        }
        self.total = Some(answer.total);
        self.pages.insert(page, answer.rows);
    }
}

/// A long list of which the pages near the view are held.
pub(crate) struct Paged<T: Send + Sync + 'static> {
    held: RwSignal<Held<T>>,
    /// Rows there are in all, once known.
    pub(crate) total: Memo<Option<u32>>,
    /// Why there is no newer answer.
    error: RwSignal<Option<Error>>,
    /// First and last page that are looked at.
    view: RwSignal<(u32, u32)>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Paged<T> {}

/// Asks for pages of `ask(offset, limit)`, anew whenever what it reads changes and whenever stored data changed. What is
/// shown stays until the newer answer is there.
pub(crate) fn paged<C, T>(ask: impl Fn(u32, u32) -> C + 'static) -> Paged<T>
where
    C: Request<Reply = Page<T>>,
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let live = Live::here();
    let held = RwSignal::new(Held { round: 0, total: None, pages: BTreeMap::new() });
    let total = Memo::new(move |_| held.with(|h| h.total));
    let paged = Paged { held, total, error: RwSignal::new(None), view: RwSignal::new((0, 0)), again: RwSignal::new(0) };
    let (round, asked) = (StoredValue::new(0u32), StoredValue::new(BTreeSet::<u32>::new()));
    Effect::new(move |before: Option<(String, u64, u32)>| {
        let question = serde_json::to_string(&ask(0, PAGE)).unwrap_or_default();
        let now = (question, live.version.get(), paged.again.get());
        if before.as_ref() != Some(&now) {
            round.update_value(|r| *r += 1);
            asked.update_value(BTreeSet::clear);
        }
        let mine = round.get_value();
        let (first, last) = paged.view.get();
        for page in first..=last {
            if asked.try_update_value(|asked| asked.insert(page)) != Some(true) {
                continue;
            }
            let question = ask(page * PAGE, PAGE);
            spawn_local(async move {
                let answer = call(question).await;
                // Something newer was asked meanwhile, or the page was left.
                if round.try_get_value() == Some(mine) {
                    paged.take(live, mine, page, answer);
                }
            });
        }
        now
    });
    paged
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Paged<T> {
    fn take(self, live: Live, round: u32, page: u32, answer: Result<Page<T>, Error>) {
        match answer {
            Ok(answer) => {
                self.error.set(None);
                let view = self.view.get_untracked();
                // What did not change is not drawn again, so that nothing open on the page closes.
                let same = self
                    .held
                    .with_untracked(|h| h.total == Some(answer.total) && h.pages.get(&page) == Some(&answer.rows));
                if same {
                    self.held.update_untracked(|h| h.take(round, page, answer, view));
                } else {
                    self.held.update(|h| h.take(round, page, answer, view));
                }
            }
            Err(error) => {
                live.note(&error);
                self.error.set(Some(error));
            }
        }
    }

    /// One row; `None` while it is on its way.
    pub(crate) fn row(self, at: usize) -> Memo<Option<T>> {
        Memo::new(move |_| self.held.with(|h| h.row(at).cloned()))
    }

    /// Rows there are, nought while that is not known.
    pub(crate) fn count(self) -> usize {
        self.total.get().unwrap_or(0) as usize
    }

    /// Why there is no newer answer, with a way to try again.
    pub(crate) fn problem(self) -> AnyView {
        (move || {
            self.error.get().map(|e| {
                let again = move |_| self.again.update(|n| *n += 1);
                notice::error_with(
                    &e,
                    view! { <button class="button" type="button" on:click=again>"Try again"</button> },
                )
            })
        })
        .into_any()
    }

    /// What there is to show at all. A memo, so that a list that grows by one is not drawn anew under the person's hand.
    pub(crate) fn stage(self) -> Memo<Stage> {
        Memo::new(move |_| match self.total.get() {
            None if self.error.with(Option::is_none) => Stage::Opening,
            Some(0) => Stage::Empty,
            None | Some(_) => Stage::Rows,
        })
    }

    /// What to draw of a list that stands in `node`, with lines `height` pixels high and as many columns as `columns` says
    /// for a width. Asks for the pages that are looked at.
    pub(crate) fn drawn<E>(self, node: NodeRef<E>, height: f64, columns: fn(f64) -> usize) -> Memo<Drawn>
    where
        E: ElementType,
        E::Output: JsCast + Clone + AsRef<web_sys::Element> + 'static,
    {
        let (top, view, _) = window::viewport();
        let drawn = Memo::new(move |_| {
            // Read so that scrolling asks again.
            let _ = top.get();
            let (above, width) = node.get().map_or((0.0, 1200.0), |n| {
                let place = AsRef::<web_sys::Element>::as_ref(&n).get_bounding_client_rect();
                (-place.top(), place.width())
            });
            let (count, columns) = (self.count(), columns(width));
            let rows = window::in_view(count, columns, height, above, view.get());
            let (above, below) = window::space(count, columns, height, &rows);
            Drawn { rows, above, below }
        });
        Effect::new(move |_| {
            let wanted = pages(&drawn.get().rows);
            if self.view.get_untracked() != wanted {
                self.view.set(wanted);
            }
        });
        drawn
    }
}

/// First and last page of some rows.
fn pages(rows: &Range<usize>) -> (u32, u32) {
    let page = |row: usize| u32::try_from(row).unwrap_or(u32::MAX) / PAGE;
    (page(rows.start), page(rows.end.saturating_sub(1).max(rows.start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: Range<u32>, total: u32) -> Page<u32> {
        Page { rows: rows.collect(), total }
    }

    #[test]
    fn rows_are_found_in_their_pages() {
        let mut held = Held { round: 0, total: None, pages: BTreeMap::new() };
        held.take(1, 3, answer(300..400, 5000), (0, 3));
        assert_eq!((held.row(299), held.row(300), held.row(399), held.row(400)), (None, Some(&300), Some(&399), None));
        assert_eq!(held.total, Some(5000));
    }

    #[test]
    fn a_new_round_drops_what_nobody_looks_at() {
        let mut held = Held { round: 0, total: None, pages: BTreeMap::new() };
        for page in [0, 7, 8] {
            held.take(1, page, answer(page * 100..page * 100 + 100, 5000), (7, 8));
        }
        held.take(2, 7, answer(1..101, 4000), (7, 8));
        assert_eq!(held.pages.keys().copied().collect::<Vec<_>>(), [7, 8]);
        assert_eq!((held.row(700), held.row(800), held.total), (Some(&1), Some(&800), Some(4000)));
    }

    #[test]
    fn the_pages_of_what_is_drawn_are_asked_for() {
        for (rows, expect) in
            [(0..0, (0, 0)), (0..100, (0, 0)), (0..101, (0, 1)), (94..122, (0, 1)), (4980..5000, (49, 49))]
        {
            assert_eq!(pages(&rows), expect, "{rows:?}");
        }
    }
}
