//! The text that a bundle begins with, for somebody who has never heard of this program.

use super::{CHECK, CODES, FRAMES, MANIFEST, Manifest, REDECODED, SUMS, TRAFFIC};
use crate::report::words::{date_time, title};
use jiff::tz::TimeZone;
use roadworthy_api::check::CheckReport;

/// As plain text, lines of at most 100 characters.
pub(super) fn text(manifest: &Manifest, check: &CheckReport) -> String {
    let when = date_time(check.started, &TimeZone::UTC);
    let what = title(&check.port);
    let protocol = check.protocol.as_ref().map_or("a bus that was not found", |p| p.name.as_str());
    let (codes, ecus) = (check.codes.len(), check.ecus.len());
    let cut = match &check.partial {
        Some(error) => format!("It was cut short: {}\n", error.message),
        None => String::new(),
    };
    let secrets = if manifest.redacted {
        "VINs and the serial numbers of control units and adapters are replaced by stand-ins of the same\n\
         length (a VIN becomes 1RWREDCT…), the same one each time, and checksums follow. Everything else is\n\
         as it was. No person, plate or address is named."
    } else {
        "This is the full form: the VIN and serial numbers are in it, also as hex in the traffic. Give it\n\
         only to somebody who may know them. No person, plate or address is named."
    };
    let Manifest { program, decoder, visit, event, .. } = manifest;
    format!(
        "{what}: what a vehicle said over OBD-II\n\
         \n\
         Read on {when} over {protocol}.\n\
         Control units that answered: {ecus}. Trouble codes: {codes}.\n\
         {cut}\
         \n\
         {secrets}\n\
         \n\
         WHAT IS IN HERE\n\
         \n\
         {TRAFFIC:<16} every byte between the computer and the adapter, with its time in milliseconds:\n\
         {:<16} `>` was sent, `<` came back. The evidence; everything else is made of it.\n\
         {FRAMES:<16} the same as a log of the program candump, where the vehicle was read over CAN.\n\
         {CHECK:<16} what the workshop's program shows of this visit.\n\
         {CODES:<16} what that program's catalogue says of the trouble codes.\n\
         {REDECODED:<16} the traffic read once more when this bundle was made, value by value beside\n\
         {:<16} {CHECK}.\n\
         {MANIFEST:<16} versions, and where the workshop's journal tells of this visit.\n\
         {SUMS:<16} the SHA-256 of each file above and of this one.\n\
         \n\
         HOW TO CHECK IT\n\
         \n\
         1. Unpack it and run `sha256sum -c {SUMS}` (on Windows: `certutil -hashfile FILE SHA256`). Every\n\
         {:<2} line must say OK: no file was changed since the bundle was made.\n\
         2. With Roadworthy: `roadworthy bundle --verify FILE`. It needs no database. It checks every hash,\n\
         {:<2} reads the traffic anew, and says what does not agree.\n\
         3. Without Roadworthy: open {TRAFFIC} and compare. A reply such as 7E8 04 41 0C 1A F8 to the request\n\
         {:<2} 010C is engine speed, 1AF8 hex / 4 = 1726 rpm, by SAE J1979 and ISO 15031-5.\n\
         4. Ask the workshop for the SHA-256 of the whole file, over another way than the one this came by,\n\
         {:<2} and compare it. Its journal holds the visit under event {},\n\
         {:<2} number {} of device {},\n\
         {:<2} with the hash {}.\n\
         \n\
         WHAT THIS SHOWS, AND WHAT NOT\n\
         \n\
         The hashes show that nothing was changed since the bundle was made. They do not show who made it:\n\
         whoever changes a file can write a new list. Only step 4 ties it to the workshop. That the traffic\n\
         came from the vehicle it is said to come from rests on the workshop's word.\n\
         \n\
         Visit {visit}. Made by Roadworthy {program}, decoder {decoder}; shown is what decoder {} read.\n",
        "", "", "", "", "", "", event.id, "", event.seq, event.device, "", event.hash, check.decoder,
    )
}
