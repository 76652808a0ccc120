//! Backups as typed.

use crate::rig::Home;
use std::fs;

/// Runs a command that ends with this code and says these words.
#[track_caller]
fn check(home: &Home, args: &[&str], code: i32, words: &[&str]) {
    let ended = home.run(args);
    ended.exits(code);
    for word in words {
        assert!(ended.out.contains(word) || ended.err.contains(word), "{word:?} in {ended:#?}");
    }
}

#[test]
fn a_backup_is_made_listed_verified_and_restored() {
    let home = Home::new();
    check(&home, &["backup", "list"], 0, &["no backup yet"]);
    check(&home, &["register", "--plate", "RW-A 1"], 0, &[]);
    let name = home.json(&["backup"])["backup"].as_str().unwrap().to_owned();
    check(&home, &["backup", "list"], 0, &[&name, "asked for"]);
    check(&home, &["backup", "verify", &name], 0, &["The backup is whole"]);
    check(&home, &["register", "--plate", "RW-A 2"], 0, &[]);
    check(&home, &["restore", &name], 2, &["--yes"]);
    let restored = home.json(&["restore", &name, "--yes"]);
    assert_eq!(restored["from"], name.as_str());
    check(&home, &["vehicles"], 0, &["RW-A 1"]);
    check(&home, &["restore", restored["undo"].as_str().unwrap(), "--yes"], 0, &["set aside"]);
    check(&home, &["vehicles"], 0, &["RW-A 2"]);
    check(&home, &["journal", "verify"], 0, &[]);

    let elsewhere = home.file("elsewhere").display().to_string();
    let name = home.json(&["backup", "--to", &elsewhere])["backup"].as_str().unwrap().to_owned();
    let path = home.file("elsewhere").join(name);
    let named = path.display().to_string();
    check(&home, &["backup", "verify", &named], 0, &[]);
    let database = path.join("roadworthy.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[5000] ^= 1;
    fs::write(&database, bytes).unwrap();
    check(&home, &["backup", "verify", &named], 1, &["not byte for byte"]);
    check(&home, &["restore", &named, "--yes"], 1, &["not whole"]);
}

#[test]
fn a_database_that_cannot_be_opened_is_restored() {
    let home = Home::new();
    check(&home, &["register", "--plate", "RW-A 1"], 0, &[]);
    let name = home.json(&["backup"])["backup"].as_str().unwrap().to_owned();
    let database = home.file("data").join("roadworthy.db");
    fs::write(&database, "This is no database at all, however long it may be. ".repeat(100)).unwrap();
    check(&home, &["vehicles"], 1, &[&format!("roadworthy restore {name}")]);
    check(&home, &["restore", &name, "--yes"], 0, &["damaged-"]);
    check(&home, &["vehicles"], 0, &["RW-A 1"]);
    check(&home, &["register", "--plate", "RW-A 2"], 0, &[]);
    check(&home, &["journal", "verify"], 0, &[]);
}
