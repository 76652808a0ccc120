//! Mutants of files against every parser of the import: none may panic, and none may yield a value that the file does not hold.
//! What it holds is worked out here anew. `ROADWORTHY_MUTANTS` and `ROADWORTHY_SEED` as in the driver's own mutants.

mod bytes;
mod cells;
mod dbc;
mod mappings;
mod numbers;
#[path = "../../../obd/tests/mutate/targets/rng.rs"]
pub(crate) mod rng;
mod tables;
#[path = "../../../obd/tests/mutate/targets/target.rs"]
pub(crate) mod target;
mod times;

use target::Make;

const ALL: [(&str, Make); 8] = [
    ("bytes of a file", || Box::new(bytes::Files::default())),
    ("cells of a line", || Box::new(cells::Lines::default())),
    ("numbers in cells", || Box::new(numbers::Numbers::default())),
    ("times in cells", || Box::new(times::Times::default())),
    ("tables", || Box::new(tables::Tables::default())),
    ("mappings of tables", || Box::new(mappings::Mappings::default())),
    ("DBC files", || Box::new(dbc::Networks::default())),
    ("logs with a DBC file", || Box::new(dbc::Logs::default())),
];

#[test]
fn the_letters_of_a_file_are_those_that_were_written_or_it_is_refused() {
    target::run(&ALL, "bytes of a file");
}

#[test]
fn the_cells_of_a_line_are_those_that_stand_in_it() {
    target::run(&ALL, "cells of a line");
}

#[test]
fn a_number_is_one_that_its_figures_can_be_read_as() {
    target::run(&ALL, "numbers in cells");
}

#[test]
fn every_part_of_a_time_stands_in_its_cell() {
    target::run(&ALL, "times in cells");
}

#[test]
fn a_spoilt_table_is_refused_or_accounted_for_without_a_number_that_is_not_in_it() {
    target::run(&ALL, "tables");
}

#[test]
fn a_spoilt_mapping_is_refused_or_reads_what_it_says() {
    target::run(&ALL, "mappings of tables");
}

#[test]
fn a_spoilt_dbc_file_is_refused_or_reads_the_bits_that_it_names() {
    target::run(&ALL, "DBC files");
}

#[test]
fn a_spoilt_log_of_a_bus_is_accounted_for() {
    target::run(&ALL, "logs with a DBC file");
}
