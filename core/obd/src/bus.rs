//! The bus: a request goes out to every ECU, and each ECU's own answer comes back.
//!
//! The usual case: [`ask`]. It keeps answers apart by ECU, takes only what repeats the question, waits for an ECU that asks
//! for patience, asks one again that is busy, and hands on what could not be used with the reason. One ECU's refusal or noise never hides another's data.

use crate::{
    adapter::{Adapter, NOT_RECORDED, Reply, Request, Unlock},
    frame::{FrameError, Line, Status},
    protocol::Family,
};
use roadworthy_api::{Code, Error};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The longest an ECU may take after it asked for patience (P2* of ISO 14229-2 and ISO 15765-4). Asking again before would
/// make it start over, or be refused.
const PATIENCE: Duration = Duration::from_secs(5);
/// Negative response code by which an ECU asks for patience.
const PENDING: u8 = 0x78;
/// Negative response code by which an ECU asks to be asked again: it has no time just now (ISO 14229-1, busyRepeatRequest).
const BUSY: u8 = 0x21;
/// How often it is asked again, and how long after its word: SAE J1979 wants 200 ms between them.
const REPEATS: (u32, Duration) = (4, Duration::from_millis(200));

/// What came back for one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// Payloads that answer the request, service byte first, with the ECU that sent them, in the order they came. On buses
    /// older than CAN an ECU may send several.
    pub answers: Vec<(String, Vec<u8>)>,
    /// Refusals of the request: ECU and negative response code.
    pub refusals: Vec<(String, u8)>,
    /// What could not be used.
    pub unusable: Vec<Unusable>,
    /// Why silence means nothing this time: the adapter or the bus spoilt the answer.
    pub trouble: Option<String>,
    /// Why it was not asked at all: a recording has no answer to it.
    pub not_asked: Option<String>,
}

/// Something that came and was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Who sent it, as far as that can be read from it.
    pub ecu: Option<String>,
    /// As received.
    pub raw: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether a part of an answer is missing because of it. A stray or doubled frame harms nothing, and neither does a line
    /// that can be no reply, unless an ECU's answer is missing in whose place it may stand.
    pub harms: bool,
}

impl Replies {
    fn payloads_of<'a>(&'a self, ecu: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.answers.iter().filter(move |(who, _)| who == ecu).map(|(_, payload)| payload.as_slice())
    }

    /// Takes what ECUs say that put it off before, with this negative response code.
    fn take_second_word(&mut self, again: Self, waiting: &[String], nrc: u8) {
        self.refusals.retain(|(who, _)| !waiting.contains(who));
        self.answers.extend(again.answers.into_iter().filter(|(who, _)| waiting.contains(who)));
        self.refusals.extend(again.refusals.into_iter().filter(|(who, _)| waiting.contains(who)));
        self.unusable.extend(again.unusable);
        self.trouble = self.trouble.take().or(again.trouble);
        // A recording that ends here has no second word.
        if again.not_asked.is_some() {
            self.refusals.extend(waiting.iter().map(|who| (who.clone(), nrc)));
        }
    }

    /// Whether an ECU sent anything at all.
    pub fn heard(&self, ecu: &str) -> bool {
        self.payloads_of(ecu).next().is_some() || self.refusals.iter().any(|(who, _)| who == ecu)
    }
}

/// Asks every ECU and collects what each one says. One that has no time is asked again a few times.
///
/// # Errors
/// As the adapter's: a broken link, an adapter that lost its way, a vehicle that went away.
pub async fn ask(adapter: &mut Adapter, request: &Request) -> Result<Replies, Error> {
    let mut replies = patiently(adapter, request).await?;
    let (times, apart) = REPEATS;
    for _ in 0..times {
        let busy = refusing(&replies, BUSY);
        if busy.is_empty() {
            break;
        }
        let since = Instant::now();
        if adapter.recorded_ms().is_none() {
            sleep_until(since + apart).await;
        }
        let again = patiently(adapter, request).await?;
        let recorded = again.not_asked.is_none();
        replies.take_second_word(again, &busy, BUSY);
        if !recorded {
            break;
        }
    }
    Ok(replies)
}

/// Asks once, and once more where an ECU asks for patience.
async fn patiently(adapter: &mut Adapter, request: &Request) -> Result<Replies, Error> {
    let mut replies = once(adapter, request).await?;
    let waiting = refusing(&replies, PENDING);
    if waiting.is_empty() || adapter.is_patient() {
        return Ok(replies);
    }
    let since = Instant::now();
    adapter.wait_long(true).await?;
    if adapter.recorded_ms().is_none() {
        sleep_until(since + PATIENCE).await;
    }
    let again = once(adapter, request).await;
    let again = waited(adapter, again).await?;
    replies.take_second_word(again, &waiting, PENDING);
    Ok(replies)
}

/// Erases codes: sends what `unlock` allows, once, to every ECU, and collects what each one says. The adapter waits as long
/// as it can, since an ECU may ask for patience (NRC 78) and answer later; one that did not answer by then is still among
/// the refusals with 78, and only reading its codes again tells what it did.
///
/// # Errors
/// As [`ask`]. After an error nobody knows whether the request was carried out.
pub async fn erase(adapter: &mut Adapter, unlock: Unlock) -> Result<Replies, Error> {
    let request = Request::unlocked(unlock);
    adapter.wait_long(true).await?;
    let replies = once(adapter, &request).await;
    if replies.as_ref().is_err_and(|error| error.code != Code::NoVehicle) {
        return replies;
    }
    // What was heard of a deed counts, whatever becomes of the link after it; whoever asks next is told of that.
    adapter.wait_long(false).await.ok();
    replies
}

/// Sets the usual wait again, where the adapter is still in step. One that is not, or that has not ended what it says, is not
/// spoken to any more: it would be out of turn.
async fn waited(adapter: &mut Adapter, replies: Result<Replies, Error>) -> Result<Replies, Error> {
    if replies.as_ref().is_err_and(|error| error.code != Code::NoVehicle) {
        return replies;
    }
    adapter.wait_long(false).await?;
    replies
}

/// ECUs that put it off with this negative response code and have not answered since.
fn refusing(replies: &Replies, nrc: u8) -> Vec<String> {
    let asked = replies.refusals.iter().filter(|(_, said)| *said == nrc).map(|(who, _)| who);
    asked.filter(|who| replies.payloads_of(who).next().is_none()).cloned().collect()
}

async fn once(adapter: &mut Adapter, request: &Request) -> Result<Replies, Error> {
    let family = adapter.protocol().map(|p| p.family());
    Ok(match adapter.ask(request).await? {
        Reply::Late => {
            Replies { trouble: Some("The adapter gave no complete answer in time.".into()), ..Replies::default() }
        }
        Reply::Empty => Replies { trouble: Some("The adapter gave an empty answer.".into()), ..Replies::default() },
        Reply::NotRecorded => Replies { not_asked: Some(NOT_RECORDED.into()), ..Replies::default() },
        Reply::Lines(lines) => sort(request, family, lines),
    })
}

fn sort(request: &Request, family: Option<Family>, lines: Vec<Line>) -> Replies {
    let mut replies = Replies::default();
    for line in lines {
        match line {
            Line::Message { ecu: Some(ecu), payload } => sort_message(request, ecu, payload, &mut replies),
            Line::Message { ecu: None, payload } => replies.unusable.push(Unusable {
                ecu: None,
                raw: hex(&payload),
                reason: "It does not say which ECU sent it.".into(),
                harms: true,
            }),
            Line::Unusable { frame, reason } => replies.unusable.push(Unusable {
                // What is no reply has no sender either, whatever stands in its place.
                ecu: sender(family, &frame).filter(|_| reason != FrameError::NotAReply),
                raw: frame,
                harms: !matches!(reason, FrameError::Duplicate | FrameError::FromTester | FrameError::NotAReply),
                reason: sentence(&reason.to_string()),
            }),
            Line::Status(Status::NoData | Status::Searching | Status::Ok) => {}
            Line::Status(status) => replies.trouble = Some(format!("The adapter says {status}.")),
        }
    }
    replies
}

fn sort_message(request: &Request, ecu: String, payload: Vec<u8>, replies: &mut Replies) {
    match *payload.as_slice() {
        [0x7F, service, nrc] if service == request.service() => {
            // The last word counts: patience first, then the refusal.
            replies.refusals.retain(|(who, earlier)| *who != ecu || *earlier != PENDING);
            replies.refusals.push((ecu, nrc));
        }
        _ if request.is_answered_by(&payload) => {
            // Doubled by a repeating gateway: the same words twice say no more than once.
            if !replies.payloads_of(&ecu).any(|p| p == payload) {
                replies.answers.push((ecu, payload));
            }
        }
        _ => replies.unusable.push(Unusable {
            ecu: Some(ecu),
            raw: hex(&payload),
            reason: "It answers another request.".into(),
            harms: false,
        }),
    }
}

/// Who sent a frame that cannot be used, if its head can be read.
pub(crate) fn sender(family: Option<Family>, frame: &str) -> Option<String> {
    let text: String = frame.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    let part = match family? {
        Family::Can11 => text.get(..3)?,
        Family::Can29 => text.get(..8)?,
        Family::Pwm | Family::Vpw | Family::Iso9141 | Family::Kwp => text.get(4..6)?,
    };
    part.bytes().all(|b| b.is_ascii_hexdigit()).then(|| part.to_owned())
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = chars.as_str();
    format!("{first}{rest}{}", if rest.ends_with('.') { "" } else { "." })
}

/// Upper-case hex without spaces.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frame::assemble_reply, protocol::Protocol};

    fn sorted(request: &[u8], protocol: char, answer: &str) -> Replies {
        let request = Request::new(request).unwrap();
        let protocol = Protocol::from_id(protocol).unwrap();
        sort(&request, Some(protocol.family()), assemble_reply(protocol, true, request.hex(), answer.as_bytes()))
    }

    #[test]
    fn pain_22_replies_of_two_ecus_are_not_merged() {
        let replies = sorted(&[0x03], '6', "7E8 02 43 00 \r7E9 02 43 00 \r\r");
        assert_eq!(replies.answers, [("7E8".to_owned(), vec![0x43, 0]), ("7E9".to_owned(), vec![0x43, 0])]);
    }

    #[test]
    fn a_refusal_of_one_ecu_does_not_hide_anothers_data() {
        let replies = sorted(&[0x01, 0x0C], '6', "7E9 03 7F 01 12 \r7E8 04 41 0C 1A F8 \r\r");
        assert_eq!(replies.answers, [("7E8".to_owned(), vec![0x41, 0x0C, 0x1A, 0xF8])]);
        assert_eq!(replies.refusals, [("7E9".to_owned(), 0x12)]);
    }

    #[test]
    fn an_answer_to_another_request_is_no_answer_to_this_one() {
        let replies = sorted(&[0x01, 0x01], '6', "7E8064101000E8000\r7E8037F1012\r7E8 04 41 0C 1A F8\r\r");
        assert_eq!(replies.answers, [("7E8".to_owned(), vec![0x41, 0x01, 0, 0x0E, 0x80, 0])]);
        assert!(replies.refusals.is_empty());
        assert_eq!(replies.unusable.len(), 2);
        assert!(replies.unusable.iter().all(|u| !u.harms && u.ecu.as_deref() == Some("7E8")));
    }

    #[test]
    fn pain_17_an_error_text_is_trouble_and_never_a_number() {
        for (answer, status) in
            [("CAN ERROR\r\r", "CAN ERROR"), ("DATA ERROR\r\r", "DATA ERROR"), ("BUFFER FULL\r\r", "BUFFER FULL")]
        {
            let replies = sorted(&[0x01, 0x88], '6', answer);
            assert_eq!(replies.answers, []);
            assert_eq!(replies.trouble, Some(format!("The adapter says {status}.")));
        }
        // Behind the beginning of a reply, where its letters that are hex digits would make up the rest.
        for answer in ["7E8 04 41 0C DATA ERROR\r\r", "7E8 04 41 0C 1A CAN ERROR\r\r", "7E804410C1A<RX ERROR\r\r"] {
            let replies = sorted(&[0x01, 0x0C], '6', answer);
            assert_eq!((replies.answers, replies.unusable.len()), (vec![], 1), "{answer:?}");
        }
        assert_eq!(sorted(&[0x01, 0x0C], '6', "NO DATA\r\r"), Replies::default());
    }

    #[test]
    fn a_line_that_lost_a_digit_is_kept_with_its_reason() {
        let replies = sorted(&[0x01, 0x0C], '6', "7E8 04 41 0C 1A F\r7E9 04 41 0C 1A F8\r\r");
        assert_eq!(replies.answers, [("7E9".to_owned(), vec![0x41, 0x0C, 0x1A, 0xF8])]);
        let [unusable] = replies.unusable.as_slice() else { panic!("{replies:?}") };
        assert_eq!(unusable.ecu.as_deref(), Some("7E8"));
        assert!(unusable.harms && unusable.reason.ends_with('.'), "{unusable:?}");
    }

    #[test]
    fn the_same_words_twice_are_one_answer() {
        let replies = sorted(&[0x01, 0x00], '6', "SEARCHING...\r7E8 06 41 00 FF FF FF FF \r7E8 06 41 00 FF FF FF FF");
        assert_eq!(replies.answers.len(), 1);
    }
}
