//! What controllers and interfaces report, and what becomes of a check meanwhile.

use crate::rig::{at_rest, car, check, check_and, check_on, clock, drive, outcome, same, tester, when_asked};
use roadworthy_api::{Code, Error, check::Outcome};
use roadworthy_obd::{
    can::{BusError, memory::Bus},
    check::{CheckOptions, run_check},
    link::Carrier,
};
use roadworthy_simulator::{CanCar, Source};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::watch;

fn said(class: u32, data: [u8; 8]) -> BusError {
    BusError { class, data }
}

#[tokio::test(start_paused = true)]
async fn the_usual_run_of_a_bus_spoils_no_answer() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", at_rest());
    let whole = check_on(&bus, 500_000).await.report.unwrap();
    // Lost arbitration, a warning, active again, counters: with each frame.
    for usual in [
        said(0x002, [5, 0, 0, 0, 0, 0, 0, 0]),
        said(0x204, [0, 0x08, 0, 0, 0, 0, 97, 0]),
        said(0x004, [0, 0x40, 0, 0, 0, 0, 0, 0]),
        said(0x200, [0, 0, 0, 0, 0, 0, 3, 0]),
    ] {
        let bus = Bus::new(500_000);
        car(&bus, "misfire", at_rest());
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        bus.meddle(move |frame| {
            fault.report(usual);
            vec![(Duration::ZERO, frame.clone())]
        });
        println!("{usual}");
        same(check(tester(node)).await.report.unwrap(), whole.clone());
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_during_one_request_is_asked_past() {
    for (passing, says) in [
        (BusError::GARBLED, "CAN ERROR"),
        (BusError::OVERFLOW, "BUFFER FULL"),
        (said(0x001, [0; 8]), "CAN ERROR"),
        (said(0x010, [0, 0, 0, 0, 0x44, 0, 0, 0]), "CAN ERROR"),
    ] {
        for lasting in [false, true] {
            let bus = Bus::new(500_000);
            car(&bus, "misfire", at_rest());
            let node = bus.node(&[500_000]);
            let (fault, mut once) = (node.fault(), false);
            bus.meddle(move |frame| {
                if frame.data().starts_with(&[1, 0x0A]) && (lasting || !std::mem::replace(&mut once, true)) {
                    fault.report(passing);
                    return Vec::new();
                }
                vec![(Duration::ZERO, frame.clone())]
            });
            let report = check(tester(node)).await.report.unwrap();
            assert_eq!(report.partial, None, "{passing}");
            let found = outcome(&report, "0A", "7E8");
            match lasting {
                false => assert_eq!(found, Some(&Outcome::Answered), "{passing}"),
                // That nobody was heard means nothing now.
                true => assert!(
                    matches!(found, Some(Outcome::Unreadable { reason }) if reason.contains(says)),
                    "{passing} {found:?}"
                ),
            }
        }
    }
}

/// What is reported between two requests is not of the past: as long as the controller is off, nothing can be asked.
#[tokio::test(start_paused = true)]
async fn a_controller_that_goes_off_between_two_requests_gets_its_time_to_come_back() {
    for back in [true, false] {
        let bus = Bus::new(500_000);
        car(&bus, "misfire", at_rest());
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        let mut goes = when_asked("07", move || {
            fault.report(BusError::OFF);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                if back {
                    fault.report(BusError::BACK);
                }
            });
        });
        let report = check_and(tester(node), |event| goes(event)).await.report.unwrap();
        if back {
            assert_eq!((report.partial, report.codes.len()), (None, 3));
        } else {
            let error = report.partial.unwrap();
            assert!(error.code == Code::AdapterFault && error.message.contains("off the bus"), "{error}");
        }
    }
}

async fn refused(carrier: Carrier, bus: &Bus) -> (Error, u32) {
    let before = bus.passed();
    let error = check(carrier).await.report.unwrap_err();
    (error, bus.passed() - before)
}

#[tokio::test(start_paused = true)]
async fn a_bus_on_which_nobody_acknowledges_is_said_to_be_that() {
    for unheard in
        [BusError::UNHEARD, BusError::PASSIVE_SENDING, said(0x088, [0, 0, 0x80, 0x19, 0, 0, 0, 0]), BusError::GARBLED]
    {
        let bus = Bus::new(500_000);
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        bus.meddle(move |_| {
            fault.report(unheard);
            Vec::new()
        });
        let (error, sent) = refused(tester(node), &bus).await;
        if unheard == BusError::GARBLED {
            assert!(error.code == Code::AdapterFault && error.message.contains("reports faults"), "{error}");
        } else {
            assert_eq!(error.code, Code::NoVehicle, "{error}");
            assert!(error.message.contains("acknowledges") && error.hint.contains("ignition"), "{error}");
        }
        assert_eq!(sent, 1, "{unheard}");
    }
}

/// Error frames tell of changes, and the last change may have been long ago.
#[tokio::test(start_paused = true)]
async fn pain_20_a_controller_that_met_errors_before_is_asked_for_them() {
    for (standing, sent, code, says) in [
        (BusError::PASSIVE_RECEIVING, 0, Code::AdapterFault, "another bit rate"),
        (BusError::PASSIVE, 0, Code::AdapterFault, "another bit rate"),
        (BusError::PASSIVE_SENDING, 1, Code::NoVehicle, "acknowledges"),
    ] {
        let bus = Bus::new(500_000);
        let node = bus.node(&[500_000]);
        node.fault().stand(Some(standing));
        let (error, passed) = refused(tester(node), &bus).await;
        assert_eq!((error.code, passed), (code, sent), "{error}");
        assert!(error.message.contains(says), "{error}");
    }
    // Where frames read, what was is over.
    let bus = Bus::new(500_000);
    car(&bus, "petrol", at_rest());
    let node = bus.node(&[500_000]);
    node.fault().stand(Some(BusError::PASSIVE_RECEIVING));
    assert_eq!(check(tester(node)).await.report.unwrap().partial, None);
}

#[tokio::test(start_paused = true)]
async fn pain_20_errors_that_pile_up_while_it_is_listened_speak_against_sending() {
    for meanwhile in [said(0x004, [0, 0x04, 0, 0, 0, 0, 0, 0]), BusError::PASSIVE_RECEIVING, BusError::GARBLED] {
        let bus = Bus::new(500_000);
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            fault.report(meanwhile);
        });
        let (error, sent) = refused(tester(node), &bus).await;
        assert_eq!((error.code, sent), (Code::AdapterFault, 0), "{error}");
        assert!(error.message.contains("another bit rate") && error.hint.contains("Nothing was sent"), "{error}");
    }
}

/// The interface goes down in the middle and comes back, with the same vehicle or with another.
#[tokio::test(start_paused = true)]
async fn an_interface_that_comes_back_is_read_on_where_the_vehicle_is_the_same() {
    for (after, mended) in [("misfire", true), ("petrol", false)] {
        let bus = Bus::new(500_000);
        car(&bus, "misfire", at_rest());
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        let tries = Arc::new(Mutex::new(0));
        let count = tries.clone();
        let reopen = move || {
            *count.lock().unwrap() += 1;
            let now = *count.lock().unwrap();
            let bus = Bus::new(500_000);
            drive(&bus, CanCar::new(Source::Name(after), at_rest()).unwrap());
            let node = bus.node(&[500_000]);
            // Still off at the first try.
            node.fault().down(now == 1);
            Box::pin(async move { Ok(tester(node)) }) as _
        };
        let options = CheckOptions { reopen: Some(Arc::new(reopen)), ..clock() };
        let (_keep, cancel) = watch::channel(false);
        let mut off = when_asked("07", move || fault.down(true));
        let finished = run_check(tester(node), options, cancel, &mut |event| off(&event)).await;
        let report = finished.report.unwrap();
        assert_eq!(*tries.lock().unwrap(), 2);
        if mended {
            let bus = Bus::new(500_000);
            car(&bus, "misfire", at_rest());
            let whole = check_on(&bus, 500_000).await.report.unwrap();
            same(report, whole);
        } else {
            let error = report.partial.unwrap();
            assert!(error.code == Code::LinkLost && error.hint.contains("same VIN"), "{error}");
            assert!(report.snapshot.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_only_listens_asks_nothing_and_says_how_to_change_it() {
    use roadworthy_obd::can::{CanError, CanFrame, CanLink, Later, Mode, Received, memory::Node};
    /// As the kernel has it: the device takes frames from the bus and refuses to be used for more.
    struct Deaf(Node);
    impl CanLink for Deaf {
        fn about(&self) -> String {
            self.0.about()
        }
        fn bitrates(&self) -> Vec<u32> {
            self.0.bitrates()
        }
        fn start(&mut self, bitrate: Option<u32>, mode: Mode) -> Later<'_, ()> {
            if mode == Mode::Active {
                return Box::pin(async { Err(CanError::ListenOnly("can0".into())) });
            }
            self.0.start(bitrate, mode)
        }
        fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()> {
            self.0.send(frame)
        }
        fn receive(&mut self) -> Later<'_, Received> {
            self.0.receive()
        }
    }
    let bus = Bus::new(500_000);
    car(&bus, "petrol", at_rest());
    let carrier = Carrier::Can(Box::new(Deaf(bus.node(&[500_000]))));
    let finished = check_and(carrier, |_| {}).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, Code::AdapterFault);
    assert!(error.message.contains("can0 is set to listen only") && error.hint.contains("listen-only off"), "{error}");
    assert!(!finished.traffic.to_text().contains(" > "));
}
