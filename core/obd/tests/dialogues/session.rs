//! What comes of a whole session: the driver starts and looks for the vehicle, and wherever it sends what was sent then,
//! it hears what came then.

use crate::{
    Event,
    player::{Script, bare},
};
use roadworthy_obd::adapter::{Adapter, Reset};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub(crate) async fn outcome(events: &[Event], dialogue: &Value) -> Value {
    let id = dialogue["protocol"].as_str().unwrap().chars().next().unwrap();
    let script = Script::healthy(&name(events), id);
    let mut recorded: BTreeMap<String, VecDeque<Vec<u8>>> = BTreeMap::new();
    for event in events {
        recorded.entry(bare(&event.sent)).or_default().push_back(event.came.clone());
    }
    for (command, answers) in recorded {
        script.say(&command, answers);
    }
    let mut adapter = match Adapter::start(script.link(), Reset::Cold).await {
        Ok(adapter) => adapter,
        Err(error) => return json!({ "start": error.code }),
    };
    let connected = adapter.connect().await;
    json!({
        "claims": adapter.info().claims,
        "voltage": adapter.info().voltage,
        "connect": connected.map_or_else(|e| json!(e.code), |p| json!(p.id().to_string())),
    })
}

/// What the adapter called itself in the session.
fn name(events: &[Event]) -> String {
    let texts = events.iter().map(|e| String::from_utf8_lossy(&e.came).into_owned());
    let lines: Vec<String> = texts.flat_map(|t| t.split(['\r', '\n']).map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.into_iter().find(|l| l.contains("ELM327")).unwrap_or_else(|| "ELM327 v1.5".into())
}
