//! Live sessions.

use super::no_vehicle;
use crate::{Engine, store::registration};
use roadworthy_api::{
    Result,
    call::Handle,
    calls::{ChooseSignals, CloseLive, GetLiveSamples, ListLive, MarkLive, OpenLive, PauseLive, ShowTraffic},
    live::{LiveSession, Sample},
    role::Actor,
};

impl Handle<OpenLive> for Engine {
    fn handle(&self, _: &Actor, call: OpenLive) -> Result<LiveSession> {
        let chosen = call.vehicle;
        let vehicle = match chosen {
            Some(id) => Some(self.store.read(|conn| registration::vehicle(conn, id))?.ok_or_else(no_vehicle)?),
            None => None,
        };
        let session = self.lives.open(&call.port, vehicle, call.baud, call.preset)?;
        if let Err(error) = self.remember(&call.port) {
            tracing::warn!(%error, "the port could not be remembered");
        }
        Ok(session)
    }
}

impl Handle<ListLive> for Engine {
    fn handle(&self, _: &Actor, _: ListLive) -> Result<Vec<LiveSession>> {
        Ok(self.lives.list())
    }
}

impl Handle<GetLiveSamples> for Engine {
    fn handle(&self, _: &Actor, call: GetLiveSamples) -> Result<Vec<Sample>> {
        Ok(self.lives.get(call.session)?.samples())
    }
}

impl Handle<ChooseSignals> for Engine {
    fn handle(&self, _: &Actor, call: ChooseSignals) -> Result<LiveSession> {
        self.lives.get(call.session)?.choose(call.signals)
    }
}

impl Handle<PauseLive> for Engine {
    fn handle(&self, _: &Actor, call: PauseLive) -> Result<LiveSession> {
        self.lives.get(call.session)?.pause(call.paused)
    }
}

impl Handle<ShowTraffic> for Engine {
    fn handle(&self, _: &Actor, call: ShowTraffic) -> Result<LiveSession> {
        self.lives.get(call.session)?.show_traffic(call.on)
    }
}

impl Handle<MarkLive> for Engine {
    fn handle(&self, _: &Actor, call: MarkLive) -> Result<LiveSession> {
        self.lives.get(call.session)?.mark(&call.label)
    }
}

impl Handle<CloseLive> for Engine {
    fn handle(&self, _: &Actor, call: CloseLive) -> Result<()> {
        self.lives.get(call.session)?.close();
        Ok(())
    }
}
