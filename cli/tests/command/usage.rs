//! Help, wrong usage, exit codes.

use crate::rig::Home;

#[test]
fn help_says_what_there_is_and_how_it_ends() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    help.exits(0);
    for part in [
        "check",
        "vehicles",
        "decode",
        "journal",
        "completions",
        "--json",
        "sim:NAME",
        "tcp://HOST:PORT",
        "replay:FILE",
        "130",
        "ROADWORTHY_HOME",
    ] {
        assert!(help.out.contains(part), "{part} in {}", help.out);
    }
    for command in [
        "check",
        "adapter",
        "vehicles",
        "vehicle",
        "report",
        "ports",
        "people",
        "outbox",
        "notify",
        "serve",
        "sim",
        "decode",
        "assemble",
        "journal",
        "log",
        "completions",
    ] {
        let help = home.run(&[command, "--help"]);
        help.exits(0);
        assert!(help.out.contains("Usage: roadworthy"), "{command}");
    }
    assert!(home.run(&["--version"]).exits(0).out.starts_with("roadworthy "));
    assert!(!home.file("data").exists(), "because help needs no data");
}

#[test]
fn wrong_usage_ends_with_two_and_says_why() {
    let home = Home::new();
    for args in [
        &[][..],
        &["fly"],
        &["check"],
        &["check", "--port", "sim:petrol", "--baud", "x"],
        &["check", "--port", "petrol"],
        &["check", "--port", "tcp://"],
        &["report", "not-an-id", "-o", "x.pdf"],
        &["people", "forget", "01925f3a-7c00-7abc-8def-0123456789ab"],
        &["people", "forget", "nobody", "--yes"],
        &["serve", "--listen", "0.0.0.0:0"],
        &["serve", "--listen", "nowhere"],
        &["assemble", "--protocol", "Z"],
        &["sim", "--tcp", "x", "--pty"],
        &["sim", "misfire?lock=off"],
        &["sim", "misfire", "--vehicle-file", "x.toml"],
        &["sim", "--options", "key=on"],
        &["check", "--port", "sim:misfire?unplug"],
    ] {
        let ended = home.run(args);
        ended.exits(2);
        assert!(!ended.err.is_empty() && ended.out.is_empty(), "{ended:#?}");
        if !args.is_empty() {
            let mut with_json = args.to_vec();
            with_json.push("--json");
            let ended = home.run(&with_json);
            ended.exits(2);
            assert!(["bad-request", "invalid"].contains(&ended.error_code().as_str()), "{ended:#?}");
        }
    }
    assert!(!home.file("data").exists(), "because nothing was asked of the data");
}

#[test]
fn what_is_named_and_not_there_is_wrong_usage_and_what_there_is_is_listed() {
    let home = Home::new();
    for (args, listed) in [
        (&["check", "--port", "sim:nothere"][..], "petrol, misfire"),
        (&["live", "--port", "sim:nothere", "--seconds", "1"], "petrol, misfire"),
        (&["live", "--port", "sim:petrol?speed=20", "--signal", "nosuch", "--seconds", "1"], "engine_rpm"),
        (&["live", "--port", "replay:dialogue.txt", "--raw"], "roadworthy replay"),
    ] {
        let mut args = args.to_vec();
        args.push("--json");
        let ended = home.run(&args);
        let told = ended.exits(2).lines().pop().unwrap();
        assert_eq!(told["error"]["code"], "invalid", "{told}");
        assert!(told["error"]["hint"].as_str().unwrap().contains(listed), "{told}");
    }
}

#[test]
fn a_port_without_an_adapter_ends_with_three_and_a_next_step() {
    let home = Home::new();
    // A port that was free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for port in ["/dev/roadworthy-none", &format!("tcp://{free}"), "replay:/nonexistent/file"] {
        let ended = home.run(&["check", "--port", port]);
        ended.exits(3);
        assert!(ended.err.contains("error:") && ended.out.is_empty(), "{ended:#?}");
        let ended = home.run(&["check", "--port", port, "--json"]);
        ended.exits(3);
        assert_eq!(ended.error_code(), "no-adapter");
        assert!(!ended.value()["error"]["hint"].as_str().unwrap().is_empty());
    }
    assert_eq!(home.json(&["vehicles"]), serde_json::json!([]), "because a check without an adapter stores nothing");
}

#[test]
fn what_is_not_there_ends_with_one() {
    let home = Home::new();
    let id = "01925f3a-7c00-7abc-8def-0123456789ab";
    for args in
        [&["vehicle", id][..], &["vehicle", "AB 123"], &["report", id, "-o", "-"], &["people", "forget", id, "--yes"]]
    {
        let mut args = args.to_vec();
        args.push("--json");
        let ended = home.run(&args);
        ended.exits(1);
        assert_eq!(ended.error_code(), "not-found", "{ended:#?}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_is_said() {
    let home = Home::new();
    let file = home.file("file");
    std::fs::write(&file, "in the way").unwrap();
    let ended = home.run(&["vehicles", "--data", file.to_str().unwrap()]);
    ended.exits(1);
    assert!(ended.err.contains("error:"), "{ended:#?}");
}

#[test]
fn completions_are_written_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = home.run(&["completions", shell]);
        ended.exits(0);
        assert!(ended.out.contains("roadworthy") && ended.out.contains("assemble"), "{shell}");
    }
}
