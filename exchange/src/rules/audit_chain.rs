//! The chains of the audit trail: one a partnership, each entry joined to the one before it by its hash, and anchors that seal
//! the heads of all chains with each publication.
//!
//! Whoever changes, removes or inserts an entry breaks its chain. Whoever cuts the end of a chain off, and its head with it,
//! contradicts the anchors. Whoever cuts the anchors off, too, contradicts only those who keep an anchor's hash elsewhere:
//! anchors are public for that. What was written after the newest anchor that anybody keeps can be proved by nobody.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use serde_json::json;
use sha2::{Digest, Sha256};

/// What the hash of an entry covers, beside the hash of the entry before it.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// The chain: a partnership's code, or empty.
    pub chain: &'a str,
    /// The place in the chain, from 1.
    pub seq: i64,
    /// When it was done, in microseconds since 1970 (UTC).
    pub at: i64,
    /// By whom.
    pub subject: &'a str,
    /// With which client.
    pub client: Option<&'a str>,
    /// What.
    pub action: &'a str,
    /// To what.
    pub object: &'a str,
    /// What it was before.
    pub before: Option<&'a str>,
    /// What it was then.
    pub after: Option<&'a str>,
}

/// The hash of an entry: SHA-256, in hexadecimal, of a JSON list without spaces, which any language can write: the word
/// `exchange-audit-1`, the hash of the entry before (empty for the first), then the content in the order of its members.
pub fn entry_hash(previous: &str, content: &Content<'_>) -> String {
    let Content { chain, seq, at, subject, client, action, object, before, after } = content;
    digest(&json!(["exchange-audit-1", previous, chain, seq, at, subject, client, action, object, before, after]))
}

/// The head of a chain.
pub type ChainHead = (String, i64, String);

/// The hash of an anchor: as of an entry, of the word `exchange-anchor-1`, the hash of the anchor before (empty for the first),
/// its number, when it was made, and the heads as they are stored.
pub fn anchor_hash(previous: &str, seq: i64, at: i64, heads: &str) -> String {
    digest(&json!(["exchange-anchor-1", previous, seq, at, heads]))
}

fn digest(value: &serde_json::Value) -> String {
    format!("{:x}", Sha256::digest(value.to_string()))
}

/// Where and how the trail is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The chain; `None` for the anchors.
    pub chain: Option<String>,
    /// The place in the chain, or the number of the anchor.
    pub seq: i64,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chain.as_deref() {
            None => write!(f, "anchor {}: {}", self.seq, self.what),
            Some("") => write!(f, "the catalogue's chain, entry {}: {}", self.seq, self.what),
            Some(chain) => write!(f, "chain of {chain}, entry {}: {}", self.seq, self.what),
        }
    }
}

/// Follows the chains entry by entry, in any interleaving that keeps the order of each, then their heads, then the anchors.
#[derive(Debug, Default)]
pub struct Verifier {
    chains: HashMap<String, (i64, String)>,
    anchored: HashMap<(String, i64), (i64, String)>,
    anchors: (i64, String),
    entries: u64,
    faults: Vec<Fault>,
    missing_anchors: BTreeSet<String>,
}

/// What a verification has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many chains there are.
    pub chains: usize,
    /// How many entries they have.
    pub entries: u64,
    /// How many anchors there are.
    pub anchors: i64,
    /// The hash of the newest anchor, to be kept elsewhere.
    pub newest_anchor: String,
    /// All that is broken.
    pub faults: Vec<Fault>,
    /// Hashes of anchors that were kept elsewhere and are not here: the trail was cut or written anew before them.
    pub missing_anchors: Vec<String>,
}

impl Verdict {
    /// Whether nothing is broken, nor missing.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.missing_anchors.is_empty()
    }
}

impl Verifier {
    /// A verifier that misses the anchors with these hashes, which were kept elsewhere, until they come.
    pub fn missing(anchors: impl IntoIterator<Item = String>) -> Self {
        Self { missing_anchors: anchors.into_iter().collect(), ..Self::default() }
    }

    /// Takes an anchor, oldest first; anchors come before the entries that they seal.
    pub fn anchor(&mut self, seq: i64, at: i64, heads: &str, hash: &str) {
        let fault = |what| Fault { chain: None, seq, what };
        if seq != self.anchors.0 + 1 {
            self.faults.push(fault("anchors before it are gone"));
        }
        // After a gap nothing can be said of what the anchor is joined to.
        if seq == self.anchors.0 + 1 && anchor_hash(&self.anchors.1, seq, at, heads) != hash {
            self.faults.push(fault("it is not what its hash says"));
        }
        match serde_json::from_str::<Vec<ChainHead>>(heads) {
            Ok(heads) => {
                for (chain, place, head) in heads {
                    self.anchored.insert((chain, place), (seq, head));
                }
            }
            Err(_) => self.faults.push(fault("its heads cannot be read")),
        }
        self.missing_anchors.remove(hash);
        self.anchors = (seq, hash.to_owned());
    }

    /// Takes an entry.
    pub fn entry(&mut self, content: &Content<'_>, hash: &str) {
        self.entries += 1;
        let fault = |what| Fault { chain: Some(content.chain.to_owned()), seq: content.seq, what };
        let (seq, previous) = self.chains.entry(content.chain.to_owned()).or_default();
        if content.seq != *seq + 1 {
            self.faults.push(fault("entries before it are gone"));
        } else if entry_hash(previous, content) != hash {
            self.faults.push(fault("it, or the one before it, is not what its hash says"));
        }
        if let Some((_, head)) = self.anchored.remove(&(content.chain.to_owned(), content.seq))
            && head != hash
        {
            self.faults.push(fault("it is not the entry that was anchored"));
        }
        (*seq, *previous) = (content.seq, hash.to_owned());
    }

    /// Takes the head of a chain, after all entries.
    pub fn head(&mut self, chain: &str, seq: i64, hash: &str) {
        let known = self.chains.get(chain).cloned().unwrap_or_default();
        if known != (seq, hash.to_owned()) {
            let what = if known.0 < seq { "the end of the chain is gone" } else { "the head is not that of the chain" };
            self.faults.push(Fault { chain: Some(chain.to_owned()), seq, what });
        }
    }

    /// Says what has been found.
    pub fn verdict(mut self) -> Verdict {
        let mut lost: Vec<_> = self.anchored.into_iter().collect();
        lost.sort();
        for ((chain, seq), _) in lost {
            self.faults.push(Fault { chain: Some(chain), seq, what: "it was anchored, and is gone" });
        }
        Verdict {
            chains: self.chains.len(),
            entries: self.entries,
            anchors: self.anchors.0,
            newest_anchor: self.anchors.1,
            faults: self.faults,
            missing_anchors: self.missing_anchors.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Entry {
        chain: &'static str,
        seq: i64,
        after: String,
        hash: String,
    }

    impl Entry {
        fn content(&self) -> Content<'_> {
            Content {
                chain: self.chain,
                seq: self.seq,
                at: 1_000 + self.seq,
                subject: "anna",
                client: None,
                action: "RETURN_CREATED",
                object: "returns/1",
                before: None,
                after: Some(&self.after),
            }
        }
    }

    fn chain(chain: &'static str, length: i64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 1..=length {
            let previous = entries.last().map(|entry| entry.hash.clone()).unwrap_or_default();
            let mut entry = Entry { chain, seq, after: format!("{{\"n\":{seq}}}"), hash: String::new() };
            entry.hash = entry_hash(&previous, &entry.content());
            entries.push(entry);
        }
        entries
    }

    /// The faults of chains whose heads are as told, anchored once at those heads.
    fn faults(entries: &[Entry], heads: &[(&str, i64, &str)], anchored: &[(&str, i64, &str)]) -> Vec<String> {
        let mut verifier = Verifier::default();
        let json = serde_json::to_string(anchored).unwrap();
        verifier.anchor(1, 5_000, &json, &anchor_hash("", 1, 5_000, &json));
        for entry in entries {
            verifier.entry(&entry.content(), &entry.hash);
        }
        for (chain, seq, hash) in heads {
            verifier.head(chain, *seq, hash);
        }
        verifier.verdict().faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_untouched_trail_verifies() {
        let (one, two) = (chain("southwark", 3), chain("", 2));
        let heads = [("southwark", 3, one[2].hash.as_str()), ("", 2, two[1].hash.as_str())];
        let all: Vec<Entry> = one.iter().chain(&two).cloned().collect();
        assert_eq!(faults(&all, &heads, &heads), Vec::<String>::new());
    }

    #[test]
    fn a_changed_entry_is_named() {
        let mut entries = chain("southwark", 3);
        let head = entries[2].hash.clone();
        entries[1].after = "{\"n\":7}".to_owned();
        let heads = [("southwark", 3, head.as_str())];
        assert_eq!(
            faults(&entries, &heads, &heads),
            ["chain of southwark, entry 2: it, or the one before it, is not what its hash says"]
        );
    }

    #[test]
    fn a_removed_entry_is_named() {
        let mut entries = chain("southwark", 3);
        let head = entries[2].hash.clone();
        entries.remove(1);
        let heads = [("southwark", 3, head.as_str())];
        assert_eq!(faults(&entries, &heads, &heads), ["chain of southwark, entry 3: entries before it are gone"]);
    }

    #[test]
    fn a_cut_tail_is_found_by_the_head_and_with_the_head_by_the_anchor() {
        let entries = chain("southwark", 3);
        let heads = [("southwark", 3, entries[2].hash.as_str())];
        assert_eq!(faults(&entries[..2], &heads, &[]), ["chain of southwark, entry 3: the end of the chain is gone"]);
        let forged = [("southwark", 2, entries[1].hash.as_str())];
        assert_eq!(
            faults(&entries[..2], &forged, &heads),
            ["chain of southwark, entry 3: it was anchored, and is gone"]
        );
        // With the anchors cut as well nothing within contradicts: only an anchor that was kept elsewhere does.
        assert_eq!(faults(&entries[..2], &forged, &forged), Vec::<String>::new());
    }

    #[test]
    fn a_chain_written_anew_contradicts_its_anchor() {
        let entries = chain("southwark", 3);
        let mut forged = entries.clone();
        forged[1].after = "{}".to_owned();
        for at in 1..3 {
            forged[at].hash = entry_hash(&forged[at - 1].hash, &forged[at].content());
        }
        let heads = [("southwark", 3, forged[2].hash.as_str())];
        let anchored = [("southwark", 3, entries[2].hash.as_str())];
        assert_eq!(
            faults(&forged, &heads, &anchored),
            ["chain of southwark, entry 3: it is not the entry that was anchored"]
        );
    }

    #[test]
    fn an_anchor_that_was_kept_elsewhere_is_missed_until_it_comes() {
        let (here, gone) = (anchor_hash("", 1, 5_000, "[]"), "0".repeat(64));
        let mut verifier = Verifier::missing([here.clone(), gone.clone()]);
        verifier.anchor(1, 5_000, "[]", &here);
        let verdict = verifier.verdict();
        assert_eq!((verdict.faults.len(), verdict.missing_anchors.clone()), (0, vec![gone]));
        assert!(!verdict.is_whole());
    }

    #[test]
    fn the_hash_can_be_computed_by_others() {
        let content = chain("southwark", 1)[0].clone();
        let text =
            r#"["exchange-audit-1","","southwark",1,1001,"anna",null,"RETURN_CREATED","returns/1",null,"{\"n\":1}"]"#;
        assert_eq!(content.hash, format!("{:x}", Sha256::digest(text)));
    }
}
