//! Adapters that misbehave.

use crate::rig::Home;

#[test]
fn adapters_are_listed_with_the_case_they_come_from() {
    let home = Home::new();
    let all = home.json(&["sim", "adapters"]);
    let adapters = all["adapters"].as_array().unwrap();
    assert!(adapters.len() >= 24);
    assert!(adapters.iter().all(|a| a["source"].as_str().is_some_and(|s| s.len() > 40)));
    let text = home.run(&["sim", "adapters", "crlf"]);
    assert!(text.exits(0).out.contains("ends every line with CR LF"), "{}", text.out);
}

#[test]
fn a_check_on_each_says_how_it_ended_and_what_was_found() {
    let home = Home::new();
    let told = home.json(&["sim", "adapters", "crlf", "deaf", "--check"]);
    assert_eq!((told["finished"].as_u64(), told["failed"].as_u64(), told["of"].as_u64()), (Some(1), Some(0), Some(2)));
    assert_eq!(told["adapters"][0]["found"]["vin"], serde_json::json!({ "found": 1, "of": 1 }));
    assert_eq!(told["adapters"][1]["cause"]["code"], "adapter-fault");
    assert!(!told["adapters"][1]["cause"]["hint"].as_str().unwrap().is_empty());
}

#[test]
fn profiles_of_somebodys_own_are_played_and_a_broken_promise_is_a_failure() {
    let home = Home::new();
    let folder = home.file("own");
    std::fs::create_dir(&folder).unwrap();
    let own = |expect: &str| {
        let head = "name = \"mine\"\nabout = \"no senders\"\nsource = \"own\"\nvehicle = \"vpw\"\n";
        std::fs::write(folder.join("mine.toml"), format!("{head}[expect]\n{expect}\n[chip]\nunknown = [\"ATH\"]\n"))
            .unwrap();
    };
    let dir = folder.display().to_string();
    let args = ["sim", "adapters", "--profiles", &dir, "--check"];
    own("names = \"adapter-fault\"\nsays = \"ATH1\"");
    assert!(home.run(&args).exits(0).out.contains("mine"));
    own("finishes = [\"all\"]");
    let ended = home.run(&args);
    assert!(ended.exits(1).out.contains("It does not finish: The adapter refuses ATH1"), "{}", ended.out);
}

#[test]
fn a_malformed_profile_is_named_with_the_next_step() {
    let home = Home::new();
    let folder = home.file("own");
    std::fs::create_dir(&folder).unwrap();
    let dir = folder.display().to_string();
    let args = ["sim", "adapters", "--profiles", &dir, "--check"];
    let empty = home.run(&args);
    assert!(empty.exits(1).err.contains("has 0 profiles"), "{}", empty.err);
    std::fs::write(folder.join("odd.toml"), "name = \"odd\"\nabout = 3\n").unwrap();
    let ended = home.run(&args);
    ended.exits(1);
    assert!(ended.err.contains("odd.toml: The adapter profile is wrong: \"about\""), "{}", ended.err);
    assert!(ended.err.contains("docs/adapters.md"), "{}", ended.err);
    for wrong in [&["sim", "adapters", "nobody"][..], &["sim", "adapters", "--profiles", "/nowhere/at/all"]] {
        let ended = home.run(wrong);
        assert!(ended.exits(1).err.contains("There is") || ended.err.contains("cannot be read"), "{}", ended.err);
    }
}
