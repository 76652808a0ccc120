//! What was measured of an adapter, judged. Pure.

use roadworthy_api::adapter::Passport;

/// Name for people: what an STN device calls itself, else the adapter's own word, marked where measuring refuted it.
pub fn name(passport: &Passport) -> String {
    let own = passport.stn.as_ref().map(|stn| stn.device.as_ref().unwrap_or(&stn.chip));
    let claims = own.unwrap_or(&passport.claims).trim();
    let claims = if claims.is_empty() { "Adapter without a name" } else { claims };
    if passport.counterfeit.is_some() { format!("{claims} (clone)") } else { claims.to_owned() }
}
