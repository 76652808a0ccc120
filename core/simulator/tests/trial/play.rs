//! Plays one profile.

use roadworthy_api::{Error, check::CheckReport};
use roadworthy_obd::{
    adapter::Reset,
    check::{CheckOptions, Compared, Finished, compare, run_check},
    link::{self, Carrier, Port},
};
use roadworthy_simulator::{Door, Expect, Key, Options, Profile, Source, connect_with, serve_pty, serve_tcp};
use std::sync::Arc;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

/// What became of a check on one profile.
pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) finished: bool,
    pub(crate) end: String,
    pub(crate) seconds: f64,
    pub(crate) found: String,
    pub(crate) failures: Vec<String>,
}

/// An adapter that can be reached again after its link broke.
struct Place {
    vehicle: String,
    options: Options,
    port: Option<(Port, JoinHandle<()>)>,
}

impl Place {
    async fn open(&self) -> Result<Carrier, Error> {
        match &self.port {
            Some((port, _)) => link::open(port, None).await,
            None => Ok(connect_with(&self.vehicle, self.options.clone())?.into()),
        }
    }
}

async fn place(vehicle: &str, door: Door, adapter: Option<Arc<Profile>>) -> Place {
    let options = Options { adapter, key: Key::On, ..Options::default() };
    let port = match door {
        Door::Process => None,
        Door::Tcp => {
            let (address, serve) =
                serve_tcp(Source::Name(vehicle), ([127, 0, 0, 1], 0).into(), options.clone()).await.unwrap();
            Some((format!("tcp://{address}").parse().unwrap(), tokio::spawn(serve)))
        }
        Door::Serial => {
            let (path, serve) = serve_pty(Source::Name(vehicle), options.clone()).unwrap();
            Some((path.display().to_string().parse().unwrap(), tokio::spawn(serve)))
        }
    };
    Place { vehicle: vehicle.into(), options, port }
}

async fn check(place: &Place) -> Finished {
    let (_keep, cancel) = watch::channel(false);
    let mut finished = None;
    for reset in [Reset::Cold, Reset::Warm] {
        let link = match place.open().await {
            Ok(link) => link,
            Err(error) => return Finished { report: Err(error), traffic: Default::default() },
        };
        let options = CheckOptions { reset, ..CheckOptions::new("test") };
        let end = run_check(link, options, cancel.clone(), &mut |_| {}).await;
        let again = matches!(&end.report, Err(e) if e.code == roadworthy_api::Code::LinkLost);
        finished = Some(end);
        if !again {
            break;
        }
    }
    finished.unwrap()
}

/// What a strict adapter reads, in no time.
async fn truth(vehicle: &str) -> CheckReport {
    check(&place(vehicle, Door::Process, None).await).await.report.unwrap()
}

pub(crate) async fn play(profile: Arc<Profile>) -> Verdict {
    let truth = truth(&profile.vehicle).await;
    let place = place(&profile.vehicle, profile.door, Some(profile.clone())).await;
    let since = Instant::now();
    let finished = check(&place).await;
    let seconds = since.elapsed().as_secs_f64();
    if std::env::var_os("PROFILE").is_some() {
        println!("{}", finished.traffic.to_text());
        if let Ok(report) = &finished.report {
            println!("{:#?}", report.rejected);
            for c in report.coverage.iter().filter(|c| c.outcome != roadworthy_api::check::Outcome::Answered) {
                println!("{c:?}");
            }
        }
    }
    if let Some((_, server)) = &place.port {
        server.abort();
    }
    let (end, compared) = match &finished.report {
        Ok(report) => (report.partial.clone(), compare(&truth, report)),
        Err(error) => (Some(error.clone()), Compared::default()),
    };
    let mut failures: Vec<String> = compared.wrong.iter().map(|w| format!("wrong: {w}")).collect();
    match (&profile.expect, &end) {
        (Expect::Finishes(_), Some(error)) => failures.push(format!("does not finish: {error}")),
        (Expect::Finishes(parts), None) => {
            for part in &compared.parts {
                if part.found < part.of && parts.iter().any(|p| p.name() == part.part) {
                    failures.push(format!("{}: only {} of {}", part.part, part.found, part.of));
                }
            }
        }
        (Expect::Names { .. }, None) => failures.push("finishes, which was not expected".into()),
        (Expect::Names { code, says }, Some(error)) => {
            if error.code != *code || !error.message.contains(says) {
                failures.push(format!("names another cause: {error}"));
            }
        }
    }
    let found = compared.parts.iter().map(|p| format!("{}/{}", p.found, p.of)).collect::<Vec<_>>().join(" ");
    Verdict {
        name: profile.name.clone(),
        finished: end.is_none(),
        end: end.map_or_else(|| "finished".into(), |e| format!("{:?}", e.code)),
        seconds,
        found,
        failures,
    }
}

pub(crate) fn table(verdicts: &[Verdict]) -> String {
    let rows = verdicts.iter().map(|v| {
        let mark = if v.failures.is_empty() { "" } else { "  <-- " };
        format!(
            "{:26} {:14} {:7.1} s  {}{mark}{}",
            v.name,
            v.end,
            v.seconds,
            v.found,
            v.failures.first().cloned().unwrap_or_default()
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}
