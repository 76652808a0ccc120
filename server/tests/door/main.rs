//! The local door against everything a foreign page or a careless program may send, over real TCP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by failing")]

mod rig;

use rig::{HUGE, open};
use roadworthy_api::{journal::Changed, stream::Push};
use roadworthy_server::door::{CALL_MAX, Door};
use std::{
    io::{BufRead, BufReader, Read, Write},
    sync::atomic::Ordering,
    time::Duration,
};

const WHO: &str = r#"{"call":"WhoAmI","args":{}}"#;

#[test]
fn a_call_of_the_own_page_is_answered() {
    let rig = open();
    let port = rig.address.port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        let headers = format!(
            "Host: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nAuthorization: Bearer {}\r\n",
            rig.token
        );
        let answer = rig.post(&headers, WHO);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.text().contains(r#""door":"browser""#), "{answer:?}");
    }
    assert_eq!(rig.behind.calls.lock().unwrap().len(), 3);
}

#[test]
fn a_foreign_host_is_refused_even_with_the_token() {
    let rig = open();
    let (port, token) = (rig.address.port(), rig.token.clone());
    for host in [
        "evil.example".to_owned(),
        // DNS rebinding: the page's own name, which now leads here, with the right port.
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("0.0.0.0:{port}"),
        format!("LOCALHOST:{port}"),
    ] {
        let headers = format!("Host: {host}\r\nAuthorization: Bearer {token}\r\n");
        for answer in
            [rig.post(&headers, WHO), rig.send("GET /", &headers, b""), rig.send("GET /index.html", &headers, b"")]
        {
            assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{host}");
        }
    }
    let twice = format!("{}Host: evil.example\r\n", rig.own());
    assert!(rig.post(&twice, WHO).status >= 400);
    let none = format!("Authorization: Bearer {token}\r\n");
    assert!(rig.post(&none, WHO).status >= 400);
    assert_eq!(rig.send("GET http://evil.example/", &rig.own(), b"").status, 403);
    rig.untouched("because the host is foreign");
}

#[test]
fn a_foreign_page_is_refused_even_with_the_token() {
    let rig = open();
    let port = rig.address.port();
    for line in [
        "Origin: https://evil.example".to_owned(),
        "Origin: null".to_owned(),
        "Origin: ".to_owned(),
        format!("Origin: https://127.0.0.1:{port}"),
        format!("Origin: http://127.0.0.1:{}", port ^ 1),
        format!("Origin: http://evil.example:{port}"),
        // The same door by another name is another origin.
        format!("Origin: http://localhost:{port}"),
        "Sec-Fetch-Site: cross-site".to_owned(),
        "Sec-Fetch-Site: same-site".to_owned(),
        format!("Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site"),
    ] {
        let headers = format!("{}{line}\r\n", rig.own());
        assert_eq!(rig.post(&headers, WHO).status, 403, "{line}");
        assert_eq!(rig.send("GET /", &headers, b"").status, 403, "{line}");
        let stream = format!("GET /stream?token={}", rig.token);
        assert_eq!(rig.send(&stream, &headers, b"").status, 403, "{line}");
    }
    rig.untouched("because the page is foreign");
}

#[test]
fn without_the_token_in_its_place_nothing_is_answered() {
    let rig = open();
    let (token, hash) = (&rig.token, "0".repeat(64));
    let host = format!("Host: {}\r\n", rig.address);
    let wrong = format!("{}{}", &token[1..], if token.starts_with('0') { "1" } else { "0" });
    for line in [
        String::new(),
        "Authorization: Bearer\r\n".to_owned(),
        format!("Authorization: Bearer {wrong}\r\n"),
        format!("Authorization: Bearer {}\r\n", &token[..63]),
        format!("Authorization: Bearer {token}0\r\n"),
        format!("Authorization: {token}\r\n"),
        format!("Authorization: Basic {token}\r\n"),
        format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n"),
        format!("Cookie: token={token}\r\n"),
        format!("X-Token: {token}\r\n"),
        format!("Referer: http://{}/?token={token}\r\n", rig.address),
    ] {
        let headers = format!("{host}{line}");
        for answer in [
            rig.post(&headers, WHO),
            rig.send(&format!("GET /blob/{hash}"), &headers, b""),
            rig.send("PUT /blob?name=a.txt", &headers, b"x"),
            rig.send("GET /stream", &headers, b""),
        ] {
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{line}");
        }
    }
    let body = format!(r#"{{"call":"WhoAmI","args":{{}},"token":"{token}"}}"#);
    assert_eq!(rig.post(&host, &body).status, 401);
    for line in [
        format!("POST /call?token={token}"),
        format!("GET /blob/{hash}?token={token}"),
        format!("PUT /blob?name=a.txt&token={token}"),
        format!("GET /stream?token={wrong}"),
        format!("GET /stream?xtoken={token}"),
        "GET /stream?token=".to_owned(),
    ] {
        let answer = rig.send(&line, &format!("{host}Content-Type: application/json\r\n"), WHO.as_bytes());
        assert_eq!(answer.status, 401, "{line}");
    }
    rig.untouched("because the token is missing");
}

#[test]
fn a_call_is_json_and_posted() {
    let rig = open();
    let own = rig.own();
    for media in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/json",
        "application/jsonp",
        "",
    ] {
        let answer = rig.send("POST /call", &format!("{own}Content-Type: {media}\r\n"), WHO.as_bytes());
        assert_eq!(answer.status, 415, "{media}");
    }
    assert_eq!(rig.send("POST /call", &own, WHO.as_bytes()).status, 415);
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer =
            rig.send(&format!("{method} /call"), &format!("{own}Content-Type: application/json\r\n"), WHO.as_bytes());
        assert_eq!(answer.status, 405, "{method}");
    }
    for (body, code) in [
        ("", "bad-request"),
        ("{", "bad-request"),
        (r#"{"call":"Nothing"}"#, "bad-request"),
        (r#"{"call":"WhoAmI","args":[]}"#, "bad-request"),
    ] {
        let answer = rig.post(&own, body);
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{body}");
    }
    rig.untouched("because none of these is a call");
    let charset =
        rig.send("POST /call", &format!("{own}Content-Type: Application/JSON; charset=utf-8\r\n"), WHO.as_bytes());
    assert_eq!(charset.status, 200);
}

#[test]
fn a_preflight_is_told_nothing() {
    let rig = open();
    let own = format!("127.0.0.1:{}", rig.address.port());
    for origin in ["https://evil.example".to_owned(), format!("http://{own}")] {
        let headers = format!(
            "Host: {own}\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: authorization,content-type\r\nAccess-Control-Request-Private-Network: true\r\n"
        );
        for path in ["/call", "/stream", "/blob", "/"] {
            let answer = rig.send(&format!("OPTIONS {path}"), &headers, b"");
            assert!(answer.status >= 400, "{path}");
            assert!(!answer.head.contains("access-control"), "{path}: {}", answer.head);
        }
    }
}

#[test]
fn what_the_engine_refuses_crosses_with_code_and_hint() {
    let rig = open();
    let answer = rig.post(&rig.own(), r#"{"call":"GetStatus"}"#);
    assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"));
    assert!(answer.text().contains("Look elsewhere."));
    let answer = rig.post(&rig.own(), r#"{"call":"VerifyJournal"}"#);
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"), "because a defect is no end of the door");
    assert_eq!(rig.post(&rig.own(), WHO).status, 200);
}

#[test]
fn a_body_beyond_the_limit_is_refused() {
    let rig = open();
    // Told by the header: refused before any of it is sent.
    let mut stream = rig.connect();
    let head = format!(
        "POST /call HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        rig.own(),
        CALL_MAX + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first).unwrap();
    assert!(first.contains("413"), "{first}");
    // Not told: refused once there is too much.
    let mut stream = rig.connect();
    let head = format!(
        "POST /call HTTP/1.1\r\n{}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        rig.own()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = vec![b' '; 65536];
    for _ in 0..=CALL_MAX / chunk.len() {
        if stream
            .write_all(b"10000\r\n")
            .and_then(|()| stream.write_all(&chunk))
            .and_then(|()| stream.write_all(b"\r\n"))
            .is_err()
        {
            break;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n");
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first).unwrap();
    assert!(first.contains("413"), "{first}");
    rig.untouched("because the body is too long");
    // The largest that is allowed is still read.
    let full = format!("{}{WHO}", " ".repeat(CALL_MAX - WHO.len()));
    assert_eq!(rig.post(&rig.own(), &full).status, 200);
}

#[test]
fn pages_need_no_token_and_lead_nowhere_else() {
    let rig = open();
    let host = format!("Host: {}\r\n", rig.address);
    let built = rig.send("GET /index.html", &host, b"").status == 200;
    for path in ["/", "/vehicle/01925f3a-7c00-7abc-8def-0123456789ab", "/settings"] {
        let answer = rig.send(&format!("GET {path}"), &host, b"");
        assert_eq!(answer.status, if built { 200 } else { 503 }, "{path}");
        assert!(answer.head.contains("text/html"), "{path}");
        assert!(answer.text().to_lowercase().contains("<!doctype html"), "{path}");
    }
    for path in [
        "/../Cargo.toml",
        "/../../../../etc/passwd",
        "/./index.html",
        "//etc/passwd.x",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%2E%2E%2fetc%2fpasswd",
        "/..%5c..%5cetc",
        "/.env",
        "/missing.js",
        "/index.html/..",
        "/index.html%00",
    ] {
        let answer = rig.send(&format!("GET {path}"), &host, b"");
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("root:") && !answer.text().contains("[package]"), "{path}");
    }
    let head = rig.send("HEAD /", &host, b"");
    assert!(head.body.is_empty());
    assert_eq!(rig.send("POST /", &host, b"").status, 405);
}

#[test]
fn every_answer_carries_the_headers_that_keep_it_in() {
    let rig = open();
    let own = rig.own();
    let hash = "0".repeat(64);
    let answers = [
        rig.send("GET /", &own, b""),
        rig.post(&own, WHO),
        rig.post(&own, "{"),
        rig.send("GET /nothing.js", &own, b""),
        rig.send("GET /call", &own, b""),
        rig.send(&format!("GET /blob/{hash}"), &own, b""),
        rig.send("GET /", "Host: evil.example\r\n", b""),
    ];
    for answer in answers {
        for line in [
            "content-security-policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval';",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.head.contains(line), "{line} in {}", answer.head);
        }
        assert!(!answer.head.contains("access-control"), "{}", answer.head);
        assert!(!answer.head.contains(&rig.token) && !answer.text().contains(&rig.token));
        assert!(!answer.head.contains("set-cookie"));
    }
}

#[test]
fn files_go_in_and_out() {
    let rig = open();
    let own = rig.own();
    let put =
        rig.send("PUT /blob?name=b%C3%BCll%20one.pdf", &format!("{own}Content-Type: application/pdf\r\n"), b"%PDF-1");
    assert_eq!(put.status, 201, "{put:?}");
    let info: serde_json::Value = serde_json::from_slice(&put.body).unwrap();
    let get = rig.send(&format!("GET /blob/{}", info["hash"].as_str().unwrap()), &own, b"");
    assert_eq!((get.status, get.body.as_slice()), (200, b"%PDF-1".as_slice()));
    assert!(get.head.contains("content-type: application/pdf"));
    assert!(
        get.head.contains(
            "content-disposition: attachment; filename=\"b_ll one.pdf\"; filename*=utf-8''b%c3%bcll%20one.pdf"
        )
    );
    for (line, status) in [
        (format!("GET /blob/{}", "f".repeat(64)), 404),
        (format!("GET /blob/{}", "F".repeat(64)), 422),
        ("GET /blob/..%2f..%2fjournal.db".to_owned(), 422),
        ("GET /blob/".to_owned(), 404),
        ("PUT /blob".to_owned(), 422),
        ("PUT /blob?name=..%2fa".to_owned(), 422),
        ("PUT /blob?name=a%0Db".to_owned(), 422),
    ] {
        let answer = rig.send(&line, &own, b"x");
        assert_eq!(answer.status, status, "{line}");
    }
    assert_eq!(rig.behind.stored.lock().unwrap().len(), 1);
}

#[test]
fn a_large_file_is_read_only_as_fast_as_it_is_taken() {
    let rig = open();
    let ask = |size: u64| {
        *rig.behind.huge.lock().unwrap() = Some(size);
        rig.behind.read.store(0, Ordering::Relaxed);
        let mut stream = rig.connect();
        let line = format!("GET /blob/{HUGE} HTTP/1.1\r\n{}Connection: close\r\n\r\n", rig.own());
        stream.write_all(line.as_bytes()).unwrap();
        stream
    };
    let read = || rig.behind.read.load(Ordering::Relaxed);
    // More than any memory holds, and a browser that has not begun to take it.
    let mut stream = ask(1 << 44);
    let mut head = [0; 4096];
    let n = stream.read(&mut head).unwrap();
    let head = String::from_utf8_lossy(&head[..n]).to_lowercase();
    assert!(head.contains("200 ok") && head.contains(&format!("content-length: {}\r\n", 1u64 << 44)), "{head}");
    let mut before = 0;
    while read() != before || before == 0 {
        before = read();
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(before < 64 << 20, "{before} bytes are waiting for nobody");
    drop(stream);
    let size = (40 << 20) + 3;
    let mut all = Vec::new();
    ask(size).read_to_end(&mut all).unwrap();
    let body = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    assert_eq!((all.len() - body) as u64, size);
}

#[test]
fn the_stream_says_what_the_engine_says() {
    let rig = open();
    let host = format!("Host: {}\r\n", rig.address);
    let query = format!("GET /stream?token={} HTTP/1.1\r\n{host}\r\n", rig.token);
    let bearer = format!("GET /stream HTTP/1.1\r\n{}\r\n", rig.own());
    for request in [query, bearer] {
        let mut stream = rig.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines().map(|line| line.unwrap());
        assert!(lines.next().unwrap().contains("200"));
        let head: Vec<String> =
            lines.by_ref().take_while(|line| !line.is_empty()).map(|l| l.to_ascii_lowercase()).collect();
        assert!(head.iter().any(|line| line == "content-type: text/event-stream"), "{head:?}");
        assert!(head.iter().any(|line| line == "cache-control: no-store"), "{head:?}");
        // The first comment shows that the door listens: what is pushed from now on is seen.
        assert!(lines.by_ref().any(|line| line.starts_with(':')));
        rig.behind.pushes.send(Push::DataChanged(Changed { arrival: 41 })).unwrap();
        let data = lines.find(|line| line.starts_with("data:")).unwrap();
        assert_eq!(data, r#"data: {"stream":"DataChanged","data":{"arrival":41}}"#);
    }
}

#[test]
fn the_door_closes_though_a_stream_is_open() {
    let rig = open();
    let mut stream = rig.connect();
    stream.write_all(format!("GET /stream HTTP/1.1\r\n{}\r\n", rig.own()).as_bytes()).unwrap();
    let mut first = [0u8; 12];
    stream.read_exact(&mut first).unwrap();
    let address = rig.address;
    let began = std::time::Instant::now();
    rig.close().unwrap();
    assert!(
        began.elapsed() < std::time::Duration::from_secs(2),
        "because the stream ends with the door, without waiting"
    );
    assert!(std::net::TcpStream::connect(address).is_err(), "because nobody listens any more");
}

#[test]
fn only_loopback_is_listened_at() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bind = |text: &str| runtime.block_on(Door::bind(text));
    for foreign in ["0.0.0.0:0", "[::]:0", "192.168.0.7:0", "8.8.8.8:80", "127.0.0.2:0", "[::ffff:127.0.0.1]:0"] {
        let error = bind(foreign).err().unwrap_or_else(|| panic!("{foreign} was bound"));
        assert_eq!(error.code, roadworthy_api::Code::Invalid, "{foreign}");
        assert!(!error.hint.is_empty());
    }
    for unclear in ["", "127.0.0.1", "localhost", "localhost:x", "127.0.0.1:99999", "example.com:80"] {
        assert_eq!(bind(unclear).err().map(|e| e.code), Some(roadworthy_api::Code::Invalid), "{unclear}");
    }
    let door = bind("localhost:0").unwrap();
    assert!(door.address().ip().is_loopback() && door.address().port() != 0);
    let error = bind(&door.address().to_string()).err().unwrap();
    assert_eq!(error.code, roadworthy_api::Code::PortBusy);
    let shown = format!("{door:?}");
    let token = door.url().split_once("#token=").unwrap().1.to_owned();
    assert!(!shown.contains(&token), "because what is logged by accident must not hold the token");
}
