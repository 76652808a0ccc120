//! A display of our own and what runs on it.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A process group that ends when dropped.
pub(crate) struct Group(pub(crate) Child);

impl Group {
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        Self(command.process_group(0).spawn().unwrap_or_else(|e| panic!("{name} does not start: {e}")))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        std::thread::sleep(Duration::from_millis(300));
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// An X server on a number that no one else uses.
pub(crate) struct Display {
    pub(crate) name: String,
    _server: Group,
}

impl Display {
    pub(crate) fn open() -> Self {
        let mut server = Group::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let mut line = String::new();
        BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { name: format!(":{}", line.trim()), _server: server }
    }

    /// Starts a program here and returns how long it took until a window's title held `words`.
    pub(crate) fn until_title(&self, command: &mut Command, words: &str) -> (Duration, Group) {
        let begin = Instant::now();
        let group = Group::start(
            command
                .env("DISPLAY", &self.name)
                .env("GDK_BACKEND", "x11")
                .env_remove("WAYLAND_DISPLAY")
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        loop {
            let found = Command::new("xdotool")
                .args(["search", "--name", words])
                .env("DISPLAY", &self.name)
                .stderr(Stdio::null())
                .output();
            let found = found.expect("xdotool is installed (Debian package xdotool)");
            if !found.stdout.is_empty() {
                return (begin.elapsed(), group);
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "no window titled {words:?} within a minute");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Proportional set size in MiB of a process and all its descendants.
pub(crate) fn pss_of_tree(root: u32) -> f64 {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The second field may hold spaces, so count from its closing bracket.
        let parent = stat.rsplit(')').next().and_then(|s| s.split_whitespace().nth(1)).and_then(|s| s.parse().ok());
        parents.push((pid, parent.unwrap_or(0)));
    }
    let mut tree = vec![root];
    let mut i = 0;
    while i < tree.len() {
        let parent = tree[i];
        tree.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        i += 1;
    }
    let kib: f64 = tree
        .iter()
        .filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok())
        .filter_map(|text| text.lines().find(|l| l.starts_with("Pss:"))?.split_whitespace().nth(1)?.parse::<f64>().ok())
        .sum();
    kib / 1024.0
}
