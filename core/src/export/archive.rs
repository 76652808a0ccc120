//! An archive that grows file by file, in a ZIP or in a folder, in constant memory. Each file is hashed on the way; manifest,
//! read-me and list of hashes come last.

use super::place::Draft;
use crate::{
    bundle::pack,
    csv::Table,
    files::{private_folder, private_options},
    keys::hex,
};
use roadworthy_api::{Code, Error, Result, export::ExportCount};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
};
use zip::{ZipWriter, result::ZipError};

/// What [`Manifest::format`] says.
const FORMAT: &str = "roadworthy-export 1";
const README: &str = "README.txt";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUMS: &str = "SHA256SUMS";

/// `manifest.json`.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    format: &'static str,
    /// What was exported, as in `vehicle`.
    what: &'a str,
    /// Version of the program.
    program: &'static str,
    /// When, with the offset of the zone in which all times of the archive are written.
    made: &'a str,
    zone: &'a str,
    counts: &'a [ExportCount],
    /// What is not in it, and why.
    notes: &'a [String],
    /// All files but this one and the list of hashes, in their order.
    files: &'a [FileNote],
}

/// A file of the archive.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FileNote {
    pub(super) name: String,
    /// In a few words.
    pub(super) what: String,
    bytes: u64,
    /// Rows of a table, without its head.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    sha256: String,
}

enum To {
    Zip(Box<ZipWriter<BufWriter<File>>>),
    Folder(Option<BufWriter<File>>),
}

/// An archive that is being written.
pub(super) struct Archive<'a> {
    draft: &'a Draft,
    to: To,
    files: Vec<FileNote>,
    /// What is in it and how many.
    pub(super) counts: Vec<ExportCount>,
    /// What is not in it, and why.
    pub(super) notes: Vec<String>,
    open: Option<Open>,
    large: bool,
}

struct Open {
    name: String,
    what: String,
    bytes: u64,
    sha: Sha256,
}

/// What the read-me says beside the list of files.
pub(super) struct About<'a> {
    pub(super) what: &'a str,
    /// The first line, as in `Everything that is stored of a vehicle`.
    pub(super) title: &'a str,
    /// What to know of it, in paragraphs.
    pub(super) text: &'a str,
    /// When it was made, as ISO 8601 with its offset, and the zone's name.
    pub(super) made: &'a str,
    pub(super) zone: &'a str,
}

impl<'a> Archive<'a> {
    pub(super) fn new(draft: &'a Draft) -> Result<Self> {
        let to = match draft.is_folder() {
            true => To::Folder(None),
            false => To::Zip(Box::new(ZipWriter::new(BufWriter::with_capacity(1 << 16, draft.open()?)))),
        };
        let (files, counts, notes) = Default::default();
        Ok(Self { draft, to, files, counts, notes, open: None, large: false })
    }

    /// What went wrong while a file of it was written.
    pub(super) fn told(&self, error: &io::Error) -> Error {
        self.draft.told(error)
    }

    /// The same, for while it is written to.
    pub(super) fn teller(&self) -> impl Fn(&io::Error) -> Error + use<'a> {
        let draft = self.draft;
        move |error| draft.told(error)
    }

    fn zip_told(&self, error: ZipError) -> Error {
        match error {
            ZipError::Io(error) => self.told(&error),
            other => Error::new(Code::Internal, format!("The archive cannot be written: {other}."))
                .hint("Send the log with a report."),
        }
    }

    /// The next file may hold more than 4 GiB.
    pub(super) fn large(&mut self) {
        self.large = true;
    }

    /// Begins a file; what is written to the archive until [`Self::end`] is its content.
    pub(super) fn begin(&mut self, name: &str, what: &str) -> Result<()> {
        let options = pack::options(6).large_file(std::mem::take(&mut self.large));
        match &mut self.to {
            To::Zip(zip) => {
                let begun = zip.start_file(name, options);
                begun.map_err(|e| self.zip_told(e))?;
            }
            To::Folder(file) => {
                let path = self.draft.path.join(name);
                let made = path
                    .parent()
                    .map_or(Ok(()), private_folder)
                    .and_then(|()| private_options().create_new(true).open(&path));
                *file = Some(BufWriter::new(made.map_err(|e| self.draft.told(&e))?));
            }
        }
        self.open = Some(Open { name: name.to_owned(), what: what.to_owned(), bytes: 0, sha: Sha256::new() });
        Ok(())
    }

    /// Ends the file; `rows`: how many a table has.
    pub(super) fn end(&mut self, rows: Option<u64>) -> Result<()> {
        if let To::Folder(file) = &mut self.to
            && let Some(file) = file.take()
        {
            let synced = file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
            synced.map_err(|e| self.draft.told(&e))?;
        }
        if let Some(Open { name, what, bytes, sha }) = self.open.take() {
            self.files.push(FileNote { name, what, bytes, rows, sha256: hex::write(&sha.finalize()) });
        }
        Ok(())
    }

    /// A whole file.
    pub(super) fn file(&mut self, name: &str, what: &str, bytes: &[u8]) -> Result<()> {
        self.begin(name, what)?;
        self.write_all(bytes).map_err(|e| self.told(&e))?;
        self.end(None)
    }

    /// A whole file of JSON, indented.
    pub(super) fn json(&mut self, name: &str, what: &str, value: &impl Serialize) -> Result<()> {
        self.file(name, what, &json(value)?)
    }

    /// A whole table; text cells are guarded by whoever makes them.
    pub(super) fn table<C: AsRef<str>>(
        &mut self,
        name: &str,
        what: &str,
        head: &[&str],
        rows: impl IntoIterator<Item = Vec<C>>,
    ) -> Result<u64> {
        self.begin(name, what)?;
        let mut table = Table::new(&mut *self);
        let written = table.row(head).and_then(|()| rows.into_iter().try_for_each(|row| table.row(row)));
        let count = table.rows.saturating_sub(1);
        written.map_err(|e| self.told(&e))?;
        self.end(Some(count))?;
        Ok(count)
    }

    /// Rows of the table that is open; how many. Its head is one of them.
    pub(super) fn rows(&mut self, rows: Vec<Vec<String>>) -> Result<u64> {
        let mut table = Table::new(&mut *self);
        let written = rows.into_iter().try_for_each(|row| table.row(row));
        let count = table.rows;
        written.map_err(|e| self.told(&e))?;
        Ok(count)
    }

    /// Notes how many of something it holds.
    pub(super) fn count(&mut self, what: &str, count: u64) {
        match self.counts.iter_mut().find(|c| c.what == what) {
            Some(known) => known.count += count,
            None => self.counts.push(ExportCount { what: what.to_owned(), count }),
        }
    }

    /// Notes something that is not in it, once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Adds what explains it, and ends it. Gives the counts and the notes.
    pub(super) fn finish(mut self, about: &About<'_>) -> Result<(Vec<ExportCount>, Vec<String>)> {
        let readme = self.readme(about);
        self.file(README, "what this is, in plain words", readme.as_bytes())?;
        let manifest = json(&Manifest {
            format: FORMAT,
            what: about.what,
            program: env!("CARGO_PKG_VERSION"),
            made: about.made,
            zone: about.zone,
            counts: &self.counts,
            notes: &self.notes,
            files: &self.files,
        })?;
        self.file(MANIFEST, "versions, counts, and the hash of each file", &manifest)?;
        let sums: String = self.files.iter().map(|f| format!("{}  {}\n", f.sha256, f.name)).collect();
        self.file(SUMS, "the SHA-256 of each file", sums.as_bytes())?;
        if let To::Zip(zip) = std::mem::replace(&mut self.to, To::Folder(None)) {
            let buffer = zip.finish().map_err(|e| self.zip_told(e))?;
            let file = buffer.into_inner().map_err(|e| self.told(e.error()))?;
            file.sync_all().map_err(|e| self.told(&e))?;
        }
        Ok((self.counts, self.notes))
    }

    fn readme(&self, about: &About<'_>) -> String {
        let names = self.files.iter().map(|f| pattern(&f.name).chars().count());
        let width = names.filter(|n| *n < 36).max().unwrap_or(0).max(MANIFEST.len());
        let line = |name: &str, what: &str| format!("{name:<width$}  {what}\n");
        // One line for all files of a kind: a vehicle has hundreds of visits.
        let mut patterns: Vec<String> = Vec::new();
        let mut files = String::new();
        for file in &self.files {
            let pattern = pattern(&file.name);
            if !patterns.contains(&pattern) {
                files.push_str(&line(&pattern, &file.what));
                patterns.push(pattern);
            }
        }
        files.push_str(&line(MANIFEST, "versions, counts and hashes, for programs"));
        files.push_str(&line(SUMS, "the SHA-256 of each file; `sha256sum -c SHA256SUMS` checks them all"));
        let counts: String = self.counts.iter().map(|c| format!("{:>10}  {}\n", c.count, c.what)).collect();
        let missing: String = self.notes.iter().map(|n| format!("- {n}\n")).collect();
        let missing = if missing.is_empty() { String::new() } else { format!("\nWHAT IS NOT IN HERE\n\n{missing}") };
        format!(
            "{}\n\nMade on {} by Roadworthy {}.\n\n{}\n\nWHAT IS IN HERE\n\n{counts}\n{files}{missing}\n\
             HOW TO READ IT\n\n\
             Tables are CSV: UTF-8, commas, decimal points; units stand in the heads. Times are ISO 8601 with their\n\
             offset from UTC. A cell of text that a spreadsheet would run, one that begins with = + - or @, has an\n\
             apostrophe before it that is no part of it. Files ending in .json are for programs; times in them are\n\
             milliseconds since the beginning of 1970 in UTC.\n",
            about.title,
            about.made,
            env!("CARGO_PKG_VERSION"),
            about.text
        )
    }
}

impl Write for Archive<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.to {
            To::Zip(zip) => zip.write(bytes)?,
            To::Folder(Some(file)) => file.write(bytes)?,
            To::Folder(None) => return Err(io::Error::other("no file is open")),
        };
        if let Some(open) = &mut self.open {
            open.bytes += written as u64;
            open.sha.update(bytes.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Zip(zip) => zip.flush(),
            To::Folder(Some(file)) => file.flush(),
            To::Folder(None) => Ok(()),
        }
    }
}

/// A name with `…` for what tells files and folders of one kind apart, as in `visits/…/check.json`.
fn pattern(name: &str) -> String {
    let parts: Vec<String> = name
        .split('/')
        .map(|part| match (part.find(|c: char| c.is_ascii_digit()), name.contains('/')) {
            (Some(_), true) => {
                let kept: String = part.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
                let kind = matches!(kept.as_str(), "vehicle" | "decoding");
                if kind { format!("{kept}-…") } else { "…".to_owned() }
            }
            _ => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| {
        Error::new(Code::Internal, format!("The export cannot be written: {e}.")).hint("Send the log with a report.")
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
