//! One room per page.

pub(crate) mod alerts;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod fleet;
pub(crate) mod import;
pub(crate) mod imported;
pub(crate) mod live;
pub(crate) mod locked;
pub(crate) mod missing;
pub(crate) mod settings;
pub(crate) mod system;
pub(crate) mod timeline;
pub(crate) mod vehicle;
pub(crate) mod visit;
