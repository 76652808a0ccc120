//! Adapters and checks.

use super::{no_vehicle, visit::file};
use crate::{
    Engine,
    engine::actor,
    store::{registration, setting},
};
use roadworthy_api::{
    Result,
    call::Handle,
    calls::{ListPorts, ScanPorts, StartCheck},
    check::CheckReport,
    id::{JobId, VehicleId, VisitId},
    port::{PortInfo, PortKind},
    role::Actor,
    system::Settings,
};

impl Handle<ListPorts> for Engine {
    fn handle(&self, _: &Actor, _: ListPorts) -> Result<Vec<PortInfo>> {
        let settings: Settings = self.store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
        let mut ports = roadworthy_obd::link::ports();
        ports.extend(self.scans.found());
        for port in settings.ports {
            if !ports.iter().any(|known| known.port == port) {
                let parsed = port.parse::<roadworthy_obd::link::Port>();
                let kind = parsed.as_ref().map_or(PortKind::Tcp, roadworthy_obd::link::Port::kind);
                let detail = "An address of the settings".into();
                ports.push(PortInfo { detail, problem: parsed.err(), ..PortInfo::new(&port, kind, &port) });
            }
        }
        // What was called and answered, or looks like an adapter, before what may be anything.
        ports.sort_by_key(|p| (p.kind == PortKind::Replay, p.likely.is_none(), p.problem.is_some()));
        for name in roadworthy_simulator::names() {
            let shown = format!("Simulated vehicle ({name})");
            ports.push(PortInfo::new(format!("sim:{name}"), PortKind::Simulated, shown));
        }
        let frames = "Simulated vehicle (misfire) behind an SLCAN adapter";
        ports.push(PortInfo::new("sim:misfire?adapter=slcan", PortKind::Simulated, frames));
        Ok(ports)
    }
}

impl Handle<ScanPorts> for Engine {
    fn handle(&self, _: &Actor, _: ScanPorts) -> Result<JobId> {
        Ok(self.scans.start())
    }
}

impl Handle<StartCheck> for Engine {
    fn handle(&self, who: &Actor, call: StartCheck) -> Result<JobId> {
        if let Some(vehicle) = call.vehicle {
            self.store.read(|conn| registration::vehicle(conn, vehicle))?.ok_or_else(no_vehicle)?;
        }
        let (store, adapters, who, chosen) = (self.store.clone(), self.adapters.clone(), who.clone(), call.vehicle);
        let job = self.checks.start(&call.port, call.baud, move |report, traffic| {
            let text = if traffic.chunks.is_empty() { String::new() } else { traffic.to_text() };
            adapters.keep_of(&actor(&who), &report);
            let filed = file(&store, &who, chosen, report, &text)?;
            Ok((filed.visit, filed.vehicle))
        })?;
        if let Err(error) = self.remember(&call.port) {
            tracing::warn!(%error, "the port could not be remembered");
        }
        Ok(job)
    }
}

impl Engine {
    /// Files a check that the caller made: another program, a benchmark. As with a check of this engine the VIN that was
    /// read decides whose it is; where none was read, `vehicle`.
    ///
    /// # Errors
    /// What the database says.
    pub fn take_check(
        &self,
        who: &Actor,
        vehicle: Option<VehicleId>,
        report: CheckReport,
    ) -> Result<(VisitId, VehicleId)> {
        let filed = file(&self.store, who, vehicle, report, "")?;
        Ok((filed.visit, filed.vehicle))
    }

    /// Notes the port used last, which is offered first.
    pub(super) fn remember(&self, port: &str) -> Result<()> {
        self.store.write_local(|tx| {
            let mut settings: Settings = setting::get(tx, setting::SETTINGS)?.unwrap_or_default();
            if settings.last_port.as_deref() == Some(port) {
                return Ok(());
            }
            settings.last_port = Some(port.to_owned());
            setting::set(tx, setting::SETTINGS, &settings)
        })
    }
}
