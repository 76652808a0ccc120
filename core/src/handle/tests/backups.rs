use super::*;
use crate::{Engine, verdict::sample::clean};
use roadworthy_api::{
    Code,
    backup::{BackupReason, BackupReport},
    calls::*,
    system::{BackupSettings, Settings},
    valid::LongText,
};
use std::path::PathBuf;

fn folder(own: &Own) -> PathBuf {
    own.folder.path().join("backups")
}

/// Something of everything: a customer, a vehicle with a visit and a photo.
fn fill(engine: &Engine, n: u8) -> VehicleId {
    let vehicle =
        ask(engine, RegisterVehicle { vin: None, plate: Some(format!("RW-B {n}")), name: Some(format!("Van {n}")) })
            .unwrap();
    let person = ask(engine, AddPerson { details: customer(&format!("Customer {n}")) }).unwrap();
    ask(engine, SetOwner { vehicle, person: Some(person) }).unwrap();
    let mut report = clean();
    report.vin = None;
    filed(engine, Some(vehicle), report);
    let noise = image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([n, x as u8, y as u8]));
    let mut png = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let file = engine.put_blob("p.png", "image/png", &png.into_inner()).unwrap().hash;
    ask(engine, AddPhoto { vehicle, visit: None, file, caption: String::new() }).unwrap();
    ask(engine, AddNote { vehicle, visit: None, text: LongText(format!("Note {n}")) }).unwrap();
    vehicle
}

#[test]
fn a_backup_is_listed_verified_and_told_in_the_journal() -> Result<()> {
    let engine = own();
    assert_eq!(ask(&engine, ListBackups {})?, []);
    fill(&engine, 1);
    let name = backed_up(&engine)?;
    let rows = ask(&engine, ListBackups {})?;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.name.as_str(), row.why, &row.problem), (name.as_str(), BackupReason::Asked, &None));
    // The raw traffic of the visit, the photo and its thumbnail.
    assert_eq!(row.files.0, 3);
    assert!(row.files.1 > 0 && row.database_bytes > 0 && row.at > 0);
    let report = ask(&engine, VerifyBackup { name: name.clone() })?;
    assert_eq!(report, BackupReport { name: name.clone(), events: row.events, blocks: 0, files: 3, faults: vec![] });
    let path = folder(&engine).join(&name).display().to_string();
    assert_eq!(ask(&engine, VerifyBackup { name: path })?, report, "because a path names it too");
    let told = ask(&engine, ListEvents { before: None, limit: 1 })?.remove(0);
    assert_eq!(told.kind, "backup.made");
    assert_eq!(told.summary, format!("Backup made: {} events", row.events));
    let status = ask(&engine, GetStatus {})?;
    assert_eq!(status.events, row.events + 1);
    let left: Vec<_> = fs::read_dir(folder(&engine).join(&name)).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "because nothing but database and manifest is in it: {left:?}");
    assert_eq!(engine.backups.last()?.1, None);
    assert!(engine.backups.last()?.0.is_some());

    // Stored files are there once for all backups.
    let second = backed_up(&engine)?;
    assert_ne!(second, name);
    let pool = || fs::read_dir(folder(&engine).join("files")).unwrap().count();
    assert_eq!(pool(), 3);
    assert_eq!(ask(&engine, ListBackups {})?[0].name, second, "because the newest comes first");
    Ok(())
}

#[test]
fn what_is_wrong_with_a_backup_is_named() -> Result<()> {
    let engine = own();
    fill(&engine, 1);
    let name = backed_up(&engine)?;
    let root = folder(&engine);
    let database = root.join(&name).join("roadworthy.db");
    let manifest = root.join(&name).join("manifest.json");
    let file = walk(&root.join("files")).remove(0);
    let check = |path: &Path, change: &dyn Fn(&mut Vec<u8>), says: &str, cheap: bool| {
        let before = fs::read(path).unwrap();
        let mut bytes = before.clone();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
        let faults = match ask(&engine, VerifyBackup { name: name.clone() }) {
            Ok(report) => report.faults,
            Err(error) => vec![error.message],
        };
        assert!(faults.iter().any(|f| f.contains(says)), "{says:?} in {faults:?}");
        let row = ask(&engine, ListBackups {}).unwrap().remove(0);
        assert_eq!(row.problem.is_some(), cheap, "{says}: {row:?}");
        let error = ask(&engine, RestoreBackup { name: name.clone() }).unwrap_err();
        assert_eq!(error.code, Code::DatabaseUnusable, "{error}");
        fs::write(path, before).unwrap();
        assert_eq!(ask(&engine, VerifyBackup { name: name.clone() }).unwrap().faults, Vec::<String>::new());
    };
    check(&database, &|b| b[70_000] ^= 1, "not byte for byte", false);
    check(&database, &|b| b.truncate(8192), "not byte for byte", true);
    check(&manifest, &|b| b.clear(), "manifest cannot be read", true);
    check(
        &manifest,
        &|b| *b = String::from_utf8(b.clone()).unwrap().replace("\"seq\": ", "\"seq\": 1").into_bytes(),
        "another journal",
        false,
    );
    check(&file, &|b| b[0] ^= 1, "damaged", false);
    check(&file, &|b| b.truncate(1), "damaged", true);
    let hidden = file.with_extension("hidden");
    fs::rename(&file, &hidden).unwrap();
    assert!(ask(&engine, ListBackups {})?[0].problem.is_some());
    assert!(!ask(&engine, VerifyBackup { name: name.clone() })?.faults.is_empty());
    fs::rename(&hidden, &file).unwrap();
    for missing in ["2020-01-01T00-00-00Z", "nonsense", "", "/nowhere/at/all", "../backups"] {
        assert_eq!(ask(&engine, VerifyBackup { name: missing.into() }).unwrap_err().code, Code::NotFound, "{missing}");
    }
    Ok(())
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(walk(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

#[test]
fn a_torn_or_cancelled_backup_never_looks_whole_and_is_swept() -> Result<()> {
    let engine = own();
    fill(&engine, 1);
    let root = folder(&engine);
    let torn = root.join("new-2026-11-20T18-00-00Z");
    fs::create_dir_all(&torn).unwrap();
    fs::write(torn.join("roadworthy.db"), "half").unwrap();
    assert_eq!(ask(&engine, ListBackups {})?, []);
    // An empty folder of the right name is listed with what is wrong with it.
    fs::create_dir_all(root.join("2026-11-20T18-00-00Z")).unwrap();
    let row = ask(&engine, ListBackups {})?.remove(0);
    assert!(row.problem.is_some_and(|p| p.message.contains("no manifest")));
    fs::remove_dir(root.join("2026-11-20T18-00-00Z")).unwrap();

    let job = engine.jobs.start("a");
    engine.jobs.cancel(job.id())?;
    drop(job);
    let hold = fs::File::create(root.join(".lock")).unwrap();
    hold.lock().unwrap();
    assert_eq!(
        backed_up(&engine).unwrap_err().code,
        Code::Conflict,
        "because another process is at work in the folder"
    );
    drop(hold);
    assert!(engine.backups.last()?.1.is_some_and(|e| e.code == Code::Conflict), "because the failure is to be seen");
    backed_up(&engine)?;
    assert_eq!(engine.backups.last()?.1, None);
    assert!(!torn.exists());
    Ok(())
}

#[test]
fn writers_go_on_while_a_backup_is_made_and_it_is_of_one_moment() -> Result<()> {
    let engine = own();
    let rules = BackupSettings { keep_newest: 9, ..BackupSettings::default() };
    ask(&engine, SetSettings { settings: Settings { backup: rules, ..Settings::default() } })?;
    for n in 0..40 {
        fill(&engine, n);
    }
    let other = engine.another();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = stop.clone();
    let writer = std::thread::spawn(move || {
        let mut written = 0u32;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            ask(&other, AddPerson { details: customer("One more") }).unwrap();
            written += 1;
        }
        written
    });
    let names: Vec<String> = (0..5).map(|_| backed_up(&engine).unwrap()).collect();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.join().unwrap() > 5);
    let rows = ask(&engine, ListBackups {})?;
    assert_eq!(rows.len(), 5);
    assert!(rows.windows(2).all(|w| w[0].events > w[1].events), "because each has what the one before had, and more");
    for name in names {
        assert_eq!(ask(&engine, VerifyBackup { name })?.faults, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn old_backups_go_by_the_rules_and_others_are_left_alone() -> Result<()> {
    let engine = own();
    fill(&engine, 1);
    let rules = BackupSettings { keep_newest: 2, keep_days: 0, keep_weeks: 0, ..BackupSettings::default() };
    ask(&engine, SetSettings { settings: Settings { backup: rules, ..Settings::default() } })?;
    let first = backed_up(&engine)?;
    let root = folder(&engine);
    // The same backup, but another installation's.
    let foreign = root.join("2020-01-01T00-00-00Z");
    fs::create_dir(&foreign).unwrap();
    fs::copy(root.join(&first).join("roadworthy.db"), foreign.join("roadworthy.db")).unwrap();
    let text = fs::read_to_string(root.join(&first).join("manifest.json")).unwrap();
    let installation = engine.store.installation()?;
    let text = text.replace(&first, "2020-01-01T00-00-00Z").replace(&installation, "another");
    fs::write(foreign.join("manifest.json"), text).unwrap();
    fs::create_dir(root.join("photos of the shop")).unwrap();
    let loose = root.join("files").join("ab").join("ab".repeat(32));
    fs::create_dir_all(loose.parent().unwrap()).unwrap();
    fs::write(&loose, "no backup names this").unwrap();

    let second = backed_up(&engine)?;
    assert!(loose.exists(), "because nothing went");
    let third = backed_up(&engine)?;
    let names: Vec<String> = ask(&engine, ListBackups {})?.into_iter().map(|r| r.name).collect();
    assert_eq!(names, [third, second, "2020-01-01T00-00-00Z".into()]);
    assert!(root.join("photos of the shop").exists());
    assert!(!loose.exists());
    assert_eq!(ask(&engine, VerifyBackup { name: names[0].clone() })?.faults, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_only_whole_backup_stays_whatever_the_rules_say() -> Result<()> {
    let engine = own();
    fill(&engine, 1);
    let rules = BackupSettings { keep_newest: 1, keep_days: 0, keep_weeks: 0, ..BackupSettings::default() };
    let names = [backed_up(&engine)?, backed_up(&engine)?, backed_up(&engine)?];
    let path = folder(&engine).join(&names[2]).join("roadworthy.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[5000] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(engine.backups.rotated(&rules)?, [names[0].clone()], "because the newest is damaged");
    let left: Vec<String> = ask(&engine, ListBackups {})?.into_iter().map(|r| r.name).collect();
    assert_eq!(left, [names[2].clone(), names[1].clone()]);
    assert_eq!(engine.backups.rotated(&rules)?, [""; 0]);
    Ok(())
}

#[test]
fn a_backup_is_due_after_the_hours_of_the_settings() -> Result<()> {
    let engine = own();
    let hour = 3_600_000;
    let began = engine.store.read(crate::store::journal::began)?.unwrap();
    let check = |at: i64, expect: bool, why: &str| assert_eq!(engine.backups.due(at).unwrap(), expect, "{why}");
    check(began + 23 * hour, false, "a new folder waits a day");
    check(began + 24 * hour, true, "a day has passed");
    check(began + 24 * 9 * hour, true, "also after being off for days");
    check(began - 48 * hour, true, "a clock that was wrong then keeps nothing from being done");
    backed_up(&engine)?;
    let made = engine.backups.last()?.0.unwrap();
    check(made + 23 * hour, false, "one was made");
    check(made + 24 * hour, true, "and is a day old");
    let settings =
        |every_hours| Settings { backup: BackupSettings { every_hours, ..Default::default() }, ..Default::default() };
    ask(&engine, SetSettings { settings: settings(0) })?;
    check(made + 9999 * hour, false, "none are made by themselves");
    ask(&engine, SetSettings { settings: settings(1) })?;
    check(made + hour, true, "every hour");
    engine.store.note_backup(&crate::store::backup::Last {
        made: Some(made),
        failed: Some((made + hour, roadworthy_api::Error::new(Code::DiskFull, "The disk is full."))),
    })?;
    check(made + hour + hour / 5, false, "it has just failed");
    check(made + hour + hour / 4, true, "it is tried again");
    Ok(())
}

#[test]
fn who_found_the_folder_taken_sees_that_the_other_made_the_backup() -> Result<()> {
    let engine = own();
    let folder = folder(&engine);
    fs::create_dir_all(&folder).unwrap();
    // Another process is making one.
    let began = crate::engine::now();
    let lock = fs::File::options().create(true).truncate(false).write(true).open(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(backed_up(&engine).unwrap_err().code, Code::Conflict);
    assert!(engine.backups.last()?.1.is_some());
    engine.store.note_backup(&crate::store::backup::Last { made: Some(began), failed: None })?;
    assert_eq!(engine.backups.last()?, (Some(began), None), "because one was made since, though it was begun before");
    Ok(())
}

#[test]
fn a_backup_folder_that_cannot_be_written_is_told() -> Result<()> {
    let engine = own();
    let file = engine.folder.path().join("a file");
    fs::write(&file, "x").unwrap();
    let folder = Some(file.display().to_string());
    let settings = BackupSettings { folder, ..BackupSettings::default() };
    ask(&engine, SetSettings { settings: Settings { backup: settings, ..Settings::default() } })?;
    let error = backed_up(&engine).unwrap_err();
    assert!(!error.hint.is_empty());
    assert_eq!(engine.backups.last()?, (None, Some(error)));
    // Elsewhere it can be made all the same.
    let elsewhere = engine.folder.path().join("elsewhere");
    let job = ask(&engine, MakeBackup { folder: Some(elsewhere.display().to_string()) })?;
    while ask(&engine, GetJob { job })?.state == JobState::Running {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let JobState::Made { name } = ask(&engine, GetJob { job })?.state else { panic!("it could be made") };
    let path = elsewhere.join(name).display().to_string();
    assert_eq!(ask(&engine, VerifyBackup { name: path })?.faults, Vec::<String>::new());
    Ok(())
}
