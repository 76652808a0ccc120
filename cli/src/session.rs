//! The engine, opened for one command.

use roadworthy_api::{
    Code, Error, Result,
    call::{self, Handle, Request},
    calls::{GetVehicle, ListVehicles},
    id::{BadId, VehicleId},
    role::{Actor, Door},
    vehicle::{Page, VehicleRow},
};
use roadworthy_core::{Engine, KeyPlace, Options, default_data_dir, engine::log_folder, log};
use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Rows asked for at once when all are wanted.
const PAGE: u32 = 200;
/// Longest that a command which stored something waits for the workers.
const SETTLE: Duration = Duration::from_secs(3);

/// Where the data is, as typed.
pub(crate) struct Place {
    pub(crate) data: Option<PathBuf>,
    pub(crate) verbose: bool,
}

/// An engine with the runtime that its checks run on.
pub(crate) struct Session {
    pub(crate) engine: Arc<Engine>,
    pub(crate) actor: Actor,
    pub(crate) runtime: Runtime,
    stores: bool,
}

impl Drop for Session {
    fn drop(&mut self) {
        // What is not done by then waits for the next process that runs workers.
        if self.stores {
            self.engine.settle(SETTLE);
        }
    }
}

/// The runtime for all that waits.
pub(crate) fn runtime() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Error::new(Code::Internal, format!("The system gives no threads: {e}.")))
}

impl Session {
    /// Opens the engine on the folder that was named, else on the usual one.
    ///
    /// For what only reads; see [`Session::open_to_store`].
    pub(crate) fn open(place: &Place) -> Result<Self> {
        Self::open_as(place, false)
    }

    /// The same for a command that stores something: the workers hear of it before the command ends.
    pub(crate) fn open_to_store(place: &Place) -> Result<Self> {
        Self::open_as(place, true)
    }

    fn open_as(place: &Place, workers: bool) -> Result<Self> {
        let data = place.data.clone().map_or_else(default_data_dir, Ok)?;
        // Before the engine, so that what keeps it from opening is in the log. A log that cannot be written stops nobody.
        let _ = log::start(&log_folder(&data));
        let runtime = runtime()?;
        let engine =
            Engine::open(Options { data, runtime: runtime.handle().clone(), keys: KeyPlace::Keyring, workers })?;
        let session = Self { engine, actor: Actor::owner(Door::CommandLine), runtime, stores: workers };
        if place.verbose {
            session.say_where()?;
        }
        Ok(session)
    }

    /// One call through the gate.
    pub(crate) fn call<C: Request>(&self, request: C) -> Result<C::Reply>
    where
        Engine: Handle<C>,
    {
        call::call(&*self.engine, &self.actor, request)
    }

    /// The same from within the runtime, whose threads must not block.
    pub(crate) async fn call_later<C: Request>(&self, request: C) -> Result<C::Reply>
    where
        Engine: Handle<C>,
    {
        let (engine, actor) = (Arc::clone(&self.engine), self.actor.clone());
        tokio::task::spawn_blocking(move || call::call(&*engine, &actor, request))
            .await
            .unwrap_or_else(|_| Err(Error::new(Code::Internal, "A defect of Roadworthy stopped this call.")))
    }

    /// Every row of a list that comes in pages; `call` makes the request for the page at an offset.
    pub(crate) fn all<T, C>(&self, call: impl Fn(u32) -> C) -> Result<Vec<T>>
    where
        C: Request<Reply = Page<T>>,
        Engine: Handle<C>,
    {
        let mut rows = Vec::new();
        loop {
            let page = self.call(call(u32::try_from(rows.len()).unwrap_or(u32::MAX)))?;
            let more = !page.rows.is_empty();
            rows.extend(page.rows);
            if !more || rows.len() >= page.total as usize {
                return Ok(rows);
            }
        }
    }

    /// Every vehicle that matches.
    pub(crate) fn vehicles(&self, search: Option<&str>) -> Result<Vec<VehicleRow>> {
        self.all(|offset| ListVehicles {
            search: search.map(str::to_owned),
            offset,
            limit: PAGE,
            order: None,
            back: None,
            state: None,
        })
    }

    /// The vehicle that an id, a VIN or a plate names. Blanks and hyphens of a plate and letter case do not matter.
    pub(crate) fn find_vehicle(&self, named: &str) -> Result<VehicleId> {
        if let Ok(id) = named.parse::<VehicleId>() {
            return self.call(GetVehicle { vehicle: id }).map(|detail| detail.row.id);
        }
        let wanted = bare(named);
        let is = |field: &Option<String>| field.as_deref().is_some_and(|text| bare(text) == wanted);
        let matches: Vec<VehicleRow> = self
            .vehicles(Some(named))?
            .into_iter()
            .filter(|row| !wanted.is_empty() && (is(&row.vin) || is(&row.plate)))
            .collect();
        match matches.as_slice() {
            [one] => Ok(one.id),
            [] => Err(Error::new(Code::NotFound, format!("No vehicle has the id, VIN or plate {named:?}."))
                .hint("`roadworthy vehicles` lists them.")),
            several => Err(Error::new(Code::Conflict, format!("{} vehicles are named {named:?}.", several.len()))
                .hint(format!(
                    "Use an id: {}.",
                    several.iter().map(|row| row.id.to_string()).collect::<Vec<_>>().join(", ")
                ))),
        }
    }

    #[allow(clippy::print_stderr, reason = "asked for, and beside the output")]
    fn say_where(&self) -> Result<()> {
        let status = self.call(roadworthy_api::calls::GetStatus {})?;
        eprintln!("roadworthy {}, tables of version {}, {} events", status.version, status.schema, status.events);
        eprintln!("data  {}\nlog   {}", status.database, status.log);
        Ok(())
    }
}

/// An id as typed; `what` it is of, and the `hint` where to find it.
pub(crate) fn id<T: FromStr<Err = BadId>>(text: &str, what: &str, hint: &str) -> Result<T> {
    text.parse().map_err(|e| Error::new(Code::Invalid, format!("{text:?} is not the id of {what}: {e}.")).hint(hint))
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect()
}

/// Ready when a person or the system asks this program to end.
pub(crate) async fn interrupted() {
    #[cfg(unix)]
    {
        let term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut term) = term {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
