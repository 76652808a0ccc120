//! What is heard of live sessions, whichever page is shown, so that a page that opens later has the last minutes.

use super::{Live, tape::Tape};
use crate::{backend::call, locale};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{
    calls::{GetLiveSamples, ListLive},
    id::LiveId,
    live::{LiveFrame, LiveSession, LiveState, RawFrame, RawLine},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
};

/// Lines of traffic that are kept to be shown.
const MOST_LINES: usize = 200;

/// What passed last, of the session that told of it last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    session: Option<LiveId>,
    lines: VecDeque<RawLine>,
}

impl Passed {
    /// Takes what passed.
    pub(super) fn hear(&mut self, frame: RawFrame) {
        if self.session.replace(frame.session) != Some(frame.session) {
            self.lines.clear();
        }
        self.lines.extend(frame.lines);
        self.lines.drain(..self.lines.len().saturating_sub(MOST_LINES));
    }

    /// What passed in a session, oldest first.
    pub(crate) fn of(&self, session: LiveId) -> Vec<RawLine> {
        if self.session == Some(session) { self.lines.iter().cloned().collect() } else { Vec::new() }
    }
}

thread_local! {
    // Beside the signals and not in one: thousands of samples are looked at where they lie.
    static TAPES: RefCell<BTreeMap<LiveId, Tape>> = const { RefCell::new(BTreeMap::new()) };
}

/// Looks at what was heard of a session.
pub(crate) fn heard<T>(id: LiveId, look: impl FnOnce(&Tape) -> T) -> Option<T> {
    TAPES.with_borrow(|tapes| tapes.get(&id).map(look))
}

/// Whether a session is not over.
pub(crate) fn open(session: &LiveSession) -> bool {
    !matches!(session.state, LiveState::Ended { .. })
}

impl Live {
    /// Reads which sessions there are; what was heard of others is let go.
    pub(super) fn read_sessions(self) {
        spawn_local(async move {
            match call(ListLive {}).await {
                Ok(sessions) => {
                    TAPES.with_borrow_mut(|t| t.retain(|id, _| sessions.iter().any(|s| s.id == *id)));
                    for session in &sessions {
                        read_back(session.id);
                    }
                    self.sessions.set(sessions);
                }
                Err(error) => self.note(&error),
            }
            self.sessions_known.set(true);
        });
    }

    /// Takes the news of a session.
    pub(crate) fn session_changed(self, session: LiveSession) {
        TAPES.with_borrow_mut(|t| t.entry(session.id).or_default().state(&session.state, locale::now()));
        self.sessions.update(|all| match all.iter_mut().find(|s| s.id == session.id) {
            Some(old) => *old = session,
            None => all.insert(0, session),
        });
    }

    /// The session with that id, as far as it was heard of.
    pub(crate) fn session(self, id: LiveId) -> Option<LiveSession> {
        self.sessions.with(|all| all.iter().find(|s| s.id == id).cloned())
    }
}

/// Takes new values; after missed ones the session is asked for what it still holds.
pub(super) fn hear(frame: LiveFrame) {
    let id = frame.session;
    if TAPES.with_borrow_mut(|t| t.entry(id).or_default().frame(frame)) {
        read_back(id);
    }
}

/// Asks for the samples that the session still holds; which also tells it that somebody watches.
pub(crate) fn read_back(id: LiveId) {
    let asked = TAPES.with_borrow_mut(|t| std::mem::replace(&mut t.entry(id).or_default().asked, true));
    if asked {
        return;
    }
    spawn_local(async move {
        let answer = call(GetLiveSamples { session: id }).await;
        TAPES.with_borrow_mut(|t| {
            if let Some(tape) = t.get_mut(&id) {
                // Without an answer the values that come are all there is; the next missed frame asks again.
                tape.read_back(answer.as_deref().unwrap_or_default());
            }
        });
    });
}
