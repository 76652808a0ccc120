//! `roadworthy ports`.

use crate::{
    exit::{Exit, Stop},
    out::{Out, Tone, cell},
    session::{Place, Session},
};
use roadworthy_api::calls::ListPorts;

pub(crate) fn run(place: &Place, out: &mut Out) -> Result<Exit, Stop> {
    let ports = Session::open(place)?.call(ListPorts {})?;
    if out.json {
        out.object(&ports)?;
        return Ok(Exit::Good);
    }
    let rows: Vec<_> = ports
        .iter()
        .map(|port| {
            let problem = port.problem.as_ref().map_or_else(String::new, ToString::to_string);
            vec![cell(Tone::Strong, &port.port), cell(Tone::Plain, &port.name), cell(Tone::Watch, problem)]
        })
        .collect();
    out.table(&rows)?;
    out.line("\nA Wi-Fi adapter is not listed: write it as tcp://HOST:PORT, often tcp://192.168.0.10:35000.")?;
    Ok(Exit::Good)
}
