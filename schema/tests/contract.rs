//! The published schema is the one that the program serves.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::{env, fs, path::Path};

/// Rewrites the file when `UPDATE_CONTRACTS` is `1`.
#[test]
fn the_published_schema_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let served = schema::sdl();
    if env::var("UPDATE_CONTRACTS").is_ok_and(|value| value == "1") {
        fs::write(&file, &served).expect("schema/schema.graphql can be written");
    }
    let published = fs::read_to_string(&file).expect("schema/schema.graphql can be read");
    assert!(
        published == served,
        "schema/schema.graphql is not what the program serves; run `UPDATE_CONTRACTS=1 cargo test -p schema` and read the \
         difference"
    );
}
