//! Pushes as a door sends them: what may be held back comes at most twenty times a second, all else at once.

use roadworthy_api::stream::Push;
use std::{collections::VecDeque, mem, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep_until},
};

/// Least time between two frames that may be held back.
pub const FRAME: Duration = Duration::from_millis(50);

/// The engine's pushes, coalesced for one listener.
#[derive(Debug)]
pub struct Frames {
    source: Receiver<Push>,
    /// At most one of each kind, the one that waits longest first.
    held: VecDeque<Push>,
    due: Instant,
}

impl Frames {
    /// Listens from now on.
    pub fn new(source: Receiver<Push>) -> Self {
        Self { source, held: VecDeque::new(), due: Instant::now() }
    }

    /// The next frame. `None` when the engine is gone, or when this listener was so slow that pushes were lost: it must
    /// listen anew and read again what it shows.
    pub async fn next(&mut self) -> Option<Push> {
        loop {
            let received = if self.held.is_empty() {
                self.source.recv().await
            } else {
                // Looked at before the source, so that a source which never rests cannot hold a frame for ever.
                if Instant::now() >= self.due {
                    return self.release();
                }
                tokio::select! {
                    received = self.source.recv() => received,
                    () = sleep_until(self.due) => return self.release(),
                }
            };
            match received {
                Ok(push) if push.may_be_held() => self.hold(push),
                Ok(push) => return Some(push),
                Err(RecvError::Closed) => return self.held.pop_front(),
                Err(RecvError::Lagged(lost)) => {
                    tracing::warn!(lost, "a listener was too slow and has to read anew");
                    return None;
                }
            }
        }
    }

    fn hold(&mut self, push: Push) {
        match self.held.iter_mut().find(|held| mem::discriminant(*held) == mem::discriminant(&push)) {
            Some(older) => *older = push,
            None => self.held.push_back(push),
        }
    }

    fn release(&mut self) -> Option<Push> {
        self.due = Instant::now() + FRAME;
        self.held.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{
        id::JobId,
        job::{Job, JobState},
        journal::Changed,
    };
    use tokio::sync::broadcast;

    fn changed(arrival: u64) -> Push {
        Push::DataChanged(Changed { arrival })
    }

    fn job(done: u32) -> Push {
        Push::JobChanged(Job {
            id: JobId(1),
            kind: roadworthy_api::job::JobKind::Check,
            title: "Check".into(),
            started: 0,
            done,
            total: 9,
            doing: String::new(),
            left_ms: None,
            steps: vec![],
            state: JobState::Running,
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_twenty_frames_a_second_and_ends_with_the_newest() {
        let (tx, rx) = broadcast::channel(64);
        let mut frames = Frames::new(rx);
        let began = Instant::now();
        tokio::spawn(async move {
            for n in 0..1000 {
                tx.send(changed(n)).unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let mut seen = Vec::new();
        while let Some(Push::DataChanged(c)) = frames.next().await {
            seen.push(c.arrival);
        }
        assert!(began.elapsed() < Duration::from_millis(1100));
        assert!((15..=21).contains(&seen.len()), "{} frames", seen.len());
        assert_eq!(seen.last(), Some(&999), "because the newest state must never be lost");
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_change_is_shown_at_once() {
        let (tx, rx) = broadcast::channel(64);
        let mut frames = Frames::new(rx);
        let began = Instant::now();
        tx.send(changed(1)).unwrap();
        frames.next().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn job_news_are_never_held_back_or_merged() {
        let (tx, rx) = broadcast::channel(64);
        let mut frames = Frames::new(rx);
        tx.send(changed(1)).unwrap();
        frames.next().await.unwrap();
        let began = Instant::now();
        for n in 0..20 {
            tx.send(changed(n)).unwrap();
            tx.send(job(n as u32)).unwrap();
        }
        let mut jobs = 0;
        for _ in 0..20 {
            match frames.next().await {
                Some(Push::JobChanged(j)) => {
                    assert_eq!(j.done, jobs);
                    jobs += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(matches!(frames.next().await, Some(Push::DataChanged(c)) if c.arrival == 19));
    }

    #[tokio::test]
    async fn a_listener_that_lost_pushes_is_told_to_listen_anew() {
        let (tx, rx) = broadcast::channel(4);
        let mut frames = Frames::new(rx);
        for n in 0..10 {
            tx.send(job(n)).unwrap();
        }
        assert!(frames.next().await.is_none());
    }
}
