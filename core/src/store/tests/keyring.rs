use super::*;
use roadworthy_api::{Code, id::PersonId, vehicle::Page};
use rusqlite::Connection;

fn add(store: &Store, id: u128, name: &str) -> Result<()> {
    try_say(store, NOW, kind::PERSON_ADDED, id.to_be_bytes(), |w, event| {
        let name = w.seal(id.to_be_bytes(), event, "name", name)?;
        Ok(serde_json::json!({ "name": name }))
    })
}

/// A folder whose key was kept in a keyring that does not answer, or no longer holds it.
#[test]
fn without_its_keyring_a_folder_reads_but_takes_no_personal_data() -> Result<()> {
    let Own { store, folder } = own();
    add(&store, 1, "Customer One")?;
    register(&store, 7, "1RWTEST00X0000001");
    drop(store);
    let conn = Connection::open(folder.path().join("roadworthy.db")).unwrap();
    conn.execute("update setting set value = '\"keyring\"' where name = 'key_store'", []).unwrap();
    drop(conn);

    let store = open(&folder);
    let people = || -> Page<roadworthy_api::person::Person> {
        store.read(|conn| super::super::person::list(conn, None, 0, 10)).unwrap()
    };
    assert_eq!(people().rows[0].details.name, "Customer One");
    let before = dumps(&store);
    for error in [add(&store, 2, "Customer Two").unwrap_err(), store.rebuild("owner/window", NOW).unwrap_err()] {
        assert_eq!(error.code, Code::Keyring);
        assert!(!error.hint.is_empty());
    }
    assert_eq!(dumps(&store), before, "because what failed changed nothing");
    register(&store, 8, "1RWTEST00X0000002");
    let forgot = kind::Forgot { vehicles: vec![], keys: vec![] };
    say(&store, NOW, kind::PERSON_FORGOTTEN, 1u128.to_be_bytes(), &forgot);
    assert!(people().rows.is_empty(), "because forgetting needs no key");
    assert!(store.read(|conn| super::super::person::is_forgotten(conn, PersonId(1)))?);
    assert!(store.verify()?.faults.is_empty());
    Ok(())
}

#[test]
fn a_damaged_key_is_told_and_never_read_as_an_empty_field() -> Result<()> {
    let here = own();
    add(&here, 1, "Customer One")?;
    let conn = Connection::open(here.path()).unwrap();
    conn.execute("update person_key set wrapped = zeroblob(72)", []).unwrap();
    assert_eq!(here.rebuild("owner/window", NOW).unwrap_err().code, Code::DatabaseUnusable);
    let name = here.read(|conn| super::super::person::get(conn, PersonId(1)))?.unwrap().name;
    assert_eq!(name, "Customer One");
    Ok(())
}
