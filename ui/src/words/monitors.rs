//! On-board monitors in words: what a result means, and which matters most.

use super::count;
use roadworthy_api::check::MonitorResult;

/// Below this share of the way the limit is near.
const NEAR: f64 = 0.15;

/// What a result means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MonitorState {
    /// Outside its limits.
    Outside,
    /// Inside, with little left.
    Near,
    /// Inside.
    Inside,
    /// It has no limit to be inside of.
    NoLimit,
    /// Has not run since codes were cleared.
    NotRun,
}

/// What a result means.
pub(crate) fn monitor_state(m: &MonitorResult) -> MonitorState {
    match (m.ran, m.pass, m.margin) {
        (false, ..) => MonitorState::NotRun,
        (_, false, _) => MonitorState::Outside,
        (.., Some(margin)) if margin < NEAR => MonitorState::Near,
        _ if m.min.is_none() && m.max.is_none() => MonitorState::NoLimit,
        _ => MonitorState::Inside,
    }
}

/// In a word or two.
pub(crate) fn monitor_state_word(state: MonitorState) -> &'static str {
    match state {
        MonitorState::Outside => "Outside",
        MonitorState::Near => "Near a limit",
        MonitorState::Inside => "Inside",
        MonitorState::NoLimit => "No limit",
        MonitorState::NotRun => "Not run yet",
    }
}

/// For programs and styles.
pub(crate) fn monitor_state_key(state: MonitorState) -> &'static str {
    match state {
        MonitorState::Outside => "outside",
        MonitorState::Near => "near",
        MonitorState::Inside => "inside",
        MonitorState::NoLimit => "no-limit",
        MonitorState::NotRun => "not-run",
    }
}

/// Those that need a look first: outside, then by the way left, then those without a limit, those that have not run last.
pub(crate) fn monitors_by_need(all: &[MonitorResult]) -> Vec<&MonitorResult> {
    let mut sorted: Vec<&MonitorResult> = all.iter().collect();
    let key = |m: &MonitorResult| (monitor_state(m), m.margin.unwrap_or(f64::INFINITY));
    sorted.sort_by(|a, b| {
        let ((one, near), (other, far)) = (key(a), key(b));
        one.cmp(&other).then(near.total_cmp(&far))
    });
    sorted
}

/// All of them in one sentence.
pub(crate) fn monitors_line(all: &[MonitorResult]) -> String {
    let of = |state| all.iter().filter(|m| monitor_state(m) == state).count() as u64;
    let mut parts = Vec::new();
    for (state, words) in [
        (MonitorState::Outside, "outside its limits"),
        (MonitorState::Near, "near a limit"),
        (MonitorState::Inside, "inside"),
        (MonitorState::NoLimit, "without a limit"),
        (MonitorState::NotRun, "not run since codes were cleared"),
    ] {
        match of(state) {
            0 => {}
            n => parts.push(format!(
                "{n} {}",
                if n > 1 { words.replace("its limits", "their limits") } else { words.into() }
            )),
        }
    }
    format!("{}: {}.", count(all.len() as u64, "result"), parts.join(", "))
}

/// How often of how often, as in `0.93`; a dash where it could never have run.
pub(crate) fn share(completed: u32, conditions: u32) -> String {
    if conditions == 0 { "–".into() } else { crate::locale::fixed(f64::from(completed) / f64::from(conditions), 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(value: f64, ran: bool, pass: bool, margin: Option<f64>) -> MonitorResult {
        MonitorResult {
            ecu: "7E8".into(),
            request: "0601".into(),
            monitor: "Catalyst, bank 1".into(),
            test: "Test 80".into(),
            value,
            min: None,
            max: margin.or((!pass).then_some(0.0)).map(|_| 9.0),
            unit: String::new(),
            scaled: true,
            ran,
            pass,
            margin,
        }
    }

    #[test]
    fn what_needs_a_look_stands_first() {
        let all = [
            result(1.0, true, true, None),
            result(2.0, true, true, Some(0.8)),
            result(3.0, false, false, None),
            result(4.0, true, false, None),
            result(5.0, true, true, Some(0.1)),
            result(6.0, true, true, Some(0.3)),
        ];
        let order: Vec<f64> = monitors_by_need(&all).iter().map(|m| m.value).collect();
        assert_eq!(order, [4.0, 5.0, 6.0, 2.0, 1.0, 3.0]);
        assert_eq!(
            monitors_line(&all),
            "6 results: 1 outside its limits, 1 near a limit, 2 inside, 1 without a limit, 1 not run since codes were cleared."
        );
        assert_eq!(share(3, 0), "–");
    }
}
