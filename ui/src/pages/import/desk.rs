//! What the parts of the page share: the file, what was said of it, and how it looks with that. The same for a log and for a
//! history; [`Look`] says what is different.

use super::address::Address;
use crate::{
    backend::call,
    live::{Act, Live},
    parts::choose::Picked,
};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{
    Error,
    call::Request,
    history::FileNature,
    id::{ImportId, JobId, VehicleId},
    import::{Confidence, ImportFile, Question},
};
use serde::{Serialize, de::DeserializeOwned};

/// How a file looks: the preview of a log or of a history.
pub(super) trait Look: Clone + PartialEq + Send + Sync + 'static {
    /// What it is a preview of.
    const NATURE: FileNature;
    /// How the file is read.
    type Mapping: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What a person says of it.
    type Answers: Clone + Default + Send + Sync + 'static;
    /// Asks for the preview.
    type Ask: Request<Reply = Self>;
    /// Starts the import.
    type Begin: Request<Reply = JobId>;

    fn ask(said: Said<Self>) -> Self::Ask;
    fn begin(vehicle: VehicleId, said: Said<Self>, again: bool) -> Self::Begin;
    fn mapping(&self) -> &Self::Mapping;
    fn questions(&self) -> &[Question];
    fn confidence(&self) -> Confidence;
    fn guesses(&self) -> &[String];
    /// The import that brought this very file already.
    fn already(&self) -> Option<ImportId>;
    /// The first lines, and which of them is the header, counted from 1.
    fn head(&self) -> (&[Vec<String>], usize);
    /// What it is taken for, and how it is written.
    fn told(&self) -> (&'static str, String);
    /// Why nothing would come of it, where all is answered.
    fn nothing(&self) -> Option<&'static str>;
}

/// A file and what was said of it.
pub(super) struct Said<P: Look> {
    pub(super) vehicle: Option<VehicleId>,
    pub(super) file: ImportFile,
    pub(super) dbc: Option<ImportFile>,
    pub(super) mapping: Option<P::Mapping>,
    pub(super) answers: P::Answers,
}

/// What they share.
pub(super) struct Desk<P: Look> {
    pub(super) address: Address,
    /// For which vehicle.
    pub(super) vehicle: Memo<Option<VehicleId>>,
    /// The file, if it is taken for such a one.
    pub(super) file: Memo<Option<Picked>>,
    /// What names the signals of a CAN log; of no meaning for anything else.
    pub(super) dbc: RwSignal<Option<Picked>>,
    /// How to read it, where somebody said so: a mapping that was kept, or one that was changed here.
    pub(super) mapping: RwSignal<Option<P::Mapping>>,
    pub(super) answers: RwSignal<P::Answers>,
    /// Everything that was asked of this file so far, in that order: an answer can be changed.
    pub(super) asked: RwSignal<Vec<Question>>,
    /// The newest answer; stays while a newer one is on its way.
    pub(super) preview: RwSignal<Option<P>>,
    /// What the file looked like before a mapping was given: how sure that is, and what was taken for granted.
    pub(super) looked: RwSignal<Option<(Confidence, Vec<String>)>>,
    pub(super) error: RwSignal<Option<Error>>,
    pub(super) busy: RwSignal<bool>,
    /// A layout that is a guess was looked at.
    pub(super) agreed: RwSignal<bool>,
    /// It is imported although it was already.
    pub(super) again: RwSignal<bool>,
    /// What can be said otherwise is open.
    pub(super) unfolded: RwSignal<bool>,
    pub(super) start: Act,
    retry: RwSignal<u32>,
}

impl<P: Look> Clone for Desk<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P: Look> Copy for Desk<P> {}

impl<P: Look> Desk<P> {
    pub(super) fn new(address: Address) -> Self {
        let mine = move || address.now.with(|p| if p.nature == Some(P::NATURE) { p.file.clone() } else { None });
        let desk = Self {
            address,
            vehicle: Memo::new(move |_| address.now.with(|p| p.vehicle)),
            file: Memo::new(move |_| mine()),
            dbc: RwSignal::new(None),
            mapping: RwSignal::new(None),
            answers: RwSignal::new(P::Answers::default()),
            asked: RwSignal::new(Vec::new()),
            preview: RwSignal::new(None),
            looked: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            agreed: RwSignal::new(false),
            again: RwSignal::new(false),
            unfolded: RwSignal::new(false),
            start: Act::new(),
            retry: RwSignal::new(0),
        };
        desk.look_on_change();
        desk
    }

    /// What was said of another file is forgotten.
    fn forget(self) {
        self.dbc.set(None);
        self.preview.set(None);
        self.looked.set(None);
        self.error.set(None);
        self.start.error.set(None);
        self.mapping.set(None);
        self.answers.set(P::Answers::default());
        self.asked.set(Vec::new());
        self.agreed.set(false);
        self.again.set(false);
        self.unfolded.set(false);
    }

    /// Looks again at what may have changed on the disk.
    pub(super) fn look_again(self) {
        self.retry.update(|n| *n += 1);
    }

    /// Says something of the file.
    pub(super) fn say(self, what: impl FnOnce(&mut P::Answers)) {
        self.answers.update(what);
    }

    /// Changes how it is read. From then on the file is read by the mapping that is shown.
    pub(super) fn change(self, how: impl FnOnce(&mut P::Mapping)) {
        let Some(mut mapping) = self.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping().clone())) else {
            return;
        };
        how(&mut mapping);
        self.mapping.set(Some(mapping));
    }

    /// Whether all that must be said is said.
    pub(super) fn answered(self) -> bool {
        self.preview.with(|p| p.as_ref().is_some_and(|p| p.questions().is_empty()))
    }

    fn said(self, file: Picked) -> Said<P> {
        Said {
            vehicle: self.vehicle.get(),
            file: file.file,
            dbc: self.dbc.get().map(|d| d.file),
            mapping: self.mapping.get(),
            answers: self.answers.get(),
        }
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
            turn.update_value(|t| *t += 1);
            let mine = turn.get_value();
            let Some(file) = self.file.get() else {
                self.busy.set(false);
                return;
            };
            let said = self.said(file);
            self.busy.set(true);
            let plain = said.mapping.is_none();
            let question = P::ask(said);
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

    fn take(self, answer: Result<P, Error>, plain: bool) {
        match answer {
            Ok(preview) => {
                self.error.set(None);
                if plain {
                    self.looked.set(Some((preview.confidence(), preview.guesses().to_vec())));
                }
                self.asked.update(|asked| remember(asked, preview.questions()));
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
        let (said, again) = (untrack(|| self.said(file)), self.again.get_untracked());
        self.start.run(call(P::begin(vehicle, said, again)), then);
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
