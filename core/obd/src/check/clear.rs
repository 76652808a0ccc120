//! Clearing codes between two checks over one link.
//!
//! [`run_check_and_stay`] reads the vehicle and stays connected. Whoever called decides then, with the report and with
//! [`Stay::conditions`] of just now, makes an [`Unlock`] for each of [`Stay::ways`], and hands it to [`Stay::erase`].
//! [`Stay::check_again`] starts the adapter anew, so that the second recording can be played back by itself.

use super::{CheckEvent, CheckOptions, Finished, dialect::Dialect, ecus::Known, run::whole};
use crate::{
    adapter::{Adapter, Erase, Request, Unlock},
    bus::{self, Replies},
    decode::{Context, decode, nrc_name},
    link::Carrier,
};
use roadworthy_api::{
    Error,
    clear::{ClearAnswer, ClearOutcome},
};
use tokio::sync::watch;

/// Engine speed.
const RPM: u8 = 0x0C;
/// Vehicle speed.
const SPEED: u8 = 0x0D;
/// Negative response code by which an ECU asks for patience.
const PENDING: u8 = 0x78;

/// An adapter that is still connected to a vehicle that was read to the end.
pub struct Stay {
    adapter: Adapter,
    options: CheckOptions,
    known: Vec<Known>,
}

/// How a vehicle stands just now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// The fastest engine speed that an ECU says, in rpm; `None`: none says one.
    pub rpm: Option<f64>,
    /// The highest vehicle speed that an ECU says, in km/h; `None`: none says one.
    pub speed: Option<f64>,
    /// An ECU lists one of the two and none says it just now, so nobody knows what it is.
    pub unsaid: bool,
    /// At the connector in volts, where the adapter measures a believable one.
    pub voltage: Option<f64>,
}

/// As [`super::run_check`], and stays connected where the vehicle was read to the end.
pub async fn run_check_and_stay(
    carrier: impl Into<Carrier>,
    options: CheckOptions,
    cancel: watch::Receiver<bool>,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> (Finished, Option<Stay>) {
    let adapter = Adapter::on(carrier, options.reset).at(&options.port).on_a_bench(options.bench);
    let (finished, mut adapter, known) = whole(adapter, options.clone(), cancel, on).await;
    if finished.report.as_ref().is_ok_and(|report| report.partial.is_none()) {
        return (finished, Some(Stay { adapter, options, known }));
    }
    adapter.close().await;
    (finished, None)
}

impl Stay {
    /// Asks for engine speed and vehicle speed and measures the voltage.
    ///
    /// # Errors
    /// A broken link, a vehicle that went away.
    pub async fn conditions(&mut self) -> Result<Conditions, Error> {
        let (rpm, rpm_unsaid) = self.highest(RPM, "engine_rpm").await?;
        let (speed, speed_unsaid) = self.highest(SPEED, "vehicle_speed").await?;
        let voltage = self.adapter.measure_voltage().await?;
        Ok(Conditions { rpm, speed, unsaid: rpm_unsaid || speed_unsaid, voltage })
    }

    /// The highest value that an ECU says, and whether none says it though one lists it.
    async fn highest(&mut self, pid: u8, name: &str) -> Result<(Option<f64>, bool), Error> {
        let (mut highest, mut listed): (Option<f64>, bool) = (None, false);
        for dialect in [Dialect::Obd, Dialect::Uds] {
            // One that gave no list may say it all the same.
            let may_have = |k: &Known| k.dialect == dialect && k.may_have(pid);
            if !self.known.iter().any(may_have) {
                continue;
            }
            listed |= self.known.iter().any(|k| may_have(k) && !k.refuses());
            let request = Request::new(&dialect.pid(pid))?;
            let legacy = self.adapter.protocol().is_some_and(|p| !p.is_can());
            let context = Context { legacy, uds: !legacy, request: Some(request.bytes()) };
            for (_, payload) in bus::ask(&mut self.adapter, &request).await?.answers {
                let said = decode(&payload, context).ok().and_then(|d| d.number(name));
                highest = match (highest, said) {
                    (Some(known), Some(said)) => Some(known.max(said)),
                    (known, said) => said.or(known),
                };
            }
        }
        Ok((highest, listed && highest.is_none()))
    }

    /// What must be sent so that every ECU is told: one request for each dialect that is spoken.
    pub fn ways(&self) -> Vec<Erase> {
        let speaks = |dialect| self.known.iter().any(|k| k.dialect == dialect);
        let ways = [(Dialect::Obd, Erase::Obd), (Dialect::Uds, Erase::UdsEmissions)];
        ways.into_iter().filter(|(dialect, _)| speaks(*dialect)).map(|(_, way)| way).collect()
    }

    /// Tells every ECU to clear, once, and says what each one that speaks this dialect did.
    ///
    /// # Errors
    /// A broken link. Whether the request was carried out is not known then.
    pub async fn erase(&mut self, unlock: Unlock) -> Result<Vec<ClearAnswer>, Error> {
        let (service, request) = (unlock.service(), unlock.hex());
        let replies = bus::erase(&mut self.adapter, unlock).await?;
        let of_dialect = |k: &&Known| k.dialect == Dialect::of(service);
        let answers = self.known.iter().filter(of_dialect).map(|k| ClearAnswer {
            ecu: k.ecu.id.clone(),
            name: k.ecu.name.clone(),
            request: request.clone(),
            outcome: outcome(&replies, &k.ecu.id),
        });
        Ok(answers.collect())
    }

    /// What is to be said of each ECU that this would have told, where the link broke before any of them was heard.
    pub fn unheard(&self, way: Erase, reason: &str) -> Vec<ClearAnswer> {
        let of_dialect = |k: &&Known| k.dialect == Dialect::of(way.service());
        let answers = self.known.iter().filter(of_dialect).map(|k| ClearAnswer {
            ecu: k.ecu.id.clone(),
            name: k.ecu.name.clone(),
            request: way.hex(),
            outcome: ClearOutcome::Unreadable { reason: reason.to_owned() },
        });
        answers.collect()
    }

    /// The whole check once more.
    pub async fn check_again(
        mut self,
        cancel: watch::Receiver<bool>,
        on: &mut (dyn FnMut(CheckEvent) + Send),
    ) -> Finished {
        self.adapter.forget_traffic();
        let (finished, mut adapter, _) = whole(self.adapter, self.options, cancel, on).await;
        adapter.close().await;
        finished
    }
}

fn outcome(replies: &Replies, ecu: &str) -> ClearOutcome {
    if replies.answers.iter().any(|(who, _)| who == ecu) {
        return ClearOutcome::Acknowledged;
    }
    match replies.refusals.iter().rev().find(|(who, _)| who == ecu) {
        Some((_, PENDING)) => return ClearOutcome::Unfinished,
        Some((_, nrc)) => {
            return ClearOutcome::Refused { nrc: format!("{nrc:02X}"), meaning: nrc_name(*nrc).into() };
        }
        None => {}
    }
    let broken = replies.unusable.iter().find(|u| u.ecu.as_deref() == Some(ecu)).map(|u| u.reason.clone());
    match broken.or_else(|| replies.trouble.clone()) {
        Some(reason) => ClearOutcome::Unreadable { reason },
        None => ClearOutcome::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_ecu_said_of_clearing_is_its_own() {
        let replies = Replies {
            answers: vec![("7E8".into(), vec![0x44])],
            refusals: vec![("7E9".into(), 0x22), ("7EA".into(), PENDING)],
            ..Replies::default()
        };
        for (ecu, expect) in [
            ("7E8", ClearOutcome::Acknowledged),
            ("7E9", ClearOutcome::Refused { nrc: "22".into(), meaning: "conditionsNotCorrect".into() }),
            ("7EA", ClearOutcome::Unfinished),
            ("7EB", ClearOutcome::Silent),
        ] {
            assert_eq!(outcome(&replies, ecu), expect, "{ecu}");
        }
        let spoilt = Replies { trouble: Some("The adapter says CAN ERROR.".into()), ..Replies::default() };
        assert!(matches!(outcome(&spoilt, "7E8"), ClearOutcome::Unreadable { .. }));
    }
}
