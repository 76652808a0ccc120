//! A door on a free port with a recorder behind it, and an HTTP client that sends exactly what a test says.

use roadworthy_api::{
    Code, Error, Result,
    calls::{Call, Reply},
    role::Actor,
    stream::Push,
    system::BlobInfo,
};
use roadworthy_server::{Behind, door::Door};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{broadcast, oneshot};

/// Notes what got through the door.
pub(crate) struct Recorder {
    pub(crate) calls: Mutex<Vec<String>>,
    pub(crate) stored: Mutex<Vec<(BlobInfo, Vec<u8>)>>,
    pub(crate) pushes: broadcast::Sender<Push>,
    /// Bytes of the file [`HUGE`], if there is one.
    pub(crate) huge: Mutex<Option<u64>>,
    /// Bytes of it that were read so far.
    pub(crate) read: Arc<AtomicU64>,
}

/// The hash of a file that fits into no memory.
pub(crate) const HUGE: &str = "abababababababababababababababababababababababababababababababab";

/// So many zeroes.
struct Endless {
    left: u64,
    read: Arc<AtomicU64>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buffer[..n].fill(0);
        self.left -= n as u64;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Behind for Recorder {
    fn call(&self, who: &Actor, call: Call) -> Result<Reply> {
        self.calls.lock().unwrap().push(format!("{:?} {call:?}", who.door));
        match call {
            Call::WhoAmI(_) => Ok(Reply::WhoAmI(who.clone())),
            Call::VerifyJournal(_) => panic!("a defect"),
            _ => Err(Error::new(Code::NotFound, "It is not there.").hint("Look elsewhere.")),
        }
    }

    fn blob(&self, _: &Actor, hash: &str) -> Result<(BlobInfo, Vec<u8>)> {
        let stored = self.stored.lock().unwrap();
        stored
            .iter()
            .find(|(info, _)| info.hash == hash)
            .cloned()
            .ok_or_else(|| Error::new(Code::NotFound, "No such file."))
    }

    fn open_blob(&self, who: &Actor, hash: &str) -> Result<(BlobInfo, Box<dyn Read + Send>, u64)> {
        if let Some(size) = self.huge.lock().unwrap().filter(|_| hash == HUGE) {
            let info =
                BlobInfo { hash: hash.into(), name: "all.zip".into(), media: "application/zip".into(), bytes: size };
            let read = Arc::clone(&self.read);
            return Ok((info, Box::new(Endless { left: size, read }), size));
        }
        let (info, bytes) = self.blob(who, hash)?;
        let size = bytes.len() as u64;
        Ok((info, Box::new(std::io::Cursor::new(bytes)), size))
    }

    fn put_blob(&self, _: &Actor, name: &str, media: &str, bytes: &[u8]) -> Result<BlobInfo> {
        let hash = format!("{:064x}", bytes.len());
        let info = BlobInfo { hash, name: name.into(), media: media.into(), bytes: bytes.len() as u64 };
        self.stored.lock().unwrap().push((info.clone(), bytes.to_vec()));
        Ok(info)
    }

    fn pushes(&self) -> broadcast::Receiver<Push> {
        self.pushes.subscribe()
    }
}

/// An open door. It closes when the rig is dropped.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) behind: Arc<Recorder>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<Result<()>>>,
    runtime: tokio::runtime::Runtime,
}

pub(crate) fn open() -> Rig {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let door = runtime.block_on(Door::bind("127.0.0.1:0")).unwrap();
    let address = door.address();
    let token = door.url().split_once("/#token=").unwrap().1.to_owned();
    let behind = Arc::new(Recorder {
        calls: Mutex::default(),
        stored: Mutex::default(),
        pushes: broadcast::channel(256).0,
        huge: Mutex::default(),
        read: Arc::default(),
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let engine: Arc<dyn Behind> = behind.clone();
    let served = runtime.spawn(door.serve(engine, async {
        let _ = stopped.await;
    }));
    Rig { address, token, behind, stop: Some(stop), served: Some(served), runtime }
}

impl Rig {
    /// `Host` and token as the door's own page would send them.
    pub(crate) fn own(&self) -> String {
        format!("Host: {}\r\nAuthorization: Bearer {}\r\n", self.address, self.token)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Sends a request line, header lines and a body, and reads the answer to its end.
    pub(crate) fn send(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let head = format!("{line} HTTP/1.1\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        Answer::read(stream)
    }

    /// `POST /call` with JSON and the given other headers.
    pub(crate) fn post(&self, headers: &str, body: &str) -> Answer {
        self.send("POST /call", &format!("{headers}Content-Type: application/json\r\n"), body.as_bytes())
    }

    /// Asserts that nothing reached the engine.
    pub(crate) fn untouched(&self, because: &str) {
        assert_eq!(*self.behind.calls.lock().unwrap(), Vec::<String>::new(), "{because}");
        assert!(self.behind.stored.lock().unwrap().is_empty(), "{because}");
    }

    /// Closes the door and waits until it is closed.
    pub(crate) fn close(mut self) -> Result<()> {
        drop(self.stop.take());
        let served = self.served.take().unwrap();
        self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), served).await }).unwrap().unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A door that refuses a body before it is sent may reset the connection after its answer.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("an HTTP answer");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The error's code, checked to come with a cause.
    pub(crate) fn code(&self) -> String {
        let error: serde_json::Value = serde_json::from_slice(&self.body).expect("an error as JSON");
        assert!(!error["message"].as_str().unwrap().is_empty());
        error["code"].as_str().unwrap().to_owned()
    }
}
