//! Who built it.

/// The maker that the world manufacturer identifier, the first three characters, stands for.
pub(super) fn maker(_vin: &str) -> Option<&'static str> {
    None
}
