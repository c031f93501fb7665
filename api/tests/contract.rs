//! The OpenAPI document in the repository is the one that the program writes.

use std::{fs, path::Path};

#[test]
fn the_published_document_is_the_one_that_the_program_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    let written = api::openapi::description().unwrap();
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == written, "openapi/openapi.json differs; UPDATE_CONTRACTS=1 cargo test rewrites it");
}

#[test]
fn every_operation_has_an_id_of_its_own_and_describes_its_answers() {
    let document: serde_json::Value = serde_json::from_str(&api::openapi::description().unwrap()).unwrap();
    let mut ids = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            for (status, response) in operation["responses"].as_object().unwrap() {
                let shared =
                    response["$ref"].as_str().map(|place| document.pointer(place.trim_start_matches('#')).unwrap());
                let response = shared.unwrap_or(response);
                let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
                assert!(described, "{method} {path} {status} is not described");
            }
        }
    }
    let count = ids.len();
    assert!(count > 0);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
