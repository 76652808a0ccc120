//! What a disk may hold when the power goes: what was flushed, and of the rest whatever chance has it.
//!
//! Harsher than the file systems that Linux has by default:
//!
//! - Of bytes written and not flushed each sector of 512 is there or not; a file may have grown by sectors that were never
//!   written, with anything in them.
//! - A name (made, renamed, removed) lasts once its folder was flushed, and only then; before that each change of a name is there
//!   or not, by itself. Flushing a file does not make its name last. ext4 would keep names in their order, and those of a flushed
//!   file.
//! - The memory that SQLite shares beside a database (`-shm`) is gone.

use crate::{
    chance::Chance,
    trace::{Call, Step},
};
use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

const SECTOR: usize = 512;

/// A change of a file that was not flushed yet.
enum Change<'t> {
    Write { at: usize, bytes: &'t [u8] },
    Truncate(usize),
}

/// A change of a name that was not flushed yet.
enum Rename {
    Made(OsString, usize),
    Gone(OsString),
    Moved(OsString, OsString),
}

#[derive(Default)]
struct Inode<'t> {
    // Of a file.
    bytes: Vec<u8>,
    size: usize,
    /// With the number of the call, and whether it has ended.
    changes: Vec<(usize, bool, Change<'t>)>,
    // Of a folder.
    folder: bool,
    lasting: BTreeMap<OsString, usize>,
    names: BTreeMap<OsString, usize>,
    renames: Vec<Rename>,
}

#[derive(Clone, Copy)]
struct Open {
    inode: usize,
    at: usize,
    append: bool,
}

/// The disk below one folder.
pub(crate) struct Disk<'t> {
    root: PathBuf,
    inodes: Vec<Inode<'t>>,
    open: HashMap<i32, Open>,
    /// Calls that have begun and not ended.
    begun: HashMap<usize, &'t Call>,
    /// Of each flush that has begun: what had ended by then.
    syncing: HashMap<usize, (usize, Vec<usize>, usize)>,
    /// What was written to the standard output.
    pub(crate) said: Vec<u8>,
}

impl<'t> Disk<'t> {
    /// With what lies in the folder now.
    pub(crate) fn new(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            inodes: Vec::new(),
            open: HashMap::new(),
            begun: HashMap::new(),
            syncing: HashMap::new(),
            said: Vec::new(),
        };
        disk.load(root);
        disk
    }

    /// The paths of the calls are below this folder, of which the one that was loaded is a copy.
    pub(crate) fn stands_for(&mut self, root: &Path) {
        self.root = root.to_owned();
    }

    fn load(&mut self, path: &Path) -> usize {
        let number = self.inodes.len();
        self.inodes.push(Inode::default());
        if path.is_dir() {
            let mut names = BTreeMap::new();
            for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
                names.insert(entry.file_name(), self.load(&entry.path()));
            }
            let inode = &mut self.inodes[number];
            (inode.folder, inode.lasting, inode.names) = (true, names.clone(), names);
        } else {
            let bytes = fs::read(path).unwrap();
            let inode = &mut self.inodes[number];
            (inode.size, inode.bytes) = (bytes.len(), bytes);
        }
        number
    }

    /// The folder that a path names something in, and the name; `None` outside of the root.
    fn place(&self, at: Option<i32>, path: &Path) -> Option<(usize, OsString)> {
        let (mut inode, path) = match at.filter(|_| path.is_relative()) {
            Some(fd) => (self.open.get(&fd)?.inode, path),
            None => (0, path.strip_prefix(&self.root).ok()?),
        };
        let mut parts: Vec<&std::ffi::OsStr> = path.iter().collect();
        let last = parts.pop()?;
        for part in parts {
            inode = *self.inodes[inode].names.get(part)?;
        }
        self.inodes[inode].folder.then(|| (inode, last.to_owned()))
    }

    fn named(&self, at: Option<i32>, path: &Path) -> Option<usize> {
        if path == self.root {
            return Some(0);
        }
        let (folder, name) = self.place(at, path)?;
        self.inodes[folder].names.get(&name).copied()
    }

    /// What happens next.
    pub(crate) fn step(&mut self, step: &'t Step) {
        match step {
            Step::Begin(number, call) => self.begin(*number, call),
            Step::End(number, result) => {
                if let Some(call) = self.begun.remove(number) {
                    self.end(*number, call, *result);
                }
            }
        }
    }

    fn begin(&mut self, number: usize, call: &'t Call) {
        self.begun.insert(number, call);
        match call {
            // Its number may be given again before it is told that this has ended.
            Call::Close(fd) => drop(self.open.remove(fd)),
            Call::Write { fd: 1, bytes, .. } if !self.open.contains_key(&1) => self.said.extend(bytes),
            Call::Write { fd, bytes, at } => {
                let Some(open) = self.open.get_mut(fd) else { return };
                let inode = &mut self.inodes[open.inode];
                let at = match at {
                    Some(at) => usize::try_from(*at).unwrap(),
                    None if open.append => inode.size,
                    None => open.at,
                };
                open.at = at + bytes.len();
                inode.size = inode.size.max(at + bytes.len());
                inode.changes.push((number, false, Change::Write { at, bytes }));
            }
            Call::Truncate { fd, length } => {
                let Some(open) = self.open.get(fd) else { return };
                let (inode, length) = (&mut self.inodes[open.inode], usize::try_from(*length).unwrap());
                inode.size = length;
                inode.changes.push((number, false, Change::Truncate(length)));
            }
            Call::Sync(fd) => {
                let Some(open) = self.open.get(fd) else { return };
                let inode = &self.inodes[open.inode];
                let ended = inode.changes.iter().filter(|(_, ended, _)| *ended).map(|(number, ..)| *number).collect();
                self.syncing.insert(number, (open.inode, ended, inode.renames.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, number: usize, call: &'t Call, result: i64) {
        match call {
            Call::Write { fd: _, bytes, .. } => self.ended(number, result == bytes.len().cast_signed() as i64),
            Call::Truncate { .. } => self.ended(number, result == 0),
            _ if result < 0 => {}
            Call::Open { at, path, create, truncate, append } => {
                let Some(inode) = self.opened(*at, path, *create) else { return };
                if *truncate {
                    self.inodes[inode].size = 0;
                    self.inodes[inode].changes.push((number, true, Change::Truncate(0)));
                }
                self.open.insert(i32::try_from(result).unwrap(), Open { inode, at: 0, append: *append });
            }
            Call::Duplicate(fd) => {
                if let Some(open) = self.open.get(fd).copied() {
                    self.open.insert(i32::try_from(result).unwrap(), open);
                }
            }
            Call::Seek(fd) => {
                if let Some(open) = self.open.get_mut(fd) {
                    open.at = usize::try_from(result).unwrap();
                }
            }
            Call::Rename { from, to } => self.renamed(from, to),
            Call::Link { from, to } => {
                if let (Some(inode), Some((folder, name))) = (self.named(from.0, &from.1), self.place(to.0, &to.1)) {
                    self.called(folder, name, inode);
                }
            }
            Call::MakeFolder(at, path) => {
                if let Some((folder, name)) = self.place(*at, path) {
                    let inode = self.made(folder, name);
                    self.inodes[inode].folder = true;
                }
            }
            Call::Remove(at, path) => {
                if let Some((folder, name)) = self.place(*at, path) {
                    let folder = &mut self.inodes[folder];
                    folder.names.remove(&name);
                    folder.renames.push(Rename::Gone(name));
                }
            }
            Call::Sync(_) => self.synced(number),
            Call::Close(_) => {}
            Call::Other { name, fd } => {
                let ours = fd.is_none_or(|fd| self.open.contains_key(&fd));
                assert!(!ours, "{name} is not known to this model of a disk");
            }
        }
    }

    /// A change has ended; one that failed, or was done in part only, is none that this model knows.
    fn ended(&mut self, number: usize, whole: bool) {
        for inode in &mut self.inodes {
            if let Some(change) = inode.changes.iter_mut().rev().find(|(n, ..)| *n == number) {
                assert!(whole, "a write was cut short");
                change.1 = true;
                return;
            }
        }
    }

    fn opened(&mut self, at: Option<i32>, path: &Path, create: bool) -> Option<usize> {
        if let Some(known) = self.named(at, path) {
            return Some(known);
        }
        let (folder, name) = self.place(at, path).filter(|_| create)?;
        Some(self.made(folder, name))
    }

    fn made(&mut self, folder: usize, name: OsString) -> usize {
        let number = self.inodes.len();
        self.inodes.push(Inode::default());
        self.called(folder, name, number);
        number
    }

    fn called(&mut self, folder: usize, name: OsString, inode: usize) {
        self.inodes[folder].names.insert(name.clone(), inode);
        self.inodes[folder].renames.push(Rename::Made(name, inode));
    }

    fn renamed(&mut self, from: &(Option<i32>, PathBuf), to: &(Option<i32>, PathBuf)) {
        let (Some((folder, old)), Some((into, new))) = (self.place(from.0, &from.1), self.place(to.0, &to.1)) else {
            return;
        };
        if folder != into {
            // Harsher than any disk: either name may last without the other, or neither.
            if let Some(inode) = self.inodes[folder].names.remove(&old) {
                self.inodes[folder].renames.push(Rename::Gone(old));
                self.called(into, new, inode);
            }
            return;
        }
        let folder = &mut self.inodes[folder];
        if let Some(inode) = folder.names.remove(&old) {
            folder.names.insert(new.clone(), inode);
            folder.renames.push(Rename::Moved(old, new));
        }
    }

    fn synced(&mut self, number: usize) {
        let Some((inode, ended, renames)) = self.syncing.remove(&number) else { return };
        let inode = &mut self.inodes[inode];
        let Inode { bytes, changes, .. } = inode;
        changes.retain(|(number, _, change)| {
            let flushed = ended.contains(number);
            if flushed {
                match change {
                    Change::Write { at, bytes: new } => put(bytes, *at, new),
                    Change::Truncate(length) => bytes.resize(*length, 0),
                }
            }
            !flushed
        });
        let rest = inode.renames.split_off(renames.min(inode.renames.len()));
        for rename in std::mem::replace(&mut inode.renames, rest) {
            apply(&mut inode.lasting, &rename);
        }
    }

    /// Writes what may be there now into a folder that is empty.
    pub(crate) fn cut(&self, into: &Path, chance: &mut Chance) {
        let mood = Mood { bytes: likely(chance), names: likely(chance), whole: chance.below(2) == 0 };
        self.write(0, into, &mood, chance);
    }

    fn write(&self, inode: usize, path: &Path, mood: &Mood, chance: &mut Chance) {
        let inode = &self.inodes[inode];
        if !inode.folder {
            fs::write(path, inode.left(mood, chance)).unwrap();
            return;
        }
        if !path.exists() {
            fs::create_dir(path).unwrap();
        }
        let mut names = inode.lasting.clone();
        for rename in &inode.renames {
            if chance.share() < mood.names {
                apply(&mut names, rename);
            }
        }
        for (name, inode) in names {
            if !name.to_string_lossy().ends_with("-shm") {
                self.write(inode, &path.join(name), mood, chance);
            }
        }
    }
}

/// How likely each thing that was not flushed is there, and whether calls are there whole or sector by sector.
struct Mood {
    bytes: f64,
    names: f64,
    whole: bool,
}

/// Often nothing of it, or all.
fn likely(chance: &mut Chance) -> f64 {
    match chance.below(4) {
        0 => 0.0,
        1 => 1.0,
        _ => chance.share(),
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    if bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
    bytes[at..at + new.len()].copy_from_slice(new);
}

fn apply(names: &mut BTreeMap<OsString, usize>, rename: &Rename) {
    match rename {
        Rename::Made(name, inode) => drop(names.insert(name.clone(), *inode)),
        Rename::Gone(name) => drop(names.remove(name)),
        Rename::Moved(from, to) => {
            if let Some(inode) = names.remove(from) {
                names.insert(to.clone(), inode);
            }
        }
    }
}

impl Inode<'_> {
    fn left(&self, mood: &Mood, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for (_, _, change) in &self.changes {
            let whole = chance.share() < mood.bytes;
            match change {
                Change::Truncate(length) if whole => bytes.resize(*length, 0),
                Change::Truncate(_) => {}
                Change::Write { at, bytes: new } => {
                    let mut from = 0;
                    while from < new.len() {
                        // To the end of the sector of the file.
                        let to = (from + SECTOR - (at + from) % SECTOR).min(new.len());
                        if if mood.whole { whole } else { chance.share() < mood.bytes } {
                            grow(&mut bytes, at + from, chance);
                            put(&mut bytes, at + from, &new[from..to]);
                        }
                        from = to;
                    }
                    if chance.below(4) == 0 {
                        grow(&mut bytes, at + new.len(), chance);
                    }
                }
            }
        }
        bytes
    }
}

/// Sectors that were never written hold nothing, or anything.
fn grow(bytes: &mut Vec<u8>, to: usize, chance: &mut Chance) {
    let anything = chance.below(2) == 0;
    while bytes.len() < to {
        bytes.push(if anything { chance.next() as u8 } else { 0 });
    }
}
