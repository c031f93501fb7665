//! Documents of operations: read, counted and kept, so that what clients ask again and again is parsed once.
//!
//! Two stores, both bounded by number and by bytes, which forget what has not been asked for longest: documents by the hash of
//! their text, and the texts that clients have registered by their hash (automatic persisted queries). Each server has its
//! own; a client that meets one which does not know its hash sends the text again.

mod measure;
mod tokens;

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{
    ServerError,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};
use exchange::ProblemCode;
use hashlink::LruCache;
use sha2::{Digest, Sha256};

pub use self::measure::Measured;
use self::measure::Refused;
use crate::{error, limits::Limit};

/// How many texts a store holds.
const MOST: usize = 1_000;
/// How many bytes the texts of a store may have together. A parsed document takes some twenty times as much as its text.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// A longer text is not kept: it holds the lines of a return, and will not come again.
const LONGEST: usize = 64 * 1024;

/// The SHA-256 hash of a text.
pub type Hash = [u8; 32];

/// A document that is within the limits.
#[derive(Debug)]
pub struct Document {
    /// The document.
    pub parsed: ExecutableDocument,
    /// What it was found to hold.
    pub measured: Measured,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// `GRAPHQL_LIMIT_EXCEEDED`, `GRAPHQL_PARSE_FAILED`; `GRAPHQL_VALIDATION_FAILED` for a fragment that spreads itself.
    fn read(text: &str) -> Result<Self, ServerError> {
        // The parser goes as deep as brackets do: it may only see what has been counted.
        let tokens = tokens::count(text);
        Limit::Tokens.check(tokens.count)?;
        Limit::Nesting.check(tokens.nesting)?;
        let parsed = parse_query(text).map_err(|failure| {
            let mut error = ServerError::from(failure);
            error::code_if_none(&mut error, ProblemCode::GraphqlParseFailed);
            error
        })?;
        // Neither does the library walk through fragments before they have been counted.
        let measured = Measured::new(&parsed).map_err(|refused| match refused {
            Refused::Limit(exceeded) => exceeded.into(),
            Refused::Circular => {
                let mut error = ServerError::new("A fragment spreads itself.", None);
                error::code_if_none(&mut error, ProblemCode::GraphqlValidationFailed);
                error
            }
        })?;
        Ok(Self { parsed, measured })
    }

    /// What the operation of this name is; the only one, if no name is given.
    pub fn kind(&self, operation_name: Option<&str>) -> Option<OperationType> {
        let mut operations = self.parsed.operations.iter();
        let found = match operation_name {
            Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| name == wanted)),
            None => operations.next(),
        };
        found.map(|(_, operation)| operation.node.ty)
    }
}

/// The documents that a server has read.
#[derive(Debug, Default)]
pub struct Documents {
    parsed: Mutex<Store<Arc<Document>>>,
    registered: Mutex<Store<Arc<str>>>,
}

impl Documents {
    /// A document by its text.
    ///
    /// # Errors
    /// `GRAPHQL_LIMIT_EXCEEDED`, `GRAPHQL_PARSE_FAILED`; `GRAPHQL_VALIDATION_FAILED` for a fragment that spreads itself.
    pub fn read(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        if text.len() > LONGEST {
            return Document::read(text).map(Arc::new);
        }
        let hash = hash(text);
        if let Some(known) = locked(&self.parsed).get(&hash) {
            return Ok(known);
        }
        let document = Arc::new(Document::read(text)?);
        locked(&self.parsed).put(hash, text.len(), Arc::clone(&document));
        Ok(document)
    }

    /// The text that was registered with a hash.
    pub fn registered(&self, hash: &Hash) -> Option<Arc<str>> {
        locked(&self.registered).get(hash)
    }

    /// Registers a text by its hash, if it may be asked at all. One that is too long to be kept is not.
    ///
    /// # Errors
    /// As of [`Documents::read`].
    pub fn register(&self, hash: Hash, text: &str) -> Result<(), ServerError> {
        self.read(text)?;
        if text.len() <= LONGEST {
            locked(&self.registered).put(hash, text.len(), text.into());
        }
        Ok(())
    }
}

/// The hash of a text.
pub fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

fn locked<T>(store: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was asked for last, by hash, with the bytes of each text.
#[derive(Debug)]
struct Store<T> {
    kept: LruCache<Hash, (usize, T)>,
    bytes: usize,
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self { kept: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl<T: Clone> Store<T> {
    fn get(&mut self, hash: &Hash) -> Option<T> {
        self.kept.get(hash).map(|(_, kept)| kept.clone())
    }

    fn put(&mut self, hash: Hash, bytes: usize, what: T) {
        if let Some((before, _)) = self.kept.insert(hash, (bytes, what)) {
            self.bytes -= before;
        }
        self.bytes += bytes;
        while self.kept.len() > MOST || self.bytes > MOST_BYTES {
            let Some((_, (bytes, _))) = self.kept.remove_lru() else { break };
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> ServerError {
        Document::read(text).unwrap_err()
    }

    fn limited(text: &str) -> String {
        let error = refusal(text);
        let extensions = error.extensions.unwrap();
        assert_eq!(extensions.get("code"), Some(&"GRAPHQL_LIMIT_EXCEEDED".into()), "{}", error.message);
        let [limited, limit, cost] = ["limited", "limit", "cost"].map(|name| extensions.get(name).unwrap().to_string());
        format!("{limited} {cost} of {limit}")
    }

    #[test]
    fn every_limit_says_what_was_found() {
        let aliases = |count: usize| (0..count).map(|n| format!("a{n}: __typename")).collect::<Vec<_>>().join(" ");
        let nested = |depth: usize| format!("{}a{}", "{ a ".repeat(depth - 1) + "{ ", " }".repeat(depth));
        let doubling = (0..30).map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1));
        let doubling = doubling.collect::<String>();
        let skips = |count: usize| "@skip(if: true) ".repeat(count);
        for (text, found) in [
            (format!("{{ {} }}", "a ".repeat(19_999)), "\"TOKENS\" 20001 of 20000"),
            (format!("{{ a(b: {}", "[".repeat(100_000)), "\"TOKENS\" 100005 of 20000"),
            (format!("{{ a(b: {}", "[".repeat(1_000)), "\"NESTING\" 1002 of 32"),
            (nested(33), "\"NESTING\" 33 of 32"),
            (nested(19), "\"DEPTH\" 19 of 18"),
            (
                (0..101).map(|n| format!("fragment f{n} on A {{ a }} ")).collect::<Vec<_>>().concat() + "{ a }",
                "\"FRAGMENTS\" 101 of 100",
            ),
            (format!("{{ {} }}", "a ".repeat(1_001)), "\"FIELDS\" 1001 of 1000"),
            (format!("{{ {} }}", aliases(101)), "\"TYPENAMES\" 101 of 100"),
            (format!("{{ ...f0 }} {doubling} fragment f30 on Query {{ state }}"), "\"FIELDS\" 5368709118 of 1000"),
            (format!("{{ ... {} {{ a }} }}", skips(201)), "\"DIRECTIVES\" 201 of 200"),
            (format!("query {} {{ a }}", skips(201)), "\"DIRECTIVES\" 201 of 200"),
            (format!("{{ a {} }}", skips(5)), "\"DIRECTIVES_ON_ONE_FIELD\" 5 of 4"),
        ] {
            assert_eq!(limited(&text), found, "{}", &text[..60]);
        }
        assert!(Document::read(&format!("{{ {} }}", aliases(100))).is_ok());
        assert!(Document::read(&nested(18)).is_ok());
    }

    #[test]
    fn a_chain_of_fragments_is_as_deep_as_its_links() {
        let chain = |length: usize| {
            let links = (0..length).map(|n| format!("fragment f{n} on A {{ ... {{ ...f{} }} }} ", n + 1));
            format!("{{ ...f0 }} {} fragment f{length} on A {{ a }}", links.collect::<String>())
        };
        assert!(Document::read(&chain(15)).is_ok());
        assert!(limited(&chain(16)).starts_with("\"NESTING\" "));
        assert!(limited(&chain(98)).starts_with("\"NESTING\" "));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_refused() {
        for text in ["{ ...f } fragment f on A { a ...f }", "{ a } fragment f on A { ...g } fragment g on A { ...f }"] {
            assert_eq!(refusal(text).message, "A fragment spreads itself.");
        }
    }

    #[test]
    fn the_types_that_an_object_names_are_counted_through_fragments() {
        let text =
            "{ a { __typename b: __typename ...f ... { ...f c { __typename } } } } fragment f on A { d: __typename }";
        let document = Document::read(text).unwrap();
        let (_, operation) = document.parsed.operations.iter().next().unwrap();
        let async_graphql::parser::types::Selection::Field(field) = &operation.node.selection_set.node.items[0].node
        else {
            panic!("not a field");
        };
        assert_eq!(document.measured.typenames(&field.node), 4);
    }

    #[test]
    fn a_store_forgets_what_was_not_asked_for_longest() {
        let documents = Documents::default();
        let text = |n: usize| format!("{{ a{n} }}");
        for n in 0..MOST {
            documents.register(hash(&text(n)), &text(n)).unwrap();
        }
        assert_eq!(documents.registered(&hash(&text(0))).as_deref(), Some(text(0).as_str()));
        documents.register(hash("{ b }"), "{ b }").unwrap();
        assert_eq!(documents.registered(&hash(&text(1))), None);
        assert!(documents.registered(&hash(&text(0))).is_some());
        let long = |n: usize| format!("{{ a{n} }} #{}", "x".repeat(LONGEST - 100));
        for n in 0..100 {
            documents.register(hash(&long(n)), &long(n)).unwrap();
        }
        let store = locked(&documents.registered);
        assert!(store.bytes <= MOST_BYTES && store.kept.len() < 70, "{} of {}", store.kept.len(), store.bytes);
        assert_eq!(store.bytes, store.kept.iter().map(|(_, (bytes, _))| *bytes).sum::<usize>());
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let documents = Documents::default();
        assert!(documents.register(hash("{"), "{").is_err());
        assert_eq!(documents.registered(&hash("{")), None);
    }
}
