//! Plays on `can0`, the interface of a controller (SJA1000, as QEMU makes it) with a driver of Linux's own. Another on the same
//! bus, `can1`, has the ECUs.

use super::{
    rig::{clock, drive_on, same},
    stage::{PATIENCE, Play, car, is, open, overheard, play, read, socket, switch, through_an_elm, whole},
};
use roadworthy_api::{Code, Error};
use roadworthy_obd::{
    can::{CanError, CanLink, Mode},
    check::{CheckOptions, run_check},
    link,
    live::{Control, LiveEvent, run_live},
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{Read, Write},
    sync::Arc,
};
use tokio::{sync::watch, time::timeout};

const HERE: &str = "can0";
const THERE: &str = "can1";
const LISTEN_ONLY: u32 = 2;

pub(super) const PLAYS: [Play; 5] = [
    ("a controller with a bit rate", at_its_rate),
    ("a controller that only listens", listen_only),
    ("a controller on a silent bus", silent),
    ("a controller down and up in the middle of a check", mended),
    ("a controller down and up in the middle of live data", live),
];

/// What `ip link set can0 type can bitrate 500000 listen-only off restart-ms 100` asks of the kernel: busybox knows no types.
fn set(interface: &str, bitrate: u32, mode: u32) {
    let index = std::fs::read_to_string(format!("/sys/class/net/{interface}/ifindex")).unwrap();
    let index: i32 = index.trim().parse().unwrap();
    let attribute = |kind: u16, content: &[u8]| {
        let mut out = u16::try_from(4 + content.len()).unwrap().to_ne_bytes().to_vec();
        out.extend(kind.to_ne_bytes());
        out.extend(content);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    };
    let timing = [bitrate, 0, 0, 0, 0, 0, 0, 0].map(u32::to_ne_bytes).concat();
    let modes = [LISTEN_ONLY, mode].map(u32::to_ne_bytes).concat();
    let data = [attribute(1, &timing), attribute(5, &modes), attribute(6, &100u32.to_ne_bytes())].concat();
    let info = attribute(18, &[attribute(1, b"can\0"), attribute(2, &data)].concat());
    let body = [&[0; 4][..], &index.to_ne_bytes(), &[0; 8], &info].concat();
    let mut message = u32::try_from(16 + body.len()).unwrap().to_ne_bytes().to_vec();
    // RTM_NEWLINK; a request that wants to be acknowledged; sequence and port.
    message.extend([16u16.to_ne_bytes(), 5u16.to_ne_bytes()].concat());
    message.extend([0; 8]);
    message.extend(body);
    let mut netlink = Socket::new(Domain::from(16), Type::RAW, Some(Protocol::from(0))).unwrap();
    netlink.write_all(&message).unwrap();
    let mut answer = [0; 256];
    let read = netlink.read(&mut answer).unwrap();
    let error = i32::from_ne_bytes(answer[16..20].try_into().unwrap());
    assert!(read >= 20 && error == 0, "{interface} {bitrate} {mode}: {error}");
}

fn both(bitrate: u32, mode: u32) {
    for (interface, mode) in [(HERE, mode), (THERE, 0)] {
        switch(interface, false);
        set(interface, bitrate, mode);
        switch(interface, true);
    }
}

fn ecus() {
    drive_on(socket(THERE), car("misfire"), Some);
}

fn listed() -> (String, Option<Error>) {
    let found = link::can_interfaces().into_iter().find(|p| p.port == "can:can0").unwrap();
    (found.name, found.problem)
}

fn at_its_rate() {
    let (name, problem) = listed();
    assert_eq!(name, "CAN interface can0");
    is(&problem.unwrap(), Code::LinkLost, "switched off", "ip link set can0 up type can bitrate 500000");
    // What is not the vehicle's 500 kbit/s is read all the same here: this bus has no bits.
    for (bitrate, shown, protocol) in [(250_000, "250", "8"), (500_000, "500", "6")] {
        both(bitrate, 0);
        assert_eq!(listed(), (format!("CAN interface can0, {shown} kbit/s"), None));
        let report = play(ecus, read(HERE));
        assert_eq!(report.protocol.as_ref().unwrap().id, protocol);
        if bitrate == 500_000 {
            assert_eq!(report.adapter.claims, "SocketCAN can0");
            same(report, through_an_elm("misfire"));
        }
    }
    play(|| {}, async {
        let mut link = socket(HERE);
        assert_eq!(link.bitrates(), [500_000]);
        assert!(matches!(link.start(Some(250_000), Mode::Active).await, Err(CanError::Refused(_))));
    });
}

fn listen_only() {
    both(500_000, LISTEN_ONLY);
    let (_, problem) = listed();
    is(&problem.unwrap(), Code::AdapterFault, "set to listen only", "type can listen-only off");
    // With ECUs that speak among themselves, so that there is a vehicle to be asked.
    let (error, heard) = play(ecus, async { overheard(HERE, async { whole(HERE).await.unwrap_err() }).await });
    is(&error, Code::AdapterFault, "set to listen only", "ip link set can0 down && sudo ip link set can0 up");
    assert!(heard > 0);
    both(500_000, 0);
    assert_eq!(listed().1, None);
}

fn silent() {
    both(500_000, 0);
    // With the other one off there is nobody.
    switch(THERE, false);
    let error = play(|| {}, whole(HERE)).unwrap_err();
    is(&error, Code::NoVehicle, "No ECU answers", "ignition");
}

fn mended() {
    both(500_000, 0);
    let part = async {
        let reopen = || {
            Box::pin(async {
                switch(HERE, true);
                open(HERE).await
            }) as _
        };
        let options = CheckOptions { reopen: Some(Arc::new(reopen)), ..clock() };
        let (_keep, cancel) = watch::channel(false);
        let mut off = super::rig::when_asked("07", || switch(HERE, false));
        let carrier = open(HERE).await.unwrap();
        timeout(PATIENCE, run_check(carrier, options, cancel, &mut |event| off(&event))).await.unwrap()
    };
    let finished = play(ecus, part);
    same(finished.report.unwrap(), through_an_elm("misfire"));
    assert!(finished.traffic.to_text().lines().any(|line| line.contains('!')));
}

/// Reads three values until the deed is done after the fifth answer, or stops there.
async fn watch(deed: Option<fn()>) -> (Option<String>, Result<(), Error>) {
    let (control, watched) = watch::channel(Control::default());
    let (mut vin, mut answers) = (None, 0);
    let mut on = |event| match event {
        LiveEvent::Found(found) => {
            let signals = found.available.iter().take(3).map(|s| s.id.clone()).collect();
            control.send_modify(|c| c.signals = signals);
            vin = found.vin;
        }
        LiveEvent::Answered { .. } => {
            answers += 1;
            match deed {
                Some(deed) if answers == 5 => deed(),
                None if answers == 5 => control.send_modify(|c| c.stop = true),
                _ => {}
            }
        }
        _ => {}
    };
    let carrier = open(HERE).await.unwrap();
    let end = timeout(PATIENCE, run_live(carrier, clock(), watched, &mut on)).await.unwrap();
    (vin, end)
}

fn live() {
    both(500_000, 0);
    let part = async {
        let (before, end) = watch(Some(|| switch(HERE, false))).await;
        is(&end.unwrap_err(), Code::LinkLost, "can0 is switched off", "ip link set can0 up");
        is(&open(HERE).await.err().unwrap(), Code::LinkLost, "switched off", "bitrate");
        switch(HERE, true);
        let (after, end) = watch(None).await;
        assert_eq!(end, Ok(()));
        assert!(before.is_some() && before == after, "{before:?} {after:?}");
    };
    play(ecus, part);
}
