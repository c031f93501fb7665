//! The keys of one issuer, as it publishes them (JSON Web Key Set, RFC 7517), with the algorithm that each one fixes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse, RSAKeyParameters},
};
use serde::Deserialize;
use serde_json::Value;

use super::token::TokenFault;
use crate::keys::CheckingKey;

/// RSA keys shorter than this are broken by those who try (RFC 7518, section 3.3).
const SHORTEST_RSA: usize = 2048;

/// How many keys of a set are looked at.
const MOST: usize = 32;

/// The keys of one issuer.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<StoredKey>,
}

#[derive(Debug)]
struct StoredKey {
    id: Option<String>,
    checking: CheckingKey,
}

/// A set that was read.
#[derive(Debug)]
pub struct Reading {
    /// The keys that tokens may be checked by.
    pub keys: KeySet,
    /// Why others are left out, one line each.
    pub left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// A set of one key, which needs no name.
    pub fn of(checking: CheckingKey) -> Self {
        Self { keys: vec![StoredKey { id: None, checking }] }
    }

    /// Reads a published set. Keys that tokens cannot or must not be checked by are left out, with the reason; a set in which
    /// none remains is refused.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Reading, String> {
        let document: Document = serde_json::from_slice(bytes).map_err(|_| "it is no JSON Web Key Set")?;
        let (mut keys, mut left_out) = (Vec::new(), Vec::new());
        for (place, value) in document.keys.iter().enumerate().take(MOST) {
            match stored(value) {
                Ok(key) => keys.push(key),
                Err(why) => left_out.push(format!("key {}: {why}", place + 1)),
            }
        }
        if keys.is_empty() {
            return Err(format!("it has no key that tokens may be checked by; {}", left_out.join("; ")));
        }
        Ok(Reading { keys: Self { keys }, left_out })
    }

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The keys that may have signed a token: the one that it names; those without a name where none has that name, or the
    /// token names none. The algorithm is the key's, whatever the token says.
    ///
    /// # Errors
    /// `UnknownKey`, `OtherAlgorithm`
    pub fn candidates(&self, id: Option<&str>, algorithm: &str) -> Result<Vec<&CheckingKey>, TokenFault> {
        let named: Vec<_> = match id {
            Some(id) => self.keys.iter().filter(|key| key.id.as_deref() == Some(id)).collect(),
            None => self.keys.iter().collect(),
        };
        let found = if named.is_empty() { self.keys.iter().filter(|key| key.id.is_none()).collect() } else { named };
        if found.is_empty() {
            return Err(TokenFault::UnknownKey);
        }
        let algorithm = algorithm.parse::<Algorithm>().ok();
        let fitting: Vec<_> =
            found.into_iter().map(|key| &key.checking).filter(|key| Some(key.algorithm) == algorithm).collect();
        if fitting.is_empty() { Err(TokenFault::OtherAlgorithm) } else { Ok(fitting) }
    }
}

fn stored(value: &Value) -> Result<StoredKey, String> {
    if value.get("kty").and_then(Value::as_str) == Some("oct") {
        return Err("a secret that is published is none".to_owned());
    }
    if value.get("d").is_some() {
        return Err("its private half is published".to_owned());
    }
    let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| "it cannot be read")?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return Err("its `use` is not `sig`".to_owned());
    }
    if jwk.common.key_operations.as_ref().is_some_and(|all| !all.contains(&KeyOperations::Verify)) {
        return Err("its `key_ops` lack `verify`".to_owned());
    }
    let algorithm = algorithm(&jwk)?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| "its numbers cannot be read")?;
    Ok(StoredKey { id: jwk.common.key_id, checking: CheckingKey { algorithm, key } })
}

/// The one algorithm that a key is for.
fn algorithm(jwk: &Jwk) -> Result<Algorithm, String> {
    use KeyAlgorithm as Named;
    let named = jwk.common.key_algorithm;
    let only = |algorithm: Algorithm, same: Named| match named {
        None => Ok(algorithm),
        Some(named) if named == same => Ok(algorithm),
        Some(_) => Err("its `alg` does not fit its kind".to_owned()),
    };
    match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            only(Algorithm::EdDSA, Named::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            only(Algorithm::ES256, Named::ES256)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => {
            only(Algorithm::ES384, Named::ES384)
        }
        AlgorithmParameters::RSA(key) => {
            let bits = bits(key)?;
            if bits < SHORTEST_RSA {
                return Err(format!("an RSA key of {bits} bits is too short: {SHORTEST_RSA} are needed"));
            }
            match named {
                // What every issuer must offer (RFC 9068, section 2.1).
                None | Some(Named::RS256) => Ok(Algorithm::RS256),
                Some(Named::RS384) => Ok(Algorithm::RS384),
                Some(Named::RS512) => Ok(Algorithm::RS512),
                Some(Named::PS256) => Ok(Algorithm::PS256),
                Some(Named::PS384) => Ok(Algorithm::PS384),
                Some(Named::PS512) => Ok(Algorithm::PS512),
                Some(_) => Err("its `alg` does not fit its kind".to_owned()),
            }
        }
        _ => Err("its kind or curve is not known here".to_owned()),
    }
}

fn bits(key: &RSAKeyParameters) -> Result<usize, String> {
    let modulus = URL_SAFE_NO_PAD.decode(&key.n).map_err(|_| "its modulus cannot be read")?;
    let significant: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
    let leading = significant.first().map_or(0, |byte| byte.leading_zeros() as usize);
    Ok(significant.len() * 8 - leading)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Any 32 bytes are a public key of Ed25519 as far as can be seen.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const P256_X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
    const P256_Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

    fn modulus(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xC5; bytes])
    }

    fn why_left_out(key: &Value) -> String {
        let good = json!({ "kty": "OKP", "crv": "Ed25519", "x": X });
        let reading = KeySet::read(json!({ "keys": [good, key] }).to_string().as_bytes()).unwrap();
        assert_eq!(reading.keys.count(), 1);
        reading.left_out.join("; ")
    }

    #[test]
    fn the_key_fixes_the_algorithm() {
        for (key, expected) in [
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X }), Algorithm::EdDSA),
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "alg": "EdDSA", "use": "sig" }), Algorithm::EdDSA),
            (json!({ "kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y }), Algorithm::ES256),
            (json!({ "kty": "RSA", "n": modulus(256), "e": "AQAB" }), Algorithm::RS256),
            (
                json!({ "kty": "RSA", "n": modulus(256), "e": "AQAB", "alg": "PS256", "key_ops": ["verify"] }),
                Algorithm::PS256,
            ),
        ] {
            let reading = KeySet::read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
            assert_eq!(reading.keys.keys[0].checking.algorithm, expected, "{key}");
        }
    }

    #[test]
    fn a_key_that_must_not_be_used_is_left_out_and_why() {
        for (key, why) in [
            (json!({ "kty": "oct", "k": "c2VjcmV0" }), "a secret that is published is none"),
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "d": X }), "its private half is published"),
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "use": "enc" }), "its `use` is not `sig`"),
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "key_ops": ["sign"] }), "its `key_ops` lack `verify`"),
            (json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "alg": "HS256" }), "its `alg` does not fit its kind"),
            (json!({ "kty": "OKP", "crv": "Ed448", "x": X }), "its kind or curve is not known here"),
            (json!({ "kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y, "alg": "ES384" }), "does not fit its kind"),
            (json!({ "kty": "EC", "crv": "secp256k1", "x": P256_X, "y": P256_Y }), "not known here"),
            (json!({ "kty": "RSA", "n": modulus(256), "e": "AQAB", "alg": "RSA-OAEP" }), "does not fit its kind"),
            (json!({ "kty": "RSA", "n": modulus(128), "e": "AQAB" }), "an RSA key of 1024 bits is too short"),
            (json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": X }), "not known here"),
            (json!(7), "it cannot be read"),
        ] {
            let told = why_left_out(&key);
            assert!(told.starts_with("key 2: ") && told.contains(why), "{key}: {told}");
        }
    }

    #[test]
    fn a_set_without_a_usable_key_is_refused() {
        for set in ["", "[]", "{}", r#"{"keys":7}"#] {
            assert_eq!(KeySet::read(set.as_bytes()).unwrap_err(), "it is no JSON Web Key Set");
        }
        let refusal = KeySet::read(br#"{"keys":[{"kty":"oct","k":"AA"}]}"#).unwrap_err();
        assert_eq!(refusal, "it has no key that tokens may be checked by; key 1: a secret that is published is none");
    }

    #[test]
    fn a_key_is_found_by_its_name_and_one_without_a_name_may_be_any() {
        let okp = |kid: Option<&str>| json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "kid": kid });
        let read = |keys: Value| KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap().keys;
        let named = read(json!([okp(Some("a")), okp(Some("b"))]));
        assert_eq!(named.candidates(Some("a"), "EdDSA").unwrap().len(), 1);
        assert_eq!(named.candidates(None, "EdDSA").unwrap().len(), 2);
        assert_eq!(named.candidates(Some("c"), "EdDSA").unwrap_err(), TokenFault::UnknownKey);
        assert_eq!(named.candidates(Some("a"), "ES256").unwrap_err(), TokenFault::OtherAlgorithm);
        let mixed = read(json!([okp(Some("a")), okp(None)]));
        assert_eq!(mixed.candidates(Some("c"), "EdDSA").unwrap().len(), 1);
    }
}
