use super::*;
use roadworthy_api::{
    calls::{ExportLog, ListFlags, VerifyJournal},
    role::Door,
};

fn exports(engine: &Engine, n: usize) {
    // Whether there is a log to export does not matter: asking for it counts.
    (0..n).for_each(|_| drop(ask(engine, ExportLog {})));
}

#[test]
fn unusual_behaviour_is_journalled_and_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let engine = open(folder.path(), &runtime);
    exports(&engine, 19);
    assert_eq!(ask(&engine, ListFlags {}).unwrap(), []);
    drop(engine);

    let engine = open(folder.path(), &runtime);
    exports(&engine, 1);
    let flags = ask(&engine, ListFlags {}).unwrap();
    assert_eq!(flags.len(), 1, "because the 19 before the restart count");
    assert_eq!((flags[0].actor.as_str(), flags[0].risk), ("owner/window", 0.5));
    assert_eq!(flags[0].reason, "20 exports in an hour, at most 10 expected.");
    drop(engine);

    let engine = open(folder.path(), &runtime);
    assert_eq!(ask(&engine, ListFlags {}).unwrap(), flags);
    exports(&engine, 1);
    assert_eq!(ask(&engine, ListFlags {}).unwrap().len(), 1, "because the same hour was flagged already");
    assert_eq!(ask(&engine, VerifyJournal {}).unwrap().faults, []);
}

#[test]
fn doors_are_told_apart_and_nothing_is_blocked() {
    let own = own();
    exports(&own, 40);
    assert!(ask(&own, ListFlags {}).unwrap().iter().all(|flag| flag.actor == "owner/window"));
    let terminal = Actor::owner(Door::CommandLine);
    call::call(&**own, &terminal, ListFlags {}).unwrap();
}
