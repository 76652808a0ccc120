//! ISO 14229-1, Annex C: identifiers F180 to F19F, which name an ECU, its software and its history.
//!
//! The standard gives each its meaning and leaves the coding to the maker. Where all bytes are printable they are text;
//! otherwise, and for dates, they stay raw.

use super::{Meaning, Reading, info};

const fn named(name: &'static str, label: &'static str) -> Meaning {
    Meaning { name, label }
}

/// In order from F180.
static NAMES: [Meaning; 32] = [
    named("boot_software_identification", "Boot software identification"),
    named("application_software_identification", "Application software identification"),
    named("application_data_identification", "Application data identification"),
    named("boot_software_fingerprint", "Boot software fingerprint"),
    named("application_software_fingerprint", "Application software fingerprint"),
    named("application_data_fingerprint", "Application data fingerprint"),
    named("active_diagnostic_session", "Active diagnostic session"),
    named("spare_part_number", "Spare part number"),
    named("ecu_software_number", "ECU software number"),
    named("ecu_software_version", "ECU software version"),
    named("system_supplier", "System supplier"),
    named("ecu_manufacturing_date", "ECU manufacturing date"),
    named("ecu_serial_number", "ECU serial number"),
    named("supported_functional_units", "Supported functional units"),
    named("kit_assembly_part_number", "Kit assembly part number"),
    named("software_standards", "Software standards"),
    named("vin", "Vehicle identification number"),
    named("ecu_hardware_number", "ECU hardware number"),
    named("supplier_hardware_number", "Supplier's hardware number"),
    named("supplier_hardware_version", "Supplier's hardware version"),
    named("supplier_software_number", "Supplier's software number"),
    named("supplier_software_version", "Supplier's software version"),
    named("type_approval_number", "Exhaust regulation or type approval number"),
    named("system_name", "System name or engine type"),
    named("repair_shop_code", "Repair shop code or tester serial number"),
    named("programming_date", "Programming date"),
    named("calibration_repair_shop_code", "Calibration repair shop code"),
    named("calibration_date", "Calibration date"),
    named("calibration_equipment_software", "Calibration equipment software number"),
    named("ecu_installation_date", "ECU installation date"),
    named("odx_file", "ODX file"),
    named("entity", "Entity"),
];

/// Fewest bytes that are taken for text: shorter ones may be a number whose bytes happen to be printable.
const SHORTEST: usize = 4;

/// What an identifier is called and what it reads; `None` outside F180 to F19F.
pub(super) fn read(did: u16, data: &[u8]) -> Option<(&'static Meaning, Reading)> {
    let meaning = did.checked_sub(0xF180).and_then(|at| NAMES.get(usize::from(at)))?;
    // Fingerprints, the session, units and dates are numbers, however their bytes look.
    let coded = matches!(did, 0xF183..=0xF186 | 0xF18B | 0xF18D | 0xF199 | 0xF19B | 0xF19D);
    let text = (!coded && data.len() >= SHORTEST).then(|| info::text(data).ok()).flatten();
    Some((meaning, text.map_or_else(|| Reading::Raw(data.to_vec()), Reading::Text)))
}
