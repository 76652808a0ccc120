//! Folders that cannot be opened say why and what to do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test, in what tests call too")]

use roadworthy_api::{Code, Error};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::{fs, path::Path};

fn open(data: &Path) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options =
        Options { data: data.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    Engine::open(options).map(drop)
}

fn check(data: &Path, code: Code) -> Error {
    let error = open(data).unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(!error.hint.is_empty(), "{error}");
    error
}

#[test]
fn a_folder_is_made_with_all_above_it_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not/there/yet");
    open(&data).unwrap();
    open(&data).unwrap();
    assert!(data.join("roadworthy.db").is_file());
}

#[test]
fn a_database_that_is_none_or_is_damaged_is_unusable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roadworthy.db");
    fs::write(&path, "This is no database at all, however long it may be. ".repeat(100)).unwrap();
    check(folder.path(), Code::DatabaseUnusable);
    fs::remove_file(&path).unwrap();
    open(folder.path()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len().min(60_000);
    bytes[100..end].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    check(folder.path(), Code::DatabaseUnusable);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap();
    let path = folder.path().join("roadworthy.db");
    let mut bytes = fs::read(&path).unwrap();
    let known = u32::from_be_bytes(bytes[60..64].try_into().unwrap());
    // `user_version` stands at offset 60 of the file (SQLite file format, 1.3).
    bytes[60..64].copy_from_slice(&999u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    let error = check(folder.path(), Code::NewerDatabase);
    assert!(error.message.contains(&format!("tables 999, this one knows {known}")), "{error}");
    assert!(error.hint.contains("Install the newest version"), "{error}");
    assert!(fs::read(&path).unwrap() == bytes, "it was written to");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(&data, "x").unwrap();
    check(&data, Code::DatabaseUnusable);
}
