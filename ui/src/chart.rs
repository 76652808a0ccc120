//! Charts as geometry: samples in, SVG paths out. Pure, so that the same drawing serves a page, a picture and paper.
//!
//! Start at [`strip::strip`] for a line over time, [`bands::bands`] for words over time, [`dial::dial`] for one value on a scale.
//! All of them look through one [`axis::View`] at [`track::Track`]s; [`sheet::sheet`] puts a stack of them on one page. Stretches
//! beyond the last minutes, where values may be known only as columns, are [`trend::Series`] with [`calendar::ticks`].

pub(crate) mod axis;
pub(crate) mod bands;
pub(crate) mod calendar;
pub(crate) mod csv;
pub(crate) mod dial;
pub(crate) mod flags;
pub(crate) mod marker;
pub(crate) mod path;
pub(crate) mod sheet;
pub(crate) mod strip;
pub(crate) mod track;
pub(crate) mod trend;

/// Width and height in pixels, or in whatever unit the paper has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Size {
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}
