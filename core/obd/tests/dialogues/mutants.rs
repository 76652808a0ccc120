//! Mutants of what adapters said, through the whole driver: no answer that did not come, no panic, and always an end.

use crate::{Dialogue, player::Script, rng::Rng};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset},
    bus,
    frame::{Line, assemble_reply},
    line,
    protocol::Protocol,
};

pub(crate) async fn run(dialogues: &[Dialogue]) {
    let (mut rng, mutants) = Rng::start("dialogues");
    let alphabet = b"0123456789ABCDEF \r>\0\xFF?.:<";
    let mut seeds: Vec<(Protocol, Request, Vec<u8>)> = Vec::new();
    for dialogue in dialogues {
        let protocol =
            Protocol::from_id(dialogue.expect["protocol"].as_str().unwrap().chars().next().unwrap()).unwrap();
        for event in &dialogue.events {
            let Some(Ok(request)) = line::unhex(&event.sent).map(|bytes| Request::new(&bytes)) else { continue };
            seeds.push((protocol, request, event.came.clone()));
        }
    }
    assert!(seeds.len() > 30);
    let (mut answers, mut refusals) = (0, 0);
    for _ in 0..mutants {
        let (protocol, request, came) = rng.pick(&seeds).clone();
        let mut answer = came;
        rng.damage(&mut answer, &mut |rng, _| *rng.pick(alphabet));
        let script = Script::healthy("ELM327 v1.5", protocol.id());
        let mut adapter = Adapter::start(script.link(), Reset::Cold).await.unwrap();
        adapter.connect().await.unwrap();
        script.set(request.hex(), &answer);
        let Ok(replies) = bus::ask(&mut adapter, &request).await else { continue };
        let shown = String::from_utf8_lossy(&answer);
        // What stands behind a second prompt is another answer; each is read by itself.
        let came: Vec<Line> = answer
            .split_inclusive(|b| *b == b'>')
            .flat_map(|part| assemble_reply(protocol, true, request.hex(), part))
            .collect();
        for (ecu, payload) in &replies.answers {
            answers += 1;
            assert!(request.is_answered_by(payload), "{ecu} {payload:02X?} of {shown:?}");
            let line = Line::Message { ecu: Some(ecu.clone()), payload: payload.clone() };
            assert!(came.contains(&line), "{ecu} {payload:02X?} is not in {shown:?}");
        }
        refusals += replies.refusals.len();
    }
    println!("dialogues: {answers} answers, {refusals} refusals");
    assert!(answers > mutants / 10, "the mutants are not worth their name");
}
