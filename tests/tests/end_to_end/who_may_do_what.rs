//! Tokens, scopes, and what is nobody else's business.

use serde_json::{Value, json};
use tests::{Answer, Forged, Key, Server, TestClock, TokenSpec, on_both_databases};
use uuid::Uuid;

use crate::people::{anna, editor, lola, office_of_london, office_of_the_east_midlands};
use crate::steps::{
    IN_TIME, drafted, keyed, ni_16_of, pass_the_margin, pluck, post, release, return_id, return_of_lambeth,
    return_of_southwark, signed_off, step, with_lines,
};

/// An indicator's document with an owner or without.
fn indicator(code: &str, owner: Option<&str>) -> Value {
    owner.map_or_else(|| json!({ "code": code }), |owner| json!({ "code": code, "owner": owner }))
}

/// How a challenge ends: with the address of what the server says of its tokens.
fn told_where(server: &Server) -> String {
    format!("resource_metadata=\"{}/.well-known/oauth-protected-resource\"", server.url())
}

/// Asserts that an answer knows nothing of what was asked for.
#[track_caller]
fn assert_not_found(answer: Answer) {
    assert_eq!(answer.expect(404).problem_code(), "NOT_FOUND");
}

on_both_databases! { with_catalogue:
    /// Reading is open; writing asks for a token, in the way that RFC 6750 says.
    async fn a_write_without_a_token_is_asked_for_one(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anybody = server.client();
        anybody.get("/v1/actuals").await.expect(200);
        let nowhere = Uuid::new_v4();
        for request in [
            post(&anybody, &return_of_southwark()),
            anybody.put(&format!("/v1/returns/{nowhere}")).json(&return_of_southwark()),
            anybody.post(&format!("/v1/returns/{nowhere}/submit")),
            anybody.get("/v1/returns"),
            anybody.get(&format!("/v1/reports/{nowhere}")),
            release(&anybody, &nowhere.to_string()),
            anybody.put("/v1/indicators/NI 200").json(&indicator("NI 200", None)),
        ] {
            let answer = request.await.expect(401);
            assert_eq!(answer.problem_code(), "UNAUTHENTICATED");
            let challenge = format!("Bearer realm=\"indicator-exchange\", {}", told_where(&server));
            assert_eq!(answer.expect_header("www-authenticate"), challenge);
        }
        let mutation = "mutation ($id: UUID!) { submitReturn(id: $id, version: 1) { state } }";
        let answer = anybody.graphql(mutation, &json!({ "id": nowhere })).await;
        assert_eq!(answer.graphql_codes(), ["UNAUTHENTICATED"]);
    }

    /// A token that is not this server's opens nothing, not even what is open to everybody.
    async fn a_token_that_is_not_valid_is_told_why(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = TokenSpec::subject("anna").scope("returns:read").partnership("southwark");
        let elsewhere = |option, name| anna.clone().option(option, name).signed_with(Key::OfTheServer);
        let strangers = anna.signed_with(Key::OfAStranger);
        let (audience, issuer) = (elsewhere("--jwt-audience", "census"), elsewhere("--jwt-issuer", "census"));
        let good = anna.signed_with(Key::OfTheServer);
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let altered = format!("{signed}.{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
        for (token, why) in [
            (Forged::EXPIRED, "The token has expired."),
            (&strangers, "The token's signature does not match."),
            (&audience, "The token is meant for another audience."),
            (&issuer, "The token is from another issuer."),
            (Forged::PUBLIC_KEY_AS_SECRET, "The token is signed by another algorithm."),
            (Forged::UNSIGNED, "The token is not signed."),
            (&altered, "The token's signature does not match."),
            ("nonsense", "The token cannot be read."),
        ] {
            for address in ["/v1/returns", "/v1/actuals"] {
                let answer = server.client().with_token(token).get(address).await.expect(401);
                assert_eq!((answer.problem_code().as_str(), answer.at("/detail")), ("INVALID_TOKEN", json!(why)));
                let challenge =
                    format!("Bearer realm=\"indicator-exchange\", error=\"invalid_token\", {}", told_where(&server));
                assert_eq!(answer.expect_header("www-authenticate"), challenge);
            }
        }
        server.client().with_token(&good).get("/v1/returns").await.expect(200);
    }

    /// A client that comes without a token finds out where one is had, and what it may allow (RFC 9728).
    async fn a_client_finds_out_which_tokens_are_taken(db: Database) {
        let server = Server::with(&db).arg("--public-url").arg("https://exchange.example").start();
        let refused = server.client().get("/v1/returns").await.expect(401);
        let told = "resource_metadata=\"https://exchange.example/.well-known/oauth-protected-resource\"";
        assert!(refused.expect_header("www-authenticate").ends_with(told), "{refused:?}");
        let answer = server.client().get("/.well-known/oauth-protected-resource").await.expect(200);
        assert_eq!(answer.expect_header("content-type"), "application/json");
        assert_eq!(answer.at("/resource"), "https://exchange.example");
        assert_eq!(answer.at("/bearer_methods_supported"), json!(["header"]));
        assert_eq!(answer.at("/scopes_supported").as_array().unwrap().len(), 6);
        assert_eq!(answer.at("/resource_documentation"), "https://exchange.example/docs");
        // The issuer of the key file is no address.
        assert_eq!(answer.json().get("authorization_servers"), None);
        let refusal = Server::with(&db).arg("--public-url").arg("https://exchange.example/api").expect_refusal();
        assert!(refusal.stderr.contains("is not of the form https://host"), "{}", refusal.stderr);
    }

    /// An operator may close reading, too.
    async fn a_server_may_ask_readers_for_a_token(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).arg("--require-token").start();
        assert_eq!(server.client().get("/v1/actuals").await.expect(401).problem_code(), "UNAUTHENTICATED");
        let graphql = server.client().graphql("{ state { state } }", &Value::Null).await;
        assert_eq!(graphql.expect(401).problem_code(), "UNAUTHENTICATED");
        let reader = server.client_for(&TokenSpec::subject("reader"));
        let answer = reader.get("/v1/actuals").await.expect(200);
        assert!(answer.expect_header("cache-control").contains("private"), "{answer:?}");
        server.client().get("/healthz").await.expect(200);
    }

    /// Whoever lacks a scope learns nothing about what exists.
    async fn a_missing_scope_comes_before_any_lookup(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let there = drafted(&server, &return_of_southwark()).await;
        let bystander = server.client_for(&TokenSpec::subject("bystander").partnership("southwark"));
        let nowhere = Uuid::new_v4().to_string();
        for id in [there.as_str(), &nowhere, "not-even-an-id"] {
            for (request, scope) in [
                (bystander.get(&format!("/v1/returns/{id}")), "returns:read"),
                (bystander.get(&format!("/v1/reports/{id}")), "returns:read"),
                (bystander.put(&format!("/v1/returns/{id}")).json(&return_of_southwark()), "returns:write"),
                (step(&bystander, id, "submit", "\"1\""), "returns:write"),
                (step(&bystander, id, "withdraw", "\"1\""), "returns:write"),
                (step(&bystander, id, "sign-off", "\"1\""), "returns:sign-off"),
                (step(&bystander, id, "send-back", "\"1\""), "returns:sign-off"),
                (release(&bystander, id), "releases:write"),
            ] {
                let answer = request.await.expect(403);
                assert_eq!(answer.problem_code(), "MISSING_SCOPE");
                let detail = answer.at("/detail");
                assert!(detail.as_str().unwrap().contains(scope), "{detail} does not name {scope}");
                let needed = format!(", error=\"insufficient_scope\", scope=\"{scope}\", {}", told_where(&server));
                assert_eq!(answer.expect_header("www-authenticate"), format!("Bearer realm=\"indicator-exchange\"{needed}"));
            }
        }
        let put = bystander.put("/v1/areas/E1").json(&json!({ "anything": true })).await.expect(403);
        assert_eq!(put.problem_code(), "MISSING_SCOPE");
        let read = bystander.graphql("query ($id: UUID!) { return(id: $id) { id } }", &json!({ "id": nowhere })).await;
        assert_eq!(read.graphql_codes(), ["MISSING_SCOPE"]);
        // With the scope, what is not there is not there.
        assert_not_found(step(&anna(&server), &nowhere, "submit", "\"1\"").await);
        assert_not_found(anna(&server).get("/v1/returns/not-even-an-id").await);
    }

    /// Lambeth is a public partnership: that Southwark may not write for it is no secret.
    async fn southwark_does_not_write_for_lambeth(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let anna = anna(&server);
        let answer = post(&anna, &return_of_lambeth()).await.expect(403);
        assert_eq!(answer.problem_code(), "NOT_YOUR_PARTNERSHIP");
        let csv = anna.post("/v1/returns?partnership=lambeth&collection=fy2008-09");
        let csv = keyed(csv.body("text/csv", "indicator,period,actual_value\r\nNI 16,2008/09,33.1\r\n")).await.expect(403);
        assert_eq!(csv.problem_code(), "NOT_YOUR_PARTNERSHIP");
        let dry = anna.post("/v1/returns?dry_run=true").json(&return_of_lambeth()).await.expect(403);
        assert_eq!(dry.problem_code(), "NOT_YOUR_PARTNERSHIP");
        // Neither does an office write for its partnerships.
        let office = TokenSpec::subject("gol").scope("returns:write").region("E12000007");
        let office = post(&server.client_for(&office), &return_of_southwark()).await.expect(403);
        assert_eq!(office.problem_code(), "NOT_YOUR_PARTNERSHIP");
    }

    /// What Lambeth drafts is nobody else's business, by whatever address.
    async fn lambeths_draft_does_not_exist_for_southwark(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let (anna, lola, london) = (anna(&server), lola(&server), office_of_london(&server));
        let draft = post(&lola, &return_of_lambeth()).await.expect(201);
        let (id, report) = (return_id(&draft), draft.at("/report/id").as_str().unwrap().to_owned());
        let refused = json!({ "partnership": "lambeth", "collection": "fy2008-09", "lines": [] });
        let refused = post(&lola, &refused).await.expect(422).at("/report/id").as_str().unwrap().to_owned();

        let everything = "returns:read returns:write returns:sign-off releases:write";
        let southwark = server.client_for(&TokenSpec::subject("anna").scope(everything).partnership("southwark"));
        let place = format!("/v1/returns/{id}");
        assert_not_found(southwark.get(&place).await);
        assert_not_found(southwark.get(&format!("{place}.csv")).await);
        assert_not_found(southwark.get(&format!("/v1/reports/{report}")).await);
        assert_not_found(southwark.get(&format!("/v1/reports/{refused}")).await);
        assert_not_found(southwark.put(&place).json(&return_of_southwark()).header("if-match", "\"1\"").await);
        for name in ["submit", "sign-off"] {
            assert_not_found(step(&southwark, &id, name, "\"1\"").await);
            // Neither version nor its lack says that there is something.
            assert_not_found(southwark.post(&format!("{place}/{name}")).await);
        }
        for name in ["withdraw", "send-back"] {
            assert_not_found(step(&southwark, &id, name, "\"1\"").json(&json!({ "reason": "Mine." })).await);
        }
        assert_not_found(release(&southwark, &id).await);
        for address in ["/v1/returns", "/v1/returns?partnership=lambeth"] {
            assert_eq!(southwark.get(address).await.expect(200).at("/items"), json!([]));
        }

        for query in [
            "query ($id: UUID!) { return(id: $id) { id } }",
            "mutation ($id: UUID!) { submitReturn(id: $id, version: 1) { id } }",
            "mutation ($id: UUID!) { signOffReturn(id: $id, version: 1) { id } }",
            "mutation ($id: UUID!) { withdrawReturn(id: $id, version: 1, reason: \"Mine.\") { id } }",
            "mutation ($id: UUID!) { release(input: { returns: [$id] }, idempotencyKey: \"12345678\") { id } }",
        ] {
            let answer = southwark.graphql(query, &json!({ "id": id })).await;
            assert_eq!(answer.graphql_codes(), ["NOT_FOUND"], "{query}");
        }
        let query = "query ($id: UUID!) { report(id: $id) { id } }";
        for report in [&report, &refused] {
            assert_eq!(southwark.graphql(query, &json!({ "id": report })).await.graphql_codes(), ["NOT_FOUND"]);
        }
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let ids = json!({ "ids": [id, report, refused] });
        for stranger in [&southwark, &server.client()] {
            let nodes = stranger.graphql(query, &ids).await.graphql_data();
            assert_eq!(nodes["nodes"], json!([null, null, null]));
        }
        let known: Vec<Value> = [("Return", &id), ("Report", &report), ("Report", &refused)]
            .map(|(kind, id)| json!({ "__typename": kind, "id": id }))
            .into();
        assert_eq!(lola.graphql(query, &ids).await.graphql_data()["nodes"], json!(known));
        let query = "{ returns { nodes { id } } }";
        assert_eq!(southwark.graphql(query, &Value::Null).await.graphql_data(), json!({ "returns": { "nodes": [] } }));

        // For Lambeth and for the office of its region it exists.
        for client in [&lola, &london] {
            assert_eq!(client.get(&place).await.expect(200).at("/lines/0/actual/value"), 33.1);
            assert_eq!(pluck(&client.get("/v1/returns").await.expect(200).at("/items"), "/id"), [json!(id)]);
            client.get(&format!("/v1/reports/{refused}")).await.expect(200);
        }
        assert_not_found(office_of_the_east_midlands(&server).get(&place).await);
        assert_eq!(anna.get("/v1/returns").await.expect(200).at("/items"), json!([]));
    }

    /// The figures of an area that is not one's own are refused with the rest of what is wrong.
    async fn a_token_may_name_the_areas_that_it_reports_on(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let of = |area: &str| {
            with_lines(&json!([{ "indicator": "NI 16", "period": "2008/09", "area": area, "actual": { "value": 30 } }]))
        };
        let spec = TokenSpec::subject("anna").scope("returns:write").partnership("southwark").area("E23000001");
        let of_the_force = server.client_for(&spec);
        post(&of_the_force, &of("E23000001")).await.expect(201);
        let refused = post(&of_the_force, &of("E09000028")).await.expect(422);
        assert_eq!(pluck(&refused.at("/report/problems"), "/code"), ["AREA_NOT_YOURS"]);
        let refused = post(&anna(&server), &of("E23000001")).await.expect(422);
        assert_eq!(pluck(&refused.at("/report/problems"), "/code"), ["AREA_NOT_YOURS"]);
        post(&anna(&server), &of("E09000028")).await.expect(201);
    }

    /// A partnership names what it measures by itself, and nothing that belongs to all or to others.
    async fn a_partnership_registers_its_own_local_indicators_alone(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let anna = anna(&server);
        let put = |address: &str, document: &Value| anna.put(&format!("/v1/indicators/{address}")).json(document);
        let own = indicator("LOCAL wardens-on-patrol", Some("southwark"));
        let receipt = put("southwark:LOCAL wardens-on-patrol", &own).await.expect(200);
        assert_eq!((receipt.at("/created"), receipt.at("/changed")), (json!(1), json!(0)));
        pass_the_margin(&clock);
        let read = server.client().get("/v1/indicators/southwark:LOCAL wardens-on-patrol").await.expect(200);
        assert_eq!((read.at("/code"), read.at("/owner")), (json!("LOCAL wardens-on-patrol"), json!("southwark")));
        let definition = json!({ "indicator": "southwark:LOCAL wardens-on-patrol", "valid_from": "2008-04-01",
            "title": "Wardens on patrol", "unit": "PERCENT", "decimals": 1,
            "polarity": "LOWER_IS_BETTER", "aggregation": "NOT_ADDITIVE" });
        put("southwark:LOCAL wardens-on-patrol/definitions/2008-04-01", &definition).await.expect(200);
        pass_the_margin(&clock);

        for (address, document) in [
            ("NI 200", indicator("NI 200", None)),
            ("NI 16", indicator("NI 16", None)),
            ("lambeth:LOCAL wardens-on-patrol", indicator("LOCAL wardens-on-patrol", Some("lambeth"))),
            ("lambeth:LI 1", indicator("LI 1", Some("lambeth"))),
        ] {
            assert_eq!(put(address, &document).await.expect(403).problem_code(), "NOT_YOUR_PARTNERSHIP", "{address}");
        }
        let elsewhere = put("lambeth:LOCAL wardens-on-patrol", &own).await.expect(422);
        assert_eq!(elsewhere.problem_code(), "INVALID_DOCUMENT");
        let area = json!({ "code": "E1", "name": "One", "kind": "SUB_AREA", "within": ["E09000028"] });
        assert_eq!(anna.put("/v1/areas/E1").json(&area).await.expect(403).problem_code(), "NOT_YOUR_PARTNERSHIP");
        // The editor of the catalogue may put any.
        editor(&server).put("/v1/indicators/NI 200").json(&indicator("NI 200", None)).await.expect(200);
        pass_the_margin(&clock);

        // Southwark reports on its own, and Lambeth cannot.
        let line = |code: &str| json!([{ "indicator": code, "period": "2008/09", "actual": { "value": 12.5 } }]);
        post(&anna, &with_lines(&line("LOCAL wardens-on-patrol"))).await.expect(201);
        let mut lambeths = return_of_lambeth();
        lambeths["lines"] = line("southwark:LOCAL wardens-on-patrol");
        let refused = post(&lola(&server), &lambeths).await.expect(422);
        assert_eq!(pluck(&refused.at("/report/problems"), "/code"), ["NOT_IN_CATALOGUE"]);
    }

    /// A release for the peer group is seen by its members, and by nobody else.
    async fn a_release_for_the_peer_group_is_for_its_members(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = json!({ "returns": [id], "audience": "PEER_GROUP" });
        keyed(london.post("/v1/releases").json(&release)).await.expect(201);
        pass_the_margin(&clock);
        let leicester = server.client_for(&TokenSpec::subject("leicester").partnership("leicester"));
        let (anna, lola, stranger) = (anna(&server), lola(&server), server.client_for(&TokenSpec::subject("stranger")));
        for client in [&anna, &lola, &leicester, &london] {
            let seen = client.get("/v1/actuals").await.expect(200);
            assert_eq!(pluck(&seen.at("/items"), "/value"), [json!(29.24)]);
            assert!(seen.expect_header("cache-control").contains("private"), "{seen:?}");
        }
        for client in [&stranger, &server.client(), &office_of_the_east_midlands(&server)] {
            assert_eq!(client.get("/v1/actuals").await.expect(200).at("/items"), json!([]));
            let query = "{ actuals { nodes { value } } }";
            assert_eq!(client.graphql(query, &Value::Null).await.graphql_data()["actuals"]["nodes"], json!([]));
        }
        // What one of them has cached is not an answer for another.
        let tag = anna.get("/v1/actuals").await.etag().to_owned();
        stranger.get("/v1/actuals").header("if-none-match", &tag).await.expect(200);
    }

    /// A release for the region is seen by its office and its partnerships.
    async fn a_release_for_the_region_is_for_its_partnerships(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let london = office_of_london(&server);
        let id = signed_off(&server, &ni_16_of(&json!(29.24))).await;
        let release = json!({ "returns": [id], "audience": "REGION" });
        keyed(london.post("/v1/releases").json(&release)).await.expect(201);
        pass_the_margin(&clock);
        let leicester = server.client_for(&TokenSpec::subject("leicester").partnership("leicester"));
        let address = "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=2008%2F09";
        for (client, value) in [
            (&anna(&server), json!(29.24)),
            (&lola(&server), json!(29.24)),
            (&london, json!(29.24)),
            // A member of the peer group, but of another region.
            (&leicester, Value::Null),
            (&server.client(), Value::Null),
        ] {
            let compared = client.get(address).await.expect(200);
            assert_eq!(compared.at("/comparisons/0/members/0/value"), value);
            assert_eq!(compared.at("/comparisons/0/used"), u32::from(!value.is_null()));
        }
    }
}
