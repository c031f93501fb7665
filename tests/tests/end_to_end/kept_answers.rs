//! Answers that a server keeps, to give them again while nothing has changed.

use serde_json::{Value, json};
use tests::{Answer, Client, Server, TestClock, on_both_databases};

use crate::people::{anna, office_of_london};
use crate::steps::{IN_TIME, ni_16_of, pass_the_margin, release, revised, signed_off};

const ACTUALS: &str = "/v1/actuals?partnerships=southwark&indicators=NI+16";

async fn over_graphql(client: &Client) -> Value {
    let document = "query Found($codes: [String!]!) { actuals(partnerships: $codes) { nodes { value publishedAt } } }";
    client.graphql(document, &json!({ "codes": ["southwark"] })).await.graphql_data()
}

/// What a client would compare of two answers.
fn seen(answer: &Answer) -> (String, String, Option<String>, String) {
    let header = |name: &str| answer.header(name).map(str::to_owned);
    (answer.etag().to_owned(), answer.text().to_owned(), header("link"), answer.expect_header("vary").to_owned())
}

on_both_databases! { with_catalogue:
    /// In each form by itself, also to whoever only asks for the header, until something takes effect.
    async fn an_answer_is_given_again_until_something_takes_effect(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let reader = server.client();
        let none = reader.get(ACTUALS).await.expect(200);
        let none_over_graphql = over_graphql(&reader).await;
        let first = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        assert_eq!(seen(&reader.get(ACTUALS).await.expect(200)), seen(&none));
        release(&office_of_london(&server), &first).await.expect(201);
        pass_the_margin(&clock);

        let json = reader.get(ACTUALS).await.expect(200);
        assert_eq!(json.at("/items/0/value").to_string(), "29.24");
        let csv = reader.get("/v1/actuals.csv?partnerships=southwark&indicators=NI+16").await.expect(200);
        assert_ne!(csv.etag(), json.etag());
        for _ in 0..2 {
            assert_eq!(seen(&reader.get(ACTUALS).await.expect(200)), seen(&json));
            assert_eq!(seen(&reader.get(ACTUALS).header("accept", "text/csv").await.expect(200)).1, csv.text());
            let head = reader.request(reqwest::Method::HEAD, ACTUALS).await.expect(200);
            assert_eq!((head.etag(), head.text()), (json.etag(), ""));
            let coded = reader.get(ACTUALS).header("accept-encoding", "gzip").await.expect(200);
            assert_ne!(coded.etag(), json.etag());
            reader.get(ACTUALS).header("if-none-match", json.etag()).await.expect(304);
            // Whoever has a token reads the same, as long as all that is published is for everybody.
            assert_eq!(seen(&anna(&server).get(ACTUALS).await.expect(200)), seen(&json));
        }
        let over = over_graphql(&reader).await;
        assert_ne!(over, none_over_graphql);
        assert_eq!(over["actuals"]["nodes"][0]["value"].to_string(), "29.24");
        assert_eq!(over_graphql(&reader).await, over);

        let second = revised(&server, &first, &ni_16_of(&json!(29.5))).await;
        assert_eq!(seen(&reader.get(ACTUALS).await.expect(200)), seen(&json));
        release(&office_of_london(&server), &second).await.expect(201);
        pass_the_margin(&clock);
        let after = reader.get(ACTUALS).await.expect(200);
        assert_eq!(after.at("/items/0/value").to_string(), "29.5");
        assert_ne!(after.etag(), json.etag());
        assert_eq!(over_graphql(&reader).await["actuals"]["nodes"][0]["value"].to_string(), "29.5");
    }

    /// What is not published changes without the ledger.
    async fn what_is_nobody_elses_business_is_read_anew(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let anna = anna(&server);
        let states = async || {
            let document = "{ actuals { nodes { value } } returns { nodes { state } } }";
            let data = anna.graphql(document, &json!({})).await.graphql_data();
            data["returns"]["nodes"].as_array().unwrap().iter().map(|found| found["state"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(states().await, [] as [Value; 0]);
        signed_off(&server, &ni_16_of(&json!(29.24))).await;
        assert_eq!(states().await, ["SIGNED_OFF"]);
        let stranger = server.client().graphql("{ actuals { nodes { value } } returns { nodes { state } } }", &json!({}));
        assert_eq!(stranger.await.graphql_codes(), ["UNAUTHENTICATED"]);
    }
}
