//! Who asks.

use serde::{Deserialize, Serialize};

/// What a person is to the shop. Until people sign in, the one profile is [`Role::Owner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Owns the shop or the fleet: everything.
    Owner,
    /// Runs a fleet: vehicles, plans, reports.
    FleetManager,
    /// Works on vehicles: checks, faults, work.
    Technician,
    /// Runs the installation: settings, backups, people's access.
    Admin,
    /// Reads figures.
    Executive,
}

impl Role {
    /// Whether someone of this role may do what `needed` is needed for.
    pub fn allows(self, needed: Role) -> bool {
        self == needed
            || self == Role::Owner
            || (self == Role::Admin && needed == Role::Executive)
            || (self == Role::FleetManager && matches!(needed, Role::Technician | Role::Executive))
            || (self == Role::Technician && needed == Role::Executive)
    }
}

/// Through which door a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// The desktop window.
    Window,
    /// A browser at the local HTTP door.
    Browser,
    /// The command line.
    CommandLine,
    /// The engine itself (workers, start-up).
    Engine,
}

/// Who asks, and through which door. `name` is the profile's name, never a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The profile, `owner` until people sign in.
    pub name: String,
    /// What that profile may do.
    pub role: Role,
    /// Where the call came in.
    pub door: Door,
}

impl Actor {
    /// The one profile of an installation without sign-in.
    pub fn owner(door: Door) -> Self {
        Self { name: "owner".into(), role: Role::Owner, door }
    }
}
