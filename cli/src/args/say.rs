//! What can be typed to have codes, numbers, payloads and answers read, without a vehicle and without data.

use clap::Args;

pub(super) const EXPLAIN: &str = "\
Examples:
  roadworthy explain P0301 p0420 \"U 0100\"
  roadworthy explain P0301-11 --json
  roadworthy explain --counts

A code of a range that the maker defines never has a title here. Titles of chassis (C) and body (B) codes are the
standard's; the maker may differ.";

pub(super) const VIN: &str = "\
Example:
  roadworthy vin 1RWTEST0XX0000001

What is not certain is not said. Position 9 is judged only where the market demands a check digit: North America, China.";

pub(super) const DECODE: &str = "\
Example:
  echo '{\"id\":\"a\",\"payload\":\"410C1AF8\"}' | roadworthy decode

Fields of a line: id, payload (hex, service byte first); optional bus (can or legacy), protocol (uds), request, ecu.
A line that cannot be decoded gives an error object in its place.";

pub(super) const ASSEMBLE: &str = "\
Example:
  printf '7E8 04 41 0C 1A F8 \\r\\r>' | roadworthy assemble --protocol 6

Protocols are numbered as ELM327 numbers them: 1 and 2 J1850, 3 ISO 9141-2, 4 and 5 ISO 14230-4, 6 to 9 ISO 15765-4,
A SAE J1939, B and C user CAN.";

#[derive(Debug, Args)]
pub(crate) struct Assemble {
    /// Number of the protocol, 1 to C.
    #[arg(long, value_name = "N", required_unless_present = "frames")]
    pub(crate) protocol: Option<char>,
    /// The answer was given with headers off.
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Read lines of candump instead, whole, console form or log form.
    #[arg(long, conflicts_with = "no_headers")]
    pub(crate) frames: bool,
}
