//! Primitives on native elements. The usual case is a function that returns a view; a component only where state is held.

pub(crate) mod choose;
pub(crate) mod compared;
pub(crate) mod dialog;
pub(crate) mod export;
pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod hand;
pub(crate) mod icon;
pub(crate) mod leave;
pub(crate) mod letterhead;
pub(crate) mod notice;
pub(crate) mod odometer;
pub(crate) mod paged;
pub(crate) mod picture;
pub(crate) mod plot;
pub(crate) mod ports;
pub(crate) mod scan;
pub(crate) mod seen;
pub(crate) mod table;
pub(crate) mod tabs;
pub(crate) mod toast;
pub(crate) mod value;
pub(crate) mod window;
