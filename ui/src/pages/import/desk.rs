//! What the parts of the page share: the file, what was said of it, and how it looks with that.

use super::address::Address;
use crate::{
    backend::call,
    live::{Act, Live},
    parts::choose::Picked,
};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{
    Error,
    calls::{PreviewImport, StartImport},
    id::{JobId, VehicleId},
    import::{Answers, ColumnMapping, Confidence, ImportPreview, Mapping, Question},
};

/// What they share.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) address: Address,
    /// Whose values.
    pub(super) vehicle: Memo<Option<VehicleId>>,
    pub(super) file: Memo<Option<Picked>>,
    /// What names the signals of a CAN log.
    pub(super) dbc: RwSignal<Option<Picked>>,
    /// How to read it, where somebody said so: a mapping that was kept, or one that was changed here.
    pub(super) mapping: RwSignal<Option<Mapping>>,
    pub(super) answers: RwSignal<Answers>,
    /// Everything that was asked of this file so far, in that order: an answer can be changed.
    pub(super) asked: RwSignal<Vec<Question>>,
    /// The newest answer; stays while a newer one is on its way.
    pub(super) preview: RwSignal<Option<ImportPreview>>,
    /// What the file looked like before a mapping was given: how sure that is, and what was taken for granted.
    pub(super) looked: RwSignal<Option<(Confidence, Vec<String>)>>,
    pub(super) error: RwSignal<Option<Error>>,
    pub(super) busy: RwSignal<bool>,
    /// A layout that is a guess was looked at.
    pub(super) agreed: RwSignal<bool>,
    /// It is imported although it was already.
    pub(super) again: RwSignal<bool>,
    pub(super) start: Act,
    retry: RwSignal<u32>,
}

impl Desk {
    pub(super) fn new(address: Address) -> Self {
        let desk = Self {
            address,
            vehicle: Memo::new(move |_| address.now.with(|p| p.vehicle)),
            file: Memo::new(move |_| address.now.with(|p| p.file.clone())),
            dbc: RwSignal::new(None),
            mapping: RwSignal::new(None),
            answers: RwSignal::new(Answers::default()),
            asked: RwSignal::new(Vec::new()),
            preview: RwSignal::new(None),
            looked: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            agreed: RwSignal::new(false),
            again: RwSignal::new(false),
            start: Act::new(),
            retry: RwSignal::new(0),
        };
        desk.look_on_change();
        desk
    }

    /// Takes a file.
    pub(super) fn open(self, picked: Picked) {
        self.address.open(|place| place.file = Some(picked));
    }

    /// Back to no file.
    pub(super) fn close(self) {
        self.address.change(|place| place.file = None);
    }

    /// What was said of another file is forgotten.
    fn forget(self) {
        self.dbc.set(None);
        self.preview.set(None);
        self.looked.set(None);
        self.error.set(None);
        self.start.error.set(None);
        self.mapping.set(None);
        self.answers.set(Answers::default());
        self.asked.set(Vec::new());
        self.agreed.set(false);
        self.again.set(false);
    }

    /// Looks again at what may have changed on the disk.
    pub(super) fn look_again(self) {
        self.retry.update(|n| *n += 1);
    }

    /// Says something of the file.
    pub(super) fn say(self, what: impl FnOnce(&mut Answers)) {
        self.answers.update(what);
    }

    /// Changes how a column is read. From then on the file is read by the mapping that is shown.
    pub(super) fn change(self, at: usize, how: impl FnOnce(&mut ColumnMapping)) {
        let Some(mut mapping) = self.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.clone())) else { return };
        if let Some(column) = mapping.columns.get_mut(at) {
            how(column);
            self.mapping.set(Some(mapping));
        }
    }

    /// Whether all that must be said is said.
    pub(super) fn answered(self) -> bool {
        self.preview.with(|p| p.as_ref().is_some_and(|p| p.questions.is_empty()))
    }

    /// Looks at the file now and whenever something was said of it.
    fn look_on_change(self) {
        let turn = StoredValue::new(0u32);
        // First, so that nothing said of one file is tried on the next.
        Effect::new(move |before: Option<Option<Picked>>| {
            let file = self.file.get();
            if before.is_some_and(|before| before != file) {
                self.forget();
            }
            file
        });
        Effect::new(move |_| {
            self.retry.track();
            let (file, dbc) = (self.file.get(), self.dbc.get());
            let (mapping, answers) = (self.mapping.get(), self.answers.get());
            turn.update_value(|t| *t += 1);
            let mine = turn.get_value();
            let Some(file) = file else {
                self.busy.set(false);
                return;
            };
            self.busy.set(true);
            let plain = mapping.is_none();
            let question = PreviewImport { file: file.file, dbc: dbc.map(|d| d.file), mapping, answers };
            spawn_local(async move {
                let answer = call(question).await;
                // Something newer was said meanwhile, or the page was left.
                if turn.try_get_value() == Some(mine) {
                    self.busy.set(false);
                    self.take(answer, plain);
                }
            });
        });
    }

    fn take(self, answer: Result<ImportPreview, Error>, plain: bool) {
        match answer {
            Ok(preview) => {
                self.error.set(None);
                if plain {
                    self.looked.set(Some((preview.confidence, preview.guesses.clone())));
                }
                self.asked.update(|asked| remember(asked, &preview.questions));
                if self.preview.with_untracked(|old| old.as_ref() != Some(&preview)) {
                    self.preview.set(Some(preview));
                }
            }
            Err(error) => {
                Live::here().note(&error);
                self.error.set(Some(error));
            }
        }
    }

    /// Starts the import of what is shown; `then` is told the job.
    pub(super) fn begin(self, then: impl FnOnce(JobId) + 'static) {
        let (Some(vehicle), Some(file)) = (self.vehicle.get_untracked(), self.file.get_untracked()) else { return };
        let dbc = self.dbc.get_untracked().map(|d| d.file);
        let (mapping, answers) = (self.mapping.get_untracked(), self.answers.get_untracked());
        let again = self.again.get_untracked();
        self.start.run(call(StartImport { vehicle, file: file.file, dbc, mapping, answers, again }), then);
    }
}

/// Keeps each question once, in the newest words.
fn remember(asked: &mut Vec<Question>, questions: &[Question]) {
    for question in questions {
        match asked.iter_mut().find(|q| q.what == question.what) {
            Some(known) => *known = question.clone(),
            None => asked.push(question.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_was_asked_stays_once() {
        let question = |what: &str, ask: &str| Question {
            what: what.into(),
            ask: ask.into(),
            option: String::new(),
            choices: vec![],
        };
        let mut asked = vec![];
        for round in [vec![question("zone", "a"), question("date", "b")], vec![question("date", "c")], vec![]] {
            remember(&mut asked, &round);
        }
        let found: Vec<_> = asked.iter().map(|q| (q.what.as_str(), q.ask.as_str())).collect();
        assert_eq!(found, [("zone", "a"), ("date", "c")]);
    }
}
