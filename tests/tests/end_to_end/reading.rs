//! Pages, formats, spellings, and answers to requests that are wrong.

use serde_json::{Value, json};
use tests::{Answer, Client, Database, Server, TestClock, on_both_databases};

use crate::people::{anna, editor};
use crate::steps::{IN_TIME, column, drafted, keyed, pluck, published_plan, return_of_southwark};

/// A server over a database in which the nine lines of Southwark's plan are published.
async fn server_with_plan(db: &Database) -> Server {
    let clock = TestClock::at(IN_TIME);
    let server = Server::with(db).clock(&clock).start();
    published_plan(&server, &clock).await;
    server
}

/// The address that the Link header gives for the next page (RFC 8288).
fn next_link(page: &Answer) -> Option<String> {
    let mut links = page.header("link")?.split(", <").map(|link| link.trim_start_matches('<'));
    links.find_map(|link| link.strip_suffix(">; rel=\"next\"")).map(str::to_owned)
}

/// Walks a list by its Link headers, and asserts that `next` says the same; the items of each page.
async fn walk(client: &Client, address: &str) -> Vec<Value> {
    let (mut pages, mut at) = (Vec::new(), address.to_owned());
    loop {
        let page = client.get(&at).await.expect(200);
        pages.push(page.at("/items"));
        let next = page.at("/next");
        match next_link(&page) {
            Some(link) => {
                let cursor = next.as_str().unwrap();
                assert!(link.ends_with(&format!("cursor={cursor}")), "{link} does not lead to {cursor}");
                assert_eq!(client.get(address).query("cursor", cursor).await.body, client.get(&link).await.body);
                at = link;
            }
            None => {
                assert_eq!(next, Value::Null);
                return pages;
            }
        }
    }
}

fn flat(pages: &[Value]) -> Vec<Value> {
    pages.iter().flat_map(|page| page.as_array().unwrap().clone()).collect()
}

/// Asserts that an answer is a problem with this status and code, whose type is explained at its address.
async fn assert_problem(server: &Server, answer: Answer, status: u16, code: &str) -> Answer {
    let answer = answer.expect(status);
    assert_eq!(answer.problem_code(), code);
    assert_eq!(answer.at("/status"), status);
    let page = server.client().get(answer.at("/type").as_str().unwrap()).await.expect(200);
    assert_eq!(
        (page.at("/code"), page.at("/title"), page.at("/status")),
        (json!(code), answer.at("/title"), json!(status))
    );
    answer
}

/// Asserts that an answer is a problem whose detail has these words.
async fn assert_told(server: &Server, address: &str, status: u16, code: &str, words: &str) {
    let answer = assert_problem(server, server.client().get(address).await, status, code).await;
    let detail = answer.at("/detail");
    assert!(detail.as_str().unwrap().contains(words), "{address}: {detail} does not say {words}");
}

/// A figure of GraphQL as REST spells it.
fn as_rest_spells_it(figure: &Value) -> Value {
    json!({
        "indicator": figure["indicator"]["qualifiedCode"],
        "period": figure["period"]["code"],
        "period_kind": figure["period"]["kind"],
        "period_start": figure["period"]["start"],
        "period_end": figure["period"]["end"],
        "kind": figure["kind"],
        "partnership": figure["partnership"]["code"],
        "area": figure["area"]["code"],
        "fictional": figure["fictional"],
        "breakdown": figure["breakdown"],
        "unit": figure["unit"],
        "per": figure["per"],
        "is_secondary": figure["isSecondary"],
        "line_variant": figure["lineVariant"],
        "value": figure["value"],
        "numerator": figure["numerator"],
        "denominator": figure["denominator"],
        "form": figure["form"],
        "status": figure["status"],
        "basis": figure["basis"],
        "missing": figure["missing"],
        "light": figure["light"],
        "as_printed": figure["asPrinted"],
        "comment": figure["comment"],
        "return_id": figure["returnId"],
        "line": figure["line"],
        "release_id": figure["releaseId"],
        "published_at": figure["publishedAt"],
        "source_row": figure["sourceRow"],
        "expected": figure["expected"],
        "baseline_kind": figure["baselineKind"],
        "baseline_used": figure["baselineUsed"]["code"],
        "results_expected": figure["resultsExpected"],
        "replaced_by": figure["replacedBy"],
        "note": figure["note"],
        "doubts": figure["doubts"],
        "revision": figure["revision"],
        "withdrawn": figure["withdrawn"],
    })
}

const FIGURES: &str = "query ($first: Int, $after: String) { figures(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { kind fictional breakdown { dimension member } unit per isSecondary lineVariant value numerator denominator
        form status basis missing light asPrinted comment returnId line releaseId publishedAt sourceRow expected
        baselineKind baselineUsed { code } resultsExpected replacedBy note doubts revision withdrawn
        indicator { qualifiedCode } period { code kind start end } partnership { code } area { code } } } }";

on_both_databases! { with_catalogue:
    /// Page by page one reads what one page would hold.
    async fn pages_put_together_are_the_whole_list(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        // Figures: all, of a partnership, and of kinds; metadata; each with whole and with partial last pages.
        for (address, limit, number, last) in [
            ("/v1/actuals?", 3, 9, 3),
            ("/v1/actuals?partnerships=southwark&", 4, 9, 1),
            ("/v1/targets?", 3, 5, 2),
            ("/v1/figures?kinds=ACTUAL,BASELINE&", 5, 16, 1),
            ("/v1/figures?partnerships=southwark&periods=FY2008-09&", 7, 24, 3),
            ("/v1/indicators?", 30, 147, 27),
            ("/v1/partnerships?", 5, 16, 1),
        ] {
            let pages = walk(&reader, &format!("{address}limit={limit}")).await;
            let together = flat(&pages);
            assert_eq!(together.len(), number, "{address}");
            assert_eq!(pages.last().unwrap().as_array().unwrap().len(), last, "{address}");
            let whole = reader.get(&format!("{address}limit=1000")).await.expect(200).at("/items");
            assert_eq!(Value::from(together.clone()), whole, "{address}");
            for (at, item) in together.iter().enumerate() {
                assert!(!together[..at].contains(item), "{item} comes twice");
            }
        }
    }

    /// CSV is paged as well, and its links lead to CSV.
    async fn pages_of_csv_put_together_are_the_whole_table(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        let (mut rows, mut at) = (Vec::new(), "/v1/actuals.csv?limit=4".to_owned());
        loop {
            let page = reader.get(&at).await.expect(200);
            assert_eq!(page.expect_header("content-type"), "text/csv; charset=utf-8; header=present");
            rows.extend(column(page.text(), "indicator"));
            match next_link(&page) {
                Some(link) => at = link,
                None => break,
            }
        }
        assert_eq!(rows, column(reader.get("/v1/actuals.csv").await.text(), "indicator"));
        assert_eq!(rows.len(), 9);
    }

    /// What cannot be asked of a list is named.
    async fn a_wrong_parameter_is_named(db: Database) {
        let server = server_with_plan(&db).await;
        let areas = server.client().get("/v1/areas?limit=1").await.at("/next").as_str().unwrap().to_owned();
        let actuals = server.client().get("/v1/actuals?limit=1").await.at("/next").as_str().unwrap().to_owned();
        for (address, code, words) in [
            (format!("/v1/actuals?cursor={areas}"), "INVALID_CURSOR", "not given out by this list"),
            (format!("/v1/areas?cursor={actuals}"), "INVALID_CURSOR", "not given out by this list"),
            // The order of a partnership's figures is another than that of all.
            (format!("/v1/actuals?partnerships=southwark&cursor={actuals}"), "INVALID_CURSOR", "not given out"),
            ("/v1/actuals?cursor=nonsense".to_owned(), "INVALID_CURSOR", "not given out by this list"),
            (
                format!("/v1/partnerships/southwark/reported-comparisons?cursor={areas}"),
                "INVALID_CURSOR",
                "not given out by this list",
            ),
            ("/v1/actuals?perids=FY2008-09".to_owned(), "INVALID_PARAMETER", "perids"),
            ("/v1/indicators/NI%2015?limit=1".to_owned(), "INVALID_PARAMETER", "limit"),
            ("/v1/actuals?kinds=TARGET".to_owned(), "INVALID_PARAMETER", "kinds"),
            ("/v1/figures?kinds=GOAL".to_owned(), "INVALID_PARAMETER", "GOAL"),
            ("/v1/actuals?limit=0".to_owned(), "INVALID_PARAMETER", "between 1 and 1000"),
            ("/v1/actuals?limit=1001".to_owned(), "INVALID_PARAMETER", "between 1 and 1000"),
            ("/v1/areas?limit=1001".to_owned(), "INVALID_PARAMETER", "between 1 and 1000"),
            ("/v1/actuals?limit=ten".to_owned(), "INVALID_PARAMETER", "digit"),
            ("/v1/actuals?indicators=NI%201S".to_owned(), "INVALID_PARAMETER", "Did you mean `NI 15`?"),
            ("/v1/actuals?periods=Sep-08".to_owned(), "INVALID_PARAMETER", "2008/09"),
            ("/v1/actuals?partnerships=southwerk".to_owned(), "INVALID_PARAMETER", "southwerk"),
            ("/v1/partnerships/southwark/comparison?periods=2008%2F09".to_owned(), "INVALID_PARAMETER", "indicators"),
            ("/v1/partnerships/southwark/comparison?indicators=NI%2016".to_owned(), "INVALID_PARAMETER", "periods"),
            (
                "/v1/partnerships/southwark/comparison?indicators=NI%2016&periods=2008%2F09&rank_order=UPWARDS".to_owned(),
                "INVALID_PARAMETER",
                "UPWARDS",
            ),
        ] {
            assert_told(&server, &address, 400, code, words).await;
        }
    }

    /// A number that cannot be read is told together with the name of its parameter.
    async fn a_limit_that_is_no_number_is_named(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        assert_told(&server, "/v1/actuals?limit=ten", 400, "INVALID_PARAMETER", "limit").await;
    }

    /// The suffix and the Accept header ask for the same thing.
    async fn csv_is_had_by_suffix_and_by_accept(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        for (path, query) in [
            ("/v1/actuals", ""),
            ("/v1/figures", "?periods=FY2008-09"),
            ("/v1/indicators", "?limit=10"),
            ("/v1/indicators/NI%2015", ""),
            ("/v1/partnerships/southwark", ""),
            ("/v1/partnerships/southwark/comparison", "?indicators=NI%2016&periods=FY2008-09"),
        ] {
            let suffix = reader.get(&format!("{path}.csv{query}")).await.expect(200);
            let accept = reader.get(&format!("{path}{query}")).header("accept", "text/csv, */*;q=0.1").await.expect(200);
            assert_eq!(suffix.text(), accept.text(), "{path}");
            assert_eq!(accept.expect_header("content-type"), "text/csv; charset=utf-8; header=present");
            assert!(accept.expect_header("vary").to_ascii_lowercase().contains("accept"), "{accept:?}");
            let json = reader.get(&format!("{path}.json{query}")).header("accept", "text/csv").await.expect(200);
            assert_eq!(json.json(), reader.get(&format!("{path}{query}")).await.json());
            assert_ne!(json.etag(), accept.etag(), "{path}");
        }
    }

    /// HEAD says of an address what GET would, without the body.
    async fn head_is_get_without_the_body(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        for path in ["/v1/actuals", "/v1/actuals.csv", "/v1/indicators/NI%2015", "/healthz", "/v1/problems/not-found"] {
            let head = reader.request("HEAD".parse().unwrap(), path).await.expect(200);
            let get = reader.get(path).await.expect(200);
            assert_eq!(head.body, b"", "{path}");
            for header in ["content-type", "content-length", "etag", "exchange-state", "cache-control"] {
                assert_eq!(head.header(header), get.header(header), "{path}: {header}");
            }
        }
        reader.request("HEAD".parse().unwrap(), "/v1/nothing").await.expect(404);
    }

    /// Both interfaces show the same figures, field by field and page by page.
    async fn graphql_pages_equal_rest_pages(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        let mut after = Value::Null;
        for number in 1.. {
            let cursor = after.as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let rest = reader.get(&format!("/v1/figures?limit=10{cursor}")).await.expect(200);
            let data = reader.graphql(FIGURES, &json!({ "first": 10, "after": after })).await.expect(200).graphql_data();
            let page = &data["figures"];
            let nodes: Vec<Value> = page["nodes"].as_array().unwrap().iter().map(as_rest_spells_it).collect();
            assert_eq!(Value::from(nodes), rest.at("/items"), "page {number}");
            assert_eq!(page["pageInfo"]["hasNextPage"], !rest.at("/next").is_null());
            if rest.at("/next").is_null() {
                assert_eq!(number, 4);
                return;
            }
            assert_eq!(page["pageInfo"]["endCursor"], rest.at("/next"));
            after = rest.at("/next");
        }
    }

    /// Print precision is kept: what was given as 52.40 is not answered as 52.4.
    async fn figures_keep_the_decimals_that_they_were_given_with(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let rows = "indicator,period,actual_value\r\nNI 16,2008/09,52.40\r\nNI 15,2008/09,123456789012.345\r\nNI 20,2008/09,-0.000001\r\n";
        let post = anna(&server).post("/v1/returns?partnership=southwark&collection=fy2008-09");
        let id = crate::steps::return_id(&keyed(post.body("text/csv", rows)).await.expect(201));
        crate::steps::step(&anna(&server), &id, "submit", "\"1\"").await.expect(200);
        crate::steps::step(&crate::people::ben(&server), &id, "sign-off", "\"2\"").await.expect(200);
        crate::steps::release(&crate::people::office_of_london(&server), &id).await.expect(201);
        crate::steps::pass_the_margin(&clock);
        let expected = ["123456789012.345", "52.40", "-0.000001"];
        let texts = |items: &Value| pluck(items, "/value").iter().map(Value::to_string).collect::<Vec<_>>();
        assert_eq!(texts(&server.client().get("/v1/actuals").await.at("/items")), expected);
        let graphql = server.client().graphql("{ actuals { nodes { value } } }", &Value::Null).await.graphql_data();
        assert_eq!(texts(&graphql["actuals"]["nodes"]), expected);
        assert_eq!(column(server.client().get("/v1/actuals.csv").await.text(), "value"), expected);
    }

    /// An indicator is found by whatever people call it.
    async fn an_indicator_is_found_in_any_spelling(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let reader = server.client();
        for (spelling, code) in [
            ("NI%2015", "NI 15"),
            ("ni015", "NI 15"),
            ("NI15", "NI 15"),
            ("ni%20015", "NI 15"),
            ("VSC26", "NI 39"),
            ("vsc26", "NI 39"),
            ("southwark:LI%201", "LI 1"),
            ("southwark:li1", "LI 1"),
            ("CRIME%20personal-robbery", "CRIME personal-robbery"),
        ] {
            let found = reader.get(&format!("/v1/indicators/{spelling}")).await.expect(200);
            assert_eq!(found.at("/code"), code, "{spelling}");
            assert_eq!(found.at("/definitions/0/valid_from"), "2008-04-01");
        }
        let ni_15 = reader.get("/v1/indicators/NI%2015").await;
        assert_eq!(ni_15.at("/definitions/0/title"), "Serious violent crime rate");
        assert_eq!((ni_15.at("/definitions/0/unit"), ni_15.at("/definitions/0/per")), (json!("RATE"), json!(1000)));
        assert_eq!(ni_15.at("/breaks/0/date"), "2008-04-01");
        assert_eq!(reader.get("/v1/areas/00BE").await.expect(200).at("/code"), "E09000028");
        // The same spellings are taken where figures are asked for.
        let comparison = "/v1/partnerships/southwark/comparison?indicators=ni015,VSC26,LI%201&periods=07/08,2008-09";
        let compared = reader.get(comparison).await.expect(200).at("/comparisons");
        let codes = ["NI 15", "NI 15", "NI 39", "NI 39", "southwark:LI 1", "southwark:LI 1"];
        assert_eq!(pluck(&compared, "/indicator"), codes);
        assert_eq!(pluck(&compared, "/period")[..2], ["FY2007-08", "FY2008-09"]);
    }

    /// Whatever is wrong with a request, the answer is a problem document, and its type is explained.
    async fn every_wrong_request_is_told_in_the_same_way(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).args(["--max-body-bytes", "4000"]).start();
        let (reader, anna, editor) = (server.client(), anna(&server), editor(&server));
        for path in ["/nothing", "/v1/nothing", "/v1/actuals/1", "/v1/partnerships/atlantis", "/v1/problems/no-such",
            "/v1/partnerships/atlantis/comparison?indicators=NI%2016&periods=2008%2F09"] {
            assert_problem(&server, reader.get(path).await, 404, "NOT_FOUND").await;
        }
        assert_told(&server, "/v1/indicators/NI%201S", 404, "NOT_FOUND", "Did you mean `NI 15`?").await;

        for (request, allow) in [
            (reader.delete("/v1/actuals"), "GET,HEAD,OPTIONS"),
            (reader.post("/v1/partnerships/southwark"), "GET,HEAD,OPTIONS,PUT"),
            (reader.delete("/v1/releases"), "GET,HEAD,OPTIONS,POST"),
            (reader.put("/graphql"), "GET,HEAD,OPTIONS,POST"),
            (reader.get("/graphql?query=mutation%7BputArea%7Bcreated%7D%7D"), "OPTIONS,POST"),
        ] {
            let answer = assert_problem(&server, request.await, 405, "METHOD_NOT_ALLOWED").await;
            let mut methods: Vec<&str> = answer.expect_header("allow").split(',').map(str::trim).collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allow);
        }

        for (query, words) in [
            (format!("partnerships={}", "x".repeat(10_001)), "`partnerships` is not valid: The text has 10001 characters; 10000 are the most."),
            ("indicators=NI%0015".to_owned(), "`indicators` is not valid: The text has control characters in it."),
        ] {
            assert_told(&server, &format!("/v1/actuals?{query}"), 400, "INVALID_PARAMETER", words).await;
        }

        let picture = reader.get("/v1/actuals").header("accept", "image/png").await;
        assert_problem(&server, picture, 406, "NOT_ACCEPTABLE").await;
        let picture = reader.graphql("{ state { state } }", &Value::Null).header("accept", "image/png").await;
        assert_problem(&server, picture, 406, "NOT_ACCEPTABLE").await;

        let mut long = return_of_southwark();
        long["note"] = "x".repeat(4000).into();
        let address = "/v1/returns?partnership=southwark&collection=fy2008-09";
        for request in [
            keyed(anna.post("/v1/returns").json(&long)),
            keyed(anna.post(address).body("text/csv", "x".repeat(5000))),
            keyed(anna.post("/v1/releases").json(&long)),
            editor.put("/v1/areas/E1").json(&long),
            reader.post("/graphql").json(&long),
        ] {
            assert_problem(&server, request.await, 413, "BODY_TOO_LARGE").await;
        }

        for request in [
            keyed(anna.post("/v1/returns").body("text/plain", "{}")),
            keyed(anna.post("/v1/returns").body("application/xml", "<return/>")),
            keyed(anna.post("/v1/releases").body("text/csv", "returns\r\n")),
            editor.put("/v1/areas/E1").body("text/plain", "{}"),
            reader.post("/graphql").body("application/graphql", "{ state { state } }"),
        ] {
            assert_problem(&server, request.await, 415, "UNSUPPORTED_MEDIA_TYPE").await;
        }

        for request in [
            keyed(anna.post("/v1/returns").body("application/json", "{\"partnership\":")),
            keyed(anna.post("/v1/releases").body("application/json", "not JSON")),
            reader.post("/graphql").body("application/json", "[]"),
        ] {
            assert_problem(&server, request.await, 400, "MALFORMED_BODY").await;
        }

        let unknown_member = json!({ "returns": [], "audiense": "PUBLIC" });
        let answer = keyed(anna.post("/v1/releases").json(&unknown_member)).await;
        let answer = assert_problem(&server, answer, 422, "INVALID_DOCUMENT").await;
        assert!(answer.at("/detail").as_str().unwrap().contains("audiense"), "{answer:?}");
    }

    /// The entry page leads to everything, and every code has its page.
    async fn the_entry_page_leads_to_everything(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let reader = server.client();
        let entry = reader.get("/").await.expect(200).json();
        for name in ["openapi", "graphql_schema", "rest", "problems", "health", "ready"] {
            reader.get(entry[name].as_str().unwrap()).await.expect(200);
        }
        let docs = reader.get(entry["documentation"].as_str().unwrap()).await;
        let moved = docs.header("location").map(str::to_owned);
        let docs = match moved {
            Some(place) => reader.get(&place).await,
            None => docs,
        };
        assert!(docs.expect(200).expect_header("content-type").starts_with("text/html"));
        assert_eq!(reader.get("/openapi.json").await.at("/openapi"), "3.1.0");
        let codes = reader.get("/v1/problems").await.expect(200).json();
        for address in pluck(&codes, "/type") {
            reader.get(address.as_str().unwrap()).await.expect(200);
        }
    }

    /// A request is found again in the log by its id.
    async fn an_answer_carries_the_request_id(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let given = server.client().get("/healthz").header("x-request-id", "audit-2009.06").await.expect(200);
        assert_eq!(given.expect_header("x-request-id"), "audit-2009.06");
        assert!(server.stderr().contains("audit-2009.06"), "{}", server.stderr());
        let invented = server.client().get("/v1/nothing").header("x-request-id", "no blanks").await.expect(404);
        let id = invented.expect_header("x-request-id");
        assert!(id != "no blanks" && server.stderr().contains(id), "{id}");
        assert!(!invented.text().contains(id));
    }

    /// Returns are paged as everything else is.
    async fn pages_of_returns_put_together_are_all_returns(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let anna = anna(&server);
        for _ in 0..4 {
            drafted(&server, &return_of_southwark()).await;
        }
        let released = published_plan(&server, &clock).await;
        let whole = anna.get("/v1/returns").await.expect(200).at("/items");
        assert_eq!(whole.as_array().unwrap().len(), 5);
        assert_eq!(Value::from(flat(&walk(&anna, "/v1/returns?limit=2").await)), whole);
        for (state, number) in [("DRAFT", 4), ("RELEASED", 1), ("SIGNED_OFF", 0)] {
            let pages = walk(&anna, &format!("/v1/returns?state={state}&limit=2")).await;
            assert_eq!(flat(&pages).len(), number, "{state}");
        }
        assert_eq!(pluck(&anna.get("/v1/returns?state=RELEASED").await.at("/items"), "/id"), [json!(released)]);
        let areas = server.client().get("/v1/areas?limit=1").await.at("/next");
        let wrong = anna.get("/v1/returns").query("cursor", areas.as_str().unwrap()).await;
        assert_problem(&server, wrong, 400, "INVALID_CURSOR").await;
    }

    /// If-None-Match takes lists and weak tags (RFC 9110, section 13.1.2).
    async fn if_none_match_is_read_as_the_standard_says(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        let tag = reader.get("/v1/actuals").await.etag().to_owned();
        for (given, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("\"other\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
        ] {
            let answer = reader.get("/v1/actuals").header("if-none-match", &given).await.expect(status);
            assert_eq!(answer.etag(), tag, "{given}");
            assert_eq!(answer.body.is_empty(), status == 304);
        }
        // The tag is of one address and one format.
        reader.get("/v1/actuals?limit=3").header("if-none-match", &tag).await.expect(200);
        reader.get("/v1/actuals.csv").header("if-none-match", &tag).await.expect(200);
    }

    /// GraphQL is answered over GET and POST, in the old media type and in the new one.
    async fn graphql_is_answered_as_its_specification_says(db: Database) {
        let server = server_with_plan(&db).await;
        let reader = server.client();
        let new = "application/graphql-response+json";
        let got = reader.get("/graphql").query("query", "{ actuals(first: 1) { nodes { value } } }").await.expect(200);
        assert_eq!(got.graphql_data()["actuals"]["nodes"][0]["value"], 2.29);
        let good = reader.graphql("{ state { state } }", &Value::Null).header("accept", new).await.expect(200);
        assert!(good.expect_header("content-type").starts_with(new), "{good:?}");
        for (document, code) in [
            ("{ actuals {", "GRAPHQL_PARSE_FAILED"),
            ("{ nobody }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let answer = reader.graphql(document, &Value::Null).header("accept", new).await.expect(400);
            assert_eq!(answer.graphql_codes(), [code]);
        }
        let unknown = "{ actuals(indicators: [\"NI 1S\"]) { nodes { value } } }";
        let answer = reader.graphql(unknown, &Value::Null).header("accept", new).await;
        assert_eq!(answer.graphql_codes(), ["INVALID_PARAMETER"]);
        let message = answer.at("/errors/0/message");
        assert!(message.as_str().unwrap().contains("Did you mean `NI 15`?"), "{message}");
    }
}
