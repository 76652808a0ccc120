//! What `./test --can` runs in a guest that has a CAN bus: checks over `vcan0`, with the ECUs on sockets of their own.
//!
//! Each play says `guest: NAME ok` on standard output; the last line is the marker that the host looks for. Anything else, a
//! panic among it, is a failure. Outside that guest it says so and does nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "the suite uses more of it than the guest does")]
#[path = "../tests/can/rig.rs"]
mod rig;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("SocketCAN is Linux's.");
}

#[cfg(target_os = "linux")]
fn main() {
    if std::env::var_os("ROADWORTHY_CAN_GUEST").is_none() {
        println!("./test --can runs this in a guest.");
        return;
    }
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(plays::all());
}

#[cfg(target_os = "linux")]
mod plays {
    use super::rig::{at_rest, bare, check, drive_on, frame, id, one_of_four, outcome, script_on};
    use roadworthy_api::{
        Code,
        check::{CheckReport, Outcome},
    };
    use roadworthy_obd::{
        can::{CanError, CanFrame, CanId, CanLink, Event, socket::SocketCan},
        link::{self, Port},
    };
    use roadworthy_simulator::{CanCar, Source, connect_with};
    use socketcan::{CanErrorFrame, Socket};
    use std::{process::Command, time::Duration};
    use tokio::time::{Instant, sleep, timeout};

    const VCAN: &str = "vcan0";
    const PATIENCE: Duration = Duration::from_secs(60);

    fn ip(arguments: &[&str]) {
        let done = Command::new("/bin/busybox").arg("ip").args(arguments).status().unwrap();
        assert!(done.success(), "ip {arguments:?}");
    }

    fn socket() -> SocketCan {
        SocketCan::open(VCAN).unwrap()
    }

    async fn open() -> link::Carrier {
        let port: Port = format!("can:{VCAN}").parse().unwrap();
        link::open(&port, None).await.unwrap()
    }

    async fn read() -> CheckReport {
        timeout(PATIENCE, check(open().await)).await.unwrap().report.unwrap()
    }

    fn car(name: &str) -> CanCar {
        CanCar::new(Source::Name(name), at_rest()).unwrap()
    }

    /// Runs ECUs until the play is over: their sockets close with their runtime.
    fn play<T: Send + 'static>(
        ecus: impl FnOnce() + Send + 'static,
        part: impl Future<Output = T> + Send + 'static,
    ) -> T {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                ecus();
                part.await
            })
        })
        .join()
        .unwrap()
    }

    fn inject(class: u32) {
        let error = CanErrorFrame::new_error(class, &[0; 8]).unwrap();
        let socket = socketcan::CanSocket::open(VCAN).unwrap();
        socket.write_frame(&socketcan::CanFrame::from(error)).unwrap();
    }

    pub(super) async fn all() {
        let plays: [(&str, fn()); 9] = [
            ("a full check", full_check),
            ("29-bit ids", long_ids),
            ("four ECUs with long answers to one request", four),
            ("a lost frame", lost_frame),
            ("wrong flow control", wrong_flow),
            ("bus-off", bus_off),
            ("the interface down and up", down_and_up),
            ("CAN FD, remote frames and listing", kinds),
            ("an interface that is not there", absent),
        ];
        let count = plays.len();
        for (name, play) in plays {
            let since = Instant::now();
            tokio::task::spawn_blocking(play).await.unwrap();
            println!("guest: {name} ok, {:.1} s", since.elapsed().as_secs_f64());
        }
        println!("guest: all {count} plays passed");
    }

    fn same_as_through_an_elm(name: &'static str) {
        let frames = play(move || drive_on(socket(), car(name), Some), read());
        let elm = play(|| {}, async move { check(Box::new(connect_with(name, at_rest()).unwrap())).await });
        assert_eq!(frames.adapter.claims, "SocketCAN vcan0");
        assert_eq!(bare(frames), bare(elm.report.unwrap()));
    }

    fn full_check() {
        same_as_through_an_elm("misfire");
    }

    fn long_ids() {
        same_as_through_an_elm("can29");
    }

    fn four() {
        let report = play(|| (0..4).for_each(|n| script_on(socket(), one_of_four(n))), read());
        assert_eq!(report.rejected, []);
        for ecu in ["7E8", "7E9", "7EA", "7EB"] {
            assert_eq!(outcome(&report, "0902", ecu), Some(&Outcome::Answered), "{ecu}");
        }
    }

    fn lost_frame() {
        let lose = |times: u32| {
            let mut left = times;
            move |f: CanFrame| {
                let lost = left > 0 && f.id() == id("7E8") && f.data().first() == Some(&0x22);
                left -= u32::from(lost);
                (!lost).then_some(f)
            }
        };
        let once = play(move || drive_on(socket(), car("petrol"), lose(1)), read());
        assert!(once.vin.is_some() && once.rejected.is_empty(), "{:?}", once.rejected);
        let always = play(move || drive_on(socket(), car("petrol"), lose(99)), read());
        assert!(always.vin.is_none() && matches!(outcome(&always, "0902", "7E8"), Some(Outcome::Unreadable { .. })));
    }

    fn wrong_flow() {
        let astray = |f: CanFrame| {
            let flow = f.data().first() == Some(&0x30) && f.id() != id("7E8");
            Some(if flow { frame("7DF#3000000000000000") } else { f })
        };
        let report = play(move || drive_on(socket(), car("petrol"), astray), read());
        assert!(report.vin.is_none() && report.partial.is_none() && !report.readiness.is_empty());
        assert!(report.rejected.iter().any(|r| r.request == "0902"), "{:?}", report.rejected);
    }

    fn bus_off() {
        for restarts in [false, true] {
            let part = async move {
                tokio::spawn(async move {
                    sleep(Duration::from_millis(2000)).await;
                    inject(0x040);
                    if restarts {
                        sleep(Duration::from_millis(200)).await;
                        inject(0x100);
                    }
                });
                read().await
            };
            let report = play(|| drive_on(socket(), car("misfire"), Some), part);
            if restarts {
                assert_eq!((report.partial, report.codes.len()), (None, 3));
            } else {
                let error = report.partial.unwrap();
                assert!(error.code == Code::AdapterFault && error.message.contains("off the bus"), "{error}");
                assert!(!report.ecus.is_empty());
            }
        }
    }

    fn down_and_up() {
        let part = async {
            let mut kept = socket();
            tokio::spawn(async {
                sleep(Duration::from_millis(2000)).await;
                ip(&["link", "set", VCAN, "down"]);
            });
            let report = read().await;
            let error = report.partial.unwrap();
            assert!(error.code == Code::LinkLost && error.message.contains("switched off"), "{error}");
            assert!(!report.ecus.is_empty());
            // While it is off, that is what is said of it.
            let port: Port = format!("can:{VCAN}").parse().unwrap();
            let error = link::open(&port, None).await.err().unwrap();
            assert!(error.code == Code::LinkLost && error.hint.contains("ip link set vcan0 up"), "{error}");
            let listed = link::can_interfaces();
            assert!(listed.iter().any(|p| p.port == "can:vcan0" && p.problem.is_some()), "{listed:?}");
            let heard = loop {
                match kept.receive().await {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert_eq!(heard, CanError::Down(VCAN.into()));
            ip(&["link", "set", VCAN, "up"]);
            // The one that was open takes it up again.
            kept.start(None, roadworthy_obd::can::Mode::Active).await.unwrap();
            let mut other = socket();
            other.send(&frame("123#01")).await.unwrap();
            let again = async {
                loop {
                    if kept.receive().await.unwrap().event == Event::Frame(frame("123#01")) {
                        return;
                    }
                }
            };
            timeout(PATIENCE, again).await.unwrap();
        };
        play(|| drive_on(socket(), car("misfire"), Some), part);
        let report = play(|| drive_on(socket(), car("misfire"), Some), read());
        assert_eq!((report.partial, report.codes.len()), (None, 3));
    }

    fn kinds() {
        ip(&["link", "set", VCAN, "down"]);
        ip(&["link", "set", VCAN, "mtu", "72"]);
        ip(&["link", "set", VCAN, "up"]);
        play(|| {}, async {
            let (mut here, mut there) = (socket(), socket());
            let long = CanFrame::fd(CanId::Extended(0x18DA_F110), &[7; 48], true, false).unwrap();
            for frame in [frame("7E8#0102"), frame("18DAF110#"), frame("7E8#R4"), long] {
                here.send(&frame).await.unwrap();
                let received = timeout(PATIENCE, there.receive()).await.unwrap().unwrap();
                assert_eq!(received.event, Event::Frame(frame));
            }
            let listed = link::can_interfaces();
            let [only] = listed.as_slice() else { panic!("{listed:?}") };
            assert_eq!((only.port.as_str(), only.name.as_str()), ("can:vcan0", "Virtual CAN interface vcan0"));
            assert_eq!(only.problem, None);
        });
    }

    fn absent() {
        let opened = play(|| {}, async { link::open(&"can:can9".parse().unwrap(), None).await.err() });
        let error = opened.unwrap();
        assert!(error.code == Code::NoAdapter && error.message.contains("can9"), "{error}");
    }
}
