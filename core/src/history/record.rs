//! A record on its way into the journal, and its odometer beside all others of the vehicle.

use crate::{
    journal::kind::{ServiceSaid, ServiceWords},
    odometer::{self, Point, Reading},
    store::{
        Fallible, Writing,
        measurement::{self, Counted},
        service,
    },
};
use jiff::{ToSpan, civil, tz::TimeZone};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{EventId, ServiceId, VehicleId},
    service::{Judgement, Meter, MeterUnit, OdometerFlag, ServiceFields, ServiceKind},
};
use rusqlite::Connection;

/// Earliest and latest year of a record.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// The moment of a record as its first and last millisecond: a whole day where no time was stated.
///
/// # Errors
/// [`Code::Invalid`] where there is no such day or time.
pub(crate) fn moment(day: &str, time: Option<&str>, zone: &TimeZone) -> Result<(Timestamp, Timestamp)> {
    let no_day = || Error::new(Code::Invalid, format!("{day:?} is no day.")).hint("Write it as 2024-03-05.");
    let date: civil::Date = day.parse().map_err(|_| no_day())?;
    if date.to_string() != day || !YEARS.contains(&date.year()) {
        return Err(no_day());
    }
    let ms =
        |at: civil::DateTime| at.to_zoned(zone.clone()).map(|z| z.timestamp().as_millisecond()).map_err(|_| no_day());
    let Some(time) = time else {
        let next = date.checked_add(1.day()).map_err(|_| no_day())?;
        return Ok((ms(date.at(0, 0, 0, 0))?, ms(next.at(0, 0, 0, 0))? - 1));
    };
    let no_time = || {
        Error::new(Code::Invalid, format!("{time:?} is no time of day.")).hint("Write it as 14:30 or 14:30:05+02:00.")
    };
    let at = if time.len() > 5 { time.find(['Z', '+', '-']) } else { None };
    let (clock, offset) = time.split_at(at.unwrap_or(time.len()));
    let clock: civil::Time = clock.parse().map_err(|_| no_time())?;
    let at = date.to_datetime(clock);
    let ms = if offset.is_empty() {
        ms(at)?
    } else {
        let stamp: jiff::Timestamp = format!("{at}{offset}").parse().map_err(|_| no_time())?;
        stamp.as_millisecond()
    };
    Ok((ms, ms))
}

/// What there is to say of a record.
pub(crate) struct Draft<'a> {
    pub(crate) service: ServiceId,
    pub(crate) fields: &'a ServiceFields,
    pub(crate) moment: (Timestamp, Timestamp),
    pub(crate) flag: Option<OdometerFlag>,
    pub(crate) judged: Option<Judgement>,
    pub(crate) line: Option<u64>,
    /// The key that sealed it before.
    pub(crate) key: Option<EventId>,
}

/// A record as `event` says it.
pub(crate) fn say(w: &Writing<'_>, registration: VehicleId, event: EventId, draft: Draft<'_>) -> Fallible<ServiceSaid> {
    let Draft { service, fields, moment: (at, until), flag, judged, line, key } = draft;
    let words = serde_json::to_string(&ServiceWords::from(fields))
        .map_err(|e| Error::new(Code::Internal, format!("A service record cannot be written ({e}).")))?;
    let (subject, field) = (registration.bytes(), service::field(service));
    let words = match key {
        Some(key) => w.seal_as(subject, event, &field, &words, key)?,
        None => w.seal(subject, event, &field, &words)?,
    };
    Ok(ServiceSaid {
        service,
        day: fields.day.clone(),
        time: fields.time.clone(),
        at,
        until,
        kind: fields.kind,
        odometer: fields.odometer,
        cost: fields.cost.clone(),
        fuel: fields.fuel,
        flag,
        judged,
        line,
        words,
    })
}

/// A record's odometer reading to be judged; `None`: it has none, or only plans one.
pub(crate) fn reading(
    fields: &ServiceFields,
    (from, until): (Timestamp, Timestamp),
    judged: Option<Judgement>,
    source: String,
) -> Option<Reading> {
    let meter = fields.odometer.filter(|_| fields.kind != ServiceKind::Plan)?;
    let meter = match judged {
        Some(Judgement::LeaveOut) => return None,
        Some(Judgement::Unit { unit }) => Meter { unit, ..meter },
        Some(Judgement::Accept) | None => meter,
    };
    // What a person has accepted is not judged again.
    let known = judged.is_some();
    (meter.unit != MeterUnit::H).then(|| Reading {
        from,
        until,
        day: fields.day.clone(),
        meter,
        source,
        known,
        itself: false,
    })
}

/// The odometer readings of a vehicle that count already.
pub(crate) fn known(conn: &Connection, vehicle: VehicleId, but: Option<ServiceId>) -> Fallible<Vec<Reading>> {
    let zone = TimeZone::system();
    let readings = measurement::odometers(conn, vehicle, but)?.into_iter().map(|counted| {
        let Counted { point: Point { at: from, km, source }, until, itself } = counted;
        let day = jiff::Timestamp::from_millisecond(from)
            .map_or_else(|_| String::new(), |t| t.to_zoned(zone.clone()).date().to_string());
        Reading { from, until, day, meter: Meter { value: km, unit: MeterUnit::Km }, source, known: true, itself }
    });
    Ok(readings.collect())
}

/// Why the odometer of one record is flagged beside all that is known.
pub(crate) fn doubt(known: Vec<Reading>, it: Option<Reading>, today: Timestamp) -> Option<OdometerFlag> {
    let mut readings = known;
    readings.push(it?);
    odometer::doubts(&readings, today).pop().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_and_a_time_a_moment() {
        let check = |day: &str, time: Option<&str>, expect: Option<(&str, &str)>| {
            let got = moment(day, time, &TimeZone::UTC).ok();
            let ms = |t: &str| t.parse::<jiff::Timestamp>().unwrap().as_millisecond();
            assert_eq!(got, expect.map(|(a, b)| (ms(a), ms(b))), "{day} {time:?}");
        };
        check("2024-03-05", None, Some(("2024-03-05T00:00:00Z", "2024-03-05T23:59:59.999Z")));
        let at = |t| Some((t, t));
        check("2024-03-05", Some("14:30"), at("2024-03-05T14:30:00Z"));
        check("2024-03-05", Some("14:30:05"), at("2024-03-05T14:30:05Z"));
        check("2024-03-05", Some("14:30:05+02:00"), at("2024-03-05T12:30:05Z"));
        check("2024-03-05", Some("14:30:05Z"), at("2024-03-05T14:30:05Z"));
        for (day, time) in [
            ("2024-02-30", None),
            ("2024-3-5", None),
            ("05.03.2024", None),
            ("1850-01-01", None),
            ("", None),
            ("2024-03-05", Some("25:00")),
            ("2024-03-05", Some("noon")),
            ("2024-03-05", Some("14:30:05+99:00")),
        ] {
            check(day, time, None);
        }
    }
}
