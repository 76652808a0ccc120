//! A mail server small enough for a test: it answers as it is told and keeps what it took.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Takes everything.
    Takes,
    /// Takes the connection and says nothing, ever.
    Hangs,
    /// Says so much of a byte now and then that no single wait is too long.
    Drips,
    /// Greets with 421.
    Busy,
    /// Says this to a recipient whose address begins with `gone`.
    NoSuchUser,
    /// Says this to every password.
    WrongPassword,
    /// Is something else.
    Nonsense,
    /// Takes the text and breaks off before it says so.
    BreaksOff,
}

pub(super) struct Server {
    pub(super) port: u16,
    /// Commands and texts, as they came.
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || serve(stream, manner, &kept));
            }
        });
        Self { port, heard }
    }

    pub(super) fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

/// A port where nobody listens.
pub(super) fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn serve(mut stream: TcpStream, manner: Manner, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).ok();
    match manner {
        Manner::Hangs => {
            std::thread::sleep(Duration::from_secs(60));
            return None;
        }
        Manner::Drips => {
            stream.write_all(b"220-").ok()?;
            for _ in 0..600 {
                std::thread::sleep(Duration::from_millis(100));
                stream.write_all(b"x").ok()?;
            }
            return None;
        }
        Manner::Busy => return say("421 4.3.2 too many of boss@example.org at once"),
        Manner::Nonsense => return say("SSH-2.0-something"),
        _ => {}
    }
    say("220 test.example ESMTP")?;
    let mut in_text = false;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        heard.lock().unwrap().push(line.clone());
        if in_text {
            if line == "." {
                in_text = false;
                if manner == Manner::BreaksOff {
                    return None;
                }
                say("250 2.0.0 taken")?;
            }
            continue;
        }
        let word = line.split(' ').next().unwrap_or("").to_uppercase();
        match word.as_str() {
            "EHLO" => {
                say("250-test.example")?;
                say("250 AUTH PLAIN LOGIN")?;
            }
            "AUTH" if manner == Manner::WrongPassword => {
                say("535 5.7.8 wrong")?;
            }
            "AUTH" => {
                say("235 2.7.0 welcome")?;
            }
            "RCPT" if manner == Manner::NoSuchUser && line.contains("<gone") => {
                say("550 5.1.1 <gone@example.org>: no such user")?;
            }
            "DATA" => {
                in_text = true;
                say("354 go on")?;
            }
            "QUIT" => {
                say("221 bye")?;
                return None;
            }
            _ => {
                say("250 fine")?;
            }
        }
    }
}
