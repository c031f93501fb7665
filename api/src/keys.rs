//! Keys that bearer tokens are signed and checked by.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use crate::cli::KeyOptions;

/// A secret shorter than this can be guessed (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// The key that tokens are checked by, with the algorithm that it fixes.
#[derive(Debug)]
pub struct CheckingKey {
    /// The algorithm; what a token's header says of it is not believed.
    pub algorithm: Algorithm,
    /// The key.
    pub key: DecodingKey,
}

/// The key that `token` signs by.
pub struct SigningKey {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The key.
    pub key: EncodingKey,
}

/// Reads the key that tokens are checked by.
pub fn checking_key(options: &KeyOptions) -> Result<CheckingKey, String> {
    if let Some(path) = &options.jwt_secret_file {
        let key = DecodingKey::from_secret(&secret(path)?);
        return Ok(CheckingKey { algorithm: Algorithm::HS256, key });
    }
    let path = options.jwt_key_file.as_ref().ok_or(
        "tokens cannot be checked: give --jwt-key-file or --jwt-secret-file (or --demo to try the exchange out)",
    )?;
    public_key(path)
}

/// Reads a public key, whose kind fixes the algorithm.
pub fn public_key(path: &Path) -> Result<CheckingKey, String> {
    let pem = read(path)?;
    if let Some(private) = private_ed25519(&pem) {
        let key = DecodingKey::from_ed_der(private.public_key().as_ref());
        return Ok(CheckingKey { algorithm: Algorithm::EdDSA, key });
    }
    let kinds: [(Algorithm, ReadKey<DecodingKey>); 3] = [
        (Algorithm::EdDSA, DecodingKey::from_ed_pem),
        (Algorithm::ES256, DecodingKey::from_ec_pem),
        (Algorithm::RS256, DecodingKey::from_rsa_pem),
    ];
    let found = kinds.into_iter().find_map(|(algorithm, read)| Some(CheckingKey { algorithm, key: read(&pem).ok()? }));
    found.ok_or_else(|| format!("{} holds no public Ed25519, P-256 or RSA key in PEM", path.display()))
}

/// Reads the key that tokens are signed by.
pub fn signing_key(options: &KeyOptions, database_url: &str) -> Result<SigningKey, String> {
    if let Some(path) = &options.jwt_secret_file {
        let key = EncodingKey::from_secret(&secret(path)?);
        return Ok(SigningKey { algorithm: Algorithm::HS256, key });
    }
    let path = match &options.jwt_key_file {
        Some(path) => path.clone(),
        None => development_key_path(database_url)
            .filter(|path| path.exists())
            .ok_or("there is no development key beside this database: give --jwt-key-file or --jwt-secret-file")?,
    };
    let pem = read(&path)?;
    let kinds: [(Algorithm, ReadKey<EncodingKey>); 3] = [
        (Algorithm::EdDSA, EncodingKey::from_ed_pem),
        (Algorithm::ES256, EncodingKey::from_ec_pem),
        (Algorithm::RS256, EncodingKey::from_rsa_pem),
    ];
    let found = kinds.into_iter().find_map(|(algorithm, read)| Some(SigningKey { algorithm, key: read(&pem).ok()? }));
    found.ok_or_else(|| format!("{} holds no private Ed25519, P-256 or RSA key in PEM", path.display()))
}

type ReadKey<K> = fn(&[u8]) -> jsonwebtoken::errors::Result<K>;

/// Where the development key of an embedded database lies: beside its file.
pub fn development_key_path(database_url: &str) -> Option<PathBuf> {
    let path = database_url.strip_prefix("sqlite://").or_else(|| database_url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().filter(|path| !path.is_empty() && *path != ":memory:")?;
    Some(PathBuf::from(format!("{path}.key.pem")))
}

/// Makes a development key beside an embedded database, unless it is there; readable by its owner alone.
pub fn make_development_key(path: &Path) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| "no key could be made")?;
    let body = STANDARD.encode(document.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let told = |failure: std::io::Error| format!("{}: {failure}", path.display());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(told)?.write_all(pem.as_bytes()).map_err(told)
}

fn private_ed25519(pem: &[u8]) -> Option<Ed25519KeyPair> {
    let text = std::str::from_utf8(pem).ok()?;
    let body = text.split("-----BEGIN PRIVATE KEY-----").nth(1)?.split("-----END").next()?;
    let compact: String = body.split_whitespace().collect();
    let der = STANDARD.decode(compact).ok()?;
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok()
}

fn secret(path: &Path) -> Result<Vec<u8>, String> {
    let mut secret = read(path)?;
    while secret.last().is_some_and(u8::is_ascii_whitespace) {
        secret.pop();
    }
    if secret.len() < SHORTEST_SECRET {
        return Err(format!("the secret in {} is shorter than {SHORTEST_SECRET} bytes", path.display()));
    }
    Ok(secret)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|failure| format!("{}: {failure}", path.display()))
}
