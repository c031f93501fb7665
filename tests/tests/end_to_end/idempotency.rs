//! A write that is repeated under its key is answered again, and done once.

use serde_json::{Value, json};
use tests::{Answer, Client, Server, TestClock, on_both_databases};

use crate::people::{anna, lola, office_of_london};
use crate::steps::{IN_TIME, ni_16_of, pass_the_margin, return_id, return_of_lambeth, return_of_southwark, signed_off};

async fn post_with_key(client: &Client, key: &str, body: &Value) -> Answer {
    client.post("/v1/returns").header("idempotency-key", key).json(body).await
}

async fn number_of_returns(client: &Client) -> usize {
    client.get("/v1/returns").await.expect(200).at("/items").as_array().unwrap().len()
}

on_both_databases! { with_catalogue:
    /// A client that has not heard the answer asks again, and hears it.
    async fn the_same_key_and_body_give_the_same_answer_and_one_return(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let first = post_with_key(&anna, "first-attempt", &return_of_southwark()).await.expect(201);
        let second = post_with_key(&anna, "first-attempt", &return_of_southwark()).await.expect(201);
        assert_eq!(second.body, first.body);
        assert_eq!((second.etag(), second.expect_header("location")), (first.etag(), first.expect_header("location")));
        assert_eq!(number_of_returns(&anna).await, 1);
        // Another key is another return.
        let other = post_with_key(&anna, "second-attempt", &return_of_southwark()).await.expect(201);
        assert_ne!(return_id(&other), return_id(&first));
        assert_eq!(number_of_returns(&anna).await, 2);
    }

    /// Even after the draft has moved on, the answer is the first one.
    async fn the_first_answer_is_repeated_after_the_return_has_moved_on(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let first = post_with_key(&anna, "first-attempt", &return_of_southwark()).await.expect(201);
        crate::steps::step(&anna, &return_id(&first), "submit", "\"1\"").await.expect(200);
        let again = post_with_key(&anna, "first-attempt", &return_of_southwark()).await.expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.at("/return/state"), "DRAFT");
    }

    /// A key names one write.
    async fn the_same_key_with_another_body_is_refused(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        post_with_key(&anna, "one-and-only", &ni_16_of(&json!(29.24))).await.expect(201);
        let other = post_with_key(&anna, "one-and-only", &ni_16_of(&json!(29.25))).await.expect(422);
        assert_eq!(other.problem_code(), "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(number_of_returns(&anna).await, 1);
        // Nor is it good for a write of another kind.
        let id = anna.get("/v1/returns").await.at("/items/0/id");
        let release = anna.post("/v1/releases").header("idempotency-key", "one-and-only");
        let release = release.json(&json!({ "returns": [id] })).await.expect(422);
        assert_eq!(release.problem_code(), "IDEMPOTENCY_KEY_REUSED");
    }

    /// Lambeth does not stumble over Southwark's keys.
    async fn two_people_may_use_the_same_key(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        post_with_key(&anna(&server), "2009-06-15", &return_of_southwark()).await.expect(201);
        let lambeths = post_with_key(&lola(&server), "2009-06-15", &return_of_lambeth()).await.expect(201);
        assert_eq!(lambeths.at("/return/partnership"), "lambeth");
    }

    /// A refusal is an answer too.
    async fn a_refused_return_is_refused_again_with_the_same_report(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let bad = crate::steps::with_lines(&json!([{ "indicator": "NI 1S", "period": "2008/09", "actual": { "value": 1 } }]));
        let first = post_with_key(&anna, "a-bad-return", &bad).await.expect(422);
        let second = post_with_key(&anna, "a-bad-return", &bad).await.expect(422);
        assert_eq!((first.problem_code(), &first.body), ("RETURN_REFUSED".to_owned(), &second.body));
        // Corrected, it is another body and needs another key.
        let corrected = post_with_key(&anna, "a-bad-return", &return_of_southwark()).await.expect(422);
        assert_eq!(corrected.problem_code(), "IDEMPOTENCY_KEY_REUSED");
        post_with_key(&anna, "a-good-return", &return_of_southwark()).await.expect(201);
    }

    /// Ten at once, on two servers.
    async fn ten_at_once_with_one_key_make_one_return(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let servers = [Server::with(&db).clock(&clock).start(), Server::with(&db).clock(&clock).start()];
        let clients = [anna(&servers[0]), anna(&servers[1])];
        let posts: Vec<_> = (0..10)
            .map(|number| {
                let client = clients[number % 2].clone();
                tokio::spawn(async move { post_with_key(&client, "all-at-once", &return_of_southwark()).await })
            })
            .collect();
        let mut ids = Vec::new();
        for post in posts {
            let answer = post.await.unwrap();
            match answer.status.as_u16() {
                201 => ids.push(return_id(&answer)),
                409 => assert_eq!(answer.problem_code(), "IDEMPOTENCY_KEY_IN_USE"),
                _ => panic!("{answer:?}"),
            }
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(number_of_returns(&clients[0]).await, 1);
    }

    /// Every create needs a key, and a key that can be told from others.
    async fn a_missing_or_malformed_key_is_named(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let without = anna.post("/v1/returns").json(&return_of_southwark()).await.expect(400);
        assert_eq!(without.problem_code(), "INVALID_PARAMETER");
        assert!(without.at("/detail").as_str().unwrap().contains("Idempotency-Key"), "{without:?}");
        for key in ["short", "with a blank", &"x".repeat(256)] {
            let wrong = post_with_key(&anna, key, &return_of_southwark()).await.expect(400);
            assert_eq!(wrong.problem_code(), "INVALID_PARAMETER");
        }
        let release = anna.post("/v1/releases").json(&json!({ "returns": [] })).await.expect(400);
        assert_eq!(release.problem_code(), "INVALID_PARAMETER");
        assert_eq!(number_of_returns(&anna).await, 0);
    }

    /// A release whose answer was lost is not made twice.
    async fn a_repeated_release_is_the_same_release(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = || london.post("/v1/releases").header("idempotency-key", "release-1").json(&json!({ "returns": [id] }));
        let first = release().await.expect(201);
        pass_the_margin(&clock);
        let second = release().await.expect(201);
        assert_eq!(second.body, first.body);
    }
}
