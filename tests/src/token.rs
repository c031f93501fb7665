//! The test keys, and the tokens that the program makes with them.

use std::fs;
use std::path::PathBuf;

use crate::binary::indicator_exchange;
use crate::run_directory::RunDirectory;

/// An Ed25519 key in PKCS #8. It was made for these tests, is published with them and must never be trusted elsewhere.
const TEST_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIN5bJwq7QRfqDNwKgQT7ysb411/kwjpVs83W1//OcuTG
-----END PRIVATE KEY-----
";

/// Another one, likewise, that servers do not trust unless told to.
const STRANGERS_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIFxbKDCBbf/PBe5lB1X+hOyqTUqqfs9UxZa+9PETEHx/
-----END PRIVATE KEY-----
";

/// Tokens that are wrong in ways in which `indicator-exchange token` makes none, and that must never be taken.
pub struct Forged;

impl Forged {
    /// Signed with the test key, for Southwark, and expired on 1 July 2009.
    pub const EXPIRED: &'static str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm5hIiwiaXNzIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiYXVkIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiZXhwIjoxMjQ2NDA2NDAwLCJpYXQiOjEyNDYzNjMyMDAsInNjb3BlIjoicmV0dXJuczpyZWFkIHJldHVybnM6d3JpdGUiLCJwYXJ0bmVyc2hpcHMiOlsic291dGh3YXJrIl0sInJlZ2lvbnMiOltdLCJhcmVhcyI6W119.J9oQJheutN8KiCIzM511f95jgwnJaNr52kJRI2PxpulVPUFKhwQiESEJUW-AnGK-wG375Q_SZxM_0a2G12PTBw";

    /// Unsigned, as its header says: `{"typ":"at+jwt","alg":"none"}`.
    pub const UNSIGNED: &'static str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIiwiaXNzIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiYXVkIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiZXhwIjozMjUwMzY4MDAwMCwiaWF0IjoxMjQ2MzYzMjAwLCJzY29wZSI6InJldHVybnM6cmVhZCByZXR1cm5zOndyaXRlIiwicGFydG5lcnNoaXBzIjpbInNvdXRod2FyayJdLCJyZWdpb25zIjpbXSwiYXJlYXMiOltdfQ.";

    /// Signed with HS256, with the public half of the test key (its PEM file) as the secret.
    pub const PUBLIC_KEY_AS_SECRET: &'static str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIiwiaXNzIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiYXVkIjoiaW5kaWNhdG9yLWV4Y2hhbmdlIiwiZXhwIjozMjUwMzY4MDAwMCwiaWF0IjoxMjQ2MzYzMjAwLCJzY29wZSI6InJldHVybnM6cmVhZCByZXR1cm5zOndyaXRlIiwicGFydG5lcnNoaXBzIjpbInNvdXRod2FyayJdLCJyZWdpb25zIjpbXSwiYXJlYXMiOltdfQ.DaLJ8oVLxzuypyEppO7diBMzk9kwvhQ1QitaXZBbUXQ";
}

/// Whose key signs tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The one that servers are started with.
    OfTheServer,
    /// One that they do not know.
    OfAStranger,
}

impl Key {
    /// The key as a PEM file, for `--jwt-key-file`.
    pub fn file(self) -> PathBuf {
        let (name, pem) = match self {
            Self::OfTheServer => ("test-key.pem", TEST_KEY),
            Self::OfAStranger => ("strangers-key.pem", STRANGERS_KEY),
        };
        let run = RunDirectory::of_this_run();
        let file = run.path().join(name);
        let written =
            run.once(name, || fs::write(&file, pem).map(|()| String::new()).map_err(|error| error.to_string()));
        written.unwrap_or_else(|reason| panic!("cannot write {}: {reason}", file.display()));
        file
    }
}

/// Who a token is for, what it allows and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenSpec {
    subject: String,
    scopes: Vec<String>,
    claims: Vec<(String, String)>,
}

impl TokenSpec {
    /// A token of this subject that allows nothing yet.
    pub fn subject(subject: &str) -> Self {
        Self { subject: subject.to_owned(), scopes: Vec::new(), claims: Vec::new() }
    }

    /// Allows this too; several scopes may be given at once, separated by spaces.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.extend(scope.split_whitespace().map(str::to_owned));
        self
    }

    /// For this partnership too, by its code.
    #[must_use]
    pub fn partnership(self, code: &str) -> Self {
        self.option("--partnership", code)
    }

    /// For this region too, by its code.
    #[must_use]
    pub fn region(self, code: &str) -> Self {
        self.option("--region", code)
    }

    /// For this area too, by its code.
    #[must_use]
    pub fn area(self, code: &str) -> Self {
        self.option("--area", code)
    }

    /// Any other option of `indicator-exchange token`.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.claims.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The token, signed with `key`. [`crate::Server::token`] remembers it, this does not.
    pub fn signed_with(&self, key: Key) -> String {
        let key = key.file().display().to_string();
        let mut arguments = vec!["token", "--jwt-key-file", &key, "--subject", &self.subject];
        let scope = self.scopes.join(" ");
        if !scope.is_empty() {
            arguments.extend(["--scope", &scope]);
        }
        arguments.extend(self.claims.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        indicator_exchange(arguments).expect_success().trim().to_owned()
    }
}
