//! The program as its operator knows it.

use std::path::PathBuf;

use serde_json::{Value, json};
use tests::{Database, Engine, Key, Ran, Server, indicator_exchange, on_both_databases};

use crate::people::anna;
use crate::steps::{ni_16_of, pluck, post, return_id, return_of_southwark};

/// The one line that a run complains with; it must have failed.
#[track_caller]
fn complaint(ran: &Ran) -> &str {
    complaint_with(ran, 1)
}

/// As [`complaint`], with this exit code.
#[track_caller]
fn complaint_with(ran: &Ran, code: i32) -> &str {
    assert_eq!((ran.status.code(), ran.stdout.as_str()), (Some(code), ""), "{ran:#?}");
    let line = ran.stderr.strip_suffix('\n').unwrap_or_else(|| panic!("{ran:#?}"));
    assert!(!line.contains('\n'), "{ran:#?}");
    line.strip_prefix("indicator-exchange: ").unwrap_or_else(|| panic!("{ran:#?}"))
}

/// The arguments of `serve`, with a key.
fn serve<'a>(key: &'a str, database: &'a str) -> [&'a str; 7] {
    ["serve", "--listen", "127.0.0.1:0", "--jwt-key-file", key, "--database-url", database]
}

fn key() -> String {
    Key::OfTheServer.file().display().to_string()
}

#[test]
fn a_wrong_option_is_named() {
    for (arguments, words) in [
        (vec!["serve", "--colour", "blue"], "unexpected argument '--colour' found"),
        (vec!["serve", "--listen", "here"], "invalid value 'here' for '--listen <LISTEN>'"),
        (
            vec!["serve", "--release-margin-ms", "1"],
            "invalid value '1' for '--release-margin-ms <RELEASE_MARGIN_MS>': ",
        ),
        (vec!["sreve"], "unrecognized subcommand 'sreve'"),
    ] {
        let ran = indicator_exchange(&arguments);
        assert!(complaint_with(&ran, 2).starts_with(words), "{ran:#?}");
    }
}

#[test]
fn a_server_without_a_key_says_how_to_give_one() {
    let ran = indicator_exchange(["serve", "--database-url", "sqlite://nowhere.sqlite"]);
    assert!(
        complaint(&ran).starts_with("tokens cannot be checked: give --jwt-key-file or --jwt-secret-file"),
        "{ran:#?}"
    );
    let ran = indicator_exchange(serve("/nowhere/key.pem", "sqlite://nowhere.sqlite"));
    assert!(complaint(&ran).starts_with("/nowhere/key.pem: "), "{ran:#?}");
    let readme = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").display().to_string();
    let ran = indicator_exchange(serve(&readme, "sqlite://nowhere.sqlite"));
    assert!(complaint(&ran).ends_with("Cargo.toml holds no public Ed25519, P-256 or RSA key in PEM"), "{ran:#?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_one_line() {
    for (url, words) in [
        ("sqlite:///nowhere/at/all.sqlite", "the database cannot be reached: "),
        ("postgres://nobody@127.0.0.1:1/nothing", "the database cannot be reached: "),
        ("mysql://somewhere", "the database URL must begin with sqlite:// or postgres://"),
    ] {
        let ran = indicator_exchange(serve(&key(), url));
        assert!(complaint(&ran).starts_with(words), "{ran:#?}");
    }
}

#[test]
fn a_refused_connection_is_told_as_one() {
    let ran = indicator_exchange(serve(&key(), "postgres://nobody@127.0.0.1:1/nothing"));
    assert!(complaint(&ran).to_lowercase().contains("refused"), "{ran:#?}");
}

#[test]
fn a_token_is_printed_alone() {
    let key = key();
    let arguments = ["token", "--jwt-key-file", &key, "--subject", "anna", "--partnership", "southwark"];
    let ran = indicator_exchange(arguments);
    assert_eq!(ran.stderr, "");
    let token = ran.expect_success();
    let parts: Vec<&str> = token.strip_suffix('\n').unwrap().split('.').collect();
    let is_base64url = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    assert!(parts.len() == 3 && parts.iter().all(is_base64url), "{token}");
    let ran = indicator_exchange(["token", "--jwt-key-file", &key, "--subject", "anna", "--scope", "returns:reed"]);
    assert!(complaint(&ran).starts_with("`returns:reed` is not one of the scopes returns:read, "), "{ran:#?}");
    let ran = indicator_exchange(["token", "--subject", "anna", "--database-url", "sqlite://nowhere.sqlite"]);
    assert!(complaint(&ran).starts_with("there is no development key beside this database"), "{ran:#?}");
}

#[test]
fn the_contracts_are_printed() {
    let openapi: Value = serde_json::from_str(&indicator_exchange(["openapi"]).expect_success()).unwrap();
    assert_eq!(openapi["openapi"], "3.1.0");
    assert_eq!(openapi["paths"]["/v1/returns"]["post"]["operationId"], "createReturn");
    let schema = indicator_exchange(["schema"]).expect_success();
    assert!(schema.contains("\ntype Query {\n") && schema.contains("\nscalar Decimal\n"), "{schema}");
    let version = indicator_exchange(["--version"]).expect_success();
    assert_eq!(version, concat!("indicator-exchange ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_folder_with_nothing_to_load_is_named() {
    let database = Database::fresh(Engine::Sqlite).unwrap();
    let ran = indicator_exchange(["load", "/nowhere", "--database-url", &database.url()]);
    assert!(complaint(&ran).starts_with("/nowhere holds none of the files that `load` reads"), "{ran:#?}");
}

#[test]
fn the_demo_needs_an_embedded_database() {
    let Some(database) = Database::unmigrated(Engine::Postgres) else { return };
    let ran = indicator_exchange(["serve", "--demo", "--database-url", &database.url()]);
    assert!(complaint(&ran).starts_with("--demo needs an embedded database"), "{ran:#?}");
}

on_both_databases! { with_catalogue:
    /// Told to stop, the server stops, and that is no failure.
    async fn a_server_that_is_told_to_stop_ends_well(db: Database) {
        let server = Server::start(&db);
        server.client().get("/readyz").await.expect(200);
        let listening = server.stdout();
        assert_eq!(listening, format!("listening on {}\n", server.url()));
        let client = server.client();
        assert!(server.stop().success());
        assert!(client.get("/healthz").try_send().await.is_err());
    }

    /// An answered write is there after a power cut.
    async fn an_answered_write_survives_the_death_of_its_server(db: Database) {
        let server = Server::start(&db);
        let write = |server: &Server| anna(server).post("/v1/returns").header("idempotency-key", "before-the-cut");
        let answered = write(&server).json(&return_of_southwark()).await.expect(201);
        let place = format!("/v1/returns/{}", return_id(&answered));
        let before = anna(&server).get(&place).await.expect(200);
        let last = post(&anna(&server), &ni_16_of(&json!(29.24))).await.expect(201);
        server.kill();

        let server = Server::start(&db);
        assert_eq!(anna(&server).get(&place).await.expect(200).body, before.body);
        anna(&server).get(&format!("/v1/returns/{}", return_id(&last))).await.expect(200);
        // Whoever has not heard the answer hears it now.
        let again = write(&server).json(&return_of_southwark()).await.expect(201);
        assert_eq!(again.body, answered.body);
        assert_eq!(anna(&server).get("/v1/returns").await.at("/items").as_array().unwrap().len(), 2);
    }

    /// What is loaded twice is loaded once.
    async fn loading_again_changes_nothing(db: Database) {
        let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("data").display().to_string();
        let url = db.url();
        let load = || indicator_exchange(["load", &data, "--database-url", &url]).expect_success();
        assert_eq!(load().lines().last().unwrap(), "0 documents, 2 returns loaded; 0 returns were there already");
        assert_eq!(load().lines().last().unwrap(), "0 documents, 0 returns loaded; 2 returns were there already");
        let server = Server::start(&db);
        let twice = server.client().get("/v1/actuals?partnerships=southwark&indicators=NI%2016").await.expect(200);
        assert_eq!(pluck(&twice.at("/items"), "/value"), [29.24]);
    }
}

on_both_databases! {
    /// The report of a load names every row that is doubtful, and why; and once is enough.
    async fn a_load_names_every_doubtful_row(db: Database) {
        let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("data").display().to_string();
        let url = db.url();
        let report = indicator_exchange(["load", &data, "--database-url", &url]).expect_success();
        for told in ["PSA 15", "£630,000", "£133,000"] {
            assert!(report.contains(told), "{told} is not in\n{report}");
        }
        for (row, code, word) in [
            ("southwark, row 35", "DOUBTED", "NI 27"),
            ("southwark, row 39", "DOUBTED", "NI 21"),
            ("southwark, row 43", "DOUBTED", "litter"),
            ("southwark, row 44", "DOUBTED", "detritus"),
            ("southwark, row 54", "DOUBTED", "ANOTHER_MEASURE"),
            ("southwark, row 55", "DOUBTED", "ANOTHER_MEASURE"),
            ("southwark, row 36", "DOUBTED", "DAMAGED"),
            ("southwark, row msg 3", "CHANGE_UNEXPLAINED", "-14"),
            ("southwark, row msg 9", "CHANGE_UNEXPLAINED", "-13"),
            ("southampton, row laa 1", "DOUBTED", "DAMAGED"),
            ("southampton, row laa 17", "DOUBTED", "WRONG_ROW"),
            ("southampton, row laa 33", "CHANGE_UNEXPLAINED", "-0.75"),
            ("southampton, row laa 34", "CHANGE_UNEXPLAINED", "-4.5"),
            ("southampton, row laa 37", "CONFLICT", "laa 28"),
            ("southampton, row laa 39", "CONFLICT", "designated 2"),
            ("southampton, row laa 56", "CONFLICT", "designated 5"),
            ("southampton, row laa 67", "IMPLAUSIBLE", "117"),
            ("southampton, row laa 92", "DOUBTED", "WRONG_UNIT"),
        ] {
            let told = |line: &str| line.contains(&format!("{row}: {code}")) && line.contains(word);
            assert!(report.lines().any(told), "{row}: {code} … {word} is not in\n{report}");
        }
        let again = indicator_exchange(["load", &data, "--database-url", &url]).expect_success();
        assert_eq!(again, "0 documents, 0 returns loaded; 2 returns were there already\n");
    }

    /// Migrating what is migrated is no failure and changes nothing.
    async fn migrating_twice_is_harmless(db: Database) {
        let ran = indicator_exchange(["migrate", "--database-url", &db.url()]);
        assert_eq!(ran.expect_success(), "");
        assert_eq!(Server::start(&db).client().get("/v1/partnerships").await.expect(200).at("/items"), json!([]));
    }

    /// Only `migrate` migrates.
    async fn a_schema_that_is_not_known_is_not_served(db: Database) {
        let empty = Database::unmigrated(db.engine()).unwrap();
        let refusal = Server::with(&empty).expect_refusal();
        assert_eq!(refusal.status.unwrap().code(), Some(1));
        let line = refusal.stderr.strip_suffix('\n').unwrap();
        assert!(line.starts_with("indicator-exchange: the database lacks "), "{line}");
        assert!(line.ends_with("run `indicator-exchange migrate` first") && !line.contains('\n'), "{line}");
        indicator_exchange(["migrate", "--database-url", &empty.url()]).expect_success();
        Server::start(&empty).client().get("/readyz").await.expect(200);
    }
}
