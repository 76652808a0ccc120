//! The interface's weight.

use std::{io::Write, path::Path};

pub(crate) fn run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    let mut wasm = 0;
    let mut rest = 0;
    for entry in std::fs::read_dir(&folder).expect("ui/dist is built: ./run or ./test does it") {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(&std::fs::read(&path).unwrap()).unwrap();
        let bytes = zip.finish().unwrap().len();
        if path.extension().is_some_and(|e| e == "wasm") { wasm += bytes } else { rest += bytes }
    }
    assert!(wasm > 0, "{} holds no wasm", folder.display());
    let kib = wasm as f64 / 1024.0;
    super::report(
        "wasm gzipped",
        &format!("{kib:.0} KiB"),
        "<= 700 KiB",
        kib <= 700.0,
        &format!("beside it {:.0} KiB of other files", rest as f64 / 1024.0),
    );
}
