//! What was measured of an adapter, judged. Pure: what it did comes in as [`Evidence`], a [`Passport`] goes out.
//!
//! The usual case: [`super::Adapter::measure`] makes one of a live adapter. You need the parts only to judge again what was
//! recorded ([`judge`]), or to know an adapter again ([`Identity`]).
//!
//! Nothing is taken from the version that an adapter claims, but for the question whether it keeps its word.

mod commands;
mod evidence;
mod identity;
mod judge;

pub(super) use commands::{LONG, STN, STN_MORE, TELLING};
pub use commands::{Own, PROBED};
pub use evidence::{Asked, Evidence, OnBus, Tried};
pub use identity::Identity;
pub use judge::judge;

use roadworthy_api::adapter::Passport;
use std::{fmt, sync::Arc};

/// Name for people: what an STN device calls itself, else the adapter's own word, marked where measuring refuted it.
pub fn name(passport: &Passport) -> String {
    let own = passport.stn.as_ref().map(|stn| stn.device.as_ref().unwrap_or(&stn.chip));
    let claims = own.unwrap_or(&passport.claims).trim();
    let claims = if claims.is_empty() { "Adapter without a name" } else { claims };
    if passport.counterfeit.is_some() { format!("{claims} (clone)") } else { claims.to_owned() }
}

/// Finds the passport that is kept of an adapter.
pub type Lookup = Arc<dyn Fn(&Identity) -> Option<Passport> + Send + Sync>;

/// Where a driver finds the passport of the adapter it meets.
#[derive(Clone, Default)]
pub enum Passports {
    /// Nowhere: it is neither looked for nor measured, and nothing is used that needs proof.
    #[default]
    Unused,
    /// Here; an adapter that is not known is measured at the end of a check.
    Kept(Lookup),
}

impl Passports {
    /// Whether anything is used that needs proof.
    pub(crate) fn used(&self) -> bool {
        !matches!(self, Self::Unused)
    }

    /// Whether an adapter that is not known is measured.
    pub(crate) fn measures(&self) -> bool {
        matches!(self, Self::Kept(_))
    }
}

impl fmt::Debug for Passports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "Unused",
            Self::Kept(_) => "Kept",
        })
    }
}
