//! Methods, media types, content codings, links, and pages of other sites.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Database, Server, TestClock, on_both_databases};

use crate::people::{anna, office_of_london};
use crate::steps::{IN_TIME, drafted, published_plan, return_of_southwark};

const DASHBOARD: &str = "https://dashboard.example";

async fn server_with_plan(db: &Database) -> Server {
    let clock = TestClock::at(IN_TIME);
    let server = Server::with(db).clock(&clock).arg("--cors-origin").arg(DASHBOARD).start();
    published_plan(&server, &clock).await;
    server
}

fn media_type(answer: &Answer) -> &str {
    answer.expect_header("content-type").split(';').next().unwrap()
}

/// The addresses that an answer links, by what they are to it.
fn linked(answer: &Answer, relation: &str) -> Vec<String> {
    let links = answer.expect_header("link").split(", <").map(|link| link.trim_start_matches('<'));
    let parted = links.filter_map(|link| link.split_once(">; "));
    parted
        .filter(|(_, said)| said.contains(&format!("rel=\"{relation}\"")))
        .map(|(address, _)| address.to_owned())
        .collect()
}

on_both_databases! { with_catalogue:
    /// A suffix says which format is wanted, or the Accept header does, with weights; what is not there is refused.
    async fn every_list_comes_as_json_or_csv(db: Database) {
        let server = server_with_plan(&db).await;
        let office = office_of_london(&server);
        for address in ["/v1/actuals", "/v1/returns", "/v1/releases", "/v1/partnerships", "/v1/changes"] {
            for (suffix, accept, wanted) in [
                ("", "*/*", "application/json"),
                ("", "text/csv", "text/csv"),
                ("", "text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
                ("", "application/json;q=0, */*", "text/csv"),
                (".csv", "application/json", "text/csv"),
                (".json", "text/csv", "application/json"),
                (".csv-metadata.json", "*/*", "application/csvm+json"),
            ] {
                let answer = office.get(&format!("{address}{suffix}")).header("accept", accept).await.expect(200);
                assert_eq!(media_type(&answer), wanted, "{accept}: {answer:?}");
                assert_eq!(answer.expect_header("vary"), "Accept, Accept-Encoding, Authorization", "{answer:?}");
            }
            let answer = office.get(address).header("accept", "image/png").await.expect(406);
            assert_eq!(answer.problem_code(), "NOT_ACCEPTABLE");
        }
    }

    /// Nothing is written whose answer could not be read.
    async fn a_write_that_nobody_could_read_the_answer_of_is_not_done(db: Database) {
        let server = server_with_plan(&db).await;
        let anna = anna(&server);
        let before = anna.get("/v1/returns").await.at("/items").as_array().unwrap().len();
        for (address, accept) in [("/v1/returns", "text/csv"), ("/v1/returns.csv", "*/*")] {
            let post = anna.post(address).json(&return_of_southwark()).header("idempotency-key", "not-readable");
            assert_eq!(post.header("accept", accept).await.expect(406).problem_code(), "NOT_ACCEPTABLE");
        }
        assert_eq!(anna.get("/v1/returns").await.at("/items").as_array().unwrap().len(), before);
    }

    /// `OPTIONS` and a method that is not taken tell the same.
    async fn every_address_says_which_methods_it_takes(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        for (address, methods) in [
            ("/v1/actuals", "GET, HEAD, OPTIONS"),
            ("/v1/returns", "GET, HEAD, POST, OPTIONS"),
            ("/v1/partnerships/southwark", "GET, HEAD, PUT, OPTIONS"),
            ("/v1/partnerships/southwark.csv", "GET, HEAD, PUT, OPTIONS"),
            ("/v1/returns/7/submit", "POST, OPTIONS"),
            ("/healthz", "GET, HEAD, OPTIONS"),
        ] {
            let answer = client.request(Method::OPTIONS, address).await.expect(204);
            assert_eq!(answer.expect_header("allow"), methods, "{answer:?}");
            let answer = client.delete(address).await.expect(405);
            assert_eq!(answer.expect_header("allow"), methods, "{answer:?}");
            assert_eq!(answer.problem_code(), "METHOD_NOT_ALLOWED");
        }
        client.request(Method::OPTIONS, "/v1/nothing").await.expect(404);
    }

    /// `HEAD` tells what `GET` would, without the body.
    async fn head_is_get_without_its_body(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        for address in ["/v1/actuals", "/v1/actuals.csv", "/v1/partnerships/southwark", "/v1/problems", "/healthz"] {
            for coding in ["identity", "gzip"] {
                let get = client.get(address).header("accept-encoding", coding).await.expect(200);
                let head = client.request(Method::HEAD, address).header("accept-encoding", coding).await.expect(200);
                assert_eq!(head.body, b"");
                for header in ["content-type", "content-encoding", "content-length", "etag", "vary", "link", "cache-control"] {
                    if header != "content-length" || coding == "identity" {
                        assert_eq!(head.header(header), get.header(header), "{address} {coding} {header}");
                    }
                }
            }
        }
    }

    /// A strong tag names the bytes, and these differ with the coding.
    async fn an_answer_is_smaller_for_whoever_unpacks_it_and_has_a_tag_of_its_own(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let read = |coding: &str, known: &str| {
            client.get("/v1/actuals").header("accept-encoding", coding).header("if-none-match", known)
        };
        let (plain, gzip, brotli) = (read("identity", "").await, read("gzip", "").await, read("gzip, br", "").await);
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(gzip.header("content-encoding"), Some("gzip"));
        assert_eq!(&gzip.body[..2], [0x1f, 0x8b]);
        assert_eq!(brotli.header("content-encoding"), Some("br"));
        assert!(gzip.body.len() * 3 < plain.body.len(), "{} of {}", gzip.body.len(), plain.body.len());
        assert!(plain.etag() != gzip.etag() && gzip.etag() != brotli.etag() && brotli.etag() != plain.etag());
        for (coding, answer) in [("identity", &plain), ("gzip", &gzip), ("gzip, br", &brotli)] {
            let unchanged = read(coding, answer.etag()).await.expect(304);
            assert_eq!((unchanged.etag(), unchanged.expect_header("vary")), (answer.etag(), answer.expect_header("vary")));
            let any = format!("{}, {}", gzip.etag(), plain.etag());
            read(coding, &any).await.expect(if coding == "gzip, br" { 200 } else { 304 });
        }
        read("identity", gzip.etag()).await.expect(200);
    }

    /// The tag of a return is its version, which is wanted back: it does not change with the coding, so that there is none.
    async fn a_return_has_one_tag_in_every_form(db: Database) {
        let server = server_with_plan(&db).await;
        let office = office_of_london(&server);
        let id = office.get("/v1/returns").await.at("/items/0/id").as_str().unwrap().to_owned();
        for address in [format!("/v1/returns/{id}"), format!("/v1/returns/{id}.csv")] {
            let answer = office.get(&address).header("accept-encoding", "gzip, br").await.expect(200);
            assert_eq!((answer.etag(), answer.header("content-encoding")), ("\"3\"", None));
            assert!(answer.expect_header("cache-control").starts_with("private"), "{answer:?}");
        }
    }

    /// A small body could unpack into one without an end.
    async fn a_coded_body_is_refused(db: Database) {
        let server = server_with_plan(&db).await;
        let post = anna(&server).post("/v1/returns").json(&return_of_southwark()).header("content-encoding", "gzip");
        let answer = post.header("idempotency-key", "a-coded-body").await.expect(415);
        assert_eq!(answer.problem_code(), "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
    }

    /// What an answer links leads somewhere.
    async fn links_lead_to_other_forms_the_description_and_the_licence(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let json = client.get("/v1/actuals?limit=2&periods=2008/09").await.expect(200);
        assert_eq!(linked(&json, "license"), ["https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"]);
        assert_eq!(linked(&json, "alternate"), ["/v1/actuals.csv?limit=2&periods=2008/09"]);
        let csv = client.get(&linked(&json, "alternate")[0]).await.expect(200);
        assert_eq!(linked(&csv, "alternate"), ["/v1/actuals.json?limit=2&periods=2008/09"]);
        let description = client.get(&linked(&csv, "describedby")[0]).await.expect(200);
        assert_eq!(description.at("/url"), "/v1/actuals.csv?limit=2&periods=2008/09");
        let next = client.get(&linked(&csv, "next")[0]).await.expect(200);
        assert_eq!(media_type(&next), "text/csv");
        let with_mark = client.get("/v1/actuals.csv?bom=true&limit=2").await.expect(200);
        assert_eq!(linked(&with_mark, "alternate"), ["/v1/actuals.json?limit=2"]);
        assert!(linked(&with_mark, "next")[0].contains("bom=true"), "{with_mark:?}");
    }

    /// A browser asks before it writes for a page of another site; the operator has said which may.
    async fn pages_of_named_sites_may_use_the_exchange(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let ask = |origin: &str| {
            let ask = client.request(Method::OPTIONS, "/v1/returns").header("origin", origin);
            let ask = ask.header("access-control-request-method", "POST");
            ask.header("access-control-request-headers", "authorization,content-type,idempotency-key,if-match")
        };
        let allowed = ask(DASHBOARD).await.expect(200);
        assert_eq!(allowed.header("access-control-allow-origin"), Some(DASHBOARD));
        let headers = allowed.expect_header("access-control-allow-headers");
        for header in ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"] {
            assert!(headers.split(',').any(|allowed| allowed == header), "{header} is not among {headers}");
        }
        assert!(allowed.expect_header("access-control-allow-methods").contains("PUT"), "{allowed:?}");
        assert_eq!(ask("https://elsewhere.example").await.header("access-control-allow-origin"), None);

        let read = client.get("/v1/actuals").header("origin", DASHBOARD).await.expect(200);
        assert_eq!(read.header("access-control-allow-origin"), Some(DASHBOARD));
        let exposed = read.expect_header("access-control-expose-headers");
        for header in ["etag", "link", "location", "exchange-state", "retry-after", "ratelimit", "x-request-id"] {
            assert!(exposed.split(',').any(|known| known == header), "{header} is not among {exposed}");
        }
        let vary: Vec<_> = read.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.iter().any(|names| names.contains("origin")), "{vary:?}");
        // A page can read a refusal, too.
        let refused = client.get("/v1/returns").header("origin", DASHBOARD).await.expect(401);
        assert_eq!(refused.header("access-control-allow-origin"), Some(DASHBOARD));
        client.request(Method::OPTIONS, "/v1/returns").await.expect(204);
    }

    /// Unless the operator says so, no page of another site can.
    async fn nobody_else_s_pages_may_by_default(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).start();
        let id = drafted(&server, &return_of_southwark()).await;
        let read = anna(&server).get(&format!("/v1/returns/{id}")).header("origin", DASHBOARD).await.expect(200);
        assert_eq!(read.header("access-control-allow-origin"), None);
        let graphql = server.client().post("/graphql").header("origin", DASHBOARD).json(&json!({ "query": "{ __typename }" }));
        assert_eq!(graphql.await.header("access-control-allow-origin"), None);
    }

    /// An origin has no path; one that has would never match.
    async fn an_origin_that_none_can_be_is_refused(db: Database) {
        let refusal = Server::with(&db).arg("--cors-origin").arg("https://dashboard.example/").expect_refusal();
        assert!(refusal.stderr.contains("no closing slash"), "{}", refusal.stderr);
    }

    /// The `type` of a problem leads a person to a page and a program to JSON; the page needs nothing from elsewhere.
    async fn a_problem_leads_to_a_page_that_explains_it(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let problem = client.get("/v1/partnerships/southwerk").await.expect(404);
        let address = problem.at("/type").as_str().unwrap().to_owned();
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let page = client.get(&address).header("accept", browser).await.expect(200);
        assert_eq!(media_type(&page), "text/html");
        assert!(page.text().contains("<h1>Not found</h1>") && page.text().contains("NOT_FOUND"), "{page:?}");
        assert!(page.expect_header("content-security-policy").contains("default-src 'none'"), "{page:?}");
        assert!(!page.text().contains("http://") && !page.text().contains("https://"), "{page:?}");
        let list = client.get("/v1/problems").header("accept", browser).await.expect(200);
        assert!(list.text().contains(&format!("<a href=\"{address}\">")), "{list:?}");
        assert_eq!(client.get(&address).await.at("/code"), "NOT_FOUND");
        assert_eq!(client.get(&format!("{address}.json")).header("accept", browser).await.at("/code"), "NOT_FOUND");
        client.get(&address).header("accept", "text/csv").await.expect(406);
        client.get("/v1/problems/no-such-code").header("accept", browser).await.expect(404);
    }

    /// The documentation runs, shows and asks nothing but what this server has, and keeps no token.
    async fn the_documentation_needs_nobody_else(db: Database) {
        let server = Server::with(&db).clock(&TestClock::at(IN_TIME)).arg("--require-token").start();
        let client = server.client();
        for address in ["/docs", "/docs/", "/docs/index.html"] {
            let page = client.get(address).await.expect(200);
            assert_eq!(page.expect_header("content-type"), "text/html; charset=utf-8");
            let policy = page.expect_header("content-security-policy");
            for said in ["default-src 'none'", "script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'"] {
                assert!(policy.contains(said), "{policy}");
            }
            let text = page.text();
            assert!(text.contains("<title>The indicator exchange</title>") && text.contains("href=\"data:,\""), "{text}");
            assert!(!text.contains("http") && !text.contains("<script>") && !text.contains("<style"), "{text}");
            for file in text.split('"').filter(|part| part.starts_with("/docs/")) {
                let file = client.get(file).await.expect(200);
                let media_type = file.expect_header("content-type");
                assert!(media_type.starts_with("text/css") || media_type.starts_with("text/javascript"), "{media_type}");
            }
        }
        let settings = client.get("/docs/swagger-initializer.js").await.expect(200);
        let settings = settings.text();
        for said in [
            "\"url\": \"/openapi.json\"",
            "\"validatorUrl\": \"none\"",
            "\"persistAuthorization\": false",
            "\"queryConfigEnabled\": false",
            "\"deepLinking\": true",
            "\"tryItOutEnabled\": true",
        ] {
            assert!(settings.contains(said), "{said} is not in {settings}");
        }
        assert!(!settings.contains("http"), "{settings}");
        assert_eq!(client.get("/docs/nothing.js").await.expect(404).problem_code(), "NOT_FOUND");
    }

    /// What a page of documentation fills in can be asked for at once, whenever the figures were loaded.
    async fn the_examples_of_moments_can_be_asked_for(db: Database) {
        let server = server_with_plan(&db).await;
        let document = server.client().get("/openapi.json").await.expect(200).json();
        let mut asked = server.client().get("/v1/diff");
        for parameter in document["paths"]["/v1/diff"]["get"]["parameters"].as_array().unwrap() {
            if let Some(example) = parameter.get("example") {
                let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                asked = match parameter["in"].as_str() {
                    Some("query") => asked.query(parameter["name"].as_str().unwrap(), &example),
                    _ => asked,
                };
            }
        }
        assert!(!asked.await.expect(200).at("/items").as_array().unwrap().is_empty());
        for (path, operations) in document["paths"].as_object().unwrap() {
            let parameters = operations["get"]["parameters"].as_array().into_iter().flatten();
            for moment in parameters.filter(|parameter| parameter["name"] == "as_of") {
                assert_eq!(moment.get("example"), None, "{path}");
                assert!(moment["schema"]["examples"].is_array(), "{path}");
            }
        }
    }
}
