//! The machinery of the contract: [`Request`], [`Handle`], [`Gate`] and the `calls!` list that ties them together.

use crate::{
    error::Result,
    role::{Actor, Role},
};
use serde::{Serialize, de::DeserializeOwned};

/// What a call does to data, which decides what the gate records of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Reads; only counted.
    Read,
    /// Reads personal data; journalled.
    ReadPersonal,
    /// Changes something, or starts a job; journalled by what it changes.
    Change,
    /// Takes data out (a report, a bundle); journalled.
    Export,
}

/// One typed request of the contract.
pub trait Request: Serialize + DeserializeOwned + Send + 'static {
    /// What the handler returns.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// The call's name on the wire.
    const NAME: &'static str;
    /// The role the actor must have.
    const NEEDS: Role;
    /// What it does to data.
    const EFFECT: Effect;
    /// Checks every argument.
    fn check(&self) -> Result<()>;
}

/// Something that answers one call. A call without a handler does not compile.
pub trait Handle<C: Request> {
    /// Does the work. Runs on a thread that may block.
    fn handle(&self, who: &Actor, call: C) -> Result<C::Reply>;
}

/// What the gate is told of a call.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// The call's name.
    pub name: &'static str,
    /// The role it needs.
    pub needs: Role,
    /// What it does to data.
    pub effect: Effect,
}

/// Fetching a stored file.
pub const GET_BLOB: Passage = Passage { name: "GetBlob", needs: Role::Executive, effect: Effect::Export };
/// Fetching a photo or its thumbnail, which pages do to show it.
pub const SHOW_PHOTO: Passage = Passage { name: "ShowPhoto", needs: Role::Technician, effect: Effect::ReadPersonal };
/// Storing a file.
pub const PUT_BLOB: Passage = Passage { name: "PutBlob", needs: Role::Technician, effect: Effect::Change };

/// The engine's side of the gate: the behaviour monitor and the audit.
pub trait Gate {
    /// Before the handler runs; may refuse.
    fn enter(&self, who: &Actor, passage: Passage) -> Result<()>;
    /// After it ran, or was refused.
    fn leave(&self, who: &Actor, passage: Passage, outcome: Result<(), &crate::error::Error>);
}

/// Runs one typed call through the gate. The only way to a handler.
pub fn call<E, C>(engine: &E, who: &Actor, request: C) -> Result<C::Reply>
where
    C: Request,
    E: Handle<C> + Gate + ?Sized,
{
    let passage = Passage { name: C::NAME, needs: C::NEEDS, effect: C::EFFECT };
    let checked = request.check();
    through(engine, who, passage, || checked, || engine.handle(who, request))
}

/// Runs `work` through the gate: role, `check`, behaviour monitor, work, audit. For doors' blobs, which are bytes and no calls.
pub fn through<E, T>(
    engine: &E,
    who: &Actor,
    passage: Passage,
    check: impl FnOnce() -> Result<()>,
    work: impl FnOnce() -> Result<T>,
) -> Result<T>
where
    E: Gate + ?Sized,
{
    let result =
        allowed(who, passage).and_then(|()| check()).and_then(|()| engine.enter(who, passage)).and_then(|()| work());
    engine.leave(who, passage, result.as_ref().map(|_| ()));
    result
}

fn allowed(who: &Actor, passage: Passage) -> Result<()> {
    use crate::error::{Code, Error};
    if who.role.allows(passage.needs) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, format!("This needs the role {:?}.", passage.needs))
        .hint("Ask someone with that role."))
}

/// Declares calls. See `calls.rs` for its use.
#[macro_export]
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty),* $(,)? } -> $reply:ty, needs $role:ident, $effect:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            #[allow(missing_docs, reason = "the call's own text explains its arguments")]
            pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }

            impl $crate::call::Request for $name {
                type Reply = $reply;
                const NAME: &'static str = stringify!($name);
                const NEEDS: $crate::role::Role = $crate::role::Role::$role;
                const EFFECT: $crate::call::Effect = $crate::call::Effect::$effect;
                fn check(&self) -> $crate::error::Result<()> {
                    $($crate::valid::Valid::valid(&self.$field, stringify!($field))?;)*
                    Ok(())
                }
            }
        )*

        /// Any call, as it travels: `{"call": "ListVehicles", "args": {…}}`.
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "call", content = "args")]
        #[allow(missing_docs, clippy::large_enum_variant, reason = "each variant is its call, and lives for one call")]
        pub enum Call { $($name($name)),* }

        /// Any reply; on the wire the bare reply.
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(untagged)]
        #[allow(missing_docs, clippy::large_enum_variant, reason = "each variant is its call, and lives for one call")]
        pub enum Reply { $($name(<$name as $crate::call::Request>::Reply)),* }

        /// An engine that answers every call there is.
        pub trait Engine: $crate::call::Gate $(+ $crate::call::Handle<$name>)* {}
        impl<E: $crate::call::Gate $(+ $crate::call::Handle<$name>)* + ?Sized> Engine for E {}

        /// Runs any call through the gate.
        pub fn dispatch<E: Engine + ?Sized>(engine: &E, who: &$crate::role::Actor, any: Call) -> $crate::error::Result<Reply> {
            match any { $(Call::$name(c) => $crate::call::call(engine, who, c).map(Reply::$name)),* }
        }

        /// Name, needed role and effect of every call, in the order of the list.
        pub const LIST: &[$crate::call::Passage] = &[$($crate::call::Passage {
            name: stringify!($name),
            needs: $crate::role::Role::$role,
            effect: $crate::call::Effect::$effect,
        }),*];
    };
}
