use super::*;
use crate::Engine;
use crate::verdict::sample::{VIN, clean};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use roadworthy_api::{Code, calls::*, id::PhotoId, note::PhotoRow};
use std::io::Cursor;

/// A picture whose every pixel depends on `seed`.
fn jpeg(seed: u8, width: u32, height: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([seed.wrapping_mul(37), (x % 251) as u8, (y % 241) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

fn put(engine: &Engine, bytes: &[u8]) -> String {
    // The name and the media type are whatever the page says.
    engine.put_blob("holiday.txt", "text/html", bytes).unwrap().hash
}

fn add(engine: &Engine, vehicle: VehicleId, file: &str, caption: &str) -> Result<PhotoId> {
    ask(engine, AddPhoto { vehicle, visit: None, file: file.into(), caption: caption.into() })
}

fn list(engine: &Engine, vehicle: VehicleId) -> Vec<PhotoRow> {
    let page = ask(engine, ListPhotos { vehicle, offset: 0, limit: 100 }).unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows
}

fn registered(engine: &Engine) -> VehicleId {
    ask(engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None }).unwrap()
}

#[test]
fn a_photo_is_added_with_its_thumbnail_captioned_removed_and_brought_back() -> Result<()> {
    let engine = own();
    let visit = filed(&engine, None, clean());
    let vehicle = visit.vehicle;
    let bytes = jpeg(1, 960, 640);
    let file = put(&engine, &bytes);
    let photo = ask(
        &engine,
        AddPhoto { vehicle, visit: Some(visit.visit), file: file.clone(), caption: " Rust at the sill ".into() },
    )?;
    let row = list(&engine, vehicle).remove(0);
    assert_eq!((row.id, row.visit, row.file.as_str()), (photo, Some(visit.visit), file.as_str()));
    assert_eq!((row.caption.as_str(), row.width, row.height), ("Rust at the sill", 960, 640));
    assert_eq!((row.media.as_str(), row.bytes as usize), ("image/jpeg", bytes.len()), "because the content decides");
    let (info, whole) = engine.blob(&file)?;
    assert_eq!((info.media.as_str(), whole == bytes), ("image/jpeg", true));
    let small = image::load_from_memory(&engine.blob(&row.thumbnail)?.1).unwrap();
    assert_eq!((small.width(), small.height()), (480, 320));
    assert!(engine.is_photo(&file)? && engine.is_photo(&row.thumbnail)? && !engine.is_photo(&"0".repeat(64))?);

    ask(&engine, EditPhoto { photo, caption: "Rust".into() })?;
    assert_eq!(list(&engine, vehicle)[0].caption, "Rust");
    ask(&engine, RemovePhoto { photo, removed: true })?;
    assert!(list(&engine, vehicle).is_empty());
    assert!(engine.blob(&file).is_ok(), "because it can be brought back");
    ask(&engine, RemovePhoto { photo, removed: false })?;
    assert_eq!(list(&engine, vehicle).len(), 1);
    assert!(ask(&engine, RebuildTables {})?.identical);
    for error in [
        ask(&engine, EditPhoto { photo: PhotoId(9), caption: String::new() }).unwrap_err(),
        ask(&engine, RemovePhoto { photo: PhotoId(9), removed: true }).unwrap_err(),
        add(&engine, VehicleId(9), &file, "").unwrap_err(),
        add(&engine, vehicle, &"0".repeat(64), "").unwrap_err(),
    ] {
        assert_eq!((error.code, error.hint.is_empty()), (Code::NotFound, false));
    }
    Ok(())
}

#[test]
fn a_file_that_is_no_photo_is_refused_and_not_kept() -> Result<()> {
    let engine = own();
    let vehicle = registered(&engine);
    let file = put(&engine, b"<script>alert(1)</script>");
    assert_eq!(add(&engine, vehicle, &file, "x").unwrap_err().code, Code::Invalid);
    assert_eq!(engine.blob(&file).unwrap_err().code, Code::NotFound);
    // What a visit needs is no photo either, and stays.
    let visit = filed(&engine, Some(vehicle), clean()).visit;
    let traffic = ask(&engine, GetVisit { visit })?.traffic;
    assert_eq!(add(&engine, vehicle, &traffic, "x").unwrap_err().code, Code::Invalid);
    assert!(engine.blob(&traffic).is_ok());
    let error = engine.put_blob("x", "y", &vec![0; crate::picture::BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.code, Code::Invalid);
    Ok(())
}

#[test]
fn what_nothing_takes_up_goes_after_a_day() -> Result<()> {
    let engine = own();
    let vehicle = registered(&engine);
    let (left, taken) = (put(&engine, b"left"), put(&engine, &jpeg(1, 40, 30)));
    add(&engine, vehicle, &taken, "")?;
    assert_eq!(put(&engine, &jpeg(1, 40, 30)), taken, "because putting it again does not loosen what was taken up");
    let data = engine.folder.path();
    let later = crate::engine::now() + 86_400_000 + 60_000;
    drop(crate::store::Store::open(data, KeyPlace::FileOnly, later)?);
    assert_eq!(engine.blob(&left).unwrap_err().code, Code::NotFound);
    assert!(engine.blob(&taken).is_ok());
    Ok(())
}

#[test]
fn photos_go_with_the_owner_of_their_time_and_no_other() -> Result<()> {
    let engine = own();
    let person = |name: &str| ask(&engine, AddPerson { details: customer(name) }).unwrap();
    let (anna, bert) = (person("Anna"), person("Bert"));
    let vehicle = registered(&engine);
    let both = put(&engine, &jpeg(3, 50, 50));
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    let annas = put(&engine, &jpeg(1, 600, 400));
    add(&engine, vehicle, &annas, "Anna's scratch")?;
    let shared = add(&engine, vehicle, &both, "as found")?;
    ask(&engine, RemovePhoto { photo: shared, removed: true })?;
    let thumbnail = list(&engine, vehicle)[0].thumbnail.clone();
    ask(&engine, SetOwner { vehicle, person: Some(bert) })?;
    let berts = put(&engine, &jpeg(2, 600, 400));
    add(&engine, vehicle, &berts, "Bert's")?;
    add(&engine, vehicle, &both, "the same, Bert's")?;
    // Of Anna's time still, so that its new caption goes with it.
    let changed = list(&engine, vehicle).pop().map(|row| row.id).unwrap();
    ask(&engine, EditPhoto { photo: changed, caption: "Anna's deep scratch".into() })?;

    assert!(ask(&engine, ForgetPerson { person: anna })?.scrubbed);
    for _ in 0..2 {
        let captions: Vec<String> = list(&engine, vehicle).into_iter().map(|row| row.caption).collect();
        assert_eq!(captions, ["the same, Bert's", "Bert's"]);
        let table = std::fs::read(engine.folder.path().join("roadworthy.db")).unwrap();
        let caption = b"Anna's deep scratch";
        assert!(!table.windows(caption.len()).any(|w| w == caption), "though no page shows it");
        for gone in [&annas, &thumbnail] {
            assert_eq!(engine.blob(gone).unwrap_err().code, Code::NotFound);
        }
        assert!(engine.blob(&berts).is_ok() && engine.blob(&both).is_ok(), "because photos of Bert's show them");
        assert!(ask(&engine, RebuildTables {})?.identical);
        engine.store.scrub_again();
    }
    let error = ask(&engine, RemovePhoto { photo: shared, removed: false }).unwrap_err();
    assert_eq!(error.code, Code::NotFound, "because it was of Anna's time");
    ask(&engine, ForgetPerson { person: bert })?;
    assert!(list(&engine, vehicle).is_empty());
    for gone in [&berts, &both] {
        assert_eq!(engine.blob(gone).unwrap_err().code, Code::NotFound);
    }
    // The same file may come again for somebody else, and stays.
    let again = put(&engine, &jpeg(1, 600, 400));
    add(&engine, vehicle, &again, "")?;
    ask(&engine, RebuildTables {})?;
    engine.store.scrub_again();
    assert_eq!((again == annas, engine.blob(&again).is_ok()), (true, true));
    Ok(())
}
