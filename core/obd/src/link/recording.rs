//! Recordings as files, from which a check is done once more (see [`crate::traffic`]).

use crate::traffic::{Traffic, TrafficError};
use roadworthy_api::{Code, Error};
use std::{io::Read, path::Path};

/// Reads the recording in `path`.
pub(super) async fn open(path: &Path) -> Result<Traffic, Error> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || recording(&path)).await;
    read.map_err(|_| Error::new(Code::Internal, "Reading the recording was stopped.").hint("Try it again."))?
}

/// Reads a recording, or a log of `candump` in which a vehicle was asked. Blocks.
///
/// # Errors
/// [`Code::NoAdapter`] when the file cannot be read, [`Code::Invalid`] when it is no file or too long, [`Code::Malformed`]
/// when it is no recording.
pub fn recording(path: &Path) -> Result<Traffic, Error> {
    let text = read(path)?;
    match Traffic::parse(&text) {
        Err(TrafficError::Header) => Ok(Traffic::of_candump(&text).ok_or(TrafficError::Header)?),
        read => Ok(read?),
    }
}

/// The longest recording that is read, in bytes; an hour of traffic takes a few MiB.
const LONGEST: u64 = 64 << 20;

/// A regular file only, since a pipe may never end and a device gives bytes for ever.
fn read(path: &Path) -> Result<String, Error> {
    let cannot = |e: std::io::Error| {
        Error::new(Code::NoAdapter, format!("The recording {} cannot be read: {e}.", path.display()))
            .hint("Check the path.")
    };
    let invalid = |what: &str| {
        Error::new(Code::Invalid, format!("{} is {what}.", path.display()))
            .hint("Name a recorded dialogue, as in replay:visit.txt.")
    };
    let known = std::fs::metadata(path).map_err(cannot)?;
    if !known.is_file() {
        return Err(invalid("not a file"));
    }
    if known.len() > LONGEST {
        return Err(invalid("longer than a recording can be"));
    }
    let mut text = String::new();
    std::fs::File::open(path).map_err(cannot)?.take(LONGEST).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn only_a_file_of_a_recordings_size_is_read() {
        for (path, code) in
            [("/dev/zero", Code::Invalid), ("/", Code::Invalid), ("/there/is/no/such/file", Code::NoAdapter)]
        {
            let error = open(Path::new(path)).await.err().map(|e| (e.code, e.hint.is_empty()));
            assert_eq!(error, Some((code, false)), "{path}");
        }
    }
}
