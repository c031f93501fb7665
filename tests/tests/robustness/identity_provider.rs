//! Tokens of a certified OpenID provider, which changes its keys, goes away and comes back.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, Database, Engine, KeyKind, OidcProvider, Server, ServerOptions, TokenSpec};

use crate::respondent;

const AUDIENCE: &str = "https://exchange.example";
const SCOPES: &str = "returns:read returns:write";

fn catalogue() -> Database {
    Database::with_catalogue(Engine::Sqlite).expect("SQLite is part of the server")
}

fn trusting(database: &Database, issuer: &str) -> ServerOptions {
    Server::with(database).arg("--trust").arg(format!("issuer={issuer},audience={AUDIENCE}"))
}

async fn returns(server: &Server, token: &str) -> Answer {
    server.client().with_token(token).get("/v1/returns").await
}

fn why(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.at("/detail").as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_partnership_posts_a_return_by_a_token_of_its_provider() {
    for kind in [KeyKind::Elliptic, KeyKind::Rsa, KeyKind::Edwards] {
        let Some(provider) = OidcProvider::start("first", kind) else { return };
        let server = trusting(&catalogue(), provider.issuer()).start();
        let token = provider.token("southwark-desk", SCOPES, AUDIENCE).await;
        let desk = server.client().with_token(&token);
        let line = json!({ "source_row": "1", "indicator": "NI 15", "period": "2008/09", "actual": { "value": 2.29 } });
        let mut body = json!({ "partnership": "southwark", "collection": "fy2008-09", "lines": [line] });
        let post = |body: &Value, key: &str| desk.post("/v1/returns").header("idempotency-key", key).json(body);
        let posted = post(&body, "return-of-southwark").await.expect(201);
        assert!(posted.expect_header("location").starts_with("/v1/returns/"), "{kind:?}");
        body["partnership"] = json!("lambeth");
        assert_eq!(post(&body, "return-of-lambeth").await.expect(403).problem_code(), "NOT_YOUR_PARTNERSHIP");

        // Who it was stands with who says so: the provider's subject is nobody else's.
        let audit = server.client_for(&TokenSpec::subject("auditor").scope("audit:read"));
        let trail = audit.get("/v1/audit?limit=1000").await.expect(200);
        assert!(trail.text().contains(&format!("{}#southwark-desk", provider.issuer())), "{trail:?}");
        // The server's own key goes on beside it.
        server.client_for(&respondent()).get("/v1/returns").await.expect(200);

        let metadata = server.client().get("/.well-known/oauth-protected-resource").await.expect(200);
        assert_eq!(metadata.at("/authorization_servers"), json!([provider.issuer()]));
        let ready = server.client().get("/readyz").await.expect(200);
        assert_eq!((ready.at("/issuers/0/keys"), ready.at("/issuers/0/is_stale")), (json!(1), json!(false)));
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_or_from_somebody_else_opens_nothing() {
    let (Some(trusted), Some(other)) =
        (OidcProvider::start("first", KeyKind::Elliptic), OidcProvider::start("first", KeyKind::Elliptic))
    else {
        return;
    };
    let server = trusting(&catalogue(), trusted.issuer()).start();
    let census = trusted.token("southwark-desk", SCOPES, "https://census.example").await;
    assert_eq!(why(&returns(&server, &census).await), (401, "The token is meant for another audience.".to_owned()));
    let strangers = other.token("southwark-desk", SCOPES, AUDIENCE).await;
    assert_eq!(why(&returns(&server, &strangers).await), (401, "The token is from another issuer.".to_owned()));
    let reader = trusted.token("southwark-desk", "audit:read", AUDIENCE).await;
    let answer = returns(&server, &reader).await.expect(403);
    assert!(answer.expect_header("www-authenticate").contains("error=\"insufficient_scope\", scope=\"returns:read\""));

    // Trusting both, each one's keys verify its own tokens alone, also where the keys have one name.
    let both = trusting(&catalogue(), trusted.issuer());
    let both = both.arg("--trust").arg(format!("issuer={},audience={AUDIENCE}", other.issuer())).start();
    returns(&both, &strangers).await.expect(200);
    let (message, _) = strangers.rsplit_once('.').unwrap();
    let good = trusted.token("southwark-desk", SCOPES, AUDIENCE).await;
    let forged = format!("{message}.{}", good.rsplit_once('.').unwrap().1);
    assert_eq!(why(&returns(&both, &forged).await), (401, "The token's signature does not match.".to_owned()));
}

#[tokio::test]
async fn a_changed_key_is_picked_up_and_the_last_one_is_kept_while_the_provider_is_away() {
    let Some(provider) = OidcProvider::start("first", KeyKind::Elliptic) else { return };
    let server = trusting(&catalogue(), provider.issuer()).args(["--jwks-max-age", "5"]).start();
    let old = provider.token("southwark-desk", SCOPES, AUDIENCE).await;
    returns(&server, &old).await.expect(200);

    let provider = provider.with_another_key("second", KeyKind::Rsa);
    let new = provider.token("southwark-desk", SCOPES, AUDIENCE).await;
    returns(&server, &new).await.expect(200);
    let refused = (401, "The token is signed by a key that its issuer does not publish.".to_owned());
    assert_eq!(why(&returns(&server, &old).await), refused);

    let issuer = provider.stop();
    let failures = format!("jwks_fetches_total{{issuer=\"{issuer}\",outcome=\"failure\"}} 0");
    // It is asked every five seconds, and now it is away.
    for _ in 0..200 {
        if !server.client().get("/metrics").await.text().contains(&failures) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    returns(&server, &new).await.expect(200);
    let ready = server.client().get("/readyz").await.expect(200);
    assert_eq!((ready.at("/issuers/0/keys"), ready.at("/issuers/0/is_stale")), (json!(1), json!(true)));
    assert!(server.stderr().contains("the issuer's keys could not be fetched"), "{}", server.stderr());
}

#[tokio::test]
async fn a_server_starts_while_its_provider_is_away_and_says_that_it_is_not_ready() {
    let Some(provider) = OidcProvider::start("first", KeyKind::Elliptic) else { return };
    let token = provider.token("southwark-desk", SCOPES, AUDIENCE).await;
    let issuer = provider.stop();
    let server = trusting(&catalogue(), &issuer).start();
    let answer = server.client().get("/readyz").await.expect(503);
    assert_eq!(why(&answer), (503, format!("The keys of {issuer} could not be had yet.")));
    assert_eq!(returns(&server, &token).await.expect(503).problem_code(), "NOT_READY");
    server.client().get("/v1/partnerships").await.expect(200);
    server.client_for(&respondent()).get("/v1/returns").await.expect(200);
}

#[tokio::test]
async fn a_wrong_setting_of_trust_is_told_at_the_start() {
    for (settings, told) in [
        ("issuer=http://id.example", "must be https, unless it is of this machine"),
        ("issuer=https://id.example,keys=x", "`keys` is not one of the settings"),
        ("issuer=indicator-exchange,jwks=https://id.example/keys", "the issuer indicator-exchange is given twice"),
        ("issuer=https://id.example,subjects=plain", "the subjects of only one issuer"),
    ] {
        let refusal = Server::with(&catalogue()).arg("--trust").arg(settings).expect_refusal();
        assert!(refusal.stderr.contains(told), "{settings}: {}", refusal.stderr);
    }
}
