//! Plays on `vcan0`: what goes wrong between ECUs and tester, and what a driver says of its controller.

use super::{
    rig::{clock, drive_on, frame, id, one_of_four, outcome, same, script_on},
    stage::{
        PATIENCE, Play, car, inject, ip, is, open, overheard, play, read, read_and, socket, switch, through_an_elm,
        whole,
    },
};
use roadworthy_api::{Code, check::Outcome};
use roadworthy_obd::{
    can::{CanError, CanFrame, CanId, CanLink, Event, Mode},
    check::{CheckOptions, run_check},
    link,
};
use roadworthy_simulator::Frames;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

const VCAN: &str = "vcan0";
const OFF: u32 = 0x040;
const RESTARTED: u32 = 0x100;

pub(super) const PLAYS: [Play; 13] = [
    ("a full check", full_check),
    ("29-bit ids", long_ids),
    ("four ECUs with long answers to one request", four),
    ("a lost frame", lost_frame),
    ("wrong flow control", wrong_flow),
    ("bus-off", bus_off),
    ("another bit rate", other_rate),
    ("nobody acknowledges", unheard),
    ("the interface down and up", down_and_up),
    ("the interface pulled out and in again", pulled),
    ("CAN FD, remote frames and listing", kinds),
    ("a check in CAN FD", asked_in_fd),
    ("an interface that is not there", absent),
];

fn same_as_through_an_elm(name: &'static str) {
    let frames = play(move || drive_on(socket(VCAN), car(name), Some), read(VCAN));
    assert_eq!(frames.adapter.claims, "SocketCAN vcan0");
    same(frames, through_an_elm(name));
}

fn full_check() {
    same_as_through_an_elm("misfire");
}

fn long_ids() {
    same_as_through_an_elm("can29");
}

fn four() {
    let report = play(|| (0..4).for_each(|n| script_on(socket(VCAN), one_of_four(n))), read(VCAN));
    assert_eq!(report.rejected, []);
    for ecu in ["7E8", "7E9", "7EA", "7EB"] {
        assert_eq!(outcome(&report, "0902", ecu), Some(&Outcome::Answered), "{ecu}");
    }
}

/// Of the answers that hold the VIN, one frame.
fn lost_frame() {
    let lose = |times: u32| {
        let (mut left, mut vin) = (times, false);
        move |f: CanFrame| {
            if f.id() == id("7E8") && f.data().first().is_some_and(|head| head >> 4 == 1) {
                vin = f.data().starts_with(&[0x10, 0x14, 0x49, 0x02]);
            }
            let lost = vin && left > 0 && f.id() == id("7E8") && f.data().first() == Some(&0x22);
            left -= u32::from(lost);
            (!lost).then_some(f)
        }
    };
    let once = play(move || drive_on(socket(VCAN), car("petrol"), lose(1)), read(VCAN));
    assert!(once.vin.is_some() && once.rejected.is_empty(), "{:?}", once.rejected);
    let always = play(move || drive_on(socket(VCAN), car("petrol"), lose(99)), read(VCAN));
    assert!(always.vin.is_none() && matches!(outcome(&always, "0902", "7E8"), Some(Outcome::Unreadable { .. })));
}

fn wrong_flow() {
    let astray = |f: CanFrame| {
        let flow = f.data().first() == Some(&0x30) && f.id() != id("7E8");
        Some(if flow { frame("7DF#3000000000000000") } else { f })
    };
    let report = play(move || drive_on(socket(VCAN), car("petrol"), astray), read(VCAN));
    assert!(report.vin.is_none() && report.partial.is_none() && !report.readiness.is_empty());
    assert!(report.rejected.iter().any(|r| r.request == "0902"), "{:?}", report.rejected);
}

fn bus_off() {
    for restarts in [false, true] {
        let part = async move {
            read_and(VCAN, "07", move || {
                inject(VCAN, OFF, [0; 8]);
                if restarts {
                    inject(VCAN, RESTARTED, [0; 8]);
                }
            })
            .await
        };
        let report = play(|| drive_on(socket(VCAN), car("misfire"), Some), part).report.unwrap();
        if restarts {
            assert_eq!((report.partial, report.codes.len()), (None, 3));
        } else {
            is(&report.partial.unwrap(), Code::AdapterFault, "off the bus", "termination");
            assert!(!report.ecus.is_empty());
        }
    }
}

/// What a driver says while a controller hears a bus at another rate. The car behind it would answer.
fn other_rate() {
    let ((), frames) = play(
        || {},
        overheard(VCAN, async {
            let passive = tokio::spawn(async {
                loop {
                    inject(VCAN, 0x004, [0, 0x10, 0, 0, 0, 0, 0, 0]);
                    sleep(Duration::from_millis(20)).await;
                }
            });
            let error = whole(VCAN).await.unwrap_err();
            passive.abort();
            is(&error, Code::AdapterFault, "another bit rate", "Nothing was sent");
        }),
    );
    assert_eq!(frames, 0);
}

/// As soon as something is sent, the driver says that nobody took it.
fn unheard() {
    let lonely = || {
        let mut ear = socket(VCAN);
        tokio::spawn(async move {
            while let Ok(received) = ear.receive().await {
                if matches!(received.event, Event::Frame(_)) {
                    inject(VCAN, 0x020, [0; 8]);
                }
            }
        });
    };
    let (error, frames) = play(lonely, async { overheard(VCAN, async { whole(VCAN).await.unwrap_err() }).await });
    is(&error, Code::NoVehicle, "acknowledges", "ignition");
    assert_eq!(frames, 1);
}

fn down_and_up() {
    let part = async {
        let mut kept = socket(VCAN);
        let finished = read_and(VCAN, "07", || switch(VCAN, false)).await;
        let report = finished.report.unwrap();
        is(&report.partial.unwrap(), Code::LinkLost, "switched off", "ip link set vcan0 up");
        assert!(!report.ecus.is_empty());
        // While it is off, that is what is said of it.
        is(&open(VCAN).await.err().unwrap(), Code::LinkLost, "switched off", "ip link set vcan0 up");
        let listed = link::can_interfaces();
        assert!(listed.iter().any(|p| p.port == "can:vcan0" && p.problem.is_some()), "{listed:?}");
        let heard = loop {
            match timeout(PATIENCE, kept.receive()).await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(heard, CanError::Down(VCAN.into()));
        assert_eq!(kept.start(None, Mode::Listen).await, Err(CanError::Down(VCAN.into())));
        switch(VCAN, true);
        // The one that was open takes it up again.
        kept.start(None, Mode::Active).await.unwrap();
        while timeout(Duration::from_millis(300), kept.receive()).await.is_ok() {}
        let mut other = socket(VCAN);
        other.send(&frame("123#01")).await.unwrap();
        assert_eq!(timeout(PATIENCE, kept.receive()).await.unwrap().unwrap().event, Event::Frame(frame("123#01")));
    };
    play(|| drive_on(socket(VCAN), car("misfire"), Some), part);
    let report = play(|| drive_on(socket(VCAN), car("misfire"), Some), read(VCAN));
    assert_eq!((report.partial, report.codes.len()), (None, 3));
}

/// The check goes on where it was, since the vehicle gives the same VIN again.
fn pulled() {
    let part = async {
        let reopen = || {
            Box::pin(async {
                ip(&["link", "add", "dev", VCAN, "type", "vcan"]);
                switch(VCAN, true);
                drive_on(socket(VCAN), car("misfire"), Some);
                open(VCAN).await
            }) as _
        };
        let options = CheckOptions { reopen: Some(Arc::new(reopen)), ..clock() };
        let (_keep, cancel) = watch::channel(false);
        let mut pull = super::rig::when_asked("07", || ip(&["link", "del", "dev", VCAN]));
        let carrier = open(VCAN).await.unwrap();
        timeout(PATIENCE, run_check(carrier, options, cancel, &mut |event| pull(&event))).await.unwrap()
    };
    let finished = play(|| drive_on(socket(VCAN), car("misfire"), Some), part);
    same(finished.report.unwrap(), through_an_elm("misfire"));
    assert!(finished.traffic.to_text().lines().any(|line| line.contains('!')));
}

/// Sets the greatest frame: 72 bytes, or 16 for classic ones.
fn mtu(bytes: &str) {
    switch(VCAN, false);
    ip(&["link", "set", VCAN, "mtu", bytes]);
    switch(VCAN, true);
}

/// In classic frames where the interface or the vehicle knows no others, and read the same each time.
fn asked_in_fd() {
    const FAST: &str = "vcan0?fd=fast";
    mtu("16");
    let opened = play(|| {}, async { open(FAST).await.err() });
    is(&opened.unwrap(), Code::AdapterFault, "not set to CAN FD", "mtu 72");
    mtu("72");
    for (frames, fd) in [(Frames::Both, true), (Frames::Fd, true), (Frames::Classic, false)] {
        let part = async { read_and(FAST, "07", || {}).await };
        let finished = play(move || drive_on(socket(VCAN), car("misfire").with_frames(frames), Some), part);
        assert_eq!(finished.traffic.to_text().contains("> 7DF##1"), fd, "{frames:?}");
        same(finished.report.unwrap(), through_an_elm("misfire"));
    }
}

fn kinds() {
    mtu("72");
    play(|| {}, async {
        let (mut here, mut there) = (socket(VCAN), socket(VCAN));
        let long = CanFrame::fd(CanId::Extended(0x18DA_F110), &[7; 48], true, false).unwrap();
        for frame in [frame("7E8#0102"), frame("18DAF110#"), frame("7E8#R4"), long] {
            here.send(&frame).await.unwrap();
            let received = timeout(PATIENCE, there.receive()).await.unwrap().unwrap();
            assert_eq!(received.event, Event::Frame(frame));
        }
        let listed = link::can_interfaces();
        let found = listed.iter().find(|p| p.port == "can:vcan0").unwrap();
        assert_eq!((found.name.as_str(), &found.problem), ("Virtual CAN interface vcan0, CAN FD", &None));
    });
}

fn absent() {
    let opened = play(|| {}, async { open("can9").await.err() });
    is(&opened.unwrap(), Code::NoAdapter, "can9", "ip link show");
}
