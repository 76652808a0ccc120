//! Calls that are not answered yet.

use crate::Engine;
use roadworthy_api::{Code, Error, Result, call::Handle, calls::*, role::Actor};

macro_rules! pending {
    ($($name:ident),* $(,)?) => {$(
        impl Handle<$name> for Engine {
            fn handle(&self, _: &Actor, _: $name) -> Result<<$name as roadworthy_api::call::Request>::Reply> {
                Err(Error::new(Code::Internal, "This is not built yet."))
            }
        }
    )*};
}

pending! {
    ListTimeline,
    Trace,
    ReadLog,
}
