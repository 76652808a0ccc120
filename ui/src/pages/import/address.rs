//! What the page is about, as its address says it: for which vehicle, which file, what it is taken for, which import runs. A reload shows the same.

use crate::parts::choose::Picked;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use roadworthy_api::{
    history::FileNature,
    id::{JobId, VehicleId},
    import::ImportFile,
};

/// What a file can be, and how an address says it.
const NATURES: [(FileNature, &str); 2] = [(FileNature::Log, "log"), (FileNature::History, "history")];

/// What it is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) vehicle: Option<VehicleId>,
    pub(super) file: Option<Picked>,
    /// What the file is taken for; `None`: not looked at yet.
    pub(super) nature: Option<FileNature>,
    pub(super) job: Option<JobId>,
}

impl Place {
    fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let full = |key: &str| get(key).filter(|text| !text.is_empty());
        let file = match (full("stored"), full("path")) {
            (Some(hash), _) => Some(ImportFile::Stored { hash }),
            (None, Some(path)) => Some(ImportFile::Path { path }),
            (None, None) => None,
        };
        let name = full("name").unwrap_or_else(|| "The file".into());
        Self {
            vehicle: full("vehicle").and_then(|t| t.parse().ok()),
            file: file.map(|file| Picked { file, name }),
            nature: NATURES.iter().find(|(_, key)| full("as").as_deref() == Some(*key)).map(|(nature, _)| *nature),
            job: full("job").and_then(|t| t.parse().ok()),
        }
    }

    /// As an address.
    pub(super) fn written(&self) -> String {
        let mut query = ParamsMap::new();
        if let Some(vehicle) = self.vehicle {
            query.insert("vehicle", vehicle.to_string());
        }
        if let Some(Picked { file, name }) = &self.file {
            match file {
                ImportFile::Stored { hash } => query.insert("stored", hash.clone()),
                ImportFile::Path { path } => query.insert("path", path.clone()),
            }
            query.insert("name", name.clone());
        }
        if let Some((_, key)) = NATURES.iter().find(|(nature, _)| Some(*nature) == self.nature) {
            query.insert("as", (*key).to_owned());
        }
        if let Some(job) = self.job {
            query.insert("job", job.to_string());
        }
        format!("/import{}", query.to_query_string())
    }
}

/// Where the page is, and the way to another place.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) now: Memo<Place>,
    go: Callback<(Place, bool)>,
}

impl Address {
    pub(super) fn here() -> Self {
        let (query, navigate) = (use_query_map(), use_navigate());
        let go = Callback::new(move |(place, replace): (Place, bool)| {
            navigate(&place.written(), NavigateOptions { replace, scroll: !replace, ..Default::default() });
        });
        Self { now: Memo::new(move |_| query.with(|q| Place::read(|key| q.get(key)))), go }
    }

    /// Goes there in place of this one.
    pub(super) fn change(self, how: impl FnOnce(&mut Place)) {
        let mut place = self.now.get_untracked();
        how(&mut place);
        self.go.run((place, true));
    }

    /// Takes a file; what it is will be looked at.
    pub(super) fn take(self, picked: Picked) {
        self.open(|place| (place.file, place.nature) = (Some(picked), None));
    }

    /// Back to no file.
    pub(super) fn close(self) {
        self.change(|place| (place.file, place.nature) = (None, None));
    }

    /// Goes there; going back leads here again.
    pub(super) fn open(self, how: impl FnOnce(&mut Place)) {
        let mut place = self.now.get_untracked();
        how(&mut place);
        self.go.run((place, false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whose_and_which_file() {
        for (fields, expect) in [
            (&[][..], Place::default()),
            (&[("vehicle", "nonsense"), ("stored", "")], Place::default()),
            (
                &[("path", "/a/b.csv"), ("name", "b.csv")],
                Place {
                    file: Some(Picked { file: ImportFile::Path { path: "/a/b.csv".into() }, name: "b.csv".into() }),
                    ..Place::default()
                },
            ),
            (&[("as", "history")], Place { nature: Some(FileNature::History), ..Place::default() }),
            (&[("as", "poem")], Place::default()),
            (
                &[("stored", "00ff"), ("path", "/a")],
                Place {
                    file: Some(Picked { file: ImportFile::Stored { hash: "00ff".into() }, name: "The file".into() }),
                    ..Place::default()
                },
            ),
        ] {
            let get = |key: &str| fields.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
            assert_eq!(Place::read(get), expect, "{fields:?}");
        }
    }
}
