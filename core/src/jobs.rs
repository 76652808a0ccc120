//! The job board: work that takes longer than a moment, with progress, steps, time left and cancel.
//!
//! The usual case: [`Jobs::start`] gives a [`JobHandle`] that moves into the work; the work says how far it is and ends with
//! [`JobHandle::finish`] or [`JobHandle::fail`]. A handle that is dropped without either, as a panic does, ends its job as
//! failed, so no page waits for ever.
//!
//! Every change of state is pushed at once. Progress is pushed at most twenty times a second, and what was held back
//! follows within that time, so the last state always arrives. Only this process sees its jobs; the visits that they store
//! are everybody's.

use roadworthy_api::{
    Code, Error, Result, Timestamp,
    check::Outcome,
    clear::Cleared,
    export::ExportMade,
    id::{JobId, VehicleId, VisitId},
    job::{Job, JobKind, JobState, Step, StepAnswer},
    stream::Push,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{broadcast, watch};

/// Shortest time between two pushes of one job's progress: 20 a second.
const PUSH_EVERY: Duration = Duration::from_millis(50);
/// Finished jobs that are remembered.
const KEPT: usize = 100;
/// Steps that must be done before time left is estimated.
const STEPS_BEFORE_ESTIMATE: u32 = 3;

/// The board. Cheap to clone; every clone is the same board.
#[derive(Clone)]
pub struct Jobs {
    board: Arc<Board>,
}

struct Board {
    pushes: broadcast::Sender<Push>,
    /// Wakes the thread that sends what was held back; it ends when the board is dropped.
    late: mpsc::Sender<(JobId, Instant)>,
    entries: Mutex<Vec<Entry>>,
}

struct Entry {
    job: Job,
    cancel: watch::Sender<bool>,
    /// When the first step was done; what came before it (connecting, finding the protocol) says nothing of the rest.
    first_done: Option<Instant>,
    last_push: Instant,
    /// Changed since the last push.
    held: bool,
    /// Waiting for the thread that sends what was held back.
    queued: bool,
}

impl Jobs {
    /// An empty board that pushes to `pushes`.
    pub fn new(pushes: broadcast::Sender<Push>) -> Self {
        let (late, due) = mpsc::channel();
        let board = Arc::new(Board { pushes, late, entries: Mutex::new(Vec::new()) });
        let weak = Arc::downgrade(&board);
        std::thread::spawn(move || send_late(&due, &weak));
        Self { board }
    }

    /// Puts a new check on the board. `title` is for people, as in `Check on sim:petrol`.
    pub fn start(&self, title: impl Into<String>) -> JobHandle {
        self.begin(JobKind::Check, title)
    }

    /// Puts new work of some kind on the board.
    pub fn begin(&self, kind: JobKind, title: impl Into<String>) -> JobHandle {
        let id = JobId(uuid::Uuid::now_v7().as_u128());
        let job = Job {
            id,
            kind,
            title: title.into(),
            started: now(),
            done: 0,
            total: 0,
            doing: "Starting".into(),
            left_ms: None,
            steps: Vec::new(),
            state: JobState::Running,
        };
        let cancel = watch::Sender::new(false);
        let cancelled = cancel.subscribe();
        let mut entries = self.board.lock();
        entries.push(Entry { job, cancel, first_done: None, last_push: Instant::now(), held: false, queued: false });
        while entries.iter().filter(|e| e.job.state != JobState::Running).count() > KEPT {
            let Some(oldest) = entries.iter().position(|e| e.job.state != JobState::Running) else { break };
            entries.remove(oldest);
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(&self.board.pushes);
        }
        drop(entries);
        JobHandle { board: Arc::clone(&self.board), id, cancelled }
    }

    /// One job; [`Code::NotFound`] for one of another process, or one that ended too long ago.
    pub fn get(&self, id: JobId) -> Result<Job> {
        self.board.lock().iter().find(|e| e.job.id == id).map(|e| e.job.clone()).ok_or_else(not_found)
    }

    /// Every job on the board, newest first.
    pub fn list(&self) -> Vec<Job> {
        self.board.lock().iter().rev().map(|e| e.job.clone()).collect()
    }

    /// Asks a job to stop; it ends by itself, with what it has by then. Nothing happens to a job that has ended.
    pub fn cancel(&self, id: JobId) -> Result<()> {
        let mut entries = self.board.lock();
        let entry = entries.iter_mut().find(|e| e.job.id == id).ok_or_else(not_found)?;
        if entry.job.state == JobState::Running {
            entry.cancel.send_replace(true);
            entry.job.doing = "Stopping".into();
            entry.push(&self.board.pushes);
        }
        Ok(())
    }
}

/// The work's side of a job. Dropping it ends the job.
pub struct JobHandle {
    board: Arc<Board>,
    id: JobId,
    cancelled: watch::Receiver<bool>,
}

impl JobHandle {
    /// The job's id.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Turns true when a person asks the job to stop.
    pub fn cancelled(&self) -> watch::Receiver<bool> {
        self.cancelled.clone()
    }

    /// What it does just now, in words.
    pub fn doing(&self, words: impl Into<String>) {
        let words = words.into();
        self.progress(|entry| {
            if !*entry.cancel.borrow() {
                entry.job.doing = words;
            }
        });
    }

    /// Steps known by now.
    pub fn planned(&self, total: u32) {
        self.progress(|entry| entry.job.total = total);
    }

    /// Steps done so far.
    pub fn done(&self, done: u32) {
        self.progress(|entry| {
            entry.job.done = done;
            if done > 0 {
                let first = *entry.first_done.get_or_insert_with(Instant::now);
                entry.job.left_ms = left_ms(done, entry.job.total, first.elapsed());
            }
        });
    }

    /// A question goes out; asking the same again right after stays in its step.
    pub fn asked(&self, question: &str) {
        self.progress(|entry| {
            step(&mut entry.job.steps, question);
        });
    }

    /// What one ECU did with a question; `None`: nobody answered, which is shown with an empty id.
    pub fn answered(&self, question: &str, ecu: Option<&str>, outcome: Outcome) {
        self.progress(|entry| {
            let answer = StepAnswer { ecu: ecu.unwrap_or_default().to_owned(), outcome };
            let answers = &mut step(&mut entry.job.steps, question).answers;
            // Several requests share a step; an ECU that did the same each time is named once.
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        });
    }

    /// Ends it with a stored visit.
    pub fn finish(self, visit: VisitId, vehicle: VehicleId) {
        self.end(JobState::Done { visit, vehicle }, "Done");
    }

    /// Ends it with what came of a clearing.
    pub fn cleared(self, cleared: Cleared) {
        self.end(JobState::Cleared { cleared }, "Done");
    }

    /// Ends it with something that has a name.
    pub fn made(self, name: impl Into<String>) {
        self.end(JobState::Made { name: name.into() }, "Done");
    }

    /// Ends it with what was exported.
    pub fn exported(self, made: ExportMade) {
        self.end(JobState::Exported { made }, "Done");
    }

    /// Ends it without anything worth keeping.
    pub fn fail(self, error: Error) {
        self.end(JobState::Failed { error }, "Failed");
    }

    fn progress(&self, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.board.lock();
        let Some(entry) = entries.iter_mut().find(|e| e.job.id == self.id) else { return };
        change(entry);
        if entry.last_push.elapsed() >= PUSH_EVERY {
            entry.push(&self.board.pushes);
            return;
        }
        entry.held = true;
        if !entry.queued {
            entry.queued = true;
            // Only fails when the thread is gone, and with it the board.
            let _ = self.board.late.send((self.id, entry.last_push + PUSH_EVERY));
        }
    }

    fn end(&self, state: JobState, doing: &str) {
        let mut entries = self.board.lock();
        let Some(entry) = entries.iter_mut().find(|e| e.job.id == self.id) else { return };
        if entry.job.state == JobState::Running {
            entry.job.state = state;
            entry.job.doing = doing.into();
            entry.job.left_ms = None;
            entry.push(&self.board.pushes);
        }
    }
}

impl Drop for JobHandle {
    fn drop(&mut self) {
        let error = Error::new(Code::Internal, "The work ended without a result.")
            .hint("Try again, and send the log if it stays.");
        self.end(JobState::Failed { error }, "Failed");
    }
}

impl Board {
    /// A panic while the board was held leaves a job half changed at worst, so the board stays usable.
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn push(&mut self, pushes: &broadcast::Sender<Push>) {
        self.last_push = Instant::now();
        self.held = false;
        // Fails only when nobody listens.
        let _ = pushes.send(Push::JobChanged(self.job.clone()));
    }
}

/// The last step if it is this question's, else any earlier one of it, else a new one.
fn step<'a>(steps: &'a mut Vec<Step>, question: &str) -> &'a mut Step {
    let at = steps.iter().rposition(|s| s.question == question).unwrap_or_else(|| {
        steps.push(Step { question: question.to_owned(), answers: Vec::new() });
        steps.len() - 1
    });
    &mut steps[at]
}

/// Milliseconds left by the mean time of the steps after the first; none until three are done or once all are.
fn left_ms(done: u32, total: u32, since_first: Duration) -> Option<u32> {
    if done < STEPS_BEFORE_ESTIMATE || total <= done {
        return None;
    }
    let left = since_first.as_millis() * u128::from(total - done) / u128::from(done - 1);
    Some(u32::try_from(left).unwrap_or(u32::MAX))
}

fn send_late(due: &mpsc::Receiver<(JobId, Instant)>, board: &Weak<Board>) {
    while let Ok((id, mut at)) = due.recv() {
        loop {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            let Some(board) = board.upgrade() else { return };
            let mut entries = board.lock();
            let Some(entry) = entries.iter_mut().find(|e| e.job.id == id) else { break };
            // The work may have pushed by itself meanwhile, and held back something newer.
            at = entry.last_push + PUSH_EVERY;
            if entry.held && Instant::now() < at {
                continue;
            }
            entry.queued = false;
            if entry.held {
                entry.push(&board.pushes);
            }
            break;
        }
    }
}

fn not_found() -> Error {
    Error::new(Code::NotFound, "There is no such job.").hint("It may have ended long ago, or run in another window.")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::try_from(since.as_millis()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> (Jobs, broadcast::Receiver<Push>) {
        let (pushes, heard) = broadcast::channel(4096);
        (Jobs::new(pushes), heard)
    }

    /// Everything heard until `quiet` passes without more.
    fn drain(heard: &mut broadcast::Receiver<Push>, quiet: Duration) -> Vec<Job> {
        let mut jobs = Vec::new();
        let mut last = Instant::now();
        while last.elapsed() < quiet {
            match heard.try_recv() {
                Ok(Push::JobChanged(job)) => {
                    jobs.push(job);
                    last = Instant::now();
                }
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        jobs
    }

    #[test]
    fn progress_is_coalesced_and_the_last_state_always_arrives() {
        let (jobs, mut heard) = board();
        let handle = jobs.start("Check on sim:petrol");
        let began = Instant::now();
        let mut n = 0;
        while began.elapsed() < Duration::from_millis(400) {
            n += 1;
            handle.planned(1_000_000);
            handle.done(n);
        }
        let took = began.elapsed();
        let pushed = drain(&mut heard, Duration::from_millis(200));
        let most = usize::try_from(took.as_millis() / 50).unwrap() + 3;
        assert!(n > 100, "the loop must outrun the pushes, made {n} steps");
        assert!(pushed.len() <= most, "{} pushes in {took:?}", pushed.len());
        assert_eq!(pushed.last().map(|j| j.done), Some(n));
    }

    #[test]
    fn a_change_of_state_is_pushed_at_once() {
        let (jobs, mut heard) = board();
        let handle = jobs.start("Check");
        handle.done(1);
        handle.finish(VisitId(1), VehicleId(2));
        let mut states = Vec::new();
        while let Ok(Push::JobChanged(job)) = heard.try_recv() {
            states.push(job.state);
        }
        assert_eq!(states, [JobState::Running, JobState::Done { visit: VisitId(1), vehicle: VehicleId(2) }]);
        let late = drain(&mut heard, Duration::from_millis(150));
        assert!(late.is_empty(), "nothing held back may follow the end: {late:?}");
    }

    #[tokio::test]
    async fn a_job_whose_task_panics_ends_as_failed() {
        let (jobs, _heard) = board();
        let handle = jobs.start("Check");
        let id = handle.id();
        let task = tokio::spawn(async move {
            handle.doing("Looking for the vehicle");
            panic!("on purpose");
        });
        assert!(task.await.is_err());
        let JobState::Failed { error } = jobs.get(id).unwrap().state else { panic!("still running") };
        assert_eq!(error.code, Code::Internal);
    }

    #[tokio::test]
    async fn cancel_reaches_the_work_and_an_ended_job_stays_ended() {
        let (jobs, _heard) = board();
        let handle = jobs.start("Check");
        let id = handle.id();
        let mut cancelled = handle.cancelled();
        jobs.cancel(id).unwrap();
        cancelled.wait_for(|c| *c).await.unwrap();
        handle.doing("Reading on");
        assert_eq!(jobs.get(id).unwrap().doing, "Stopping");
        handle.fail(Error::new(Code::Cancelled, "Stopped."));
        jobs.cancel(id).unwrap();
        assert!(matches!(jobs.get(id).unwrap().state, JobState::Failed { error } if error.code == Code::Cancelled));
        assert_eq!(jobs.cancel(JobId(7)).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn steps_gather_what_each_ecu_did() {
        let (jobs, _heard) = board();
        let handle = jobs.start("Check");
        handle.asked("Stored codes");
        handle.answered("Stored codes", Some("7E8"), Outcome::Answered);
        for _ in 0..3 {
            handle.asked("Present values");
            handle.answered("Present values", Some("7E8"), Outcome::Answered);
        }
        handle.answered("Present values", None, Outcome::Silent);
        let steps = jobs.get(handle.id()).unwrap().steps;
        let seen: Vec<_> = steps.iter().map(|s| (s.question.as_str(), s.answers.len())).collect();
        assert_eq!(seen, [("Stored codes", 1), ("Present values", 2)]);
        assert_eq!(steps[1].answers[1].ecu, "");
    }

    #[test]
    fn time_left_is_estimated_from_the_third_step_on() {
        let check = |done, total, ms, expect| assert_eq!(left_ms(done, total, Duration::from_millis(ms)), expect);
        check(0, 10, 0, None);
        check(2, 10, 100, None);
        check(3, 13, 200, Some(1000));
        check(11, 13, 1000, Some(200));
        check(13, 13, 1000, None);
        check(14, 13, 1000, None);
        check(3, 0, 1000, None);
        check(3, u32::MAX, 1 << 40, Some(u32::MAX));
    }

    #[test]
    fn the_newest_hundred_finished_jobs_are_kept_and_running_ones_always() {
        let (jobs, _heard) = board();
        let running = jobs.start("the one that runs");
        let first = jobs.start("first");
        let first_id = first.id();
        first.fail(Error::new(Code::NoVehicle, "No vehicle."));
        for n in 0..150 {
            jobs.start(format!("{n}")).fail(Error::new(Code::NoVehicle, "No vehicle."));
        }
        let last = jobs.start("last");
        let list = jobs.list();
        assert_eq!(list.len(), 102);
        assert_eq!(list[0].id, last.id());
        assert_eq!(list[101].id, running.id());
        assert_eq!(jobs.get(first_id).unwrap_err().code, Code::NotFound);
        assert_eq!(list[0].id.0 >> 76 & 0xf, 7, "ids are UUIDs of version 7");
    }
}
