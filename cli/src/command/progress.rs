//! A job while it runs, on standard error; of a check one line per question.

use crate::{
    out::count,
    session::{Session, interrupted},
};
use roadworthy_api::{
    Result,
    calls::{CancelJob, GetJob},
    check::Outcome,
    id::JobId,
    job::{Job, JobState, Step},
};
use std::{
    io::{self, IsTerminal, Write},
    pin::pin,
    time::Duration,
};

/// How often a job is asked for.
const POLL: Duration = Duration::from_millis(100);

/// Shows the progress of a job under a title until it has ended; Ctrl C cancels it.
pub(super) async fn follow(session: &Session, job: JobId, title: &str) -> Result<Job> {
    let mut progress = Progress::new();
    progress.say(title);
    let mut poll = tokio::time::interval(POLL);
    let mut stop = pin!(interrupted());
    loop {
        let state = session.call_later(GetJob { job }).await?;
        let ended = !matches!(state.state, JobState::Running);
        progress.show(&state, ended);
        if ended {
            return Ok(state);
        }
        tokio::select! {
            _ = poll.tick() => {}
            () = &mut stop => {
                stop.set(interrupted());
                session.call_later(CancelJob { job }).await?;
            }
        }
    }
}

/// What has been shown of a job so far. On a terminal the last line is what it does just now, written over and over.
pub(crate) struct Progress {
    terminal: bool,
    shown: usize,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), shown: 0 }
    }

    /// Shows what is new. A step is done with once the next one has begun, or the job has ended.
    pub(crate) fn show(&mut self, job: &Job, ended: bool) {
        let done = if ended { job.steps.len() } else { job.steps.len().saturating_sub(1) };
        let mut text = String::new();
        for step in job.steps.iter().take(done).skip(self.shown) {
            text.push_str(self.clear());
            text.push_str(&format!("  {:<32}  {}\n", step.question, answers(step)));
        }
        self.shown = self.shown.max(done);
        if self.terminal {
            text.push_str(self.clear());
            if !ended {
                text.push_str(&now(job));
            }
        }
        self.write(&text);
    }

    /// A line of its own.
    pub(crate) fn say(&self, line: &str) {
        self.write(&format!("{}{line}\n", self.clear()));
    }

    fn clear(&self) -> &'static str {
        if self.terminal { "\r\x1b[2K" } else { "" }
    }

    fn write(&self, text: &str) {
        // Progress that cannot be shown stops no check.
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

fn now(job: &Job) -> String {
    let left = job
        .left_ms
        .map_or_else(String::new, |ms| format!(", about {} left", count(ms.div_ceil(1000) as usize, "second")));
    let text = match job.total {
        0 => format!("  {}", job.doing),
        total => format!("  {} ({} of {total}{left})", job.doing, job.done),
    };
    // A longer line would wrap, and could not be written over.
    text.chars().take(78).collect()
}

fn answers(step: &Step) -> String {
    if step.answers.is_empty() {
        return "nobody answered".into();
    }
    let each = step.answers.iter().map(|answer| {
        let what = match &answer.outcome {
            Outcome::Answered => "answered".to_owned(),
            Outcome::Refused { meaning, .. } => format!("refused ({meaning})"),
            Outcome::Silent => "silent".to_owned(),
            Outcome::NotAsked { reason } => format!("not asked: {reason}"),
            Outcome::Unreadable { reason } => format!("unreadable: {reason}"),
        };
        if answer.ecu.is_empty() { what } else { format!("{} {what}", answer.ecu) }
    });
    each.collect::<Vec<_>>().join(", ")
}
