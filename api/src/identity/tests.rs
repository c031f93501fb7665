use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A key pair of Ed25519: the private half signs, the public half is published.
struct Pair {
    signing: EncodingKey,
    x: String,
}

impl Pair {
    fn new() -> Self {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Self { signing: EncodingKey::from_ed_der(document.as_ref()), x }
    }

    fn published(&self, id: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id, "x": self.x })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }
}

static OURS: LazyLock<Pair> = LazyLock::new(Pair::new);
static OTHERS: LazyLock<Pair> = LazyLock::new(Pair::new);

const ISSUER: &str = "https://id.example";

fn set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap().keys
}

fn issuer(name: &str, keys: KeySet, lenient: bool) -> Issuer {
    let terms = Terms { audience: "exchange".to_owned(), lenient };
    Issuer { name: name.to_owned(), terms, plain: false, keys: Keys::Fixed(keys) }
}

/// A gate for two issuers, of which the second one is trusted leniently.
fn gate() -> Gate {
    Gate::of(vec![
        issuer(ISSUER, set(&[OURS.published("a")]), false),
        issuer("https://other.example", set(&[OTHERS.published("a")]), true),
    ])
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "a" })
}

fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": ISSUER, "aud": ["exchange", "another"], "sub": "anna", "client_id": "desk", "jti": "1",
        "iat": now, "exp": now + 60, "scope": "openid returns:read", "partnerships": ["southwark"],
    })
}

/// A value with one member set, or removed by null.
fn but(mut value: Value, name: &str, member: impl Into<Value>) -> Value {
    match member.into() {
        Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
        member => value[name] = member,
    }
    value
}

#[tokio::test]
async fn a_token_of_an_issuer_is_taken_and_its_subject_stands_with_the_issuer() {
    let caller = gate().caller(&OURS.sign(&header(), &claims())).await.unwrap();
    assert_eq!(caller.subject().unwrap(), "https://id.example#anna");
    assert_eq!(caller.client.as_deref(), Some("desk"));
    assert_eq!(caller.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(), ["returns:read"]);
    assert!(caller.partnerships.contains("southwark"));
}

#[tokio::test]
async fn forms_that_a_provider_may_choose_are_taken() {
    let now = get_current_timestamp();
    for (header, claims) in [
        (but(header(), "typ", "application/at+JWT"), claims()),
        (but(header(), "kid", Value::Null), claims()),
        (header(), but(claims(), "aud", "exchange")),
        // Clocks differ by some seconds.
        (header(), but(but(claims(), "exp", now - 20), "iat", now + 20)),
        (header(), but(claims(), "exp", json!(f64::from(u32::try_from(now).unwrap()) + 60.5))),
    ] {
        gate().caller(&OURS.sign(&header, &claims)).await.unwrap();
    }
    let bare = but(but(claims(), "client_id", Value::Null), "jti", Value::Null);
    let bare = but(but(bare, "azp", "desk"), "iss", "https://other.example");
    let caller = gate().caller(&OTHERS.sign(&header(), &bare)).await.unwrap();
    assert_eq!(caller.client.as_deref(), Some("desk"));
}

#[tokio::test]
async fn a_bad_token_is_refused_with_the_reason() {
    let now = get_current_timestamp();
    let ours = |header: Value, claims: Value| OURS.sign(&header, &claims);
    let good = ours(header(), claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other_claims = ours(header(), but(claims(), "sub", "ben"));
    let with_secret = {
        let mut header = Header::new(Algorithm::HS256);
        (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some("a".to_owned()));
        encode(&header, &claims(), &EncodingKey::from_secret(OURS.x.as_bytes())).unwrap()
    };
    let mut cases = vec![
        (String::new(), TokenFault::Unreadable),
        ("a.b.c".to_owned(), TokenFault::Unreadable),
        (message.to_owned(), TokenFault::Unreadable),
        (format!("{good}.{signature}.{signature}"), TokenFault::Unreadable),
        (format!("{message}=.{signature}"), TokenFault::Unreadable),
        (format!("{good}{}", "A".repeat(8192)), TokenFault::TooLong),
        (format!("{message}."), TokenFault::WrongSignature),
        (format!("{message}.{}", other_claims.rsplit_once('.').unwrap().1), TokenFault::WrongSignature),
        (with_secret, TokenFault::OtherAlgorithm),
        (OTHERS.sign(&header(), &claims()), TokenFault::WrongSignature),
        (ours(header(), but(claims(), "iss", "https://other.example")), TokenFault::WrongSignature),
    ];
    for (name, value, fault) in [
        ("alg", json!("none"), TokenFault::Unsigned),
        ("alg", json!("None"), TokenFault::Unsigned),
        ("alg", json!("RS256"), TokenFault::OtherAlgorithm),
        ("alg", Value::Null, TokenFault::Unreadable),
        ("typ", json!("JWT"), TokenFault::OtherType),
        ("typ", json!("id+jwt"), TokenFault::OtherType),
        ("typ", Value::Null, TokenFault::OtherType),
        ("crit", json!(["b64"]), TokenFault::Critical),
        ("crit", json!([]), TokenFault::Critical),
        ("kid", json!("b"), TokenFault::UnknownKey),
        ("kid", json!(7), TokenFault::Unreadable),
    ] {
        cases.push((ours(but(header(), name, value), claims()), fault));
    }
    for (name, value, fault) in [
        ("iss", json!("https://nobody.example"), TokenFault::OtherIssuer),
        ("iss", json!("https://id.example/"), TokenFault::OtherIssuer),
        ("iss", json!([ISSUER]), TokenFault::Unreadable),
        ("iss", Value::Null, TokenFault::MissingClaim),
        ("aud", json!("another"), TokenFault::OtherAudience),
        ("aud", json!([]), TokenFault::OtherAudience),
        ("aud", json!(7), TokenFault::Unreadable),
        ("aud", Value::Null, TokenFault::MissingClaim),
        ("exp", json!(now - 40), TokenFault::Expired),
        ("exp", json!("tomorrow"), TokenFault::Unreadable),
        ("exp", json!(-1), TokenFault::Unreadable),
        ("exp", json!(1e300), TokenFault::Unreadable),
        ("exp", Value::Null, TokenFault::MissingClaim),
        ("nbf", json!(now + 60), TokenFault::NotYetValid),
        ("nbf", json!("now"), TokenFault::Unreadable),
        ("iat", json!(now + 60), TokenFault::IssuedInFuture),
        ("iat", Value::Null, TokenFault::MissingClaim),
        ("sub", json!(""), TokenFault::MissingClaim),
        ("sub", Value::Null, TokenFault::MissingClaim),
        ("client_id", Value::Null, TokenFault::MissingClaim),
        ("jti", Value::Null, TokenFault::MissingClaim),
        ("partnerships", json!("southwark"), TokenFault::Unreadable),
    ] {
        cases.push((ours(header(), but(claims(), name, value)), fault));
    }
    let gate = gate();
    for (token, fault) in &cases {
        let told = gate.caller(token).await.unwrap_err().to_string();
        assert_eq!(told, format!("INVALID_TOKEN: {fault}"), "{token}");
    }
    assert_eq!(gate.refusals().map(|(_, count)| count).sum::<u64>(), cases.len() as u64);
    let unknown = gate.refusals().find(|(fault, _)| *fault == TokenFault::UnknownKey).unwrap().1;
    assert_eq!(unknown, 1);
}

#[tokio::test]
async fn a_key_within_the_token_is_not_looked_at() {
    let header = but(header(), "jwk", OTHERS.published("a"));
    let told = gate().caller(&OTHERS.sign(&header, &claims())).await.unwrap_err().to_string();
    assert_eq!(told, format!("INVALID_TOKEN: {}", TokenFault::WrongSignature));
}

/// An issuer on loopback that answers what it is told to, and counts.
struct Provider {
    url: String,
    answer: Arc<std::sync::Mutex<String>>,
    asked: Arc<AtomicU64>,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, asked) = (Arc::<std::sync::Mutex<String>>::default(), Arc::<AtomicU64>::default());
        let (told, counted) = (Arc::clone(&answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = told.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, answer, asked }
    }

    fn publishes(&self, keys: &[Value]) {
        self.answers("200 OK", &json!({ "keys": keys }).to_string());
    }

    fn answers(&self, status: &str, body: &str) {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}", body.len());
        *self.answer.lock().unwrap() = format!("{head}\r\n\r\n{body}");
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    fn gate(&self) -> (Gate, Arc<Published>) {
        let published = Published::new(ISSUER, KeySource::At(format!("{}/keys", self.url).parse().unwrap())).unwrap();
        let mut issuer = issuer(ISSUER, KeySet::default(), false);
        issuer.keys = Keys::Published(Arc::clone(&published));
        (Gate::of(vec![issuer]), published)
    }
}

#[tokio::test]
async fn a_changed_key_is_fetched_when_a_token_names_it() {
    let provider = Provider::start().await;
    provider.publishes(&[OURS.published("a")]);
    let (gate, published) = provider.gate();
    assert!(published.refresh().await);
    let old = OURS.sign(&header(), &claims());
    gate.caller(&old).await.unwrap();
    provider.publishes(&[OTHERS.published("b")]);
    let new = OTHERS.sign(&but(header(), "kid", "b"), &claims());
    let gate = Arc::new(gate);
    let together: Vec<_> = (0..20)
        .map(|_| {
            let (gate, new) = (Arc::clone(&gate), new.clone());
            tokio::spawn(async move { gate.caller(&new).await })
        })
        .collect();
    for one in together {
        one.await.unwrap().unwrap();
    }
    assert_eq!(provider.asked(), 2, "all wait for one answer");
    assert!(gate.caller(&old).await.is_err(), "a key that is no longer published is no longer taken");
}

#[tokio::test]
async fn made_up_key_names_do_not_make_us_ask_for_ever() {
    let provider = Provider::start().await;
    provider.publishes(&[OURS.published("a")]);
    let (gate, published) = provider.gate();
    assert!(published.refresh().await);
    for name in 0..50 {
        let token = OTHERS.sign(&but(header(), "kid", name.to_string()), &claims());
        let told = gate.caller(&token).await.unwrap_err().to_string();
        assert_eq!(told, format!("INVALID_TOKEN: {}", TokenFault::UnknownKey));
    }
    assert_eq!(provider.asked(), 4, "once, and three times for what was made up");
    gate.caller(&OURS.sign(&header(), &claims())).await.unwrap();
}

#[tokio::test]
async fn the_last_good_keys_are_kept_while_the_issuer_fails() {
    let provider = Provider::start().await;
    let (gate, published) = provider.gate();
    let token = OURS.sign(&header(), &claims());
    provider.answers("503 Service Unavailable", "");
    assert!(!published.refresh().await);
    let told = gate.caller(&token).await.unwrap_err().to_string();
    assert!(told.starts_with("NOT_READY"), "{told}");
    provider.publishes(&[OURS.published("a")]);
    assert!(published.refresh().await);
    for (status, body) in [
        ("500 Internal Server Error", "{}"),
        ("200 OK", "not JSON"),
        ("200 OK", r#"{"keys":[]}"#),
        ("200 OK", &format!(r#"{{"keys":["{}"]}}"#, "x".repeat(300_000))),
        ("302 Found\r\nlocation: http://127.0.0.2:9/", ""),
    ] {
        provider.answers(status, body);
        assert!(!published.refresh().await, "{status}");
        gate.caller(&token).await.unwrap();
        assert_eq!((published.standing().keys, published.standing().is_stale), (1, true));
    }
    provider.publishes(&[OURS.published("a")]);
    assert!(published.refresh().await);
    assert_eq!((published.standing().is_stale, published.standing().fetched), (false, 2));
}

#[tokio::test]
async fn the_address_of_the_keys_is_found_in_the_issuers_metadata() {
    let provider = Provider::start().await;
    let issuer = format!("{}/tenant", provider.url);
    let source = KeySource::Discovered(issuer.parse().unwrap());
    let published = Published::new(&issuer, source.clone()).unwrap();
    // One answer serves as metadata and as keys.
    let both = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys"), "keys": [OURS.published("a")] });
    provider.answers("200 OK", &both.to_string());
    assert!(published.refresh().await);
    assert_eq!(provider.asked(), 2);
    for wrong in [
        but(both.clone(), "issuer", "https://id.example"),
        but(both.clone(), "jwks_uri", "http://id.example/keys"),
        but(both.clone(), "jwks_uri", Value::Null),
    ] {
        provider.answers("200 OK", &wrong.to_string());
        assert!(!published.refresh().await, "{wrong}");
    }
}
