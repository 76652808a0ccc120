//! Other programs of this machine, as far as this user may see them: `/proc` shows everybody's names, and the open files of
//! this user's programs only.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Programs that open every new serial device to see whether it is theirs.
const CURIOUS: [&str; 2] = ["brltty", "ModemManager"];

/// Name of another program that has the file open. `proc` is `/proc`.
pub(super) fn holder(proc: &Path, device: &Path) -> Option<String> {
    let own = std::process::id().to_string();
    all(proc).find(|p| !p.ends_with(&own) && open_files(p).any(|f| f == device)).map(|p| {
        let name = name(&p);
        if name.is_empty() { "another program".into() } else { name }
    })
}

/// Those of the [`CURIOUS`] that run: one of them may hold what nobody is seen to hold, since they run as root.
pub(super) fn curious(proc: &Path) -> Vec<&'static str> {
    let names: Vec<String> = all(proc).map(|p| name(&p)).collect();
    CURIOUS.into_iter().filter(|c| names.iter().any(|n| n == c)).collect()
}

fn all(proc: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(proc).into_iter().flatten().filter_map(Result::ok).map(|e| e.path());
    entries.filter(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())))
}

fn name(process: &Path) -> String {
    let raw = fs::read(process.join("comm")).unwrap_or_default();
    String::from_utf8_lossy(&raw).chars().filter(|c| !c.is_control()).take(80).collect()
}

fn open_files(process: &Path) -> impl Iterator<Item = PathBuf> {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten();
    files.filter_map(Result::ok).filter_map(|f| fs::read_link(f.path()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_that_holds_a_device_is_named() {
        let path = std::env::temp_dir().join(format!("roadworthy-held-{}", std::process::id()));
        let held = fs::File::create(&path).unwrap();
        let mut other = std::process::Command::new("sleep").arg("30").stdin(held).spawn().unwrap();
        // Until it has become `sleep`, it is this test's own copy.
        let name = (0..200).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            holder(Path::new("/proc"), &path).filter(|name| name == "sleep")
        });
        other.kill().unwrap();
        other.wait().unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(name.as_deref(), Some("sleep"));
    }

    #[test]
    fn programs_that_try_every_device_are_known_by_name() {
        let proc = std::env::temp_dir().join(format!("roadworthy-proc-{}", std::process::id()));
        for (pid, comm) in [("1", "systemd"), ("77", "ModemManager"), ("self", "brltty")] {
            fs::create_dir_all(proc.join(pid)).unwrap();
            fs::write(proc.join(pid).join("comm"), format!("{comm}\n")).unwrap();
        }
        let found = curious(&proc);
        fs::remove_dir_all(&proc).unwrap();
        assert_eq!(found, ["ModemManager"]);
    }
}
