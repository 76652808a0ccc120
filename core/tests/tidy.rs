//! The mechanical invariants of ARCHITECTURE.md, held by reading the tree.

#![allow(clippy::unwrap_used, reason = "what reads the tree stops at the first thing that is not as it says")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file below the given folders with one of the given endings, as (path from the root, text).
fn files(folders: &[&str], endings: &[&str]) -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && !["target", "dist", "node_modules", "gen"].contains(&name.as_str()) {
                    walk(&path, out);
                }
            } else {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    for folder in folders {
        let dir = root().join(folder);
        if dir.is_dir() {
            walk(&dir, &mut paths);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .filter(|p| endings.iter().any(|e| p.to_string_lossy().ends_with(e)))
        .filter_map(|p| {
            Some((p.strip_prefix(root()).ok()?.to_string_lossy().into_owned(), fs::read_to_string(&p).ok()?))
        })
        .collect()
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap()
}

/// The `[dependencies]` part of a manifest: what the shipped crate leans on.
fn dependencies(folder: &str) -> Vec<String> {
    let text = manifest(folder);
    let part = text.split("\n[dependencies]").nth(1).unwrap_or("");
    let part = part.split("\n[").next().unwrap_or("");
    part.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split(['=', '.', ' ']).next())
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("core/api", &[][..]),
        ("core/obd", &["roadworthy-api"][..]),
        ("core/simulator", &["roadworthy-api", "roadworthy-obd"][..]),
        ("core", &["roadworthy-api", "roadworthy-obd", "roadworthy-simulator"][..]),
        ("server", &["roadworthy-api", "roadworthy-core"][..]),
        ("ui", &["roadworthy-api"][..]),
    ]);
    for (folder, may) in allowed {
        for dependency in dependencies(folder).iter().filter(|d| d.starts_with("roadworthy-")) {
            assert!(
                may.contains(&dependency.as_str()),
                "{folder} leans on {dependency}, because dependencies point one way it may not"
            );
        }
    }
}

#[test]
fn the_contract_needs_serde_and_nothing_heavier() {
    assert_eq!(
        dependencies("core/api"),
        ["serde"],
        "the interface carries every dependency of the contract into the browser"
    );
}

#[test]
fn only_the_store_holds_sql() {
    let words = [
        "\"select ",
        "insert into ",
        "insert or ",
        "\"update ",
        "delete from ",
        "pragma ",
        "create table",
        " from journal",
    ];
    for (path, text) in files(&["core", "server/src", "cli/src", "src-tauri/src", "ui/src"], &[".rs"]) {
        if path.starts_with("core/src/store") || path.contains("/tests/") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for (number, line) in code.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.to_lowercase().contains(word), "{path}:{}: SQL outside core/src/store", number + 1);
            }
        }
    }
}

#[test]
fn only_the_shell_and_the_backend_name_tauri() {
    for (path, text) in files(&["core", "server", "cli", "ui/src"], &[".rs"]) {
        if path == "ui/src/backend.rs" || path.starts_with("ui/src/backend/") || path.ends_with("tests/tidy.rs") {
            continue;
        }
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        assert!(!code.to_lowercase().contains("tauri"), "{path} names Tauri; only src-tauri and ui/src/backend.rs do");
    }
}

#[test]
fn only_obd_touches_a_port_to_a_vehicle() {
    for (path, text) in files(&["core/src", "server/src", "cli/src", "ui/src", "src-tauri/src"], &[".rs"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for word in ["tokio_serial", "serialport", "socketcan", "bluer", "btleplug"] {
            assert!(!code.contains(word), "{path} names {word}; ports to vehicles are opened in core/obd");
        }
    }
}

#[test]
fn decoding_does_no_io_and_never_reads_the_clock() {
    let pure = [
        "core/obd/src/decode",
        "core/obd/src/frame",
        "core/obd/src/line",
        "core/src/acquire",
        "core/src/diagnose",
        "core/src/import",
    ];
    for (path, text) in files(&pure, &[".rs"]) {
        // Imports are jobs on files; what they read is told by the others of that room.
        if path.contains("/tests/") || path == "core/src/import/run.rs" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for word in ["SystemTime", "Instant::now", "std::fs", "std::net", "tokio::"] {
            assert!(!code.contains(word), "{path} uses {word}; decoding is bytes in, readings out");
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for folder in ["core", "core/api", "core/obd", "core/simulator", "server", "cli", "ui", "bench", "xtask", "."] {
        assert!(manifest(folder).contains("[lints]\nworkspace = true"), "{folder}/Cargo.toml");
    }
    assert!(manifest(".").contains("unsafe_code = \"forbid\""));
}

#[test]
fn no_room_is_called_utils_helper_or_manager() {
    for (path, _) in files(&["."], &[".rs"]) {
        let stem = Path::new(&path).file_stem().unwrap().to_string_lossy().into_owned();
        for word in ["util", "helper", "manager", "misc", "common"] {
            assert!(!stem.contains(word), "{path}: name it after its noun");
        }
    }
}

#[test]
fn nothing_is_left_unfinished_or_silenced_without_a_reason() {
    for (path, text) in files(&["."], &[".rs"]) {
        if path.ends_with("tests/tidy.rs") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for word in ["todo!(", "unimplemented!(", "FIXME", "XXX", "#[ignore]"] {
                assert!(!line.contains(word), "{path}:{}: {word}", number + 1);
            }
            if line.contains("allow(") && line.trim_start().starts_with("#") {
                let rest: String = text.lines().skip(number).take(8).collect();
                assert!(rest.contains("reason"), "{path}:{}: an allow without its reason", number + 1);
            }
        }
    }
}

/// The licences that `deny.toml` allows hold for every package of the lock file .
#[test]
fn every_dependency_has_an_allowed_licence() {
    let out = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let allowed = |name: &str| deny.contains(&format!("\"{name}\""));
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the metadata lists the tree");
    for package in packages {
        let (name, licence) = (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or(""));
        // An expression is taken apart only as far as the tree's expressions go: a slash or OR offers a choice, AND needs all.
        let satisfied = licence
            .replace(['(', ')'], "")
            .replace('/', " OR ")
            .split(" AND ")
            .all(|part| part.split(" OR ").any(|choice| allowed(choice.trim())));
        assert!(
            satisfied || package["license_file"].is_string(),
            "{name}: licence {licence:?} is not allowed in deny.toml"
        );
    }
}
