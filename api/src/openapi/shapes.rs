//! Documents that hold another one's members beside their own.

use serde_json::Value;

/// A part of a document may be closed where it stands alone; as a part it leaves room for the members beside it.
pub fn open_parts(document: &mut Value) {
    let Some(known) = document.pointer("/components/schemas").cloned() else { return };
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten() {
        for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = part.get("$ref").and_then(Value::as_str).and_then(|place| place.rsplit('/').next());
            let Some(whole) = name.and_then(|name| known.get(name)) else { continue };
            if whole.get("additionalProperties").is_some() {
                let mut whole = whole.clone();
                if let Some(members) = whole.as_object_mut() {
                    members.shift_remove("additionalProperties");
                }
                *part = whole;
            }
        }
    }
}
