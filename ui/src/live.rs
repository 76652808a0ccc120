//! What pages show, kept true: [`fetch`] asks again whenever stored data changed, [`Act`] runs what a person asked for.

pub(crate) mod sessions;
mod tape;

use crate::{
    backend::{self, Said, call},
    locale,
    parts::toast::Toasts,
};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{
    Code, Error, Timestamp,
    alert::{AlertRow, AlertState},
    call::Request,
    calls::ListJobs,
    finding::Severity,
    id::{AlertId, JobId},
    job::{Job, JobKind, JobState},
    live::LiveSession,
    stream::Push,
};
use serde::Serialize;
use std::{cell::Cell, collections::BTreeMap, future::Future};

/// Whether the engine is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not known yet.
    Opening,
    /// Reached.
    Up,
    /// Not reached; tried again every second.
    Lost,
}

/// What the engine says by itself, for every page.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// Whether the engine is reached.
    pub(crate) link: RwSignal<Link>,
    /// Counts up whenever what is shown may be old.
    pub(crate) version: RwSignal<u64>,
    /// Counts up whenever what goes on behind the pages changed: workers, the outbox, backups.
    pub(crate) beat: RwSignal<u64>,
    /// Alerts that a toast has told of, with how often they were escalated by then.
    told: StoredValue<BTreeMap<AlertId, u32>>,
    /// Jobs of this run, newest first.
    pub(crate) jobs: RwSignal<Vec<Job>>,
    /// Live sessions that are open or ended lately, newest first.
    pub(crate) sessions: RwSignal<Vec<LiveSession>>,
    /// What passed in the live session whose traffic is shown.
    pub(crate) traffic: RwSignal<sessions::Passed>,
    /// Whether the engine was asked for its live sessions.
    pub(crate) sessions_known: RwSignal<bool>,
    /// Set when the door refused this page's token.
    pub(crate) refused: RwSignal<Option<Error>>,
}

thread_local! {
    static HERE: Cell<Option<Live>> = const { Cell::new(None) };
}

impl Live {
    /// Begins to listen. The app does so first, so that its signals live as long as the page.
    fn start() -> Self {
        let live = Self {
            link: RwSignal::new(Link::Opening),
            version: RwSignal::new(0),
            beat: RwSignal::new(0),
            told: StoredValue::new(BTreeMap::new()),
            jobs: RwSignal::new(Vec::new()),
            sessions: RwSignal::new(Vec::new()),
            traffic: RwSignal::new(sessions::Passed::default()),
            sessions_known: RwSignal::new(false),
            refused: RwSignal::new(None),
        };
        backend::listen(move |said| live.hear(said));
        live
    }

    /// The one of this interface. Not a context: what a person does and what arrives later run outside every component.
    pub(crate) fn here() -> Self {
        HERE.with(|here| match here.get() {
            Some(live) => live,
            None => {
                let live = Self::start();
                here.set(Some(live));
                live
            }
        })
    }

    fn hear(self, said: Said) {
        match said {
            Said::Up => {
                self.link.set(Link::Up);
                self.version.update(|v| *v += 1);
                self.read_sessions();
                spawn_local(async move {
                    match call(ListJobs {}).await {
                        Ok(jobs) => self.jobs.set(jobs),
                        Err(error) => self.note(&error),
                    }
                });
            }
            Said::Down => {
                let first = self.link.get_untracked() != Link::Lost;
                self.link.set(Link::Lost);
                // A refused stream looks like a lost one; a call tells which it is.
                if first {
                    spawn_local(async move {
                        if let Err(error) = call(ListJobs {}).await {
                            self.note(&error);
                        }
                    });
                }
            }
            Said::Push(push) => match *push {
                Push::JobChanged(job) => self.jobs.update(|jobs| merge(jobs, job)),
                Push::LiveChanged(session) => self.session_changed(session),
                Push::LiveValues(frame) => sessions::hear(frame),
                Push::LiveTraffic(frame) => self.traffic.update(|passed| passed.hear(frame)),
                Push::AlertChanged(alert) => {
                    self.tell(&alert);
                    self.version.update(|v| *v += 1);
                }
                Push::PulseChanged(_) => self.beat.update(|b| *b += 1),
                // Read again with everything else.
                Push::DataChanged(_) => self.version.update(|v| *v += 1),
            },
        }
    }

    /// Says a new alert that presses, or one that presses again, in words; each once.
    fn tell(self, alert: &AlertRow) {
        let known = self.told.with_value(|told| told.get(&alert.id).copied());
        if presses(alert, known, locale::now()) {
            self.told.update_value(|told| {
                told.insert(alert.id, alert.escalations);
            });
            Toasts::here().say(format!("Act now: {}, {}", alert.title, alert.vehicle_name));
        }
    }

    /// The job with that id, as far as it was heard of.
    pub(crate) fn job(self, id: JobId) -> Option<Job> {
        self.jobs.with(|jobs| jobs.iter().find(|j| j.id == id).cloned())
    }

    /// The newest job of a kind that still runs.
    pub(crate) fn running(self, kind: JobKind) -> Option<Job> {
        self.jobs.with(|jobs| jobs.iter().find(|j| j.kind == kind && j.state == JobState::Running).cloned())
    }

    pub(crate) fn note(self, error: &Error) {
        if error.code == Code::Unauthorized {
            self.refused.set(Some(error.clone()));
        }
    }
}

/// Whether a person is to be told of an alert that changed: it is open, says act now, was seen just now, and is not known with as
/// many escalations. Taking back an acknowledgement is no news.
fn presses(alert: &AlertRow, known: Option<u32>, now: Timestamp) -> bool {
    const NEWS: i64 = 120_000;
    let fresh = now - alert.seen.max(alert.raised) < NEWS || alert.escalations > 0;
    alert.state == AlertState::Open
        && alert.severity == Severity::ActNow
        && fresh
        && known.is_none_or(|before| alert.escalations > before)
}

fn merge(jobs: &mut Vec<Job>, job: Job) {
    match jobs.iter_mut().find(|j| j.id == job.id) {
        Some(old) => *old = job,
        None => jobs.insert(0, job),
    }
}

/// An answer of the engine that stays true.
pub(crate) struct Fetched<T: Send + Sync + 'static> {
    /// The newest answer; stays while a newer one is on its way.
    pub(crate) value: RwSignal<Option<T>>,
    /// Why there is no newer answer.
    pub(crate) error: RwSignal<Option<Error>>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Asks again now.
    pub(crate) fn again(self) {
        self.again.update(|n| *n += 1);
    }
}

impl<T: PartialEq + Send + Sync + 'static> Fetched<T> {
    fn take(self, live: Live, answer: Result<T, Error>) {
        match answer {
            Ok(value) => {
                self.error.set(None);
                // What did not change is not drawn again, so that nothing open on the page closes.
                if self.value.with_untracked(|old| old.as_ref() != Some(&value)) {
                    self.value.set(Some(value));
                }
            }
            Err(error) => {
                live.note(&error);
                self.error.set(Some(error));
            }
        }
    }
}

/// Asks the engine now, whenever what `ask` reads changes, and whenever stored data changed. `None`: nothing to ask yet.
pub(crate) fn fetch<C>(ask: impl Fn() -> Option<C> + 'static) -> Fetched<C::Reply>
where
    C: Request,
    C::Reply: Clone + PartialEq + Send + Sync,
{
    fetch_by(ask, call)
}

/// As [`fetch`], for answers that take more than one call.
pub(crate) fn fetch_by<K, T, F>(ask: impl Fn() -> Option<K> + 'static, work: impl Fn(K) -> F + 'static) -> Fetched<T>
where
    K: Serialize + 'static,
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, Error>> + 'static,
{
    let live = Live::here();
    let fetched = Fetched { value: RwSignal::new(None), error: RwSignal::new(None), again: RwSignal::new(0) };
    let turn = StoredValue::new(0u32);
    Effect::new(move |before: Option<String>| {
        live.version.track();
        fetched.again.track();
        let Some(question) = ask() else { return String::new() };
        let asked = serde_json::to_string(&question).unwrap_or_default();
        if before.is_some_and(|before| before != asked) {
            fetched.value.set(None);
        }
        turn.update_value(|t| *t += 1);
        let mine = turn.get_value();
        let answer = work(question);
        spawn_local(async move {
            let answer = answer.await;
            // A later question was asked meanwhile, or the page was left.
            if turn.try_get_value() == Some(mine) {
                fetched.take(live, answer);
            }
        });
        asked
    });
    fetched
}

/// Something a person asked for: busy while it runs, guarded against a second press, its failure kept to be shown beside it.
#[derive(Clone, Copy)]
pub(crate) struct Act {
    /// At work.
    pub(crate) busy: RwSignal<bool>,
    /// Why it failed last.
    pub(crate) error: RwSignal<Option<Error>>,
}

impl Act {
    /// Nothing asked for yet.
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Runs it unless it runs already, then `then` with what came of it.
    pub(crate) fn run<T: 'static>(
        self,
        work: impl Future<Output = Result<T, Error>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        let live = Live::here();
        spawn_local(async move {
            let outcome = work.await;
            // The page may be gone by now.
            let _ = self.busy.try_set(false);
            match outcome {
                Ok(value) => then(value),
                Err(error) => {
                    live.note(&error);
                    let _ = self.error.try_set(Some(error));
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{
        finding::Source,
        id::{VehicleId, VisitId},
    };

    fn job(id: u128, done: u32) -> Job {
        Job {
            id: JobId(id),
            kind: JobKind::Check,
            title: "Check".into(),
            started: 0,
            done,
            total: 9,
            doing: String::new(),
            left_ms: None,
            steps: vec![],
            state: JobState::Running,
        }
    }

    #[test]
    fn only_what_is_new_and_says_act_now_is_told() {
        let alert = |severity, state, escalations, seen| AlertRow {
            id: AlertId(1),
            vehicle: VehicleId(1),
            vehicle_name: "RW 301".into(),
            severity,
            title: "Cylinder 1 misfires".into(),
            state,
            raised: 0,
            seen,
            times: 1,
            source: Source::Visit { visit: VisitId(1) },
            escalations,
            decision: None,
        };
        let taken = AlertState::Acknowledged { at: 0, by: "owner/window".into() };
        let now = 10_000_000;
        for (alert, known, expect) in [
            (alert(Severity::ActNow, AlertState::Open, 0, now - 1), None, true),
            (alert(Severity::ActNow, AlertState::Open, 0, now - 1), Some(0), false),
            (alert(Severity::ActNow, AlertState::Open, 1, 0), Some(0), true),
            (alert(Severity::ActNow, AlertState::Open, 0, 0), None, false),
            (alert(Severity::ActSoon, AlertState::Open, 0, now), None, false),
            (alert(Severity::ActNow, taken, 0, now), None, false),
        ] {
            assert_eq!(presses(&alert, known, now), expect, "{alert:?} {known:?}");
        }
    }

    #[test]
    fn news_of_a_job_replace_what_was_known_of_it() {
        let mut jobs = vec![];
        for news in [job(1, 0), job(2, 0), job(1, 5)] {
            merge(&mut jobs, news);
        }
        let seen: Vec<_> = jobs.iter().map(|j| (j.id.0, j.done)).collect();
        assert_eq!(seen, [(2, 0), (1, 5)]);
    }
}
