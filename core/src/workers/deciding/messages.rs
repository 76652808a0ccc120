use super::*;
use roadworthy_api::{
    calls::{AcknowledgeAlert, SnoozeAlert},
    system::MailSettings,
};

#[test]
fn what_is_raised_is_told_once_on_each_channel_without_personal_data() {
    let mut rig = rig();
    rig.settings.notify.mail = Some(MailSettings::default());
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    let id = rig.alert(0).id;
    let messages = rig.messages();
    let keys: Vec<&str> = messages.iter().map(|m| m.key.as_str()).collect();
    assert_eq!(keys, [format!("alert/{id}/created/desktop"), format!("alert/{id}/created/mail")]);
    assert_eq!(messages[1].channel, "mail");
    assert_eq!(messages[0].subject, "Act soon: Cylinder 1 misfires");
    assert_eq!((messages[0].about.alert, messages[0].about.vehicle), (Some(id), Some(rig.vehicle)));
    assert_eq!(
        messages[0].about.text,
        "Unburnt fuel reaches the catalyst.\n\nCheck next:\n1. Swap its ignition coil with that of cylinder 2\n2. Look at the plug"
    );
    assert!(messages.iter().all(|m| !format!("{m:?}").contains("RW 1")), "because the plate is added when it is sent");
    rig.diagnose(2, 1000, &[finding(Severity::ActSoon)]);
    assert!(rig.messages().is_empty(), "because a repetition is no news");
}

#[test]
fn what_asks_is_asked_escalations_and_returns_are_told() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    let mut told = rig.told();
    told.sort();
    assert_eq!(told, ["Act now: Cylinder 1 misfires", "Please decide: Cylinder 1 misfires"]);
    rig.pump(HOUR + 1000);
    let messages = rig.messages();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].about.text.starts_with("Nobody has seen to it for 1 hour.\n\n"), "{}", messages[0].about.text);
    rig.diagnosed(2, 2 * HOUR, &[], &[KEY]);
    assert!(rig.told().is_empty(), "because nobody needs to do anything about what is over");
    rig.diagnose(3, 3 * HOUR, &[finding(Severity::ActNow)]);
    let mut told = rig.told();
    told.sort();
    assert_eq!(told, ["Act now: Cylinder 1 misfires", "Please decide: Cylinder 1 misfires"], "each once");
}

#[test]
fn settings_say_what_is_told_and_where() {
    let cases = [
        // desktop, mail, least severity, severity, messages
        (true, false, Severity::ActSoon, Severity::ActSoon, 1),
        (true, true, Severity::ActSoon, Severity::ActSoon, 2),
        (false, true, Severity::ActSoon, Severity::ActSoon, 1),
        (false, false, Severity::Note, Severity::ActSoon, 0),
        (true, true, Severity::ActNow, Severity::ActSoon, 0),
        (true, true, Severity::ActSoon, Severity::Watch, 0),
        (true, true, Severity::Watch, Severity::Watch, 2),
    ];
    for (desktop, mail, from, severity, expect) in cases {
        let mut rig = rig();
        rig.settings.notify.desktop = desktop;
        rig.settings.notify.mail = mail.then(MailSettings::default);
        rig.settings.notify.from = from;
        rig.diagnose(1, 0, &[finding(severity)]);
        assert_eq!(rig.messages().len(), expect, "{desktop} {mail} {from:?} {severity:?}");
    }
}

#[test]
fn nothing_is_told_while_snoozed_but_a_rise_wakes_it() {
    let rig = rig();
    rig.diagnose(1, 0, &[Finding { confidence: 0.9, ..finding(Severity::ActSoon) }]);
    rig.messages();
    let id = rig.alert(0).id;
    rig.ask(SnoozeAlert { alert: id, until: Some(rig.start + 5 * DAY) }).unwrap();
    let unsure = Finding { confidence: 0.2, ..finding(Severity::ActSoon) };
    rig.diagnose(2, DAY, &[unsure]);
    assert_eq!(rig.decisions()[0].rule, "uncertain-asks");
    assert!(rig.messages().is_empty());
    rig.diagnose(3, 2 * DAY, &[finding(Severity::ActNow)]);
    assert!(rig.told().contains(&"Act now: Cylinder 1 misfires".to_owned()));
}

#[test]
fn what_somebody_saw_to_before_the_message_was_made_needs_none() {
    let rig = rig_in_order(&[0, 1, 2]);
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    let id = rig.alert(0).id;
    rig.ask(AcknowledgeAlert { alert: id, acknowledged: true }).unwrap();
    let rig = Rig { order: vec![3], ..rig };
    rig.pump(1000);
    assert!(rig.messages().is_empty());
}

#[test]
fn a_policy_that_answers_leaves_nothing_to_ask() {
    let mut rig = rig();
    rig.settings.auto_approve_critical = true;
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    assert_eq!(rig.told(), ["Act now: Cylinder 1 misfires"]);
}
