//! Keys that make forgetting possible.
//!
//! Personal fields stand in the journal sealed: XChaCha20-Poly1305 under a random key of their *subject* (the person, or for
//! a plate or a name of it the vehicle), with the subject, the field's name and the event's id as associated data, so that a sealed field
//! cannot be moved elsewhere. The keys lie in the table `person_key`, wrapped by the [`Master`] key. Erasing the row makes
//! every copy of the event unreadable while its chain still verifies. Tables hold the fields in the clear: they can be
//! erased, and reading them needs no key.

pub mod hex;
mod master;

pub use master::{Master, probe};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use roadworthy_api::{Code, Error, Result, id::EventId};
use serde::{Deserialize, Serialize};

/// A key of 256 bits.
pub type Key = [u8; 32];
const NONCE: usize = 24;

/// A personal field as it stands in a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Id of the key.
    pub key: EventId,
    /// Nonce (24 bytes), ciphertext and tag (16 bytes), in hex.
    pub sealed: String,
}

/// Where a sealed field belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The person or vehicle.
    pub subject: [u8; 16],
    /// Field name, as in `phone`.
    pub field: &'a str,
    /// The event.
    pub event: EventId,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [b"roadworthy field 1", &self.subject[..], &self.event.bytes()[..], self.field.as_bytes()].concat()
    }
}

/// Seals a field under `key`, whose id is `id`.
pub fn seal(id: EventId, key: &Key, place: Place<'_>, text: &str) -> Result<Sealed> {
    Ok(Sealed { key: id, sealed: hex::write(&encrypt(key, &place.bytes(), text.as_bytes())?) })
}

/// The field's text; `None` if it was not sealed with this key for this place.
pub fn open(key: &Key, place: Place<'_>, sealed: &Sealed) -> Option<String> {
    String::from_utf8(decrypt(key, &place.bytes(), &hex::read(&sealed.sealed)?)?).ok()
}

fn wrap_place(id: EventId, subject: [u8; 16]) -> Vec<u8> {
    [b"roadworthy key 1", &id.bytes()[..], &subject[..]].concat()
}

/// A subject's key as `person_key` holds it: nonce, ciphertext, tag.
pub fn wrap(master: &Key, id: EventId, subject: [u8; 16], key: &Key) -> Result<Vec<u8>> {
    encrypt(master, &wrap_place(id, subject), key)
}

/// The subject's key; `None` if another master key wrapped it, or the bytes are damaged.
pub fn unwrap(master: &Key, id: EventId, subject: [u8; 16], wrapped: &[u8]) -> Option<Key> {
    decrypt(master, &wrap_place(id, subject), wrapped)?.try_into().ok()
}

/// Seals a secret of this device under a key made from the master key; `place` says what it is for, and it opens for nothing else.
pub fn seal_secret(master: &Key, place: &str, text: &str) -> Result<String> {
    Ok(hex::write(&encrypt(&secret_key(master), place.as_bytes(), text.as_bytes())?))
}

/// The secret; `None` if it was not sealed with this master key for this place.
pub fn open_secret(master: &Key, place: &str, sealed: &str) -> Option<String> {
    String::from_utf8(decrypt(&secret_key(master), place.as_bytes(), &hex::read(sealed)?)?).ok()
}

fn secret_key(master: &Key) -> Key {
    blake3::derive_key("roadworthy device secret 1", master)
}

/// A new id (UUIDv7) at this time.
pub fn mint(ms: roadworthy_api::Timestamp) -> Result<EventId> {
    let mut bytes = [0; 10];
    random(&mut bytes)?;
    let id = uuid::Builder::from_unix_timestamp_millis(u64::try_from(ms).unwrap_or(0), &bytes);
    Ok(EventId::from_bytes(*id.as_uuid().as_bytes()))
}

/// A new random key.
pub fn random_key() -> Result<Key> {
    let mut key = [0; 32];
    random(&mut key)?;
    Ok(key)
}

/// Fills `bytes` from the operating system's random source.
pub fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|e| {
        Error::new(Code::Internal, format!("The operating system gives no random numbers ({e})."))
            .hint("Restart the computer; if that does not help, send the log.")
    })
}

fn encrypt(key: &Key, place: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    random(&mut nonce)?;
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: place })
        .map_err(|_| Error::new(Code::Internal, "A personal field could not be sealed."))?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &Key, place: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_for_what_it_was_sealed_for() -> Result<()> {
        let sealed = seal_secret(&[1; 32], "mail a.example user", "geheim")?;
        assert_eq!(open_secret(&[1; 32], "mail a.example user", &sealed).as_deref(), Some("geheim"));
        assert_eq!(open_secret(&[1; 32], "mail b.example user", &sealed), None);
        assert_eq!(open_secret(&[2; 32], "mail a.example user", &sealed), None);
        assert_eq!(open_secret(&[1; 32], "mail a.example user", "zz"), None);
        Ok(())
    }

    #[test]
    fn a_sealed_field_opens_only_where_it_belongs() -> Result<()> {
        let (key, id) = ([1; 32], EventId(9));
        let place = Place { subject: [2; 16], field: "name", event: EventId(3) };
        let sealed = seal(id, &key, place, "Käthe")?;
        assert_eq!(open(&key, place, &sealed).as_deref(), Some("Käthe"));
        assert_eq!(open(&[0; 32], place, &sealed), None, "because the key is another");
        for other in [
            Place { subject: [3; 16], ..place },
            Place { field: "phone", ..place },
            Place { event: EventId(4), ..place },
        ] {
            assert_eq!(open(&key, other, &sealed), None, "because it was moved to {other:?}");
        }
        for damaged in [sealed.sealed.replace('a', "b"), "00".into(), "zz".into(), String::new()] {
            if damaged != sealed.sealed {
                assert_eq!(open(&key, place, &Sealed { key: id, sealed: damaged }), None);
            }
        }
        assert_ne!(seal(id, &key, place, "Käthe")?, sealed, "because equal texts must not look equal");
        Ok(())
    }

    #[test]
    fn a_wrapped_key_opens_only_under_its_master() -> Result<()> {
        let wrapped = wrap(&[5; 32], EventId(1), [2; 16], &[7; 32])?;
        assert_eq!(unwrap(&[5; 32], EventId(1), [2; 16], &wrapped), Some([7; 32]));
        assert_eq!(unwrap(&[6; 32], EventId(1), [2; 16], &wrapped), None);
        assert_eq!(unwrap(&[5; 32], EventId(2), [2; 16], &wrapped), None);
        assert_eq!(unwrap(&[5; 32], EventId(1), [3; 16], &wrapped), None);
        Ok(())
    }
}
