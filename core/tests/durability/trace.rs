//! What strace says that a process asked of the file system, in its order.

use std::{
    ffi::OsString,
    fs::File,
    io::{BufRead, BufReader},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Calls that change files, their names or what a file descriptor means.
const CALLS: &str = "open,openat,creat,close,dup,dup2,dup3,fcntl,write,writev,pwrite64,pwritev,pwritev2,lseek,ftruncate,truncate,\
    fallocate,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,fsync,fdatasync,sync_file_range,msync,link,linkat,\
    symlink,symlinkat,copy_file_range,sendfile";

/// A call's arguments.
#[derive(Debug)]
pub(crate) enum Call {
    Open {
        at: Option<i32>,
        path: PathBuf,
        create: bool,
        truncate: bool,
        append: bool,
    },
    Close(i32),
    Duplicate(i32),
    /// `at`: `None` where the descriptor stands.
    Write {
        fd: i32,
        bytes: Vec<u8>,
        at: Option<u64>,
    },
    Seek(i32),
    Truncate {
        fd: i32,
        length: u64,
    },
    Rename {
        from: (Option<i32>, PathBuf),
        to: (Option<i32>, PathBuf),
    },
    /// A second name of a file.
    Link {
        from: (Option<i32>, PathBuf),
        to: (Option<i32>, PathBuf),
    },
    MakeFolder(Option<i32>, PathBuf),
    /// A file or a folder.
    Remove(Option<i32>, PathBuf),
    Sync(i32),
    /// What the model of the disk does not know.
    Other {
        name: String,
        fd: Option<i32>,
    },
}

/// A call begins, or the one with this number ends and gives this.
#[derive(Debug)]
pub(crate) enum Step {
    Begin(usize, Call),
    End(usize, i64),
}

/// Whether processes may be traced here.
pub(crate) fn possible() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-f", "-qq", "-e", "trace=none", "-o", "/dev/null", "true"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Runs a program to its end and gives what it asked for.
pub(crate) fn run(program: &Path, arguments: &[&str], environment: &[(&str, String)], into: &Path) -> Vec<Step> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "--seccomp-bpf", "-xx", "-s", "16777216", "-e", "signal=none"]);
    strace.arg("-e").arg(format!("trace={CALLS}")).arg("-o").arg(into).arg(program).args(arguments);
    strace.envs(environment.iter().map(|(name, value)| (name, value)));
    let status = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{status}");
    read(BufReader::with_capacity(1 << 20, File::open(into).unwrap()))
}

fn read(mut lines: impl BufRead) -> Vec<Step> {
    let (mut steps, mut number) = (Vec::new(), 0);
    // What has begun and not ended, by thread.
    let mut open = std::collections::HashMap::<String, usize>::new();
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        let (thread, rest) = line.trim_end().split_once(' ').unwrap();
        let (thread, rest) = (thread.to_owned(), rest.trim_start());
        if let Some(resumed) = rest.strip_prefix("<... ") {
            if let (Some(begun), Some(result)) = (open.remove(&thread), result(resumed)) {
                steps.push(Step::End(begun, result));
            }
        } else if let Some((name, arguments)) = rest.split_once('(').filter(|_| !rest.starts_with(['+', '-'])) {
            let unfinished = arguments.strip_suffix(" <unfinished ...>");
            let listed =
                unfinished.unwrap_or_else(|| arguments.rsplit_once(')').map_or(arguments, |(listed, _)| listed));
            // An error is followed by its words in brackets.
            let listed =
                if unfinished.is_some() { listed } else { arguments.split_once(") ").map_or(listed, |(l, _)| l) };
            let arguments: Vec<&str> = listed.split(", ").collect();
            if let Some(call) = call(name, &arguments) {
                steps.push(Step::Begin(number, call));
                match (unfinished, result(rest)) {
                    (Some(_), _) => drop(open.insert(thread, number)),
                    (None, Some(result)) => steps.push(Step::End(number, result)),
                    (None, None) => {}
                }
                number += 1;
            }
        }
        line.clear();
    }
    steps
}

/// What stands behind the last `= `; `None` where the process ended before.
fn result(line: &str) -> Option<i64> {
    let (_, result) = line.rsplit_once(" = ")?;
    result.split(' ').next()?.parse().ok()
}

/// The bytes of a text that is written out as `"\x61\x62"`.
fn bytes(text: &str) -> Vec<u8> {
    let digit = |d: u8| if d.is_ascii_digit() { d - b'0' } else { d - b'a' + 10 };
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let text = text.unwrap_or_else(|| panic!("a text was cut short"));
    text.as_bytes().chunks_exact(4).map(|c| digit(c[2]) << 4 | digit(c[3])).collect()
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes(text)))
}

fn call(name: &str, arguments: &[&str]) -> Option<Call> {
    let number = |n: usize| arguments.get(n).and_then(|a| a.parse::<i64>().ok());
    let fd = |n: usize| number(n).map(|fd| i32::try_from(fd).unwrap());
    let place = |n: usize| (fd(n), path(arguments[n + 1]));
    let here = |n: usize| (None, path(arguments[n]));
    let opened = |(at, path): (Option<i32>, PathBuf), flags: &str| {
        let has = |flag: &str| flags.split('|').any(|f| f == flag);
        Call::Open { at, path, create: has("O_CREAT"), truncate: has("O_TRUNC"), append: has("O_APPEND") }
    };
    let write = |at: Option<u64>| Call::Write { fd: fd(0).unwrap(), bytes: bytes(arguments[1]), at };
    Some(match name {
        "openat" => opened(place(0), arguments[2]),
        "open" => opened(here(0), arguments[1]),
        "close" => Call::Close(fd(0)?),
        "dup" => Call::Duplicate(fd(0)?),
        "fcntl" if arguments.get(1).is_some_and(|a| a.starts_with("F_DUPFD")) => Call::Duplicate(fd(0)?),
        "fcntl" => return None,
        "write" => write(None),
        "pwrite64" => write(number(3).map(i64::cast_unsigned)),
        "lseek" => Call::Seek(fd(0)?),
        "ftruncate" => Call::Truncate { fd: fd(0)?, length: number(1)?.cast_unsigned() },
        "rename" => Call::Rename { from: here(0), to: here(1) },
        "renameat" | "renameat2" => Call::Rename { from: place(0), to: place(2) },
        "link" => Call::Link { from: here(0), to: here(1) },
        "linkat" => Call::Link { from: place(0), to: place(2) },
        "mkdir" => Call::MakeFolder(None, path(arguments[0])),
        "mkdirat" => Call::MakeFolder(fd(0), path(arguments[1])),
        "unlink" | "rmdir" => Call::Remove(None, path(arguments[0])),
        "unlinkat" => Call::Remove(fd(0), path(arguments[1])),
        "fsync" | "fdatasync" => Call::Sync(fd(0)?),
        other => Call::Other { name: other.to_owned(), fd: fd(0) },
    })
}

#[test]
fn a_trace_reads_as_what_was_asked_for() {
    let trace = b"7 openat(AT_FDCWD, \"\\x61\\x2f\\x62\", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 4\n\
        7 openat(AT_FDCWD, \"\\x61\", O_RDONLY) = -1 ENOENT (No such file or directory)\n\
        8 pwrite64(4, \"\\x00\\xff\", 2, 350 <unfinished ...>\n\
        7 fsync(4)                          = 0\n\
        8 <... pwrite64 resumed>)           = 2\n\
        8 write(1, \"\\x29\\x20\\x3d\\x20\", 4) = 4\n\
        7 close(4 <unfinished ...>\n\
        7 +++ exited with 0 +++\n";
    let steps: Vec<String> = read(&trace[..]).iter().map(|step| format!("{step:?}")).collect();
    assert_eq!(
        steps,
        [
            "Begin(0, Open { at: None, path: \"a/b\", create: true, truncate: false, append: false })",
            "End(0, 4)",
            "Begin(1, Open { at: None, path: \"a\", create: false, truncate: false, append: false })",
            "End(1, -1)",
            "Begin(2, Write { fd: 4, bytes: [0, 255], at: Some(350) })",
            "Begin(3, Sync(4))",
            "End(3, 0)",
            "End(2, 2)",
            "Begin(4, Write { fd: 1, bytes: [41, 32, 61, 32], at: None })",
            "End(4, 4)",
            "Begin(5, Close(4))",
        ]
    );
}
