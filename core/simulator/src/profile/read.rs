//! A profile's file, key by key.

use super::{
    Door, Expect, Part, Profile,
    habits::{Chip, Count, Does, Habits, Line, Prompt, Request, Setting, Sleep, Trouble},
};
use crate::keys::{File, Keys};
use roadworthy_api::{Code, Error};
use std::collections::BTreeMap;
use toml::Value;

/// Milliseconds at the very most.
const LONG: f64 = 120_000.0;

/// What can keep a check from its end, as programs know it.
const CAUSES: [(&str, Code); 5] = [
    ("adapter-fault", Code::AdapterFault),
    ("not-an-adapter", Code::NotAnAdapter),
    ("no-vehicle", Code::NoVehicle),
    ("link-lost", Code::LinkLost),
    ("port-busy", Code::PortBusy),
];

pub(super) fn profile(text: &str) -> Result<Profile, Error> {
    let mut top = Keys::new(File::Adapter, "", File::Adapter.table(text)?);
    let name = top.text("name")?;
    if name.len() > 40
        || name == "strict"
        || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err(top.wrong("name", "must be one word of small letters, digits and hyphens, other than strict."));
    }
    let (about, source) = (top.text("about")?, top.text("source")?);
    let vehicle = top.text("vehicle")?;
    if !crate::names().contains(&vehicle.as_str()) {
        return Err(top.wrong("vehicle", format!("must be one of {}.", crate::names().join(", "))));
    }
    let door = match top.optional_text("door")?.as_deref() {
        None | Some("process") => Door::Process,
        Some("tcp") => Door::Tcp,
        Some("serial") => Door::Serial,
        Some(_) => return Err(top.wrong("door", "must be \"process\", \"tcp\" or \"serial\".")),
    };
    let expect = expect(top.below("expect")?)?;
    let mut habits = Habits {
        chip: chip(top.below("chip")?)?,
        request: request(top.below("request")?)?,
        line: line(top.below("line")?)?,
        prompt: prompt(top.below("prompt")?)?,
        sleep: None,
        trouble: Vec::new(),
    };
    if top.has("sleep") {
        habits.sleep = Some(sleep(top.below("sleep")?)?);
    }
    for keys in top.each("trouble")? {
        habits.trouble.push(trouble(keys)?);
    }
    top.done()?;
    Ok(Profile { name, about, source, vehicle, door, expect, habits })
}

fn expect(mut keys: Keys) -> Result<Expect, Error> {
    let names = keys.optional_text("names")?;
    let expect = match (names, keys.has("finishes")) {
        (Some(code), false) => {
            let known = CAUSES.into_iter().find(|(name, _)| *name == code);
            let (_, code) = known.ok_or_else(|| {
                let all = CAUSES.map(|(name, _)| name).join(", ");
                keys.wrong("names", format!("must be one of {all}."))
            })?;
            Expect::Names { code, says: keys.text("says")? }
        }
        (None, true) => {
            let mut parts = Vec::new();
            for text in keys.texts("finishes")? {
                if text == "all" {
                    parts.extend(Part::ALL);
                    continue;
                }
                parts.push(*Part::ALL.iter().find(|p| p.name() == text).ok_or_else(|| {
                    let all: Vec<_> = Part::ALL.iter().map(|p| p.name()).collect();
                    keys.wrong("finishes", format!("has \"{text}\"; there is: all, {}.", all.join(", ")))
                })?);
            }
            Expect::Finishes(parts)
        }
        _ => return Err(keys.wrong("finishes", "or \"names\" must be given, one of the two.")),
    };
    keys.done()?;
    Ok(expect)
}

fn chip(mut keys: Keys) -> Result<Chip, Error> {
    let strict = Chip::default();
    let answers = commands_with_lines(&mut keys)?;
    let chip = Chip {
        says: keys.optional_text("says")?.unwrap_or(strict.says),
        banner: if keys.has("banner") { Some(words(&mut keys, "banner")?) } else { None },
        reset: keys.number("reset", 0.0, LONG, Some(strict.reset))?,
        slow: keys.number("slow", 0.0, LONG, Some(0.0))?,
        unknown: commands(&mut keys, "unknown")?,
        only: commands(&mut keys, "only")?,
        ignored: commands(&mut keys, "ignored")?,
        answers,
    };
    keys.done()?;
    Ok(chip)
}

fn request(mut keys: Keys) -> Result<Request, Error> {
    let bytes = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let request = Request {
        longest: if keys.has("longest") { Some(bytes(keys.whole("longest", 1, 8, None)?)) } else { None },
        count: match keys.optional_text("count")?.as_deref() {
            None | Some("counts") => Count::Counts,
            Some("ignored") => Count::Ignored,
            Some("data") => Count::Data,
            Some("refused") => Count::Refused,
            Some(_) => return Err(keys.wrong("count", "must be \"counts\", \"ignored\", \"data\" or \"refused\".")),
        },
        several: keys.yes("several")?,
        flow_control: keys.yes("flow-control")?,
        buffer: if keys.has("buffer") { Some(bytes(keys.whole("buffer", 8, 0xFFFF, None)?)) } else { None },
        search: keys.number("search", 0.0, LONG, Some(0.0))?,
        finds: keys.yes("finds")?,
        glued: keys.flag("glued")?,
        first: keys.number("first", 0.0, LONG, Some(0.0))?,
        delay: keys.number("delay", 0.0, LONG, Some(0.0))?,
        wakes: keys.yes("wakes")?,
    };
    keys.done()?;
    Ok(request)
}

fn line(mut keys: Keys) -> Result<Line, Error> {
    let end = keys.optional_text("end")?;
    if end.as_ref().is_some_and(|end| !end.bytes().all(|b| matches!(b, b'\r' | b'\n'))) {
        return Err(keys.wrong("end", "must be of carriage returns and line feeds: \"\\r\\n\"."));
    }
    let noise = keys.bytes("noise")?;
    // What a program must be able to tell from text: a digit strewn in would be a reply that the vehicle did not give.
    if noise.iter().any(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~')) {
        return Err(keys.wrong("noise", "must be bytes that are no text: 0 to 8, 0x0E to 0x1F, 0x7F to 0xFF."));
    }
    let line = Line {
        end,
        twice: keys.whole("twice", 0, 1000, Some(0))?,
        noise_every: keys.whole("noise-every", 1, 1000, Some(1))?,
        noise,
        chunk: usize::try_from(keys.whole("chunk", 0, 4096, Some(0))?).unwrap_or(0),
        pause: keys.number("pause", 0.0, LONG, Some(0.0))?,
        baud: keys.number("baud", 1200.0, 2_000_000.0, Some(38_400.0))? as u32,
        greets: words(&mut keys, "greets")?,
    };
    keys.done()?;
    Ok(line)
}

fn prompt(mut keys: Keys) -> Result<Prompt, Error> {
    let prompt = Prompt {
        late: keys.number("late", 0.0, LONG, Some(0.0))?,
        twice: keys.whole("twice", 0, 1000, Some(0))?,
        gap: keys.number("gap", 0.0, LONG, Some(0.0))?,
        missing: keys.whole("missing", 0, 1000, Some(0))?,
    };
    keys.done()?;
    Ok(prompt)
}

fn sleep(mut keys: Keys) -> Result<Sleep, Error> {
    let sleep = Sleep {
        first: keys.flag("first")?,
        after: if keys.has("after") { Some(keys.number("after", 0.1, 86_400.0, None)?) } else { None },
        wake: keys.number("wake", 0.0, LONG, Some(1000.0))?,
    };
    keys.done()?;
    Ok(sleep)
}

fn trouble(mut keys: Keys) -> Result<Trouble, Error> {
    let trouble = Trouble {
        to: match keys.optional_text("to")? {
            None => String::new(),
            Some(text) => command(&text)
                .ok_or_else(|| keys.wrong("to", "must be the beginning of a command or request, as in \"ATZ\"."))?,
        },
        after: keys.whole("after", 0, 10_000, Some(0))?,
        every: keys.whole("every", 1, 10_000, Some(1))?,
        burst: keys.whole("burst", 1, 10_000, Some(1))?,
        times: keys.whole("times", 0, 10_000, Some(0))?,
        does: match keys.optional_text("does")?.as_deref() {
            None => None,
            Some("silence") => Some(Does::Silence),
            Some("hang") => Some(Does::Hang),
            Some("drop") => Some(Does::Drop),
            Some(_) => return Err(keys.wrong("does", "must be \"silence\", \"hang\" or \"drop\".")),
        },
        says: words(&mut keys, "says")?,
        behind: match keys.optional_text("behind")? {
            Some(text) if !wordy(&text) => return Err(not_words(&keys, "behind")),
            text => text.unwrap_or_default(),
        },
        late: keys.number("late", 0.0, LONG, Some(0.0))?,
        stuck: keys.number("stuck", 0.0, LONG, Some(0.0))?,
        resets: keys.flag("resets")?,
        loses: settings(&mut keys)?,
    };
    let nothing = trouble.does.is_none()
        && trouble.says.is_empty()
        && trouble.behind.is_empty()
        && trouble.late == 0.0
        && trouble.stuck == 0.0
        && !trouble.resets
        && trouble.loses.is_empty();
    if nothing {
        return Err(
            keys.wrong("says", "is missing, as are does, behind, late, stuck, resets and loses: nothing would happen.")
        );
    }
    keys.done()?;
    Ok(trouble)
}

fn settings(keys: &mut Keys) -> Result<Vec<Setting>, Error> {
    let mut lost = Vec::new();
    for text in keys.texts("loses")? {
        lost.push(Setting::ALL.iter().find(|(name, _)| *name == text).map(|(_, setting)| *setting).ok_or_else(
            || {
                let all = Setting::ALL.map(|(name, _)| name).join(", ");
                keys.wrong("loses", format!("has \"{text}\"; there is: {all}."))
            },
        )?);
    }
    Ok(lost)
}

/// Upper case, without spaces: as the chip compares it.
fn command(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())).then_some(text)
}

/// The chip's own: `AT…` or `ST…`.
fn own(text: &str) -> Option<String> {
    command(text).filter(|c| c.starts_with("AT") || c.starts_with("ST"))
}

fn commands(keys: &mut Keys, key: &str) -> Result<Vec<String>, Error> {
    let texts = keys.texts(key)?;
    let wrong = |text| keys.wrong(key, format!("has \"{text}\", which is no command: they begin with AT or ST."));
    texts.iter().map(|text| own(text).ok_or_else(|| wrong(text))).collect()
}

/// Lines that nobody can take for a frame.
fn words(keys: &mut Keys, key: &str) -> Result<Vec<String>, Error> {
    let texts = keys.texts(key)?;
    if texts.len() > 16 || !texts.iter().all(|t| t.is_empty() || wordy(t) || zeros(t) && key == "banner") {
        return Err(not_words(keys, key));
    }
    Ok(texts)
}

fn not_words(keys: &Keys, key: &str) -> Error {
    keys.wrong(key, "must be words that are no frame: printable, with a character that is no hexadecimal digit.")
}

fn wordy(text: &str) -> bool {
    text.len() <= 80
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic() && b != b'>')
        && text.bytes().any(|b| b.is_ascii_graphic() && !b.is_ascii_hexdigit() && b != b':')
}

/// Junk after a reset, which no driver reads as a frame since it has not asked yet.
fn zeros(text: &str) -> bool {
    text.len() <= 80 && text.bytes().all(|b| b == b' ' || b.is_ascii_hexdigit())
}

fn commands_with_lines(keys: &mut Keys) -> Result<BTreeMap<String, String>, Error> {
    let mut answers = BTreeMap::new();
    for (name, value) in keys.below("answers")?.rest() {
        let (Some(name), Value::String(line)) = (own(&name), &value) else {
            return Err(keys.wrong("answers", format!("\"{name}\" must be a command with a text: ATRV = \"0.0V\".")));
        };
        if line.len() > 80 || !line.bytes().all(|b| b == b' ' || b.is_ascii_graphic() && b != b'>') {
            return Err(keys.wrong("answers", format!("\"{name}\" must be one line of printable characters.")));
        }
        answers.insert(name, line.clone());
    }
    Ok(answers)
}
