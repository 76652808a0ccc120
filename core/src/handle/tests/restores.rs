use super::*;
use crate::{Engine, KeyPlace, verdict::sample::clean};
use roadworthy_api::{Code, calls::*, id::PersonId, person::Person, vehicle::Page};
use rusqlite::{Connection, params};

fn people(engine: &Engine) -> Vec<String> {
    let page: Page<Person> = ask(engine, ListPeople { search: None, offset: 0, limit: 100 }).unwrap();
    page.rows.into_iter().map(|p| p.details.name).collect()
}

fn add(engine: &Engine, name: &str) -> PersonId {
    ask(engine, AddPerson { details: customer(name) }).unwrap()
}

fn check_whole(engine: &Engine) {
    assert_eq!(ask(engine, VerifyJournal {}).unwrap().faults, []);
    assert!(ask(engine, RebuildTables {}).unwrap().identical);
}

#[test]
fn a_restore_brings_back_what_was_there_and_can_be_undone() -> Result<()> {
    let engine = own();
    let other = engine.another();
    add(&engine, "Before One");
    let device = engine.store.device();
    let name = backed_up(&engine)?;
    let mut report = clean();
    report.vin = Some("1RWTEST00X0000009".into());
    let visit = filed(&engine, None, report).visit;
    add(&other, "After Two");
    // Some process reads just now; it goes on with what it has.
    assert_eq!(people(&other), ["After Two", "Before One"]);

    let restored = ask(&engine, RestoreBackup { name: name.clone() })?;
    // backup.made, registered, checked, person.added; and the reads of personal data.
    assert!(restored.lost >= 4, "{restored:?}");
    assert_eq!((restored.from.as_str(), restored.forgotten), (name.as_str(), 0));
    for engine in [&*engine, &other] {
        assert_eq!(people(engine), ["Before One"]);
        assert_eq!(ask(engine, GetVisit { visit }).unwrap_err().code, Code::NotFound);
        check_whole(engine);
    }
    let now =
        engine.store.read(|conn| crate::store::setting::get::<roadworthy_api::id::DeviceId>(conn, "device"))?.unwrap();
    assert_ne!(now, device, "because the events that were lost may be held elsewhere, and a chain must not fork");
    let events = ask(&engine, ListEvents { before: None, limit: 50 })?;
    let said = events.iter().find(|e| e.kind == "backup.restored").unwrap();
    assert_eq!(said.summary, format!("Backup restored; {} events since then set aside", restored.lost));
    let (_, payload): (Vec<u8>, String) = Connection::open(engine.store.path())
        .unwrap()
        .query_row("select id, payload from journal where kind = 'backup.restored'", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert!(payload.contains(&visit.to_string()), "because it names the newest visit that is missed: {payload}");

    // Both processes write to one chain, the new one.
    add(&other, "Other Three");
    add(&engine, "Here Four");
    assert_eq!((engine.store.device(), other.store.device()), (now, now));
    check_whole(&engine);
    let undone = ask(&other, RestoreBackup { name: restored.undo.clone() })?;
    assert_eq!(undone.from, restored.undo);
    assert_eq!(people(&engine), ["After Two", "Before One"]);
    assert_eq!(ask(&engine, GetVisit { visit })?.id, visit);
    check_whole(&engine);
    check_whole(&other);
    let rows = ask(&engine, ListBackups {})?;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|r| r.problem.is_none()), "{rows:?}");
    for entry in fs::read_dir(engine.folder.path()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with("restore-"), "because nothing is left of the way there: {name:?}");
    }
    Ok(())
}

#[test]
fn nobody_who_was_forgotten_comes_back() -> Result<()> {
    let engine = own();
    let secret = |n: u32| PersonDetails {
        name: format!("Xanthippe{n:03} Muster"),
        phone: format!("+49 555 88{n:03}"),
        ..PersonDetails::default()
    };
    let mut all = Vec::new();
    for n in 0..3 {
        let person = ask(&engine, AddPerson { details: secret(n) })?;
        let vehicle = ask(&engine, RegisterVehicle { vin: None, plate: Some(format!("RW-Y {n:03}")), name: None })?;
        ask(&engine, SetOwner { vehicle, person: Some(person) })?;
        let noise = image::RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb(blake3::hash(&[n as u8, x as u8, y as u8]).as_bytes()[..3].try_into().unwrap())
        });
        let mut png = std::io::Cursor::new(Vec::new());
        noise.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let file = engine.put_blob("p.png", "image/png", png.get_ref())?.hash;
        ask(&engine, AddPhoto { vehicle, visit: None, file, caption: format!("Bildtext{n:03}") })?;
        all.push((person, vehicle, png.into_inner()[100..200].to_vec()));
    }
    let name = backed_up(&engine)?;
    let (person, _, photo) = &all[1];
    let forgotten = ask(&engine, ForgetPerson { person: *person })?;
    assert_eq!(forgotten.backups, [name.as_str()], "because who forgets must know where somebody still stands");
    // Somebody who came after the backup is forgotten too.
    let later = ask(&engine, AddPerson { details: customer("Later Lotte") })?;
    ask(&engine, ForgetPerson { person: later })?;

    let data = engine.folder.path().to_owned();
    let backups = data.join("backups");
    let needles = ["Xanthippe001", "+49 555 88001", "RW-Y 001", "Bildtext001", "Later Lotte"];
    let outside = |needle: &[u8]| {
        // Backups from before still hold them; everything else must not.
        let hidden = data.parent().unwrap().join(format!("{}-aside", data.file_name().unwrap().to_string_lossy()));
        fs::rename(&backups, &hidden).unwrap();
        let hits = found(&data, needle);
        fs::rename(&hidden, &backups).unwrap();
        hits
    };
    assert!(!found(&backups, "Xanthippe001").is_empty(), "because this test must be able to find it");
    let restored = ask(&engine, RestoreBackup { name: name.clone() })?;
    assert_eq!(restored.forgotten, 1);
    for round in 0..2 {
        for needle in needles {
            assert_eq!(outside(needle.as_bytes()), [""; 0], "{needle}, round {round}");
        }
        assert_eq!(outside(photo), [""; 0]);
        assert!(!outside(b"Xanthippe002").is_empty());
        assert!(!outside(&all[2].2).is_empty());
        let held: u32 = Connection::open(engine.store.path())
            .unwrap()
            .query_row("select count(*) from person_key where subject = ?", params![person.bytes()], |r| r.get(0))
            .unwrap();
        assert_eq!(held, 0, "because a key that comes back would make every old copy readable");
        assert_eq!(people(&engine), ["Xanthippe000 Muster", "Xanthippe002 Muster"]);
        check_whole(&engine);
    }
    // The backup made before restoring is of a state in which they were forgotten already.
    let undo = backups.join(&restored.undo);
    assert_eq!(found(&undo, "Xanthippe001"), [""; 0]);
    ask(&engine, RestoreBackup { name: restored.undo })?;
    assert_eq!(people(&engine).len(), 2);
    assert_eq!(outside(b"Xanthippe001"), [""; 0]);
    // From a backup again, and again.
    assert_eq!(ask(&engine, RestoreBackup { name })?.forgotten, 1);
    assert_eq!(outside(b"Xanthippe001"), [""; 0]);
    check_whole(&engine);
    Ok(())
}

#[test]
fn a_message_that_left_the_house_is_not_sent_again() -> Result<()> {
    let engine = own();
    let put = |key: &str, id: u8, state: &str| {
        engine.store.write_local(|tx| {
            tx.execute(
                "insert into outbox (id, key, channel, event, subject, about, created, state, state_at, next_at, since, begun)
                 values (?, ?, 'mail', zeroblob(16), 's', '{}', 1, ?, 1, 9000000000000, 1, 1)",
                params![[id; 16], key, state],
            )?;
            Ok(())
        })
    };
    let states = || -> Vec<(String, String)> {
        engine
            .store
            .read(|conn| {
                let mut all = conn.prepare("select key, state from outbox order by key")?;
                let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .unwrap()
    };
    put("a waits", 1, "waiting")?;
    put("b sent since", 2, "waiting")?;
    put("c dead", 3, "dead")?;
    let name = backed_up(&engine)?;
    engine
        .store
        .write_local(|tx| Ok(tx.execute("update outbox set state = 'sent' where key = 'b sent since'", [])?))?;
    engine.store.write_local(|tx| Ok(tx.execute("update outbox set state = 'dropped' where key = 'c dead'", [])?))?;
    put("d new and sent", 4, "sent")?;
    put("e new and waits", 5, "waiting")?;
    ask(&engine, RestoreBackup { name })?;
    let expect = [("a waits", "waiting"), ("b sent since", "sent"), ("c dead", "dropped"), ("d new and sent", "sent")];
    assert_eq!(states(), expect.map(|(k, s)| (k.to_owned(), s.to_owned())));
    Ok(())
}

#[test]
fn settings_of_this_device_stay_and_stored_files_come_back() -> Result<()> {
    let engine = own();
    let mut report = clean();
    report.vin = Some("1RWTEST00X0000009".into());
    let visit = filed(&engine, None, report).visit;
    let traffic = ask(&engine, ExportTraffic { visit })?.hash;
    let name = backed_up(&engine)?;
    let settings = roadworthy_api::system::Settings { shop_name: "Shop".into(), ..Default::default() };
    ask(&engine, SetSettings { settings })?;
    engine.store.files.remove(&ask(&engine, GetVisit { visit })?.traffic)?;
    ask(&engine, RestoreBackup { name })?;
    assert_eq!(ask(&engine, GetSettings {})?.shop_name, "Shop");
    assert_eq!(ask(&engine, ExportTraffic { visit })?.hash, traffic);
    Ok(())
}

#[test]
fn nothing_is_restored_while_something_is_at_work() -> Result<()> {
    let engine = own();
    let name = backed_up(&engine)?;
    let job = engine.jobs.start("Check on sim:petrol");
    let error = ask(&engine, RestoreBackup { name: name.clone() }).unwrap_err();
    assert_eq!(error.code, Code::Conflict);
    assert!(error.message.contains("Check on sim:petrol") && !error.hint.is_empty(), "{error}");
    drop(job);
    ask(&engine, RestoreBackup { name })?;
    Ok(())
}

#[test]
fn what_began_to_be_recorded_while_a_backup_was_looked_at_is_not_replaced() -> Result<()> {
    let engine = own();
    let vehicle = ask(&engine, RegisterVehicle { vin: None, plate: Some("RW-Z 1".into()), name: None })?;
    let name = backed_up(&engine)?;
    let mut intake = engine.take_in(&owner(), Some(vehicle), "test", 1_795_215_600_000)?;
    let signal = intake.signal("7E8:0C:engine_rpm", "Engine speed", "rpm");
    intake.number(signal, 1_795_215_600_000, 800.0);
    intake.commit()?;
    // Past the first look, which the call takes before it reads the whole backup.
    let error = engine.backups.restore(&name, "owner/window").unwrap_err();
    assert_eq!(error.code, Code::Conflict, "{error}");
    assert!(error.message.contains("recorded") && !error.hint.is_empty(), "{error}");
    intake.number(signal, 1_795_215_601_000, 810.0);
    intake.commit()?;
    assert_eq!(intake.finish(1_795_215_601_000)?.samples, 2);
    ask(&engine, RestoreBackup { name })?;
    check_whole(&engine);
    Ok(())
}

#[test]
fn a_database_that_somebody_has_open_is_not_put_aside() -> Result<()> {
    let engine = own();
    add(&engine, "Customer One");
    let name = backed_up(&engine)?;
    let error = Engine::rescue(engine.folder.path(), KeyPlace::FileOnly, &name).unwrap_err();
    assert_eq!(error.code, Code::Conflict, "because what that process still writes would be lost: {error}");
    assert!(!error.hint.is_empty());
    add(&engine, "Customer Two");
    assert_eq!(people(&engine.another()), ["Customer One", "Customer Two"]);
    Ok(())
}

#[test]
fn what_was_history_in_a_backup_is_no_news_where_it_is_restored() -> Result<()> {
    use crate::store::setting::{self, WORKERS_FROM};
    let (there, here) = (own(), own());
    filed(&there, None, clean());
    // As in a database of a version that had no workers, once it is migrated.
    let newest = there.store.read(crate::store::journal::newest)?;
    there.store.write_local(|tx| setting::set(tx, WORKERS_FROM, &newest))?;
    let path = there.folder.path().join("backups").join(backed_up(&there)?).display().to_string();
    ask(&here, RestoreBackup { name: path })?;
    let from: Option<u64> = here.store.read(|conn| setting::get(conn, WORKERS_FROM))?;
    assert_eq!(from, Some(newest), "because workers would raise alerts about what was over long ago");
    Ok(())
}

#[test]
fn on_another_machine_everything_reads_and_work_goes_on_but_what_is_sealed_stays_sealed() -> Result<()> {
    let there = own();
    add(&there, "Customer One");
    let vehicle = ask(&there, RegisterVehicle { vin: None, plate: Some("RW-Z 1".into()), name: None })?;
    let name = backed_up(&there)?;
    let path = there.folder.path().join("backups").join(&name).display().to_string();
    let here = own();
    let restored = ask(&here, RestoreBackup { name: path })?;
    assert_eq!(restored.lost, 1, "the device's name");
    assert_eq!(people(&here), ["Customer One"]);
    assert_eq!(ask(&here, GetVehicle { vehicle })?.row.plate.as_deref(), Some("RW-Z 1"));
    assert_eq!(ask(&here, VerifyJournal {})?.faults, []);
    let error = ask(&here, RebuildTables {}).unwrap_err();
    assert_eq!(error.code, Code::Keyring, "because made anew the tables would lose what only they still hold");
    assert!(!error.hint.is_empty());
    // New things are sealed with keys of this machine, also of those who were known.
    ask(&here, EditVehicle { vehicle, plate: Some("RW-Z 2".into()), name: None })?;
    add(&here, "Customer Two");
    let person = ask(&here, ListPeople { search: None, offset: 0, limit: 9 })?.rows[0].id;
    let mut details = customer("Customer One");
    details.phone = "+49 555 1".into();
    ask(&here, EditPerson { person, details })?;
    assert_eq!(people(&here), ["Customer One", "Customer Two"]);
    ask(&here, ForgetPerson { person })?;
    assert_eq!(people(&here), ["Customer Two"]);
    assert_eq!(ask(&here, VerifyJournal {})?.faults, []);
    assert_eq!(people(&there), ["Customer One"]);
    Ok(())
}

#[test]
fn a_backup_of_a_newer_version_is_refused() -> Result<()> {
    let engine = own();
    let name = backed_up(&engine)?;
    let folder = engine.folder.path().join("backups").join(&name);
    let conn = Connection::open(folder.join("roadworthy.db")).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    value["schema"] = 999.into();
    value["database"]["hash"] = crate::files::hash(&fs::read(folder.join("roadworthy.db")).unwrap()).into();
    fs::write(folder.join("manifest.json"), value.to_string()).unwrap();
    let events = ask(&engine, GetStatus {})?.events;
    let error = ask(&engine, RestoreBackup { name }).unwrap_err();
    assert_eq!(error.code, Code::NewerDatabase, "{error}");
    assert_eq!(ask(&engine, GetStatus {})?.events, events);
    Ok(())
}

#[test]
fn a_damaged_database_is_put_aside_and_the_backup_takes_its_place() -> Result<()> {
    let engine = own();
    add(&engine, "Customer One");
    let mut report = clean();
    report.vin = Some("1RWTEST00X0000009".into());
    let visit = filed(&engine, None, report).visit;
    let name = backed_up(&engine)?;
    let Own { engine, folder, _runtime } = engine;
    let device = engine.store.device();
    drop(engine);
    let path = folder.path().join("roadworthy.db");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len().min(60_000);
    bytes[100..end].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let options = || Options {
        data: folder.path().to_owned(),
        runtime: _runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: false,
    };
    let error = Engine::open(options()).map(drop).unwrap_err();
    assert_eq!(error.code, Code::DatabaseUnusable);
    assert!(error.hint.contains(&format!("roadworthy restore {name}")), "{error}");

    assert_eq!(
        Engine::rescue(folder.path(), KeyPlace::FileOnly, "2020-01-01T00-00-00Z").unwrap_err().code,
        Code::NotFound
    );
    assert_eq!(fs::read(&path).unwrap(), bytes, "because nothing was changed");
    let restored = Engine::rescue(folder.path(), KeyPlace::FileOnly, &name)?;
    assert_eq!(restored.from, name);
    assert_eq!(fs::read(folder.path().join(&restored.undo).join("roadworthy.db")).unwrap(), bytes);
    let engine = Engine::open(options())?;
    assert_eq!(people(&engine), ["Customer One"]);
    assert_ne!(engine.store.device(), device);
    assert!(ask(&engine, ExportTraffic { visit }).is_ok(), "because the stored files are there");
    add(&engine, "Customer Two");
    check_whole(&engine);
    Ok(())
}
