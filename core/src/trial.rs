//! A whole check on an adapter that misbehaves, beside the strict one on the same vehicle, judged by the adapter's profile.
//!
//! Checked twice, as it is in a workshop: as an adapter that nobody knows, which is measured at the end, and then with what its
//! passport proves.
//!
//! The usual case: [`play`] for each [`Profile`], all at once: they mostly wait. The ignition is on and the engine rests, so
//! that what is read does not move between the two checks. Time is the runtime's: nothing is sped up, since a late answer
//! would then be punctual.
//!
//! The simulator's own suite holds the shipped profiles to this, with the clock of a test.

use roadworthy_api::{Code, Error, adapter::Passport, check::CheckReport};
use roadworthy_obd::{
    adapter::{Reset, passport::Passports},
    check::{CheckOptions, Compared, Finished, Found, compare, run_check},
    link::{self, Carrier, Port},
};
use roadworthy_simulator::{Door, Expect, Key, Options, Profile, Source, connect_with, serve_pty, serve_tcp};
use std::sync::Arc;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

/// What became of a check on one adapter.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The profile's name.
    pub name: String,
    /// Why the check did not come to its end; `None`: it did.
    pub cause: Option<Error>,
    /// Seconds that it took.
    pub seconds: f64,
    /// What was found, of what the strict adapter found; empty where nothing was read.
    pub parts: Vec<Found>,
    /// Why it is not as the profile says, each a sentence; a wrong value is among them whatever the profile says.
    pub failures: Vec<String>,
    /// What the check said.
    pub report: Option<CheckReport>,
}

impl Verdict {
    /// Whether the check came to its end.
    pub fn finished(&self) -> bool {
        self.cause.is_none()
    }
}

/// Plays one profile. Needs a runtime with I/O and time.
///
/// # Errors
/// As the doors of the simulator, where there is no such door on this system; and of the strict adapter's check, which only
/// a defect can make fail.
pub async fn play(profile: Arc<Profile>) -> Result<Verdict, Error> {
    let strict = Place::new(&profile.vehicle, Door::Process, None).await?;
    let truth = check(&strict, Passports::Unused).await.report?;
    let place = Place::new(&profile.vehicle, profile.door, Some(profile.clone())).await?;
    let since = Instant::now();
    let report = check(&place, kept(None)).await.report;
    let seconds = since.elapsed().as_secs_f64();
    let (cause, compared) = match &report {
        Ok(report) => (report.partial.clone(), compare(&truth, report)),
        Err(error) => (Some(error.clone()), Compared::default()),
    };
    let mut failures = failures(&profile.expect, cause.as_ref(), &compared);
    if let Some(passport) = report.as_ref().ok().and_then(|r| r.adapter.passport.as_deref()) {
        // Adapters that do not finish each time may finish this time: only what is wrong counts.
        if let Ok(known) = check(&place, kept(Some(passport.clone()))).await.report {
            let wrong = compare(&truth, &known).wrong.into_iter();
            failures.extend(wrong.map(|what| format!("Wrong, with its passport: {what}.")));
        }
    }
    Ok(Verdict { name: profile.name.clone(), cause, seconds, parts: compared.parts, failures, report: report.ok() })
}

fn failures(expect: &Expect, cause: Option<&Error>, compared: &Compared) -> Vec<String> {
    let mut failures: Vec<String> = compared.wrong.iter().map(|what| format!("Wrong: {what}.")).collect();
    match (expect, cause) {
        (Expect::Finishes(_), Some(error)) => failures.push(format!("It does not finish: {}", error.message)),
        (Expect::Finishes(parts), None) => {
            let must = |found: &&Found| parts.iter().any(|p| p.name() == found.part) && found.found < found.of;
            let missing = |f: &Found| format!("Of {} it finds only {} of {}.", f.part, f.found, f.of);
            failures.extend(compared.parts.iter().filter(must).map(missing));
        }
        (Expect::Names { .. }, None) => failures.push("It finishes, where a cause was expected.".into()),
        (Expect::Names { code, says }, Some(error)) => {
            if error.code != *code || !error.message.contains(says) {
                failures.push(format!("It names another cause: {}", error.message));
            }
        }
    }
    failures
}

/// An adapter that can be reached again after its link broke.
struct Place {
    vehicle: String,
    options: Options,
    /// Where it listens, if it does not live in this process's memory.
    port: Option<(Port, JoinHandle<()>)>,
}

impl Place {
    async fn new(vehicle: &str, door: Door, adapter: Option<Arc<Profile>>) -> Result<Self, Error> {
        let options = Options { adapter, key: Key::On, ..Options::default() };
        let source = Source::Name(vehicle);
        let port = match door {
            Door::Process => None,
            Door::Tcp => {
                let (address, serve) = serve_tcp(source, ([127, 0, 0, 1], 0).into(), options.clone()).await?;
                Some((format!("tcp://{address}").parse()?, tokio::spawn(serve)))
            }
            Door::Serial => {
                let (path, serve) = serve_pty(source, options.clone())?;
                Some((path.display().to_string().parse()?, tokio::spawn(serve)))
            }
        };
        Ok(Self { vehicle: vehicle.into(), options, port })
    }

    async fn open(&self) -> Result<Carrier, Error> {
        match &self.port {
            Some((port, _)) => link::open(port, None).await,
            None => Ok(connect_with(&self.vehicle, self.options.clone())?.into()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((_, server)) = &self.port {
            server.abort();
        }
    }
}

fn kept(passport: Option<Passport>) -> Passports {
    Passports::Kept(Arc::new(move |_| passport.clone()))
}

/// A check as a technician's: where the link breaks at the start, once more and gently.
async fn check(place: &Place, passports: Passports) -> Finished {
    let (_keep, cancel) = watch::channel(false);
    let attempt = async |reset| match place.open().await {
        Ok(link) => {
            let options =
                CheckOptions { reset, passports: passports.clone(), ..CheckOptions::new("simulated adapter") };
            run_check(link, options, cancel.clone(), &mut |_| {}).await
        }
        Err(error) => Finished { report: Err(error), traffic: Default::default() },
    };
    let first = attempt(Reset::Cold).await;
    match &first.report {
        Err(error) if error.code == Code::LinkLost => attempt(Reset::Warm).await,
        _ => first,
    }
}
