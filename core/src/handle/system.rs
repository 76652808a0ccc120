//! The installation: status, flags, log, settings.

use super::PAGE;
use crate::{
    Engine,
    engine::{actor, log_folder, now},
    outbox::{channels, switched_off},
    store::{self, setting},
};
use roadworthy_api::{
    Result,
    call::Handle,
    calls::{ExportLog, GetSettings, GetStatus, ListFlags, ReadLog, SetSettings, WhoAmI},
    role::Actor,
    system::{BlobInfo, Flag, LogLine, Settings, Status},
};

/// Most flags that are listed.
const FLAGS: u32 = 200;

impl Handle<GetStatus> for Engine {
    fn handle(&self, _: &Actor, _: GetStatus) -> Result<Status> {
        let path = self.store.path();
        let log = path.with_extension("db-wal");
        let bytes = [path, &log].iter().filter_map(|p| std::fs::metadata(p).ok()).map(|m| m.len()).sum();
        let (schema, events) = self.store.read(|conn| Ok((store::schema(conn)?, store::journal::count(conn)?)))?;
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            database: path.display().to_string(),
            database_bytes: bytes,
            schema,
            events,
            device: self.store.device().to_string(),
            key_store: self.store.master.store(),
            log: log_folder(&self.data).display().to_string(),
        })
    }
}

impl Handle<ListFlags> for Engine {
    fn handle(&self, _: &Actor, _: ListFlags) -> Result<Vec<Flag>> {
        self.store.read(|conn| store::journal::flags(conn, FLAGS))
    }
}

impl Handle<ExportLog> for Engine {
    fn handle(&self, _: &Actor, _: ExportLog) -> Result<BlobInfo> {
        let text = crate::log::export(&self.log_folder())?;
        self.put_blob("roadworthy-log.txt", "text/plain; charset=utf-8", &text)
    }
}

impl Handle<ReadLog> for Engine {
    fn handle(&self, _: &Actor, call: ReadLog) -> Result<Vec<LogLine>> {
        crate::log::newest(&self.log_folder(), call.limit.min(PAGE) as usize)
    }
}

impl Handle<WhoAmI> for Engine {
    fn handle(&self, who: &Actor, _: WhoAmI) -> Result<Actor> {
        Ok(who.clone())
    }
}

impl Handle<GetSettings> for Engine {
    fn handle(&self, _: &Actor, _: GetSettings) -> Result<Settings> {
        Ok(self.store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default())
    }
}

impl Handle<SetSettings> for Engine {
    fn handle(&self, who: &Actor, call: SetSettings) -> Result<()> {
        let (channels, now) = (channels(&self.store), now());
        self.store.write(&actor(who), now, |w| {
            setting::set(w.tx(), setting::SETTINGS, &call.settings)?;
            for channel in channels.iter().filter(|channel| !channel.on(&call.settings)) {
                store::outbox::drop_waiting(w, channel.name(), &switched_off(channel.name()), now)?;
            }
            Ok(())
        })
    }
}
