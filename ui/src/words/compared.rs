//! Two visits side by side, in words.

use roadworthy_api::visit::{ComparedRow, ComparedSection, Comparison};

/// A section's heading.
pub(crate) fn section_word(section: ComparedSection) -> &'static str {
    match section {
        ComparedSection::Codes => "Trouble codes",
        ComparedSection::Readiness => "Readiness",
        ComparedSection::Coverage => "Who answered",
        ComparedSection::Calibrations => "Calibrations",
        ComparedSection::Values => "Present values",
    }
}

/// Rows by section, in the order of the sections; all of them, or those that differ. Sections without a row are left out.
pub(crate) fn sections(rows: &[ComparedRow], all: bool) -> Vec<(ComparedSection, Vec<ComparedRow>)> {
    let mut sections: Vec<(ComparedSection, Vec<ComparedRow>)> = Vec::new();
    for row in rows.iter().filter(|r| all || r.differs) {
        match sections.iter_mut().find(|(section, _)| *section == row.section) {
            Some((_, rows)) => rows.push(row.clone()),
            None => sections.push((row.section, vec![row.clone()])),
        }
    }
    sections.sort_by_key(|(section, _)| *section);
    sections
}

/// What became of the vehicle between the two, in a sentence.
pub(crate) fn verdict_line(comparison: &Comparison) -> String {
    let (before, after) = (comparison.verdicts.0.state, comparison.verdicts.1.state);
    let differing = comparison.rows.iter().filter(|r| r.differs).count();
    let count = match differing {
        0 => "nothing that matters differs".to_owned(),
        1 => "one thing differs".to_owned(),
        n => format!("{n} things differ"),
    };
    if before == after {
        format!("The state is the same; {count}.")
    } else {
        format!(
            "From \u{201c}{}\u{201d} to \u{201c}{}\u{201d}; {count}.",
            super::state_word(before),
            super::state_word(after)
        )
    }
}
