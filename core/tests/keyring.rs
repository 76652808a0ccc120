//! The operating system's keyring, a real one: GNOME keyring on a session bus of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first thing that is not as it says")]

use roadworthy_api::{
    Code,
    calls::{AddPerson, GetStatus, ListPeople},
    person::PersonDetails,
    role::{Actor, Door},
    system::KeyStore,
};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::{path::Path, process::Command};

/// The folder that a child of this test works in; nothing happens in the ordinary run of the suite, which does not set it.
const FOLDER: &str = "ROADWORTHY_TEST_KEYRING";

fn opened(folder: &Path) -> (tokio::runtime::Runtime, std::sync::Arc<Engine>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options {
        data: folder.join("data"),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::Keyring,
        workers: false,
    };
    let engine = Engine::open(options).unwrap();
    (runtime, engine)
}

fn add(engine: &Engine, name: &str) -> roadworthy_api::Result<()> {
    let details = PersonDetails { name: name.into(), ..Default::default() };
    roadworthy_api::call::call(engine, &Actor::owner(Door::Engine), AddPerson { details }).map(drop)
}

fn names(engine: &Engine) -> Vec<String> {
    let call = ListPeople { search: None, offset: 0, limit: 10 };
    let page = roadworthy_api::call::call(engine, &Actor::owner(Door::Engine), call).unwrap();
    page.rows.into_iter().map(|p| p.details.name).collect()
}

#[test]
fn child_with_the_keyring() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (_runtime, engine) = opened(Path::new(&folder));
    let status = roadworthy_api::call::call(&*engine, &Actor::owner(Door::Engine), GetStatus {}).unwrap();
    assert_eq!(status.key_store, KeyStore::Keyring);
    add(&engine, "First Customer").unwrap();
}

#[test]
fn child_without_the_keyring() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (_runtime, engine) = opened(Path::new(&folder));
    assert_eq!(names(&engine), ["First Customer"], "because reading needs no key");
    let refused = add(&engine, "Second Customer").unwrap_err();
    assert_eq!(refused.code, Code::Keyring);
    assert!(!refused.hint.is_empty(), "because the person must know what to do");
    assert_eq!(names(&engine), ["First Customer"]);
}

fn in_a_session(folder: &Path, before: &str, child: &str) {
    let script = format!("{before} exec \"$0\" --exact {child} --nocapture");
    let out = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env_remove("XDG_DATA_HOME")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .expect("dbus-run-session is installed by ./test");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{child}: {said}");
    assert!(said.contains("1 passed"), "{child} ran: {said}");
}

#[test]
fn the_master_key_is_in_the_keyring_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && ";
    in_a_session(folder.path(), unlock, "child_with_the_keyring");
    assert!(!folder.path().join("data/master.key").exists(), "because the keyring has it");
    // The same folder where the keyring is not to be had.
    in_a_session(folder.path(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent ", "child_without_the_keyring");
    assert!(
        !folder.path().join("data/master.key").exists(),
        "because a second key would hide what the first one sealed"
    );
}
