//! `roadworthy decode` and `roadworthy assemble`: lines in, lines out, nothing stored.

use crate::{
    args::say::Assemble,
    exit::{Exit, Stop},
    out::Out,
};
use roadworthy_api::{Code, Error};
use roadworthy_obd::{line, protocol::Protocol};
use serde_json::json;
use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is looked at in bytes. A longer one is an error like any other bad line.
const LINE_MAX: usize = 1 << 20;
/// Longest answer of an adapter in bytes; real ones stay below a few hundred kilobytes even for long records.
const ANSWER_MAX: u64 = 16 << 20;

pub(crate) fn decode(out: &mut Out) -> Result<Exit, Stop> {
    each_line(out, |text, out| out.bytes(line::decode_line(text).as_bytes()).and_then(|()| out.bytes(b"\n")))
}

pub(crate) fn assemble(out: &mut Out, how: &Assemble) -> Result<Exit, Stop> {
    let mut input = BufReader::new(io::stdin().lock().take(ANSWER_MAX));
    let mut answer = Vec::new();
    let lines = if how.frames {
        input.read_to_end(&mut answer).map_err(unread)?;
        line::frame_lines(&String::from_utf8_lossy(&answer))
    } else {
        let protocol = protocol(how.protocol)?;
        read_answer(&mut input, &mut answer).map_err(unread)?;
        line::assemble_lines(protocol, !how.no_headers, &answer)
    };
    for line in lines {
        out.line(&line)?;
    }
    Ok(Exit::Good)
}

/// Reads up to the prompt. One that comes before anything else is a late one of the request before.
fn read_answer(input: &mut impl BufRead, answer: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let read = input.read_until(b'>', answer)?;
        if read == 0 || answer.iter().any(|b| b.is_ascii_graphic() && *b != b'>') {
            return Ok(());
        }
        // Nothing of it is needed, and endless prompts need not be looked at again each time.
        answer.clear();
    }
}

fn protocol(number: Option<char>) -> Result<Protocol, Error> {
    let number = number.unwrap_or(' ').to_ascii_uppercase();
    Protocol::from_id(number).ok_or_else(|| {
        Error::new(Code::Invalid, format!("There is no protocol {number:?}."))
            .hint("Give the adapter's number of it, 1 to 9 or A to C, as in --protocol 6.")
    })
}

/// Runs `each` over every line of standard input. Output is written whenever the input rests, so that a program at the
/// other end sees an answer to each line that it sends.
fn each_line(out: &mut Out, mut each: impl FnMut(&str, &mut Out) -> io::Result<()>) -> Result<Exit, Stop> {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = (&mut input).take(LINE_MAX as u64 + 1).read_until(b'\n', &mut bytes).map_err(unread)?;
        if read == 0 {
            return Ok(Exit::Good);
        }
        if bytes.len() > LINE_MAX && bytes.last() != Some(&b'\n') {
            skip_line(&mut input).map_err(unread)?;
            let error =
                Error::new(Code::Malformed, format!("The line is longer than {LINE_MAX} bytes.")).hint("Split it.");
            out.object(&json!({ "id": null, "error": error }))?;
        } else {
            let text = String::from_utf8_lossy(&bytes);
            each(text.trim_end_matches(['\n', '\r']), out)?;
        }
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

fn unread(error: io::Error) -> Stop {
    Stop::Error(Error::new(Code::ReadOnly, format!("Standard input cannot be read: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_in_front_is_not_the_end_of_an_answer() {
        for (input, want) in [
            (">7E8 03 41 05 7B\r>7E8", "7E8 03 41 05 7B\r>"),
            ("\r\n> >\r7E8 03 41 05 7B\r>", "\r7E8 03 41 05 7B\r>"),
            ("7E8 03 41 05 7B", "7E8 03 41 05 7B"),
            (">>", ""),
        ] {
            let mut answer = Vec::new();
            read_answer(&mut input.as_bytes(), &mut answer).unwrap();
            assert_eq!(String::from_utf8(answer).unwrap(), want, "{input:?}");
        }
    }
}
