//! Made-up checks for tests: a clean car, and small changes to it.

use roadworthy_api::{check::*, reading::*};

/// A made-up VIN. Its check digit is not the right one, which a check takes as it is.
pub(crate) const VIN: &str = "1RWTEST0XX0000001";

/// Two ECUs answered everything, lamp off, no codes, all monitors complete.
pub(crate) fn clean() -> CheckReport {
    let ecu = |id: &str, name: &str| Ecu {
        id: id.into(),
        name: name.into(),
        named_itself: false,
        supported: vec!["01".into()],
        calibrations: vec!["RW-CAL-1".into()],
        cvns: vec![],
    };
    let questions = [("0101", "Readiness"), ("03", "Stored codes"), ("07", "Pending codes"), ("0A", "Permanent codes")];
    let coverage = ["7E8", "7E9"]
        .iter()
        .flat_map(|id| questions.map(|(request, question)| (*id, request, question)))
        .map(|(id, request, question)| Coverage {
            ecu: Some(id.into()),
            request: request.into(),
            question: question.into(),
            outcome: Outcome::Answered,
        })
        .collect();
    let test = |name: &str| MonitorTest { name: name.into(), available: true, complete: true };
    CheckReport {
        started: 1_795_215_600_000,
        ended: 1_795_215_624_000,
        port: "/dev/ttyUSB0".into(),
        adapter: AdapterInfo { claims: "ELM327 v1.5".into(), voltage: Some(14.2), passport: None },
        protocol: Some(ProtocolInfo { id: "6".into(), name: "ISO 15765-4 CAN (11 bit, 500 kbit/s)".into() }),
        vin: Some(VIN.into()),
        vin_problem: None,
        ecus: vec![ecu("7E8", "Engine"), ecu("7E9", "Transmission")],
        coverage,
        not_asked: vec![
            NotAsked { system: "ABS".into(), reason: "not part of OBD-II".into() },
            NotAsked { system: "Airbag".into(), reason: "not part of OBD-II".into() },
        ],
        codes: vec![],
        freeze_frames: vec![],
        readiness: vec![Readiness {
            ecu: "7E8".into(),
            mil: false,
            dtc_count: 0,
            ignition: Ignition::Spark,
            tests: vec![test("misfire"), test("fuel_system"), test("catalyst"), test("o2_sensor")],
        }],
        snapshot: vec![reading("A6", "Odometer", 135_879.1, "km")],
        monitors: vec![],
        performance: vec![],
        raw_information: vec![],
        rejected: vec![],
        partial: None,
        decoder: 1,
    }
}

/// A present value of the engine.
pub(crate) fn reading(pid: &str, label: &str, value: f64, unit: &str) -> Reading {
    Reading {
        ecu: "7E8".into(),
        request: format!("01{pid}"),
        raw: String::new(),
        at: 1_795_215_620_000,
        item: Item {
            pid: pid.into(),
            name: None,
            label: Some(label.into()),
            value: Value::Number { value, unit: unit.into() },
        },
    }
}

/// The report with a code more; a stored one is counted by its ECU too.
pub(crate) fn with_code(mut report: CheckReport, class: CodeClass, code: &str, ecu: &str) -> CheckReport {
    report.codes.push(TroubleCode { code: code.into(), class, ecu: ecu.into(), status: None });
    if class == CodeClass::Stored {
        report.readiness.iter_mut().filter(|r| r.ecu == ecu).for_each(|r| r.dtc_count += 1);
    }
    report
}

/// The report with the lamp on.
pub(crate) fn with_lamp(mut report: CheckReport) -> CheckReport {
    report.readiness[0].mil = true;
    report
}

/// The report in which one ECU met one question otherwise.
pub(crate) fn with_outcome(mut report: CheckReport, ecu: &str, request: &str, outcome: Outcome) -> CheckReport {
    for c in &mut report.coverage {
        if c.ecu.as_deref() == Some(ecu) && c.request == request {
            c.outcome = outcome.clone();
        }
    }
    report
}

/// The report in which the first `n` monitors are unfinished.
pub(crate) fn with_unfinished(mut report: CheckReport, n: usize) -> CheckReport {
    report.readiness[0].tests.iter_mut().take(n).for_each(|t| t.complete = false);
    report
}
