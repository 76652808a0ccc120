//! Photos of a vehicle.

use super::{PAGE, about, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, PhotoAdded, PhotoEdited, PhotoRemoved},
    },
    picture,
    store::{
        Fallible, Writing,
        blob::{self, Blob, Shows},
        photo, registration, vehicle,
    },
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{AddPhoto, EditPhoto, ListPhotos, RemovePhoto},
    id::PhotoId,
    note::PhotoRow,
    role::Actor,
    system::BlobInfo,
    vehicle::Page,
};

fn no_photo() -> Error {
    Error::new(Code::NotFound, "There is no such photo (any more).").hint("Look for it among the vehicle's photos.")
}

impl Handle<ListPhotos> for Engine {
    fn handle(&self, _: &Actor, call: ListPhotos) -> Result<Page<PhotoRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            photo::list(conn, main, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<AddPhoto> for Engine {
    fn handle(&self, who: &Actor, call: AddPhoto) -> Result<PhotoId> {
        let stored = self.store.read(|conn| {
            registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            blob::get(conn, &call.file)?.ok_or_else(|| {
                Error::new(Code::NotFound, "The photo's file is not stored here.").hint("Send the file first.").into()
            })
        })?;
        // Outside of the transaction: a large photo takes a second.
        let picture = self.photo_file(&stored).inspect_err(|_| self.drop_loose(&call.file))?;
        let thumbnail = BlobInfo {
            hash: self.store.files.put(&picture.thumbnail, false)?,
            name: "thumbnail.jpg".to_owned(),
            media: "image/jpeg".to_owned(),
            bytes: picture.thumbnail.len() as u64,
        };
        let now = now();
        self.store.write(&actor(who), now, |w| {
            let registration = about(w, call.vehicle, call.visit)?;
            let (id, photo) = (w.mint()?, PhotoId(w.mint()?.0));
            let caption = w.seal(registration.bytes(), id, "caption", call.caption.trim())?;
            let owner = vehicle::get(w.tx(), registration)?.and_then(|v| v.owner);
            let shows = Shows { vehicle: registration, owner, keys: [Some(caption.key), None] };
            let info = BlobInfo { media: picture.media.to_owned(), ..stored.info };
            let added = PhotoAdded {
                photo,
                visit: call.visit,
                file: info.hash.clone(),
                media: info.media.clone(),
                bytes: info.bytes,
                thumbnail: thumbnail.hash.clone(),
                width: picture.width,
                height: picture.height,
                caption,
            };
            for (info, deflated) in [(info, stored.deflated), (thumbnail, false)] {
                blob::put(w.tx(), &Blob { info, deflated }, now, Some(&shows))?;
            }
            w.append(NewEvent::new(id, kind::PHOTO_ADDED, Some(registration.bytes()), &added)?)?;
            Ok(photo)
        })
    }
}

impl Engine {
    fn photo_file(&self, stored: &Blob) -> Result<picture::Picture> {
        if stored.info.bytes > picture::BYTES_MAX as u64 {
            return Err(Error::new(Code::Invalid, "A photo has at most 64 MiB.").hint("Save it smaller."));
        }
        picture::read(&self.store.files.get(&stored.info.hash, stored.deflated)?)
    }

    /// A file that was sent to be a photo and is none stays nowhere.
    fn drop_loose(&self, hash: &str) {
        let dropped = self.store.write_local(|tx| blob::drop_loose(tx, hash));
        if let Err(error) = dropped.and_then(|dropped| if dropped { self.store.files.remove(hash) } else { Ok(()) }) {
            tracing::warn!(%error, "a refused file could not be removed yet");
        }
    }
}

fn stored(w: &Writing<'_>, id: PhotoId) -> Fallible<photo::Stored> {
    photo::get(w.tx(), id)?.ok_or_else(|| no_photo().into())
}

impl Handle<EditPhoto> for Engine {
    fn handle(&self, who: &Actor, call: EditPhoto) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let (old, caption) = (stored(w, call.photo)?, call.caption.trim());
            if old.caption == caption {
                return Ok(());
            }
            let (id, vehicle) = (w.mint()?, old.registration.bytes());
            let caption = w.seal_as(vehicle, id, "caption", caption, old.key)?;
            let edited = PhotoEdited { photo: call.photo, caption };
            w.append(NewEvent::new(id, kind::PHOTO_EDITED, Some(vehicle), &edited)?)?;
            Ok(())
        })
    }
}

impl Handle<RemovePhoto> for Engine {
    fn handle(&self, who: &Actor, call: RemovePhoto) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.photo)?;
            if old.removed == call.removed {
                return Ok(());
            }
            let removed = PhotoRemoved { photo: call.photo, removed: call.removed };
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::PHOTO_REMOVED, Some(old.registration.bytes()), &removed)?)?;
            Ok(())
        })
    }
}
