//! One session: what is shown of it, and what it holds; `heard` takes what the runner says. Everything that is told goes out
//! under its lock, so that everybody hears it in the same order.

mod heard;

use super::{Ground, MOST_SIGNALS, rate::Rates, record::Recorder};
use crate::{engine::now, telemetry::intake::Whose};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{LiveId, VehicleId},
    live::{LiveSession, LiveState, Mark, RawLine, RecordingRow, Sample},
    stream::Push,
};
use roadworthy_obd::{adapter::passport::Passports, link::Port, live::Control};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::sync::watch;

/// Most marks of one session.
const MOST_MARKS: usize = 1_000;

/// A session.
pub(crate) struct Session {
    pub(crate) id: LiveId,
    ground: Ground,
    control: watch::Sender<Control>,
    state: Mutex<State>,
}

struct State {
    shown: LiveSession,
    preset: Option<String>,
    /// Whether the vehicle was ever found, and whether it was since the last try to connect.
    met: bool,
    met_now: bool,
    held: VecDeque<Sample>,
    fresh: Vec<Sample>,
    /// Lines that passed and have not been told, and how many more there were.
    raw: VecDeque<RawLine>,
    left_out: u32,
    frame: u64,
    framed: Instant,
    rates: Rates,
    recorder: Option<Recorder>,
    /// When everybody was last told how far the recording is.
    told: Instant,
    /// When somebody last asked anything of it.
    asked: Instant,
    /// Why it was stopped, if not because somebody closed it.
    why: Option<Error>,
    ended: Option<Instant>,
}

impl Session {
    pub(super) fn new(
        ground: Ground,
        id: LiveId,
        port: &Port,
        vehicle: Option<VehicleId>,
        preset: Option<String>,
    ) -> Self {
        let shown = LiveSession {
            id,
            port: port.to_string(),
            vehicle,
            vin: None,
            started: now(),
            state: LiveState::Connecting { doing: format!("Opening {port}") },
            adapter: Default::default(),
            protocol: None,
            ecus: Vec::new(),
            available: Vec::new(),
            chosen: Vec::new(),
            replies_per_second: 0.0,
            slowed: None,
            recording: None,
            recording_problem: None,
            marks: Vec::new(),
            traffic: false,
        };
        let clock = Instant::now();
        let state = State {
            shown,
            preset,
            met: false,
            met_now: false,
            held: VecDeque::new(),
            fresh: Vec::new(),
            raw: VecDeque::new(),
            left_out: 0,
            frame: 0,
            framed: clock,
            rates: Rates::new(clock),
            recorder: None,
            told: clock,
            asked: clock,
            why: None,
            ended: None,
        };
        Self { id, ground, control: watch::Sender::new(Control::default()), state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pace(&self) -> super::Pace {
        self.ground.pace
    }

    /// Where the passport of the adapter on this port is found.
    pub(super) fn passports(&self, port: &Port) -> Passports {
        let kept = self.ground.adapters.as_ref().filter(|_| !matches!(port, Port::Replay(_)));
        kept.map(|adapters| adapters.passports(port)).unwrap_or_default()
    }

    /// As a page sees it.
    pub(crate) fn shown(&self) -> LiveSession {
        self.lock().shown.clone()
    }

    fn tell(&self, state: &State) {
        drop(self.ground.pushes.send(Push::LiveChanged(state.shown.clone())));
    }

    /// Whether it ended so long ago that nobody needs to see it.
    pub(super) fn forgotten(&self) -> bool {
        self.lock().ended.is_some_and(|at| at.elapsed() > self.ground.pace.listed)
    }

    // ---- what people ask of it

    /// Somebody else opens the same port.
    pub(super) fn join(&self, vehicle: Option<VehicleId>) -> LiveSession {
        let mut state = self.lock();
        state.asked = Instant::now();
        if state.shown.vehicle.is_none() && vehicle.is_some() {
            state.shown.vehicle = vehicle;
            self.tell(&state);
        }
        state.shown.clone()
    }

    /// The samples that frames have told within the last minutes, oldest first.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let mut state = self.lock();
        state.asked = Instant::now();
        state.held.iter().cloned().collect()
    }

    /// Changes what is asked for, if the session is open, and tells everybody.
    fn change(&self, change: impl FnOnce(&mut State) -> Result<()>) -> Result<LiveSession> {
        let mut state = self.lock();
        if state.ended.is_some() {
            return Err(ended());
        }
        state.asked = Instant::now();
        change(&mut state)?;
        self.tell(&state);
        Ok(state.shown.clone())
    }

    /// Reads these from now on.
    pub(crate) fn choose(&self, ids: Vec<String>) -> Result<LiveSession> {
        self.change(|state| {
            if !state.met {
                return Err(early());
            }
            if ids.len() > MOST_SIGNALS {
                return Err(Error::new(Code::Invalid, format!("At most {MOST_SIGNALS} signals can be read at once."))
                    .hint("Choose fewer."));
            }
            let known = |id: &String| state.shown.available.iter().any(|s| s.id == *id);
            if let Some(strange) = ids.iter().find(|id| !known(id)) {
                return Err(Error::new(Code::NotFound, format!("This vehicle has no signal \"{strange}\"."))
                    .hint("Choose among those that the session lists as available."));
            }
            let mut chosen: Vec<String> = Vec::new();
            for id in ids {
                if !chosen.contains(&id) {
                    chosen.push(id);
                }
            }
            self.set_chosen(state, chosen);
            Ok(())
        })
    }

    fn set_chosen(&self, state: &mut State, chosen: Vec<String>) {
        // What has come counts for the old order.
        self.send_frame(state);
        state.rates = Rates::new(Instant::now());
        self.control.send_modify(|c| c.signals.clone_from(&chosen));
        state.shown.chosen = chosen;
    }

    /// Stops reading for a while, or goes on.
    pub(crate) fn pause(&self, paused: bool) -> Result<LiveSession> {
        self.change(|state| {
            self.control.send_modify(|c| c.paused = paused);
            match (&state.shown.state, paused) {
                (LiveState::Reading, true) => state.shown.state = LiveState::Paused,
                (LiveState::Paused, false) => {
                    state.shown.state = LiveState::Reading;
                    state.rates = Rates::new(Instant::now());
                }
                // The runner says so when it does.
                (LiveState::Held { .. }, false) => self.control.send_modify(|c| c.go_on = c.go_on.wrapping_add(1)),
                _ => {}
            }
            Ok(())
        })
    }

    /// Tells what passes, or no more.
    pub(crate) fn show_traffic(&self, on: bool) -> Result<LiveSession> {
        self.change(|state| {
            if on && state.shown.port.starts_with("replay:") {
                return Err(Error::new(
                    Code::Invalid,
                    "Of a recording nothing passes: its traffic is what the file holds.",
                )
                .hint("The page of a visit saves its traffic."));
            }
            self.control.send_if_modified(|c| {
                // It changes nothing that the runner would have to hear of at once.
                c.raw = on;
                false
            });
            state.shown.traffic = on;
            Ok(())
        })
    }

    /// Marks this moment.
    pub(crate) fn mark(&self, label: &str) -> Result<LiveSession> {
        self.change(|state| {
            if state.shown.marks.len() >= MOST_MARKS {
                return Err(Error::new(Code::Conflict, format!("A session holds at most {MOST_MARKS} marks."))
                    .hint("Close this session and open a new one."));
            }
            let at = last_at(state).max(now());
            let mark = Mark { at, label: label.trim().to_owned() };
            if let Some(recorder) = &mut state.recorder {
                recorder.mark(&mark);
            }
            state.shown.marks.push(mark);
            Ok(())
        })
    }

    /// Whether it has been told to end.
    pub(super) fn closing(&self) -> bool {
        self.control.borrow().stop
    }

    /// Begins to record; `actor` is who will have recorded.
    pub(crate) fn record(&self, actor: &str) -> Result<LiveSession> {
        self.change(|state| {
            if !state.met {
                return Err(early());
            }
            if state.recorder.is_some() {
                return Err(
                    Error::new(Code::Conflict, "This session is recorded already.").hint("Stop that recording first.")
                );
            }
            let recorder = Recorder::start(&self.ground.store, actor, &state.shown.port, &whose(state))?;
            state.shown.recording = Some(recorder.shown());
            state.shown.recording_problem = None;
            state.recorder = Some(recorder);
            Ok(())
        })
    }

    /// Ends the recording and keeps it.
    pub(crate) fn stop_recording(&self) -> Result<RecordingRow> {
        self.lock().asked = Instant::now();
        self.keep_recording(false).unwrap_or_else(|| {
            Err(Error::new(Code::Conflict, "Nothing is being recorded.").hint("Begin a recording first."))
        })
    }

    /// As if the disk said this, or nothing any more.
    #[cfg(test)]
    pub(super) fn break_recording(&self, error: Option<Error>) {
        if let Some(recorder) = &self.lock().recorder {
            recorder.fail(error);
        }
    }

    /// Ends the recording, if one runs, and keeps it; that is done without the lock.
    fn keep_recording(&self, cut_short: bool) -> Option<Result<RecordingRow>> {
        let (recorder, whose) = {
            let mut state = self.lock();
            let recorder = state.recorder.take()?;
            state.shown.recording = None;
            self.tell(&state);
            (recorder, whose(&state))
        };
        Some(recorder.finish(&whose, cut_short))
    }

    /// Ends the recording, if one runs, where nobody waits for the answer: what goes wrong is shown.
    fn end_recording(&self, cut_short: bool) {
        if let Some(Err(error)) = self.keep_recording(cut_short) {
            tracing::warn!(%error, "a recording could not be kept");
            self.lock().shown.recording_problem = Some(error);
        }
    }

    /// Ends it. One that has ended stays so.
    pub(crate) fn close(&self) {
        self.control.send_modify(|c| c.stop = true);
    }

    /// The engine goes away, and with it the runtime that reads.
    pub(super) fn abandon(&self) {
        self.over();
        // Kept here before the reader hears of the end: it would keep it too, and nobody waits for that.
        self.end_recording(true);
        self.close();
    }

    /// From now on nobody may change it, so that no recording begins while the last one is being kept.
    fn over(&self) {
        self.lock().ended.get_or_insert_with(Instant::now);
    }

    // ---- what the link brings

    pub(super) fn control(&self) -> watch::Receiver<Control> {
        self.control.subscribe()
    }
}

fn whose(state: &State) -> Whose {
    Whose { vehicle: state.shown.vehicle, vin: state.shown.vin.clone() }
}

fn last_at(state: &State) -> Timestamp {
    state.fresh.last().or(state.held.back()).map_or(0, |s| s.at)
}

fn ended() -> Error {
    Error::new(Code::Conflict, "This live session has ended.").hint("Open it again.")
}

fn early() -> Error {
    Error::new(Code::Conflict, "The vehicle is still being looked for.").hint("Wait until the session reads.")
}
