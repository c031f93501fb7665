//! Whom the exchange trusts to say who asks: the settings of issuers.

use std::{path::PathBuf, str::FromStr};

use reqwest::Url;

/// An issuer that is trusted, as `--trust` says it: `issuer=https://id.example,jwks=https://id.example/keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The issuer, exactly as its tokens name it.
    pub issuer: String,
    /// Where its keys are.
    pub keys: KeySource,
    /// The audience that its tokens must name, if not that of the others.
    pub audience: Option<String>,
    /// Whether its tokens may lack `client_id` and `jti`.
    pub lenient: bool,
    /// Whether its subjects are known here as they are, without the issuer before them.
    pub plain: bool,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In a file with one public key.
    File(PathBuf),
    /// At an address, as a JSON Web Key Set.
    At(Url),
    /// Where the issuer's own metadata says (RFC 8414, `OpenID` Connect Discovery).
    Discovered(Url),
}

impl FromStr for Trust {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut issuer, mut jwks, mut key_file, mut audience) = (None, None, None, None);
        let (mut lenient, mut plain) = (false, false);
        for setting in text.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
            let (name, value) =
                setting.split_once('=').ok_or_else(|| format!("`{setting}` is not of the form name=value"))?;
            match (name, value) {
                (_, "") => return Err(format!("`{name}` has no value")),
                ("issuer", value) => issuer = Some(value.to_owned()),
                ("jwks", value) => jwks = Some(fetchable(value)?),
                ("key-file", value) => key_file = Some(PathBuf::from(value)),
                ("audience", value) => audience = Some(value.to_owned()),
                ("claims", "strict") => lenient = false,
                ("claims", "lenient") => lenient = true,
                ("subjects", "qualified") => plain = false,
                ("subjects", "plain") => plain = true,
                ("claims", value) => return Err(format!("`claims={value}` is neither `strict` nor `lenient`")),
                ("subjects", value) => return Err(format!("`subjects={value}` is neither `qualified` nor `plain`")),
                (name, _) => {
                    let known = "issuer, jwks, key-file, audience, claims, subjects";
                    return Err(format!("`{name}` is not one of the settings {known}"));
                }
            }
        }
        let issuer = issuer.ok_or("`issuer=…` is missing")?;
        if issuer.contains('#') {
            return Err("an issuer has no `#` (RFC 8414, section 2)".to_owned());
        }
        let keys = match (jwks, key_file) {
            (Some(_), Some(_)) => return Err("`jwks` and `key-file` exclude each other".to_owned()),
            (Some(url), None) => KeySource::At(url),
            (None, Some(path)) => KeySource::File(path),
            (None, None) => KeySource::Discovered(fetchable(&issuer)?),
        };
        Ok(Self { issuer, keys, audience, lenient, plain })
    }
}

/// An address that keys may be fetched from: nobody on the way may change what is there.
///
/// # Errors
/// One line that says why not.
pub fn fetchable(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|_| format!("`{text}` is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address of keys holds no name and no password".to_owned());
    }
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        return Ok(url);
    }
    Err(format!("`{text}` must be https, unless it is of this machine"))
}

/// Whether an address is of this machine.
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_trusted_by_one_setting() {
        let trust: Trust =
            "issuer=https://id.example,jwks=https://keys.example/set?v=1,claims=lenient".parse().unwrap();
        assert_eq!(trust.issuer, "https://id.example");
        assert_eq!(trust.keys, KeySource::At("https://keys.example/set?v=1".parse().unwrap()));
        assert_eq!((trust.lenient, trust.plain, trust.audience), (true, false, None));
        let trust: Trust = "issuer=https://id.example/tenant, audience=exchange, subjects=plain".parse().unwrap();
        assert_eq!(trust.keys, KeySource::Discovered("https://id.example/tenant".parse().unwrap()));
        assert_eq!((trust.lenient, trust.plain, trust.audience.as_deref()), (false, true, Some("exchange")));
        let trust: Trust = "issuer=gol,key-file=/etc/gol.pem".parse().unwrap();
        assert_eq!(trust.keys, KeySource::File("/etc/gol.pem".into()));
    }

    #[test]
    fn a_setting_that_is_wrong_is_told() {
        for (setting, told) in [
            ("", "`issuer=…` is missing"),
            ("https://id.example", "`https://id.example` is not of the form name=value"),
            ("issuer=", "`issuer` has no value"),
            ("issuer=https://id.example,keys=x", "`keys` is not one of the settings"),
            ("issuer=https://id.example,claims=some", "neither `strict` nor `lenient`"),
            ("issuer=https://id.example#a", "an issuer has no `#`"),
            ("issuer=gol", "`gol` is not an address"),
            ("issuer=http://id.example", "must be https, unless it is of this machine"),
            ("issuer=http://127.0.0.1.example", "must be https, unless it is of this machine"),
            ("issuer=gol,jwks=file:///etc/passwd", "must be https"),
            ("issuer=gol,jwks=https://u:p@id.example/", "no name and no password"),
            ("issuer=gol,jwks=https://id.example/,key-file=k.pem", "exclude each other"),
        ] {
            let refusal = setting.parse::<Trust>().unwrap_err();
            assert!(refusal.contains(told), "{setting:?}: {refusal}");
        }
        for fine in ["http://127.0.0.1:9/a", "http://[::1]:9/", "http://localhost:9"] {
            assert!(fetchable(fine).is_ok(), "{fine}");
        }
    }
}
