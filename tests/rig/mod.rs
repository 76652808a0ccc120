//! The two rigs: the real window (tauri-driver and WebKitWebDriver under Xvfb) and a real browser (chromedriver) at the local door.

#![allow(dead_code, reason = "each of the test binaries that share the rigs uses a part of them")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a rig stops at the first thing that is not there"
)]

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A child process that ends with the test, and everything it started with it.
pub(crate) struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        use std::os::unix::process::CommandExt;
        let name = command.get_program().to_string_lossy().into_owned();
        Self(
            command
                .process_group(0)
                .spawn()
                .unwrap_or_else(|e| panic!("{name} does not start ({e}); ./test installs it")),
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", "--", &format!("-{}", self.0.id())]).status();
        std::thread::sleep(Duration::from_millis(200));
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The command line, which `./test` builds beside the window.
pub(crate) fn roadworthy(home: &Path) -> Command {
    let path = Path::new(env!("CARGO_BIN_EXE_roadworthy-desktop")).with_file_name("roadworthy");
    assert!(path.exists(), "{} is missing; run ./test stories, which builds it", path.display());
    let mut command = Command::new(path);
    // No bus, no keyring: a rig never touches the keys of the person who runs it.
    command.env("ROADWORTHY_HOME", home).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
}

/// Runs the command line to its end and reads the JSON it prints.
pub(crate) fn json_of(home: &Path, args: &[&str]) -> serde_json::Value {
    let out = roadworthy(home).args(args).arg("--json").output().unwrap();
    assert!(
        out.status.success(),
        "roadworthy {args:?}: {}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| {
        panic!("roadworthy {args:?} prints no JSON ({e}): {}", String::from_utf8_lossy(&out.stdout))
    })
}

/// A simulated adapter as a process of its own, reached over TCP as Wi-Fi adapters are.
pub(crate) struct Adapter {
    /// As typed in: `tcp://127.0.0.1:PORT`.
    pub(crate) port: String,
    _process: Process,
}

impl Adapter {
    /// Plugs it in; `port` 0 takes a free one.
    pub(crate) fn start(vehicle: &str, port: u16) -> Self {
        let home = std::env::temp_dir();
        let mut process = Process::start(
            roadworthy(&home)
                .args(["sim", vehicle, "--tcp", &format!("127.0.0.1:{port}"), "--json"])
                .stdout(Stdio::piped())
                .stderr(log("adapter")),
        );
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).expect("sim prints where it listens");
        Self { port: said["port"].as_str().unwrap().to_owned(), _process: process }
    }

    /// Pulls the plug at once; returns the number of the TCP port, to plug it in again.
    pub(crate) fn unplug(self) -> u16 {
        self.port.rsplit(':').next().and_then(|p| p.parse().ok()).expect("a port ends with its number")
    }
}

/// A page under remote control, in the window or in the browser.
pub(crate) struct Rig {
    pub(crate) client: Client,
    pub(crate) name: &'static str,
    display: Option<String>,
    /// The driver's port.
    driver: u16,
    /// Where saved files go.
    downloads: PathBuf,
    // Dropped in this order: what drives first, what it stands on last.
    _processes: Vec<Process>,
    // What drives keeps its own files here: the data folder holds nothing but Roadworthy's.
    _place: TempDir,
}

impl Rig {
    /// The desktop window on a display of its own.
    pub(crate) async fn window(home: &Path) -> Self {
        let (display, xvfb) = xvfb();
        let (port, native) = (free_port(), free_port());
        let place = tempfile::tempdir().unwrap();
        let (downloads, config) = (downloads(place.path()), place.path().join("config"));
        std::fs::create_dir_all(&config).unwrap();
        let named = format!("XDG_DOWNLOAD_DIR={:?}\n", downloads.display().to_string());
        std::fs::write(config.join("user-dirs.dirs"), named).unwrap();
        let driver = Process::start(
            Command::new("tauri-driver")
                .args([
                    "--port",
                    &port.to_string(),
                    "--native-port",
                    &native.to_string(),
                    "--native-driver",
                    "/usr/bin/WebKitWebDriver",
                ])
                .env("DISPLAY", &display)
                .env("ROADWORTHY_HOME", home)
                .env("XDG_CONFIG_HOME", &config)
                .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
                .env("GDK_BACKEND", "x11")
                // A rig has no graphics card; without this WebKit asks for one and paints nothing.
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env_remove("WAYLAND_DISPLAY")
                .stdout(Stdio::null())
                .stderr(log("window")),
        );
        let capabilities = json!({ "tauri:options": { "application": env!("CARGO_BIN_EXE_roadworthy-desktop") } });
        let client = connect(port, capabilities).await;
        Self {
            client,
            name: "window",
            display: Some(display),
            driver: port,
            downloads,
            _processes: vec![driver, xvfb],
            _place: place,
        }
    }

    /// Chromium at the local door of `roadworthy serve`.
    pub(crate) async fn browser(home: &Path) -> Self {
        Self::browser_of(home, 1440, 900).await
    }

    /// The same with a page of this many pixels; a narrow one is a phone, with touch.
    pub(crate) async fn browser_of(home: &Path, width: u32, height: u32) -> Self {
        let mut server = Process::start(
            roadworthy(home)
                .args(["serve", "--listen", "127.0.0.1:0"])
                .stdout(Stdio::piped())
                .stderr(log("serve"))
                .stdin(Stdio::null()),
        );
        let address = address_of(server.0.stdout.take().unwrap());
        let port = free_port();
        let place = tempfile::tempdir().unwrap();
        let profile = place.path().join("chromium");
        let driver = Process::start(
            Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(log("browser")),
        );
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let downloads = downloads(place.path());
        let preferences = json!({ "download.default_directory": downloads, "download.prompt_for_download": false });
        let mut options = json!({ "args": arguments, "prefs": preferences });
        // No window of Chromium is as narrow as a phone.
        let phone = width < 500;
        if phone {
            let metrics = json!({ "width": width, "height": height, "pixelRatio": 1.0, "touch": true, "mobile": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let logs = json!({ "browser": "SEVERE" });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": logs });
        let client = connect(port, wanted).await;
        if !phone {
            page_size(&client, width, height).await;
        }
        client.goto(&address).await.unwrap();
        Self {
            client,
            name: "browser",
            display: None,
            driver: port,
            downloads,
            _processes: vec![driver, server],
            _place: place,
        }
    }

    /// Waits for the element with this `data-testid` to be there and shown.
    pub(crate) async fn see(&self, id: &str) -> Element {
        self.see_css(&format!("[data-testid='{id}']")).await
    }

    /// Waits for an element by selector.
    pub(crate) async fn see_css(&self, css: &str) -> Element {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(element) = self.client.find(Locator::Css(css)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            if Instant::now() > until {
                self.shot("failed").await;
                let body = self.text().await;
                panic!("{}: nothing shown for {css}; the page says: {body}", self.name);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks what has this `data-testid`, as soon as it is there.
    pub(crate) async fn click(&self, id: &str) {
        self.click_css(&format!("[data-testid='{id}']")).await;
    }

    /// Clicks by selector, in the middle of the page as a person would scroll it; tries again where the page re-drew the
    /// element in between.
    pub(crate) async fn click_css(&self, css: &str) {
        let mut why = String::new();
        for _ in 0..20 {
            self.see_css(css).await;
            let middle =
                "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center', behavior: 'instant' });";
            let _ = self.client.execute(middle, vec![json!(css)]).await;
            match self.see_css(css).await.click().await {
                Ok(()) => return,
                Err(e) => why = e.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        self.shot("failed").await;
        panic!("{}: {css} cannot be clicked: {why}", self.name);
    }

    /// Waits for a saved file whose name ends so, whole.
    pub(crate) async fn downloaded(&self, ending: &str) -> PathBuf {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let found = std::fs::read_dir(&self.downloads)
                .unwrap()
                .filter_map(|entry| entry.ok().map(|e| e.path()))
                .find(|path| path.to_string_lossy().ends_with(ending));
            // A browser writes under another name until the file is whole; the window writes it at once.
            if let Some(path) = found
                && std::fs::metadata(&path).is_ok_and(|m| m.len() > 0)
            {
                return path;
            }
            if Instant::now() > until {
                self.shot("failed").await;
                panic!("{}: no {ending} was saved to {}", self.name, self.downloads.display());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Empties the field with this `data-testid` and types into it.
    pub(crate) async fn fill(&self, id: &str, text: &str) {
        let field = self.see(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// All elements with this `data-testid`. WebKitWebDriver says "stale" where one of them goes while it looks: it looks again.
    async fn all(&self, id: &str) -> Vec<Element> {
        let mut tries = 0;
        loop {
            match self.client.find_all(Locator::Css(&format!("[data-testid='{id}']"))).await {
                Err(e) if e.is_stale_element_reference() && tries < 20 => tries += 1,
                found => return found.unwrap(),
            }
        }
    }

    /// Checks that nothing with this `data-testid` is there.
    pub(crate) async fn see_none(&self, id: &str) {
        assert!(self.all(id).await.is_empty(), "{}: {id} is there", self.name);
    }

    /// All texts of the elements with this `data-testid`.
    pub(crate) async fn texts(&self, id: &str) -> Vec<String> {
        let mut out = Vec::new();
        for element in self.all(id).await {
            out.push(element.text().await.unwrap_or_default());
        }
        out
    }

    /// Waits until the page's text holds `words`.
    pub(crate) async fn read(&self, words: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let text = self.text().await;
            if text.to_lowercase().contains(&words.to_lowercase()) {
                return;
            }
            if Instant::now() > until {
                self.shot("failed").await;
                panic!("{}: the page does not say {words:?} but: {text}", self.name);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What the page says. Asked of the page itself: a driver leaves out what it takes for hidden.
    pub(crate) async fn text(&self) -> String {
        match self.client.execute("return document.body.innerText;", vec![]).await {
            Ok(text) => text.as_str().unwrap_or_default().to_owned(),
            Err(e) => format!("({e})"),
        }
    }

    /// Errors that the browser's console has shown since this was last asked. The window's driver cannot tell.
    pub(crate) async fn console(&self) -> Vec<String> {
        let session = self.client.session_id().await.unwrap().expect("a session is open");
        let body = json!({ "type": "browser" }).to_string();
        let mut driver = TcpStream::connect(("127.0.0.1", self.driver)).unwrap();
        let head =
            format!("POST /session/{session}/se/log HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}", body.len());
        driver.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
        // The driver leaves the connection open, so that only the length tells the end.
        let (mut reply, mut length) = (BufReader::new(driver), 0);
        for line in reply.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()) {
            if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
                length = bytes.trim().parse().unwrap();
            }
        }
        let mut said = vec![0; length];
        reply.read_exact(&mut said).unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        let lines = said["value"].as_array().unwrap_or_else(|| panic!("no log of the console: {said}"));
        lines.iter().filter_map(|line| line["message"].as_str().map(str::to_owned)).collect()
    }

    /// Saves a picture of the page in both themes under `target/shots`, or under `ROADWORTHY_SHOTS`.
    pub(crate) async fn picture(&self, name: &str) {
        for theme in ["light", "dark"] {
            let script = "document.documentElement.dataset.theme = arguments[0];";
            self.client.execute(script, vec![json!(theme)]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(250)).await;
            self.shot(&format!("{name}-{theme}")).await;
        }
        self.client.execute("delete document.documentElement.dataset.theme;", vec![]).await.unwrap();
    }

    pub(crate) async fn shot(&self, name: &str) {
        let folder = std::env::var_os("ROADWORTHY_SHOTS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/shots"), PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{}-{name}.png", self.name));
        let Some(display) = &self.display else {
            if let Ok(png) = self.client.screenshot().await {
                std::fs::write(path, png).unwrap();
            }
            return;
        };
        // WebKitWebDriver never answers a request for a screenshot of a window that embeds it, so the display is asked.
        let taken = Command::new("scrot").arg("--overwrite").arg(&path).env("DISPLAY", display).status();
        assert!(taken.expect("scrot is installed by ./test").success(), "no picture of {display}");
    }
}

/// Makes the window so large that the page in it is.
async fn page_size(client: &Client, width: u32, height: u32) {
    client.set_window_size(width, height).await.unwrap();
    let around = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
    let around = client.execute(around, vec![]).await.unwrap();
    let of = |at: usize| around[at].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    client.set_window_size(width + of(0), height + of(1)).await.unwrap();
}

/// What the pages of a PDF say.
pub(crate) fn pdf_text(path: &Path) -> String {
    let out = Command::new("pdftotext").arg(path).arg("-").output().expect("pdftotext is installed by ./test");
    assert!(out.status.success(), "{} is no PDF: {}", path.display(), String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn downloads(place: &Path) -> PathBuf {
    let folder = place.join("downloads");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn log(name: &str) -> Stdio {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/log");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::File::create(folder.join(format!("rig-{name}.log"))).unwrap().into()
}

/// A display that no one else uses: Xvfb picks the number and tells it.
fn xvfb() -> (String, Process) {
    let mut process = Process::start(
        Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    );
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (format!(":{}", line.trim()), process)
}

/// The address that `roadworthy serve` prints; the rest of its output is read away so that it never blocks.
fn address_of(out: impl Read + Send + 'static) -> String {
    let mut lines = BufReader::new(out).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|l| l.split_whitespace().find(|w| w.starts_with("http://")).map(str::to_owned))
        .expect("serve prints its address");
    std::thread::spawn(move || lines.for_each(drop));
    address
}

async fn connect(port: u16, capabilities: serde_json::Value) -> Client {
    let until = Instant::now() + Duration::from_secs(60);
    let serde_json::Value::Object(capabilities) = capabilities else { unreachable!("built as an object above") };
    loop {
        match ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities.clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
        {
            Ok(client) => return client,
            Err(e) if Instant::now() > until => panic!("no session with the driver: {e}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
