//! Whatever is done in whatever order, each key ends as sent exactly once in the journal, and the other side has seen it at
//! least once under that key.

use super::*;
use crate::store::outbox::{Claim, Outcome};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    /// A worker puts a message in, perhaps one that is there.
    Put(u8),
    /// A process takes the oldest up.
    Claim,
    /// The other side takes what the n-th claim holds, and that is noted.
    Send(u8),
    /// The other side takes it, and the process is killed before that is noted.
    SendAndDie(u8),
    /// The process is killed before it sends.
    Die(u8),
    /// It fails.
    Fail(u8, bool),
    /// A person has the message of this key tried again.
    Retry(u8),
    /// Time goes by, or back.
    Pass(i32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u8..6).prop_map(Step::Put),
        4 => Just(Step::Claim),
        2 => any::<u8>().prop_map(Step::Send),
        2 => any::<u8>().prop_map(Step::SendAndDie),
        1 => any::<u8>().prop_map(Step::Die),
        2 => (any::<u8>(), any::<bool>()).prop_map(|(n, permanent)| Step::Fail(n, permanent)),
        1 => (0u8..6).prop_map(Step::Retry),
        2 => (-40_000i32..400_000).prop_map(Step::Pass),
    ]
}

struct World {
    own: Own,
    now: Timestamp,
    claims: Vec<Claim>,
    ids: BTreeMap<String, MessageId>,
    /// What the other side has seen, by key.
    far: BTreeMap<String, u32>,
}

const LEASE: Timestamp = 30_000;

impl World {
    fn held(&mut self, n: u8) -> Option<Claim> {
        let len = self.claims.len();
        (len > 0).then(|| self.claims.remove(usize::from(n) % len))
    }

    fn settle(&self, claim: &Claim, outcome: &Outcome) {
        let now = self.now;
        self.own
            .store
            .write("engine/outbox", now, |w| outbox::settle(w, claim.id, claim.attempt, outcome, now))
            .unwrap();
    }

    fn claim(&mut self) -> bool {
        let now = self.now;
        let claim = self.own.store.write_local(|tx| outbox::claim(tx, "mail", now, now + LEASE)).unwrap();
        claim.map(|claim| self.claims.push(claim)).is_some()
    }

    fn seen(&mut self, claim: &Claim) {
        *self.far.entry(claim.key.clone()).or_default() += 1;
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Put(n) => {
                let key = format!("k{n}");
                if !self.ids.contains_key(&key) {
                    let id = self.own.put("mail", &key, self.now);
                    self.ids.insert(key, id);
                    return;
                }
                let message = NewMessage {
                    key,
                    channel: "mail",
                    subject: "again".into(),
                    about: About {
                        alert: None,
                        decision: None,
                        vehicle: None,
                        severity: Severity::Note,
                        text: String::new(),
                    },
                };
                let id = MessageId(crate::keys::mint(self.now).unwrap().0);
                let put = self.own.store.write_local(|tx| outbox::put(tx, &message, id, EventId(1), None, self.now));
                assert!(!put.unwrap(), "because its key is there");
            }
            Step::Claim => {
                self.claim();
            }
            Step::Send(n) => {
                if let Some(claim) = self.held(n) {
                    self.seen(&claim);
                    self.settle(&claim, &Outcome::Sent { remark: String::new() });
                }
            }
            Step::SendAndDie(n) => {
                if let Some(claim) = self.held(n) {
                    self.seen(&claim);
                }
            }
            Step::Die(n) => drop(self.held(n)),
            Step::Fail(n, permanent) => {
                if let Some(claim) = self.held(n) {
                    let failure = if permanent { Failure::permanent("no") } else { Failure::temporary("not yet") };
                    let outcome = Policy::default().after(&claim, failure, self.now, 0.7);
                    self.settle(&claim, &outcome);
                }
            }
            Step::Retry(n) => {
                if let Some(id) = self.ids.get(&format!("k{n}")) {
                    // Refused where it is on its way or was sent.
                    drop(self.own.store.write_local(|tx| outbox::retry(tx, *id, self.now)));
                }
            }
            Step::Pass(ms) => self.now += Timestamp::from(ms),
        }
    }

    /// Everything works from here on, and a person sees to what was given up.
    fn finish(&mut self) {
        self.claims.clear();
        for _ in 0..3 {
            self.now += 3_700_000;
            for id in self.ids.values() {
                if matches!(self.own.row(*id).state, MessageState::Dead { .. }) {
                    self.own.store.write_local(|tx| outbox::retry(tx, *id, self.now)).unwrap();
                }
            }
            while self.claim() {
                self.run(Step::Send(0));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn each_key_is_sent_once_by_the_journal_and_at_least_once_by_the_other_side(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let mut world =
            World { own: own(), now: NOW, claims: Vec::new(), ids: BTreeMap::new(), far: BTreeMap::new() };
        for step in steps {
            world.run(step);
        }
        world.finish();
        let mut said: BTreeMap<MessageId, u32> = BTreeMap::new();
        for event in world.own.events(kind::NOTIFICATION_SENT) {
            let notified: kind::Notified = serde_json::from_str(&event.payload).unwrap();
            *said.entry(notified.message).or_default() += 1;
        }
        prop_assert_eq!(said.len(), world.ids.len());
        for (key, id) in &world.ids {
            prop_assert_eq!(said.get(id), Some(&1), "{}", key);
            prop_assert!(world.far.get(key).is_some_and(|n| *n >= 1), "{}", key);
            prop_assert!(matches!(world.own.row(*id).state, MessageState::Sent { .. }), "{}", key);
        }
    }
}
