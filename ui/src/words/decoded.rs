//! A visit's traffic read once more, in words.

use roadworthy_api::visit::{DecodedChange, DecodedPart, DecodedRow, Redecoding};

/// A part's heading.
pub(crate) fn decoded_part(part: DecodedPart) -> &'static str {
    match part {
        DecodedPart::Vehicle => "Vehicle",
        DecodedPart::Ecus => "ECUs",
        DecodedPart::Codes => "Trouble codes",
        DecodedPart::Readiness => "Readiness",
        DecodedPart::Frames => "Freeze frames",
        DecodedPart::Monitors => "On-board tests",
        DecodedPart::Values => "Present values",
        DecodedPart::Coverage => "Who answered",
        DecodedPart::Rejected => "Replies that could not be used",
    }
}

/// How a row stands.
pub(crate) fn decoded_change(change: DecodedChange) -> &'static str {
    match change {
        DecodedChange::Same => "Same",
        DecodedChange::New => "New",
        DecodedChange::Changed => "Changed",
        DecodedChange::Gone => "Gone",
    }
}

/// What reads otherwise, by part.
pub(crate) fn decoded_parts(rows: &[DecodedRow]) -> Vec<(DecodedPart, Vec<DecodedRow>)> {
    let mut parts: Vec<(DecodedPart, Vec<DecodedRow>)> = Vec::new();
    for row in rows.iter().filter(|row| row.change != DecodedChange::Same) {
        match parts.iter_mut().find(|(part, _)| *part == row.part) {
            Some((_, rows)) => rows.push(row.clone()),
            None => parts.push((row.part, vec![row.clone()])),
        }
    }
    parts.sort_by_key(|(part, _)| *part);
    parts
}

/// What came of it, in a sentence.
pub(crate) fn decoded_line(read: &Redecoding) -> String {
    let differing = read.rows.iter().filter(|row| row.change != DecodedChange::Same).count();
    let (all, Redecoding { shown, decoder, .. }) = (read.rows.len(), read);
    match differing {
        0 => format!("Decoder {decoder} reads all {all} things as they are shown."),
        1 => format!("Decoder {decoder} reads one of {all} things otherwise than decoder {shown} did."),
        n => format!("Decoder {decoder} reads {n} of {all} things otherwise than decoder {shown} did."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::id::VisitId;

    #[test]
    fn only_what_reads_otherwise_is_listed() {
        let row = |part, change| DecodedRow {
            part,
            ecu: "7E8".into(),
            label: "P0301".into(),
            before: None,
            after: Some("stored".into()),
            change,
        };
        let rows = vec![
            row(DecodedPart::Values, DecodedChange::New),
            row(DecodedPart::Codes, DecodedChange::Same),
            row(DecodedPart::Codes, DecodedChange::Gone),
        ];
        let parts: Vec<_> = decoded_parts(&rows).into_iter().map(|(part, rows)| (part, rows.len())).collect();
        assert_eq!(parts, [(DecodedPart::Codes, 1), (DecodedPart::Values, 1)]);
        let read = Redecoding { visit: VisitId(1), shown: 1, decoder: 2, rows, kept: false };
        assert_eq!(decoded_line(&read), "Decoder 2 reads 2 of 3 things otherwise than decoder 1 did.");
        let same = Redecoding { rows: Vec::new(), ..read };
        assert_eq!(decoded_line(&same), "Decoder 2 reads all 0 things as they are shown.");
    }
}
