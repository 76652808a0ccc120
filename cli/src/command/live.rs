//! `roadworthy live`.

use super::{
    file,
    watching::{Screen, list},
};
use crate::{
    args::live::Live,
    exit::{Exit, Stop},
    out::{Out, count},
    session::{Place, Session, interrupted},
};
use roadworthy_api::{
    Code, Error,
    calls::{
        ChooseSignals, CloseLive, ExportRecording, ListLive, ListRecordings, OpenLive, ShowTraffic, StartRecording,
        StopRecording,
    },
    id::{LiveId, RecordingId},
    live::{CsvLayout, LiveSession, LiveState, RecordingRow},
    stream::Push,
};
use roadworthy_obd::link::Port;
use serde_json::json;
use std::{path::Path, pin::pin, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};

/// How often the session is asked for, should its news be lost.
const POLL: Duration = Duration::from_millis(500);
/// A session that nobody asks anything of closes itself after half an hour; this one is watched.
const AWAKE: Duration = Duration::from_secs(600);
/// How long to wait for the link to be closed.
const CLOSING: Duration = Duration::from_secs(3);

/// How watching ended.
enum End {
    /// Ctrl C, the seconds are over, or the list was wanted.
    Enough,
    /// Ctrl C before anything was read.
    Early,
    /// By itself.
    Ended(Option<Error>),
}

pub(crate) fn run(place: &Place, out: &mut Out, live: Live) -> Result<Exit, Stop> {
    let port: Port = live.port.parse()?;
    if live.raw && matches!(port, Port::Replay(_)) {
        return Err(Error::new(Code::Invalid, "Of a recording nothing passes: its traffic is what the file holds.")
            .hint("`roadworthy replay FILE --decode` shows it line by line.")
            .into());
    }
    if let Some(path) = live.csv.as_deref().filter(|path| !live.force && path.as_os_str() != "-" && path.exists()) {
        // Said before an hour has been recorded.
        return Err(file::there_already(path).into());
    }
    let session = Session::open_to_store(place)?;
    let vehicle = live.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    let request = OpenLive { port: port.to_string(), vehicle, baud: live.baud, preset: live.preset.clone() };
    session.runtime.block_on(async {
        // Listening before it begins, so that none of its news is lost.
        let mut pushes = session.engine.pushes();
        let opened = session.call_later(request.clone()).await?;
        let mut watch = Watch { session: &session, live: &live, request, shown: opened, recording: None, begun: None };
        let end = watch.follow(out, &mut pushes).await;
        let (id, recording) = (watch.shown.id, watch.recording);
        let stopped = match (&end, recording) {
            (Ok(End::Enough), Some(_)) if watch.shown.recording.is_some() => {
                session.call_later(StopRecording { session: id }).await.err()
            }
            _ => None,
        };
        session.call_later(CloseLive { session: id }).await?;
        closed(&session, id, &mut pushes).await;
        let all = session.call_later(ListLive {}).await.unwrap_or_default();
        // What broke off says why itself; to stop it then finds nothing that runs.
        let told = all.into_iter().find(|s| s.id == id).and_then(|s| s.recording_problem);
        let problem = told.or(watch.shown.recording_problem.take()).or(stopped).filter(|_| recording.is_some());
        let mut exported = Ok(());
        if let Some(recording) = recording {
            let empty = problem.as_ref().is_some_and(|p| p.code == Code::NotFound);
            let row = match if empty { Ok(None) } else { kept(&session, recording).await } {
                Ok(row) => row,
                Err(error) => {
                    exported = Err(error.into());
                    None
                }
            };
            if let Some(row) = &row {
                say_kept(out, row)?;
            }
            if let (Some(row), Some(path)) = (&row, &live.csv) {
                exported = export(&session, out, row.id, path, live.force).await;
            }
        }
        // The first cause decides how it ends; the others follow from it.
        let exit = match end? {
            End::Ended(Some(error)) => return Err(error.into()),
            End::Early => Exit::Cancelled,
            End::Enough | End::Ended(None) => Exit::Good,
        };
        if let Some(problem) = problem {
            return Err(problem.into());
        }
        exported.map(|()| exit)
    })
}

struct Watch<'a> {
    session: &'a Session,
    live: &'a Live,
    request: OpenLive,
    shown: LiveSession,
    recording: Option<RecordingId>,
    /// When reading began.
    begun: Option<Instant>,
}

impl Watch<'_> {
    async fn follow(&mut self, out: &mut Out, pushes: &mut Receiver<Push>) -> Result<End, Stop> {
        let mut screen = Screen::new(out.json);
        let (mut poll, mut awake) = (interval(POLL), interval(AWAKE));
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = pin!(interrupted());
        loop {
            screen.session(out, &self.shown)?;
            if let LiveState::Ended { error } = &self.shown.state {
                return Ok(End::Ended(error.clone()));
            }
            if self.begun.is_none() && matches!(self.shown.state, LiveState::Reading) {
                if self.live.list {
                    list(out, &self.shown)?;
                    return Ok(End::Enough);
                }
                self.begin().await?;
            }
            let over = self.begun.zip(self.live.seconds).map(|(begun, s)| begun + Duration::from_secs(s.into()));
            let over = async {
                match over {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                push = pushes.recv() => match push {
                    Ok(Push::LiveChanged(news)) if news.id == self.shown.id => self.shown = news,
                    Ok(Push::LiveValues(frame))
                        if frame.session == self.shown.id && self.begun.is_some() && !self.live.raw =>
                    {
                        screen.frame(out, &self.shown, &frame)?;
                    }
                    Ok(Push::LiveTraffic(frame)) if frame.session == self.shown.id && self.live.raw => {
                        screen.traffic(out, &frame)?;
                    }
                    Err(RecvError::Closed) => {
                        return Err(Error::new(Code::Internal, "The engine stopped during the session.").into());
                    }
                    _ => {}
                },
                _ = poll.tick() => {
                    let all = self.session.call_later(ListLive {}).await?;
                    self.shown = all.into_iter().find(|s| s.id == self.shown.id).unwrap_or_else(|| self.shown.clone());
                }
                _ = awake.tick() => drop(self.session.call_later(self.request.clone()).await?),
                () = over => return Ok(End::Enough),
                () = &mut stop => return Ok(if self.begun.is_some() { End::Enough } else { End::Early }),
            }
        }
    }

    /// The vehicle was found: chooses what was asked for, and begins to record.
    async fn begin(&mut self) -> Result<(), Error> {
        let id = self.shown.id;
        if !self.live.signal.is_empty() {
            let signals = self.live.signal.iter().map(|name| named(&self.shown, name)).collect::<Result<_, _>>()?;
            self.shown = self.session.call_later(ChooseSignals { session: id, signals }).await?;
        }
        if self.shown.chosen.is_empty() {
            return Err(Error::new(Code::NotFound, "The vehicle has none of these signals.")
                .hint("`roadworthy live --list` shows those that it has."));
        }
        if self.live.record || self.live.csv.is_some() {
            self.shown = self.session.call_later(StartRecording { session: id }).await?;
            self.recording = self.shown.recording.as_ref().map(|r| r.id);
        }
        if self.live.raw {
            self.shown = self.session.call_later(ShowTraffic { session: id, on: true }).await?;
        }
        self.begun = Some(Instant::now());
        Ok(())
    }
}

/// The signal that an id or a name means; a name that several ECUs have is that of the first.
fn named(session: &LiveSession, name: &str) -> Result<String, Error> {
    let is =
        |s: &&roadworthy_api::live::SignalInfo| s.id.eq_ignore_ascii_case(name) || s.name.eq_ignore_ascii_case(name);
    session.available.iter().find(is).map(|s| s.id.clone()).ok_or_else(|| {
        let mut known: Vec<&str> = session.available.iter().map(|s| s.name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        Error::new(Code::Invalid, format!("This vehicle has no signal {name:?}."))
            .hint(format!("There is: {}.", known.join(", ")))
    })
}

async fn closed(session: &Session, id: LiveId, pushes: &mut Receiver<Push>) {
    let open = || async {
        let all = session.call_later(ListLive {}).await.unwrap_or_default();
        all.iter().any(|s| s.id == id && !matches!(s.state, LiveState::Ended { .. }))
    };
    let wait = async {
        while open().await {
            let _ = timeout(POLL, pushes.recv()).await;
        }
    };
    let _ = timeout(CLOSING, wait).await;
}

/// The recording once it is kept. One that broke off is kept beside the session, which does not wait for it.
async fn kept(session: &Session, id: RecordingId) -> Result<Option<RecordingRow>, Error> {
    let until = Instant::now() + CLOSING;
    loop {
        let newest = session.call_later(ListRecordings { vehicle: None, offset: 0, limit: 50 }).await?;
        let row = newest.rows.into_iter().find(|row| row.id == id);
        if row.is_some() || Instant::now() > until {
            return Ok(row);
        }
        sleep(POLL / 5).await;
    }
}

fn say_kept(out: &mut Out, row: &RecordingRow) -> Result<(), Stop> {
    if out.json {
        out.object(&json!({ "recording": row }))?;
    } else {
        out.line(&format!(
            "Recorded {} as {}.",
            count(usize::try_from(row.samples).unwrap_or(usize::MAX), "sample"),
            row.id
        ))?;
    }
    Ok(())
}

async fn export(session: &Session, out: &mut Out, id: RecordingId, path: &Path, force: bool) -> Result<(), Stop> {
    let info = session.call_later(ExportRecording { recording: id, layout: CsvLayout::Long }).await?;
    let (info, bytes) = session.engine.blob(&info.hash)?;
    file::write(out, path, force, &info, &bytes)
}
