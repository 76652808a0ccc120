//! What every play uses: interfaces, sockets, checks, faults.

use super::rig::{check, check_and, when_asked};
use roadworthy_api::{Code, Error, check::CheckReport};
use roadworthy_obd::{
    can::{CanLink, socket::SocketCan},
    check::{CheckEvent, Finished},
    link::{self, Carrier, Port},
};
use roadworthy_simulator::{CanCar, Options, Source, connect_with};
use socketcan::{CanErrorFrame, Socket};
use std::{collections::BTreeMap, process::Command, sync::Mutex, time::Duration};
use tokio::time::{Instant, timeout, timeout_at};

/// A play's name, and the play.
pub(crate) type Play = (&'static str, fn());

/// Until something is hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// As every play finds it: the virtual interface on, the controllers off.
pub(crate) fn set() {
    if !std::path::Path::new("/sys/class/net/vcan0").exists() {
        ip(&["link", "add", "dev", "vcan0", "type", "vcan"]);
    }
    switch("vcan0", true);
    switch("can0", false);
    switch("can1", false);
}

pub(crate) fn ip(arguments: &[&str]) {
    let done = Command::new("/bin/busybox").arg("ip").args(arguments).status().unwrap();
    assert!(done.success(), "ip {arguments:?}");
}

/// Switches an interface off or on.
pub(crate) fn switch(interface: &str, on: bool) {
    ip(&["link", "set", interface, if on { "up" } else { "down" }]);
}

pub(crate) fn socket(interface: &str) -> SocketCan {
    SocketCan::open(interface).unwrap()
}

/// Opens it as a person does, by its port.
pub(crate) async fn open(interface: &str) -> Result<Carrier, Error> {
    let port: Port = format!("can:{interface}").parse().unwrap();
    link::open(&port, None).await
}

pub(crate) async fn whole(interface: &str) -> Result<CheckReport, Error> {
    let carrier = open(interface).await?;
    timeout(PATIENCE, check(carrier)).await.unwrap().report
}

pub(crate) async fn read(interface: &str) -> CheckReport {
    whole(interface).await.unwrap()
}

/// A check during which something is done, as soon as it asks this.
pub(crate) async fn read_and(interface: &str, request: &'static str, deed: impl FnOnce() + Send) -> Finished {
    let mut deed = when_asked(request, deed);
    let heard = |event: &CheckEvent| deed(event);
    timeout(PATIENCE, check_and(open(interface).await.unwrap(), heard)).await.unwrap()
}

pub(crate) fn car(name: &str) -> CanCar {
    CanCar::new(Source::Name(name), super::rig::at_rest()).unwrap()
}

/// What an ELM327 reads of the same car; of each asked once.
pub(crate) fn through_an_elm(name: &'static str) -> CheckReport {
    static READ: Mutex<BTreeMap<&str, CheckReport>> = Mutex::new(BTreeMap::new());
    let fast = Options { speed: 20.0, ..super::rig::at_rest() };
    let read = || play(|| {}, async move { check(connect_with(name, fast).unwrap()).await }).report.unwrap();
    READ.lock().unwrap().entry(name).or_insert_with(read).clone()
}

/// Runs ECUs until the play is over: their sockets close with their runtime.
pub(crate) fn play<T: Send + 'static>(
    ecus: impl FnOnce() + Send + 'static,
    part: impl Future<Output = T> + Send + 'static,
) -> T {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            ecus();
            part.await
        })
    })
    .join()
    .unwrap()
}

/// Has an interface say something of its bus, as a controller's driver does.
pub(crate) fn inject(interface: &str, class: u32, data: [u8; 8]) {
    let error = CanErrorFrame::new_error(class, &data).unwrap();
    let socket = socketcan::CanSocket::open(interface).unwrap();
    socket.write_frame(&socketcan::CanFrame::from(error)).unwrap();
}

/// Frames that others send while something goes on.
pub(crate) async fn overheard<T>(interface: &str, part: impl Future<Output = T>) -> (T, usize) {
    let mut ear = socket(interface);
    let end = part.await;
    let (mut count, enough) = (0, Instant::now() + Duration::from_millis(500));
    while let Ok(Ok(received)) = timeout_at(enough, ear.receive()).await {
        count += usize::from(matches!(received.event, roadworthy_obd::can::Event::Frame(_)));
    }
    (end, count)
}

pub(crate) fn is(error: &Error, code: Code, message: &str, hint: &str) {
    assert!(error.code == code && error.message.contains(message) && error.hint.contains(hint), "{error:?}");
}
