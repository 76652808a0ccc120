//! Sound inputs to start from.

use std::path::Path;

/// Those of the case files, by a field of theirs.
pub(crate) fn seeds(field: &str) -> Vec<serde_json::Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../obd/tests/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let rows: Vec<serde_json::Value> = paths
        .iter()
        .flat_map(|path| {
            std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<_>>()
        })
        .filter(|case: &serde_json::Value| case.get(field).is_some_and(|f| f.is_object() || field != "in"))
        .collect();
    assert!(rows.len() > 100, "only {} seeds with {field}", rows.len());
    rows
}
