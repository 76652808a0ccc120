//! What the newest diagnosis of a vehicle says.

use super::no_vehicle;
use crate::{
    Engine,
    store::{diagnosis, registration},
};
use roadworthy_api::{Result, call::Handle, calls::GetDiagnosis, finding::Diagnosis, role::Actor};

impl Handle<GetDiagnosis> for Engine {
    fn handle(&self, _: &Actor, call: GetDiagnosis) -> Result<Diagnosis> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            diagnosis::get(conn, main)
        })
    }
}
