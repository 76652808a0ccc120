//! Mutants of valid messages against every parser of outside bytes: none may panic, and none may yield a value that its
//! bytes do not hold. What the bytes hold is worked out here anew, by other means than the code under test.
//!
//! `ROADWORTHY_MUTANTS` sets the number for all parsers together, `ROADWORTHY_SEED` the seed; both are printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod targets;

macro_rules! mutants {
    ($($test:ident = $target:literal,)+) => {
        $(#[test]
        fn $test() {
            targets::target::run(&targets::ALL, $target);
        })+

        #[test]
        fn every_target_is_run() {
            let run = [$($target),+];
            assert!(targets::ALL.iter().all(|(name, _)| run.contains(name)) && run.len() == targets::ALL.len());
        }
    };
}

mutants! {
    decode_yields_no_value_that_the_bytes_do_not_hold = "decode",
    every_decoded_line_is_one_json_object_with_a_value_or_an_error = "decode_line",
    parameters_asked_for_together_read_as_each_by_itself = "several PIDs",
    can_11_yields_no_message_that_the_lines_do_not_hold = "assemble CAN 11",
    can_29_yields_no_message_that_the_lines_do_not_hold = "assemble CAN 29",
    can_without_headers_yields_no_message_that_the_lines_do_not_hold = "assemble CAN without headers",
    j1850_yields_no_message_that_the_lines_do_not_hold = "assemble J1850",
    iso_9141_yields_no_message_that_the_lines_do_not_hold = "assemble ISO 9141",
    kwp_yields_no_message_that_the_lines_do_not_hold = "assemble KWP",
    legacy_without_headers_yields_no_message_that_the_lines_do_not_hold = "assemble legacy without headers",
    only_zeros_are_ever_cut_off_a_reply = "assemble padded replies",
    every_assembled_line_is_one_json_object = "assemble lines",
    a_log_yields_no_message_that_its_frames_do_not_hold = "frames of a log",
    a_line_of_candump_is_the_frame_it_shows_or_none = "lines of candump",
    a_line_of_slcan_is_the_frame_that_stands_in_it_or_none = "lines of SLCAN",
    a_stream_of_slcan_yields_every_frame_that_its_lines_hold_and_no_other = "a whole SLCAN adapter",
    every_message_received_is_made_of_frames_in_order_and_in_time = "ISO-TP received",
    every_message_sent_keeps_to_what_the_receiver_says = "ISO-TP sent",
    a_spoilt_recording_is_refused_or_listed_without_a_guess = "recordings",
    a_recording_that_is_read_reads_back_the_same = "recordings read back",
    a_well_formed_vin_has_seventeen_characters_of_its_alphabet = "vin",
    a_code_that_reads_as_bytes_reads_back_the_same = "dtc",
    a_port_that_is_read_reads_back_the_same = "ports",
    an_adapter_that_says_anything_yields_no_answer_that_it_did_not_say = "a whole adapter",
    a_bus_that_carries_anything_yields_no_answer_that_it_did_not_carry = "a whole CAN bus",
}
