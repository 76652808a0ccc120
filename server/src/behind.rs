//! What stands behind a door.

use roadworthy_api::{
    Result,
    call::{GET_BLOB, PUT_BLOB, SHOW_PHOTO, through},
    calls::{self, Call, Reply},
    role::Actor,
    stream::Push,
    system::BlobInfo,
};
use roadworthy_core::Engine;
use std::io::Read;
use tokio::sync::broadcast;

/// What a door needs of an engine. The engine is one; the door's own tests stand another behind it, to see what gets
/// through. All but the last may block.
pub trait Behind: Send + Sync + 'static {
    /// Runs a call through the gate.
    fn call(&self, who: &Actor, call: Call) -> Result<Reply>;
    /// A stored file by its BLAKE3 in hex, through the gate.
    fn blob(&self, who: &Actor, hash: &str) -> Result<(BlobInfo, Vec<u8>)>;
    /// The same, to be read bit by bit: what it is, its bytes, and how many. Reading may block.
    fn open_blob(&self, who: &Actor, hash: &str) -> Result<(BlobInfo, Box<dyn Read + Send>, u64)>;
    /// Stores a file under a suggested name and a media type, through the gate.
    fn put_blob(&self, who: &Actor, name: &str, media: &str, bytes: &[u8]) -> Result<BlobInfo>;
    /// What the engine says by itself, from now on.
    fn pushes(&self) -> broadcast::Receiver<Push>;
}

impl Behind for Engine {
    fn call(&self, who: &Actor, call: Call) -> Result<Reply> {
        calls::dispatch(self, who, call)
    }

    fn blob(&self, who: &Actor, hash: &str) -> Result<(BlobInfo, Vec<u8>)> {
        let passage = if self.is_photo(hash)? { SHOW_PHOTO } else { GET_BLOB };
        through(self, who, passage, || Ok(()), || Engine::blob(self, hash))
    }

    fn open_blob(&self, who: &Actor, hash: &str) -> Result<(BlobInfo, Box<dyn Read + Send>, u64)> {
        let passage = if self.is_photo(hash)? { SHOW_PHOTO } else { GET_BLOB };
        through(self, who, passage, || Ok(()), || Engine::open_blob(self, hash))
    }

    fn put_blob(&self, who: &Actor, name: &str, media: &str, bytes: &[u8]) -> Result<BlobInfo> {
        through(self, who, PUT_BLOB, || Ok(()), || Engine::put_blob(self, name, media, bytes))
    }

    fn pushes(&self) -> broadcast::Receiver<Push> {
        Engine::pushes(self)
    }
}
