//! The simulator's parsers, as targets; see those of the driver.

mod files;
#[path = "../../../../obd/tests/mutate/targets/rng.rs"]
pub(crate) mod rng;
mod specs;
#[path = "../../../../obd/tests/mutate/targets/target.rs"]
pub(crate) mod target;

use target::Make;

/// All of them, by the names under which they have their share of the inputs.
pub(crate) const ALL: [(&str, Make); 3] = [
    ("specs of vehicles", || Box::new(specs::Specs::default())),
    ("adapter profiles", || Box::new(files::Files::adapters())),
    ("vehicle files", || Box::new(files::Files::vehicles())),
];
