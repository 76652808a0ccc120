//! The HTTP door of Roadworthy: the local one on loopback.
//!
//! The usual case: [`door::Door::bind`], print [`door::Door::url`], then [`door::Door::serve`] with the engine. What the
//! desktop window shares with it stands beside: [`wire::read_call`] makes a typed call of what came in, and
//! [`frames::Frames`] holds back what may be held back of the engine's pushes.

mod behind;
pub mod door;
pub mod frames;
pub mod wire;

pub use behind::Behind;
