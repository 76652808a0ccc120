//! Bluetooth LE, behind the cargo feature `ble`.
//!
//! There is no profile for a serial port: `choose` ranks pairs of characteristics, `pump` tries them with `ATI` and makes a
//! stream of the one that answers, `central` is the system's radio. Without the feature everything here is an error that
//! says so; the choice and the stream are tested all the same.

#[cfg(feature = "ble")]
mod central;
#[cfg(any(feature = "ble", test))]
mod choose;
#[cfg(any(feature = "ble", test))]
mod pump;

#[cfg(feature = "ble")]
pub(super) use central::{open, scan};

#[cfg(not(feature = "ble"))]
pub(super) use without::{open, scan};

#[cfg(not(feature = "ble"))]
mod without {
    use crate::link::BoxLink;
    use roadworthy_api::{Code, Error, port::PortInfo};

    /// Connects to an adapter. Errors: always.
    pub(in crate::link) async fn open(_: &str) -> Result<BoxLink, Error> {
        Err(left_out())
    }

    /// Listens for adapters. Errors: always.
    pub(in crate::link) async fn scan(_: &mut (dyn FnMut(PortInfo) + Send)) -> Result<(), Error> {
        Err(left_out())
    }

    fn left_out() -> Error {
        Error::new(Code::Invalid, "This build has no Bluetooth LE.").hint(
            "Build it with `cargo build --features ble` (Debian: with libdbus-1-dev), or use Bluetooth classic, Wi-Fi or a cable.",
        )
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn a_build_without_it_says_so() {
            let error = open("00:1D:A5:68:98:8B").await.err().unwrap();
            assert!(error.code == Code::Invalid && error.hint.contains("--features ble"), "{error}");
            assert_eq!(scan(&mut |_| ()).await.unwrap_err(), error);
        }
    }
}
