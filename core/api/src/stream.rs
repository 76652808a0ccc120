//! What the engine says by itself: one typed list of streams, over whichever door.

/// Declares the streams; each line is a variant of [`Push`].
#[macro_export]
macro_rules! streams {
    ($($(#[$doc:meta])* $name:ident -> $ty:ty, held $held:literal;)*) => {
        /// One pushed message, as it travels: `{"stream": "JobChanged", "data": {…}}`.
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "stream", content = "data")]
        #[allow(clippy::large_enum_variant, reason = "the large one is rare, and a box would be in everybody's way")]
        pub enum Push { $($(#[$doc])* $name($ty)),* }

        impl Push {
            /// Whether it may be held back and replaced by a newer one of its kind (at most 20 frames a second).
            pub fn may_be_held(&self) -> bool {
                match self { $(Push::$name(_) => $held),* }
            }
        }
    };
}

crate::streams! {
    /// A job began, went on or ended. Never held back.
    JobChanged -> crate::job::Job, held false;
    /// A live session was opened, changed or ended. Never held back.
    LiveChanged -> crate::live::LiveSession, held false;
    /// New values of a live session. Never held back, since it holds every sample; its session sends at most 20 a second.
    LiveValues -> crate::live::LiveFrame, held false;
    /// What passed between this machine and the adapter of a live session whose traffic is shown. At most 20 a second.
    LiveTraffic -> crate::live::RawFrame, held false;
    /// An alert was raised, or changed. Never held back.
    AlertChanged -> crate::alert::AlertRow, held false;
    /// How everything is changed: read the pulse again.
    PulseChanged -> crate::work::Pulse, held true;
    /// Stored data changed, by whichever process: read again what you show.
    DataChanged -> crate::journal::Changed, held true;
}
