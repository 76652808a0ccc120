//! Recording: kept, cut short, taken up, exported.

use super::*;
use crate::{
    journal::{NewEvent, kind},
    store::{block, capture, recording, tail},
    telemetry::{keep, query},
};
use roadworthy_api::{live::RecordingRow, vehicle::Page};

fn rows(rig: &Rig) -> Page<RecordingRow> {
    rig.store.read(|conn| recording::list(conn, None, 0, 10)).unwrap()
}

fn csv_of(rig: &Rig, row: &RecordingRow, layout: CsvLayout) -> String {
    let csv = rig.store.read(|conn| {
        let signals = recording::signals(conn, row.id)?;
        let ids: Vec<String> = signals.iter().map(|s| s.id.clone()).collect();
        let (rows, dropped) = query::recorded(conn, row.id, &ids)?;
        assert_eq!(dropped, None);
        Ok(csv(&signals, &rows, &row.marks, layout))
    });
    csv.unwrap().unwrap()
}

/// Locks and old files, and recordings that are not wholly sealed.
fn left(rig: &Rig) -> usize {
    let files = std::fs::read_dir(rig.folder.path().join("recordings")).unwrap().count();
    files + rig.store.read(capture::all).unwrap().len()
}

async fn recorded(rig: &Rig, id: LiveId, samples: u64) {
    rig.until(id, |s| s.recording.as_ref().is_some_and(|r| r.samples >= samples)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_holds_what_frames_told_and_exports_it() {
    let rig = rig(pace());
    let mut heard = rig.listen();
    let id = rig.open(None).id;
    let live = rig.lives.get(id).unwrap();
    assert_eq!(live.record("owner/window").unwrap_err().code, Code::Conflict, "because no vehicle is there yet");
    assert_eq!(live.stop_recording().unwrap_err().code, Code::Conflict);
    let shown = rig.reading(id).await;
    live.record("owner/window").unwrap();
    assert_eq!(live.record("owner/window").unwrap_err().code, Code::Conflict);
    recorded(&rig, id, 20).await;
    live.mark("cold start").unwrap();
    recorded(&rig, id, 40).await;
    let row = tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap();
    assert!(row.samples >= 40 && !row.cut_short && row.ended >= row.started, "{row:?}");
    assert_eq!((row.port.as_str(), row.marks[0].label.as_str()), ("sim:petrol", "cold start"));
    assert_eq!(rows(&rig), Page { rows: vec![row.clone()], total: 1 });
    assert_eq!(left(&rig), 0);
    let mut told = Vec::new();
    while told.len() < usize::try_from(row.samples).unwrap() {
        told.extend(frame(&mut heard).await.samples);
    }
    let long = csv_of(&rig, &row, CsvLayout::Long);
    assert_eq!(long.lines().count() as u64, 1 + row.samples + 1, "a head, every sample, the mark");
    assert!(long.contains("mark: cold start"));
    for line in long.lines().skip(1).filter(|l| !l.contains("mark:")) {
        let cells: Vec<&str> = line.split(',').collect();
        let at = cells[0].parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let known = told.iter().any(|s| s.at == at && s.signal == format!("{}:{}:{}", cells[1], cells[2], cells[3]));
        assert!(known, "{line}");
    }
    assert!(csv_of(&rig, &row, CsvLayout::Wide).starts_with("time,Engine speed (7E8:0C) [rpm],"), "{:?}", shown.chosen);
    assert!(rig.store.rebuild("owner/window", crate::engine::now()).unwrap().identical);
    assert_eq!(rows(&rig).total, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_a_vehicle_that_is_registered_later_is_found_by_its_vin() {
    let rig = rig(pace());
    let id = rig.open(None).id;
    let vin = rig.reading(id).await.vin.unwrap();
    let live = rig.lives.get(id).unwrap();
    live.record("owner/window").unwrap();
    recorded(&rig, id, 10).await;
    let row = tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap();
    assert_eq!(row.vehicle, None);
    let fields = kind::VehicleFields { vin: Some(vin), ..Default::default() };
    let subject = Some(VehicleId(9).bytes());
    let said = rig.store.write("owner/window", crate::engine::now(), |w| {
        let event = w.mint()?;
        w.append(NewEvent::new(event, kind::VEHICLE_REGISTERED, subject, &fields)?)?;
        Ok(())
    });
    said.unwrap();
    let of = rig.store.read(|conn| recording::list(conn, Some(VehicleId(9)), 0, 10)).unwrap();
    assert_eq!((of.rows[0].id, of.rows[0].vehicle), (row.id, Some(VehicleId(9))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_without_a_value_is_not_kept_and_says_so() {
    let rig = rig(pace());
    let id = rig.open(None).id;
    rig.reading(id).await;
    let live = rig.lives.get(id).unwrap();
    live.choose(vec![]).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    live.record("owner/window").unwrap();
    let error = tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap_err();
    assert_eq!((error.code, error.message.contains("nothing to keep")), (Code::NotFound, true));
    assert_eq!((rows(&rig).total, left(&rig)), (0, 0));
    let live = rig.lives.get(id).unwrap();
    live.record("owner/window").unwrap();
    live.close();
    assert_eq!(rig.ended(id).await, None);
    let problem = rig.lives.get(id).unwrap().shown().recording_problem;
    assert_eq!(problem.map(|e| e.code), Some(Code::NotFound), "because nobody waited for the answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_a_session_decides_whether_its_recording_is_cut_short() {
    let rig = rig(pace());
    for (lost, expect) in [(true, true), (false, false)] {
        rig.cable.gone.store(false, Ordering::SeqCst);
        let id = rig.open(None).id;
        rig.reading(id).await;
        let live = rig.lives.get(id).unwrap();
        live.record("owner/window").unwrap();
        recorded(&rig, id, 10).await;
        if lost {
            rig.pull(false);
        } else {
            live.close();
        }
        rig.ended(id).await;
        let newest = rows(&rig).rows.remove(0);
        assert_eq!(newest.cut_short, expect);
        assert!(newest.samples >= 10);
    }
    assert_eq!(rows(&rig).total, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_recording_begins_in_a_session_that_is_ending() {
    let rig = rig(pace());
    let id = rig.open(None).id;
    rig.reading(id).await;
    let live = rig.lives.get(id).unwrap();
    live.record("owner/window").unwrap();
    recorded(&rig, id, 10).await;
    let eager = std::thread::spawn({
        let live = Arc::clone(&live);
        move || while live.record("owner/window").is_err_and(|e| !e.message.contains("has ended")) {}
    });
    live.close();
    rig.ended(id).await;
    tokio::task::spawn_blocking(move || eager.join().unwrap()).await.unwrap();
    assert_eq!((live.shown().recording, rows(&rig).total, left(&rig)), (None, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_goes_on_through_a_broken_link_and_ends_with_the_engine() {
    let rig = rig(Pace { idle: Duration::from_secs(3), ..pace() });
    let id = rig.open(None).id;
    rig.reading(id).await;
    rig.lives.get(id).unwrap().record("owner/window").unwrap();
    recorded(&rig, id, 10).await;
    rig.pull(true);
    rig.until(id, |s| matches!(s.state, LiveState::Reconnecting { .. })).await;
    let so_far = rig.reading(id).await.recording.unwrap().samples;
    recorded(&rig, id, so_far + 10).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(rig.lives.get(id).unwrap().shown().state, LiveState::Reading, "because it is recorded");
    let Rig { lives, store, folder: _folder, .. } = rig;
    tokio::task::spawn_blocking(move || drop(lives)).await.unwrap();
    let all = store.read(|conn| recording::list(conn, None, 0, 10)).unwrap();
    assert!(all.rows[0].cut_short && all.rows[0].samples >= so_far + 10, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_left_is_taken_up_once_and_what_runs_is_left_alone() {
    let rig = rig(pace());
    let id = rig.open(None).id;
    rig.reading(id).await;
    let live = rig.lives.get(id).unwrap();
    live.record("owner/window").unwrap();
    recorded(&rig, id, 30).await;
    live.mark("here").unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(keep::recover(&rig.store), 0, "because its session runs");
    // What is on disk now is what a kill would leave.
    let other = rig.folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let copy = other.join("roadworthy.db");
    rusqlite::Connection::open(rig.store.path()).unwrap().execute("vacuum into ?", [copy.to_str()]).unwrap();
    tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap();
    let rig = Rig { store: Arc::new(own_store(&other)), folder: rig.folder, ..rig };
    let store = Arc::clone(&rig.store);
    let takers: Vec<_> = (0..4).map(|_| store.clone()).map(|s| std::thread::spawn(move || keep::recover(&s))).collect();
    let taken: u32 = takers.into_iter().map(|t| t.join().unwrap()).sum();
    assert_eq!(taken, 1);
    let row = rows(&rig).rows.remove(0);
    assert!(row.cut_short && row.samples >= 20 && row.marks.len() == 1, "{row:?}");
    assert!(row.ended >= row.started);
    let state =
        rig.store.read(|conn| Ok((capture::all(conn)?.len(), tail::samples(conn)?, block::sums(conn)?.samples)));
    assert_eq!(state.unwrap(), (0, 0, row.samples), "because all of it is in blocks");
    assert_eq!(keep::recover(&rig.store), 0);
    assert_eq!(rows(&rig), Page { rows: vec![row], total: 1 });
    assert_eq!(rig.store.verify().unwrap().block_faults, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_version_left_in_a_file_is_taken_in_once() {
    use crate::live::{record, spool::tests::recording as file};
    let rig = rig(pace());
    let number = |at, value| Row { signal: 0, at, value: roadworthy_api::live::LiveValue::Number { value } };
    let at = 1_795_215_600_000;
    let (mut bytes, expect) = file(vec![number(at, 1.5), number(at + 100, 2.5)], vec![]);
    bytes.extend(b"[0,17952156");
    let folder = rig.folder.path().join("recordings");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("old.recording");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(record::recover(&rig.store), 1);
    let row = rows(&rig).rows.remove(0);
    assert!(row.cut_short && row.id == expect.head.id && row.samples == 2 && row.ended == at + 100, "{row:?}");
    assert!(csv_of(&rig, &row, CsvLayout::Long).contains(",2.5,rpm,"));
    assert!(!path.exists());
    // Killed between the event and the removal of the file.
    std::fs::write(&path, &bytes).unwrap();
    record::recover(&rig.store);
    assert_eq!(rows(&rig), Page { rows: vec![row], total: 1 });
    assert!(!path.exists());
    // What cannot be read is neither lost nor in the way.
    std::fs::write(&path, b"???\n").unwrap();
    assert_eq!(record::recover(&rig.store), 0);
    assert!(path.exists());
}

fn own_store(folder: &std::path::Path) -> Store {
    Store::open(folder, KeyPlace::FileOnly, crate::engine::now()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_cannot_be_written_says_so_and_goes_on_when_there_is_room() {
    let rig = rig(pace());
    let id = rig.open(None).id;
    rig.reading(id).await;
    let live = rig.lives.get(id).unwrap();
    live.record("owner/window").unwrap();
    recorded(&rig, id, 10).await;
    live.break_recording(Some(Error::new(Code::DiskFull, "The disk is full.")));
    let shown = rig.until(id, |s| s.recording_problem.is_some()).await;
    assert_eq!(shown.recording_problem.map(|e| e.code), Some(Code::DiskFull));
    assert_eq!(shown.state, LiveState::Reading);
    let so_far = shown.recording.unwrap().samples;
    recorded(&rig, id, so_far + 20).await;
    live.break_recording(None);
    let shown = rig.until(id, |s| s.recording_problem.is_none()).await;
    assert!(shown.recording.is_some(), "because it goes on");
    let row = tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap();
    assert!(row.samples >= so_far + 20, "because what was held is kept: {row:?}");
    assert_eq!(csv_of(&rig, &row, CsvLayout::Long).lines().count() as u64, 1 + row.samples);
}
