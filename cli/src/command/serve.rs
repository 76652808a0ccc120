//! `roadworthy serve`.

use crate::{
    args::Serve,
    exit::{Exit, Stop},
    out::{Out, Tone},
    session::{Place, Session, interrupted},
};
use roadworthy_server::{Behind, door::Door};
use serde_json::json;
use std::{
    process::{Command, Stdio},
    sync::Arc,
};

pub(crate) fn run(place: &Place, out: &mut Out, serve: Serve) -> Result<Exit, Stop> {
    // An address that cannot be used is said before anything is opened.
    let runtime = crate::session::runtime()?;
    let door = runtime.block_on(Door::bind(&serve.listen))?;
    let session = Session::open_to_store(place)?;
    let url = door.url();
    if out.json {
        out.object(&json!({ "address": url }))?;
    } else {
        let shown = out.paint(Tone::Strong, &url);
        out.line(&format!("Roadworthy is open for this machine's browsers at\n  {shown}"))?;
        out.line("The address is its key: who has it can read and change everything. Ctrl C closes it.")?;
    }
    out.flush()?;
    if serve.open && !open(&url) {
        out.line("No browser could be started; open the address by hand.")?;
        out.flush()?;
    }
    let engine: Arc<dyn Behind> = session.engine.clone();
    runtime.block_on(door.serve(engine, interrupted()))?;
    Ok(Exit::Good)
}

fn open(url: &str) -> bool {
    let mut command = match std::env::consts::OS {
        "macos" => Command::new("open"),
        "windows" => {
            let mut command = Command::new("rundll32");
            command.arg("url.dll,FileProtocolHandler");
            command
        }
        _ => Command::new("xdg-open"),
    };
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}
