//! What a runner says of a session, and what everybody is told of it.

use super::{Session, State, last_at};
use crate::{
    live::{choose, rate::Rates, record::Recorder},
    store::{registration, vehicle},
};
use roadworthy_api::{
    Code, Error, Timestamp,
    live::{LiveFrame, LiveState, LiveValue, RawFrame},
    stream::Push,
};
use roadworthy_obd::live::{Found, LiveEvent};
use std::time::{Duration, Instant};

/// Most samples held for pages that join, whatever their age.
const MOST_HELD: usize = 100_000;
/// Time without a new value after which a frame tells the rates all the same.
const STILL: Duration = Duration::from_secs(1);
/// Lines of traffic that one frame tells at the most.
const MOST_LINES: usize = 400;
/// How often everybody is told how far a recording is.
const TOLD: Duration = Duration::from_secs(2);

impl Session {
    /// Takes what a runner says.
    pub(in crate::live) fn take(&self, event: LiveEvent) {
        let mut state = self.lock();
        match event {
            LiveEvent::Doing(words) => {
                if let LiveState::Connecting { doing } = &mut state.shown.state {
                    *doing = words;
                    self.tell(&state);
                }
            }
            LiveEvent::Found(found) => {
                self.found(&mut state, *found);
                self.tell(&state);
            }
            LiveEvent::Slowed(why) => {
                state.shown.slowed = why;
                self.tell(&state);
            }
            LiveEvent::Held(why) => {
                self.send_frame(&mut state);
                state.shown.replies_per_second = 0.0;
                state.shown.state = LiveState::Held { why };
                self.tell(&state);
            }
            LiveEvent::WentOn => {
                state.rates = Rates::new(Instant::now());
                state.shown.state = if self.control.borrow().paused { LiveState::Paused } else { LiveState::Reading };
                self.tell(&state);
            }
            LiveEvent::Traffic(lines) => {
                state.raw.extend(lines);
                let more = state.raw.len().saturating_sub(MOST_LINES);
                state.raw.drain(..more);
                state.left_out = state.left_out.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
            }
            LiveEvent::Answered { samples, replies } => {
                let clock = Instant::now();
                state.rates.replies(replies, clock);
                for sample in &samples {
                    let place = state.shown.chosen.iter().position(|id| *id == sample.signal);
                    if let (Some(place), false) = (place, matches!(sample.value, LiveValue::Missing { .. })) {
                        state.rates.value(place, clock);
                    }
                }
                let State { recorder, shown, .. } = &mut *state;
                if let (Some(recorder), false) = (recorder.as_mut(), samples.is_empty()) {
                    recorder.add(&samples, &shown.available);
                    shown.recording = Some(recorder.shown());
                }
                state.fresh.extend(samples);
            }
        }
    }

    fn found(&self, state: &mut State, found: Found) {
        if let (Some(before), Some(vin)) = (&state.shown.vin, &found.vin)
            && before != vin
        {
            let error = Error::new(Code::Conflict, "After the connection broke, another vehicle answered.");
            state.why = Some(error.hint("Open a new session for it."));
            self.control.send_modify(|c| c.stop = true);
            return;
        }
        if let Some(vin) = &found.vin {
            match self.ground.store.read(|conn| vehicle::by_vin(conn, vin)) {
                // The VIN that was read decides, as for a check; one that nobody has says nothing against what was chosen
                // unless that has another.
                Ok(Some(known)) => state.shown.vehicle = Some(known),
                Ok(None) => {
                    let other = state.shown.vehicle.is_some_and(|chosen| {
                        // Of the whole vehicle: the registration chosen may be one that was attached.
                        let vin = self
                            .ground
                            .store
                            .read(|conn| registration::vin(conn, registration::root(conn, chosen)?.bytes()));
                        vin.ok().flatten().is_some()
                    });
                    if other {
                        state.shown.vehicle = None;
                    }
                }
                Err(error) => tracing::warn!(%error, "the vehicle of a live session could not be looked up"),
            }
        }
        state.shown.slowed = None;
        state.shown.adapter = found.adapter;
        state.shown.protocol = found.protocol;
        state.shown.ecus = found.ecus;
        state.shown.vin = found.vin.or(state.shown.vin.take());
        state.shown.available = found.available;
        if !std::mem::replace(&mut state.met, true) {
            let chosen = choose::start(state.preset.as_deref(), &state.shown.available);
            self.set_chosen(state, chosen);
        }
        state.met_now = true;
        state.rates = Rates::new(Instant::now());
        state.shown.state = if self.control.borrow().paused { LiveState::Paused } else { LiveState::Reading };
    }

    /// Begins a try to connect.
    pub(in crate::live) fn trying(&self) {
        self.lock().met_now = false;
    }

    /// Whether the vehicle was ever found, and whether the last try found it.
    pub(in crate::live) fn met(&self) -> (bool, bool) {
        let state = self.lock();
        (state.met, state.met_now)
    }

    /// What was read last, so that no later sample is older.
    pub(in crate::live) fn last_at(&self) -> Timestamp {
        last_at(&self.lock())
    }

    /// The link broke and is tried again.
    pub(in crate::live) fn broken(&self, error: Error, attempt: u32) {
        let mut state = self.lock();
        self.send_frame(&mut state);
        state.shown.replies_per_second = 0.0;
        state.shown.state = LiveState::Reconnecting { error, attempt };
        self.tell(&state);
    }

    /// Nothing more comes. Blocks until the recording, if one runs, is kept.
    pub(in crate::live) fn end(&self, error: Option<Error>) {
        self.over();
        let error = self.lock().why.take().or(error);
        self.end_recording(error.is_some());
        let mut state = self.lock();
        self.send_traffic(&mut state);
        self.send_frame(&mut state);
        state.shown.replies_per_second = 0.0;
        state.shown.state = LiveState::Ended { error };
        self.tell(&state);
    }

    // ---- what is told

    /// Sends a frame if there is anything new, or if nothing has come for a while; closes the session that nobody uses.
    pub(in crate::live) fn tick(&self) {
        let mut state = self.lock();
        let still = matches!(state.shown.state, LiveState::Reading) && state.framed.elapsed() >= STILL;
        if !state.fresh.is_empty() || still {
            self.send_frame(&mut state);
        }
        self.send_traffic(&mut state);
        if let Some(trouble) = state.recorder.as_ref().map(Recorder::trouble)
            && trouble != state.shown.recording_problem
        {
            // It goes on all the same, and says how it is.
            state.shown.recording_problem = trouble;
            self.tell(&state);
        }
        if state.recorder.is_some() && state.told.elapsed() > TOLD {
            state.told = Instant::now();
            self.tell(&state);
        }
        if state.asked.elapsed() > self.ground.pace.idle && state.shown.recording.is_none() && state.ended.is_none() {
            let minutes = self.ground.pace.idle.as_secs() / 60;
            let words = format!("Nobody used this session for {minutes} minutes; it was closed to spare the battery.");
            state.why = Some(Error::new(Code::Timeout, words).hint("Open it again."));
            self.control.send_modify(|c| c.stop = true);
        }
    }

    fn send_traffic(&self, state: &mut State) {
        if state.raw.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut state.raw).into();
        let left_out = std::mem::take(&mut state.left_out);
        drop(self.ground.pushes.send(Push::LiveTraffic(RawFrame { session: self.id, lines, left_out })));
    }

    pub(super) fn send_frame(&self, state: &mut State) {
        let samples = std::mem::take(&mut state.fresh);
        let (rates, replies_per_second) = state.rates.measure(state.shown.chosen.len(), Instant::now());
        state.shown.replies_per_second = replies_per_second;
        state.frame += 1;
        state.framed = Instant::now();
        state.held.extend(samples.iter().cloned());
        let since = last_at(state).saturating_sub(i64::try_from(self.ground.pace.held.as_millis()).unwrap_or(i64::MAX));
        while state.held.len() > MOST_HELD || state.held.front().is_some_and(|s| s.at < since) {
            state.held.pop_front();
        }
        let frame = LiveFrame { session: self.id, frame: state.frame, samples, rates, replies_per_second };
        drop(self.ground.pushes.send(Push::LiveValues(frame)));
    }
}
