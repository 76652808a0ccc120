//! People whose data the shop keeps.

use crate::{
    error::Result,
    id::PersonId,
    valid::{LongText, Valid},
};
use serde::{Deserialize, Serialize};

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Id; says nothing about the person.
    pub id: PersonId,
    /// Personal fields.
    #[serde(flatten)]
    pub details: PersonDetails,
    /// Vehicles that are theirs.
    pub vehicles: u32,
}

/// Personal fields, each encrypted in the journal with a key that can be erased.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonDetails {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Mail address.
    pub email: String,
    /// Postal address.
    pub address: LongText,
    /// Anything else.
    pub note: LongText,
}

impl Valid for PersonDetails {
    fn valid(&self, _: &str) -> Result<()> {
        self.name.valid("name")?;
        self.phone.valid("phone")?;
        self.email.valid("email")?;
        self.address.valid("address")?;
        self.note.valid("note")
    }
}

/// What forgetting a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Vehicles that were theirs; they stay, without owner, plate and name.
    pub vehicles: u32,
    /// Journal events whose personal fields can no longer be read.
    pub events: u64,
    /// Whether the last traces in the files were overwritten too. `false`: another process keeps them in use; it is tried
    /// again until it succeeds.
    #[serde(default)]
    pub scrubbed: bool,
    /// Backups that were made before and still hold them, by name: they go by rotation, or by hand.
    #[serde(default)]
    pub backups: Vec<String>,
}
