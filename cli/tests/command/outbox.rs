//! Who is told of alerts, and what became of it.

use crate::rig::Home;

#[test]
fn a_mail_server_is_set_tried_out_and_its_failure_told() {
    let home = Home::new();
    assert!(home.run(&["outbox"]).exits(0).out.contains("roadworthy notify"), "an empty list names the next step");
    assert_eq!(home.json(&["outbox", "--dead"]), serde_json::json!([]));

    let off = home.run(&["outbox", "try", "mail"]);
    assert!(off.exits(1).err.contains("switched off"), "{}", off.err);

    // Port 1 of this machine: nobody listens there.
    let set = [
        "notify",
        "--desktop",
        "off",
        "--mail-server",
        "127.0.0.1",
        "--mail-port",
        "1",
        "--mail-security",
        "none",
        "--mail-from",
        "a@example.org",
        "--mail-to",
        "b@example.org",
    ];
    let notify = home.json(&set);
    assert_eq!(notify["notify"]["mail"]["port"], 1);
    assert_eq!(notify["notify"]["desktop"], false);
    let channels = notify["channels"].as_array().unwrap();
    assert!(channels.iter().any(|c| c["name"] == "mail" && c["on"] == true && c["missing"].is_null()), "{notify:#}");

    let refused = home.run(&["outbox", "try", "mail"]);
    assert!(refused.exits(1).err.contains("connection was refused"), "{}", refused.err);
    assert!(home.run(&["notify"]).exits(0).out.contains("127.0.0.1, port 1"));
    assert!(home.json(&["notify", "--no-mail"])["notify"]["mail"].is_null());

    for wrong in
        [&["outbox", "retry"][..], &["outbox", "--dead", "--sent"], &["notify", "--no-mail", "--mail-port", "25"]]
    {
        home.run(wrong).exits(2);
    }
    home.run(&["outbox", "show", "nonsense"]).exits(2);
}
