//! `roadworthy sim`.

mod adapters;

use crate::{
    args::sim::{Sim, SimCommand},
    exit::{Exit, Stop},
    out::{Out, Tone},
    session::{interrupted, runtime},
};
use roadworthy_api::{Code, Error, Result};
use roadworthy_simulator::{Options, Source, about, parse_options, parse_spec, serve_pty, serve_tcp};
use serde_json::json;
use std::{net::SocketAddr, path::Path};

pub(crate) fn run(out: &mut Out, sim: Sim) -> Result<Exit, Stop> {
    if let Some(SimCommand::Adapters(which)) = sim.command {
        return adapters::run(out, which);
    }
    let written = sim.vehicle.as_deref().unwrap_or(&sim.name);
    let text;
    let (source, options) = match &sim.vehicle_file {
        None => {
            let (name, options) = parse_spec(written, Options::default())?;
            (Source::Name(name), options)
        }
        Some(path) => {
            text = read(path)?;
            let options =
                sim.options.as_deref().map_or(Ok(Options::default()), |o| parse_options(o, Options::default()));
            (Source::File(&text), options?)
        }
    };
    let (name, about) = about(source)?;
    let runtime = runtime()?;
    // As it is written in front of where an adapter of this kind is.
    let kind = if options.slcan { "slcan:" } else { "" };
    runtime.block_on(async {
        if sim.pty {
            let (path, serve) = serve_pty(source, options)?;
            let port = format!("{kind}{}", path.display());
            until_interrupted(serve, || say(out, &name, &about, &port)).await?;
        } else {
            let address = address(sim.tcp.as_deref().unwrap_or("127.0.0.1:0"))?;
            let (address, serve) = serve_tcp(source, address, options).await?;
            let port = format!("{kind}tcp://{address}");
            until_interrupted(serve, || say(out, &name, &about, &port)).await?;
        }
        Ok(Exit::Good)
    })
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| {
        Error::new(Code::NotFound, format!("The vehicle file {} cannot be read: {e}.", path.display()))
            .hint("Give the path of a vehicle file; docs/simulator.md describes it.")
    })
}

fn address(text: &str) -> Result<SocketAddr> {
    let text = text.strip_prefix("tcp://").unwrap_or(text).replace("localhost:", "127.0.0.1:");
    text.parse().map_err(|_| {
        Error::new(Code::Invalid, format!("{text:?} is not an address to listen at."))
            .hint("Write it as 127.0.0.1:35000; port 0 takes any free one.")
    })
}

/// Whoever waits for the port needs it before the program ends: flushed at once.
fn say(out: &mut Out, vehicle: &str, about: &str, port: &str) -> Result<(), Stop> {
    if out.json {
        out.object(&json!({ "port": port, "vehicle": vehicle }))?;
    } else {
        let shown = out.paint(Tone::Strong, port);
        out.line(&format!("A simulated vehicle ({vehicle}: {about}) listens at\n  {shown}"))?;
        out.line(&format!("Check it: roadworthy check --port {port}\nCtrl C ends it."))?;
    }
    Ok(out.flush()?)
}

/// Serves until Ctrl C, which is listened for before `say` tells anybody that there is something to end.
async fn until_interrupted(
    serve: impl Future<Output = ()>,
    say: impl FnOnce() -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut stop = std::pin::pin!(interrupted());
    tokio::select! {
        biased;
        () = &mut stop => return Ok(()),
        () = std::future::ready(()) => say()?,
    }
    tokio::select! {
        () = serve => {}
        () = stop => {}
    }
    Ok(())
}
