//! What goes wrong, and when: the counters of a profile's habits.

use super::Out;
use crate::profile::habits::{Habits, Trouble};

/// Counters of one adapter.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// By trouble: how often it could have befallen, and how often it did.
    trouble: Vec<(u32, u32)>,
    lines: u32,
    prompts: u32,
    characters: u32,
    noise: usize,
}

/// What becomes of one prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    Once,
    Twice,
    Missing,
}

impl Faults {
    /// The trouble that befalls this command or request, if any does.
    pub(super) fn befalls<'a>(&mut self, habits: &'a Habits, line: &str) -> Option<&'a Trouble> {
        self.trouble.resize(habits.trouble.len(), (0, 0));
        let request = line.starts_with(|c: char| c.is_ascii_hexdigit()) && !line.starts_with("AT");
        let mut found = None;
        for (trouble, (seen, befell)) in habits.trouble.iter().zip(&mut self.trouble) {
            if !if trouble.to.is_empty() { request } else { line.starts_with(&trouble.to) } {
                continue;
            }
            *seen += 1;
            let Some(turn) = seen.checked_sub(trouble.after + 1) else { continue };
            let left = trouble.times == 0 || *befell < trouble.times;
            if found.is_none() && left && turn % trouble.every < trouble.burst {
                *befell += 1;
                found = Some(trouble);
            }
        }
        found
    }

    /// Lines of an answer from the bus as they are after the adapter's own buffer and doubling.
    pub(super) fn shape(&mut self, habits: &Habits, out: Vec<Out>) -> Vec<Out> {
        let mut room = habits.request.buffer.unwrap_or(usize::MAX);
        let mut shaped = Vec::with_capacity(out.len());
        for mut line in out {
            if line.text.len() > room {
                line.text.truncate(room);
                line.ends = true;
                shaped.extend([line, Out::line(0.0, "BUFFER FULL")]);
                return shaped;
            }
            room -= line.text.len();
            if line.text == "SEARCHING..." && habits.request.glued {
                line.ends = false;
            }
            let data = line.ends && !line.text.is_empty();
            self.lines += u32::from(data);
            let again = data && habits.line.twice > 0 && self.lines.is_multiple_of(habits.line.twice);
            let copy = again.then(|| Out::line(0.0, line.text.clone()));
            shaped.push(line);
            shaped.extend(copy);
        }
        shaped
    }

    pub(super) fn prompt(&mut self, habits: &Habits) -> Prompt {
        self.prompts += 1;
        let turn = |every: u32| every > 0 && self.prompts.is_multiple_of(every);
        match (turn(habits.prompt.missing), turn(habits.prompt.twice)) {
            (true, _) => Prompt::Missing,
            (false, true) => Prompt::Twice,
            (false, false) => Prompt::Once,
        }
    }

    /// Text with the noise strewn in.
    pub(super) fn noisy(&mut self, habits: &Habits, text: &str) -> Vec<u8> {
        if habits.line.noise.is_empty() {
            return text.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            out.push(byte);
            self.characters += 1;
            if self.characters.is_multiple_of(habits.line.noise_every.max(1)) {
                out.extend(habits.line.noise.get(self.noise % habits.line.noise.len()));
                self.noise += 1;
            }
        }
        out
    }
}
