//! What the page is about, as its address says it: whose values, which file, which import runs. A reload shows the same.

use crate::parts::choose::Picked;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use roadworthy_api::{
    id::{JobId, VehicleId},
    import::ImportFile,
};

/// What it is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) vehicle: Option<VehicleId>,
    pub(super) file: Option<Picked>,
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
