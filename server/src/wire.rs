//! A call as it travels: `{"call": "ListVehicles", "args": {…}}`.

use roadworthy_api::{
    Code, Error, Result,
    calls::{Call, LIST},
};
use serde_json::Value;

/// Makes a typed call of a JSON value; `args` may be left out where there are none.
///
/// [`Code::BadRequest`] with the reason where it is not an object, names no call there is, or its arguments do not fit.
pub fn read_call(mut value: Value) -> Result<Call> {
    let Some(object) = value.as_object_mut() else {
        return Err(bad("A call is an object of JSON."));
    };
    let Some(name) = object.get("call").and_then(Value::as_str) else {
        return Err(bad("The text \"call\" with the call's name is missing."));
    };
    if !LIST.iter().any(|known| known.name == name) {
        let name: String = name.chars().take(60).collect();
        return Err(bad(format!("There is no call named {name:?}.")));
    }
    if let Some(other) = object.keys().find(|key| !matches!(key.as_str(), "call" | "args")) {
        let other: String = other.chars().take(60).collect();
        return Err(bad(format!("A call has no field {other:?}.")));
    }
    let args = object.entry("args").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if !args.is_object() {
        return Err(bad("A call's \"args\" are an object."));
    }
    serde_json::from_value(value).map_err(|e| bad(format!("The arguments do not fit: {e}.")))
}

/// Reads a call from bytes; see [`read_call`].
pub fn read_call_bytes(bytes: &[u8]) -> Result<Call> {
    let value = serde_json::from_slice(bytes).map_err(|e| bad(format!("This is not JSON: {e}.")))?;
    read_call(value)
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(Code::BadRequest, message)
        .hint(r#"Send {"call": "ListVehicles", "args": {…}} with the call's own arguments."#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: Result<&str, &str>) {
        match (read_call_bytes(input.as_bytes()), expect) {
            (Ok(call), Ok(name)) => {
                let back = serde_json::to_value(&call).unwrap();
                assert_eq!(back["call"], name, "{input}");
            }
            (Err(error), Err(part)) => {
                assert_eq!(error.code, Code::BadRequest, "{input}");
                assert!(error.message.contains(part), "{input}: {}", error.message);
            }
            (got, _) => panic!("{input}: {got:?}"),
        }
    }

    #[test]
    fn a_call_is_read_or_refused_with_the_reason() {
        check(r#"{"call":"WhoAmI"}"#, Ok("WhoAmI"));
        check(r#"{"call":"WhoAmI","args":{}}"#, Ok("WhoAmI"));
        check(r#"{"args":{"search":null,"offset":0,"limit":5},"call":"ListVehicles"}"#, Ok("ListVehicles"));
        check("", Err("not JSON"));
        check("[]", Err("an object"));
        check("{}", Err("\"call\""));
        check(r#"{"call":7}"#, Err("\"call\""));
        check(r#"{"call":"DropTables"}"#, Err("no call named"));
        check(r#"{"call":"WhoAmI","who":"owner"}"#, Err("no field"));
        check(r#"{"call":"WhoAmI","args":{"x":1}}"#, Err("do not fit"));
        check(r#"{"call":"WhoAmI","args":[]}"#, Err("\"args\""));
        check(r#"{"call":"GetVehicle","args":{}}"#, Err("do not fit"));
        check(r#"{"call":"GetVehicle","args":{"vehicle":"7"}}"#, Err("do not fit"));
        check(r#"{"call":"ListVehicles","args":{"search":null,"offset":-1,"limit":5}}"#, Err("do not fit"));
        check(&"[".repeat(100_000), Err("not JSON"));
    }
}
