//! Compares what came with what must come: everything, except that a `why` needs only to hold the words that are expected.

use serde_json::Value;

pub(crate) fn differences(want: &Value, got: &Value, at: &str) -> Vec<String> {
    let differs = || vec![format!("{at}: want {want}, got {got}")];
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => {
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
            if near(a.as_f64().unwrap(), b.as_f64().unwrap()) { Vec::new() } else { differs() }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().flat_map(|(i, (a, b))| differences(a, b, &format!("{at}[{i}]"))).collect()
        }
        (Value::Object(a), Value::Object(b)) => {
            let missing = a.iter().flat_map(|(key, value)| match (value, b.get(key)) {
                (Value::String(part), Some(Value::String(whole))) if key == "why" && whole.contains(part) => Vec::new(),
                (_, Some(other)) => differences(value, other, &format!("{at}.{key}")),
                (_, None) => vec![format!("{at}.{key} is missing in {got}")],
            });
            let extra =
                b.keys().filter(|key| !a.contains_key(*key)).map(|key| format!("{at}.{key} is too much in {got}"));
            missing.chain(extra).collect()
        }
        _ if want == got => Vec::new(),
        _ => differs(),
    }
}
