//! Passports of adapters: found before a check or a live session, measured as a job, kept as events.
//!
//! The usual case: [`Adapters::passports`] goes into the options of a check, and [`Adapters::keep`] takes what it measured.

use crate::{
    engine::{actor, now},
    jobs::{JobHandle, Jobs},
    journal::{NewEvent, kind},
    ports::{self, Ports, Use},
    store::{self, Store},
};
use roadworthy_api::{
    Code, Error, Result, adapter::Passport, check::CheckReport, id::AdapterId, id::JobId, job::JobKind, role::Actor,
};
use roadworthy_obd::{
    adapter::{
        Adapter, Reset,
        passport::{Identity, Passports},
    },
    link::{self, Port},
};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Adapters that this database knows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Adapters {
    store: Arc<Store>,
    jobs: Jobs,
    runtime: Handle,
    ports: Ports,
}

/// Made from the key, so that every device that meets an adapter has the same id for it.
fn id(key: &str) -> AdapterId {
    let hash = blake3::hash(key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    AdapterId::from_bytes(bytes)
}

impl Adapters {
    pub(crate) fn new(store: Arc<Store>, jobs: Jobs, runtime: Handle, ports: Ports) -> Self {
        Self { store, jobs, runtime, ports }
    }

    pub(crate) fn store(&self) -> Arc<Store> {
        self.store.clone()
    }

    /// Where a driver on this port finds the passport of its adapter; a recording has none. Blocks shortly.
    pub(crate) fn passports(&self, port: &Port) -> Passports {
        let (store, name, hardware) = (self.store.clone(), port.to_string(), link::hardware(port));
        Passports::Kept(Arc::new(move |identity: &Identity| {
            let (key, _) = identity.key(&name, hardware.as_deref());
            let found = store.read(|conn| store::adapter::get(conn, id(&key)));
            found
                .unwrap_or_else(|error| {
                    tracing::warn!(%error, "the passport of an adapter could not be looked up");
                    None
                })
                .map(|row| row.passport)
        }))
    }

    /// Keeps a passport.
    pub(crate) fn keep(&self, who: &str, port: &Port, passport: &Passport) -> Result<AdapterId> {
        let (key, known_by) = Identity::of(passport).key(&port.to_string(), link::hardware(port).as_deref());
        let id = id(&key);
        let said = kind::AdapterMeasured {
            key,
            known_by: known_by.into(),
            port: port.to_string(),
            passport: passport.clone(),
        };
        self.store.write(who, now(), |w| {
            w.append(NewEvent::new(w.mint()?, kind::ADAPTER_MEASURED, Some(id.bytes()), &said)?)
        })?;
        Ok(id)
    }

    /// Keeps what a check measured by itself, if it did. What goes wrong with it spoils no check.
    pub(crate) fn keep_of(&self, who: &str, report: &CheckReport) {
        let fresh = report.adapter.passport.as_deref().filter(|p| p.measured >= report.started);
        let (Some(passport), Ok(port)) = (fresh, report.port.parse::<Port>()) else { return };
        if matches!(port, Port::Replay(_)) {
            return;
        }
        if let Err(error) = self.keep(who, &port, passport) {
            tracing::warn!(%error, "the passport of an adapter could not be kept");
        }
    }

    /// Measures the adapter at `port` as a job.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a text that is no port, and for a recording; [`Code::PortBusy`] when something of this process
    /// uses it. What goes wrong later is the job's error.
    pub(crate) fn start(&self, who: &Actor, port: &str, baud: Option<u32>) -> Result<JobId> {
        let port = ports::parse(port, baud)?;
        if matches!(port, Port::Replay(_)) {
            return Err(Error::new(Code::Invalid, "A recording is no adapter.").hint("Name the port of an adapter."));
        }
        let claim = self.ports.claim(&port, Use::Check)?;
        let job = self.jobs.begin(JobKind::Adapter, format!("Measuring the adapter on {port}"));
        let id = job.id();
        let (here, who) = (self.clone(), actor(who));
        self.runtime.spawn(async move {
            let mut cancelled = job.cancelled();
            let measured = tokio::select! {
                biased;
                // The board's sender lives as long as the job, so waiting never fails.
                Ok(_) = cancelled.wait_for(|c| *c) => {
                    Err(Error::new(Code::Cancelled, "Measuring was cancelled.").hint("Start it again when ready."))
                }
                measured = measure(&job, &port, baud) => measured,
            };
            // The port is free before anybody hears that this is over.
            drop(claim);
            let kept = match measured {
                Err(error) => Err(error),
                Ok(passport) => {
                    job.doing("Keeping the passport");
                    let stopped = |_| Error::new(Code::Internal, "Keeping the passport failed unexpectedly.");
                    tokio::task::spawn_blocking(move || here.keep(&who, &port, &passport))
                        .await
                        .map_err(stopped)
                        .flatten()
                }
            };
            match kept {
                Ok(id) => job.made(id.to_string()),
                Err(error) => job.fail(error),
            }
        });
        Ok(id)
    }
}

/// Some adapters drop the link on a full reset, so a link lost at the start gets a second, gentler try.
async fn measure(job: &JobHandle, port: &Port, baud: Option<u32>) -> Result<Passport> {
    job.planned(4);
    match attempt(job, port, baud, Reset::Cold).await {
        Err(error) if error.code == Code::LinkLost => {
            job.doing("The link broke, connecting again");
            attempt(job, port, baud, Reset::Warm).await
        }
        other => other,
    }
}

async fn attempt(job: &JobHandle, port: &Port, baud: Option<u32>, reset: Reset) -> Result<Passport> {
    job.doing(format!("Opening {port}"));
    let link = ports::open(port, baud).await?;
    job.done(1);
    job.doing("Starting the adapter");
    let mut adapter = Adapter::on(link, reset).at(&port.to_string());
    adapter.set_up().await?;
    job.done(2);
    job.doing("Looking for a vehicle to try it with");
    // Without one it is measured all the same, as far as that goes.
    if let Err(error) = adapter.connect().await
        && error.code != Code::NoVehicle
    {
        return Err(error);
    }
    job.done(3);
    job.doing("Measuring the adapter");
    let passport = adapter.measure(now()).await?;
    job.done(4);
    Ok(passport)
}
