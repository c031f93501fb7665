//! Metadata: documents are put whole, checked against the catalogue, and published at once as one edition.

use std::{collections::BTreeSet, fmt, sync::Arc};

use entity::{Audience, AuditAction, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Exchange,
    idempotency::trace,
    page::{Page, PageRequest},
    publishing::Announced,
    view::View,
};
use crate::{
    caller::{Caller, Scope},
    clock::Instant,
    problem::{Error, Place, Problem, ProblemCode, Refusal, Result},
    rules::{
        catalogue::{self, Catalogue, Collection, Family, Known, Version},
        free_text::shortened,
        metadata::Document,
        metadata_check::{self, MOST_TOLD},
    },
    store::{self, ledger},
};

/// What became of documents that were put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PutReceipt {
    /// How many documents are new.
    pub created: u32,
    /// How many replaced an earlier version.
    pub changed: u32,
    /// How many said what was known already; nothing was written for them.
    pub unchanged: u32,
    /// When the change takes effect; absent if there was none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub effective_at: Option<Instant>,
    /// The hash of the audit trail's anchor that was made with the change; keep it elsewhere to prove what was written before.
    pub anchor: Option<String>,
    /// What is worth knowing of plans that were put, unchanged ones too: doubts that they declare, and resource tables
    /// that disagree.
    pub warnings: Vec<Problem>,
}

/// How many documents one request may list.
pub const MOST_LISTED: usize = 200;

/// Documents that are put at once.
#[derive(Debug, Clone)]
struct Put {
    documents: Vec<Document>,
    /// Whether a request lists them: what is wrong is then told by the place in its list.
    listed: bool,
}

impl Put {
    /// What stands before a pointer into one of the documents: `/documents/3/peer_group`.
    fn place(&self, at: usize, document: &Document) -> String {
        if self.listed {
            format!("/documents/{at}/{}", document.family().as_str().to_lowercase())
        } else {
            String::new()
        }
    }

    /// A refusal of one of the documents as a whole.
    fn refusal(&self, code: ProblemCode, detail: String, (at, document): (usize, &Document)) -> Error {
        let place = Place::pointer(self.place(at, document));
        let severity = Severity::Error;
        let problem = || Problem { code, severity, message: detail.clone(), expected: None, place };
        let problems = self.listed.then(problem).into_iter().collect();
        Refusal { code, detail, problems, report: None }.into()
    }
}

impl Exchange {
    /// Puts the documents that a request lists, as [`Exchange::put_metadata`] does. Problems are told with pointers into its
    /// list: `/documents/3/peer_group/valid_to`.
    ///
    /// # Errors
    /// As of [`Exchange::put_metadata`]; `INVALID_DOCUMENT` for more than [`MOST_LISTED`].
    pub async fn put_listed(&self, caller: &Caller, documents: Vec<Document>) -> Result<PutReceipt> {
        caller.require(Scope::MetadataWrite)?;
        let listed = documents.len();
        if listed > MOST_LISTED {
            let detail = format!("{listed} documents are too many: {MOST_LISTED} are the most.");
            let problem = Problem {
                code: ProblemCode::InvalidDocument,
                severity: Severity::Error,
                message: detail.clone(),
                expected: Some(format!("at most {MOST_LISTED}")),
                place: Place::pointer("/documents"),
            };
            let code = ProblemCode::InvalidDocument;
            return Err(Refusal { code, detail, problems: vec![problem], report: None }.into());
        }
        self.put(caller, &Put { documents, listed: true }).await
    }

    /// Puts documents, all or none, as one edition that takes effect at once.
    ///
    /// A partnership puts its own local indicators, with definitions and breaks, and its plans; a regional office the peer
    /// groups, collections and plans of its partnerships; a token that speaks for nobody in particular, an editor's, anything.
    ///
    /// # Errors
    /// `MISSING_SCOPE`, `NOT_YOUR_PARTNERSHIP`, and `INVALID_DOCUMENT` with everything that is wrong.
    pub async fn put_metadata(&self, caller: &Caller, documents: Vec<Document>) -> Result<PutReceipt> {
        self.put(caller, &Put { documents, listed: false }).await
    }

    async fn put(&self, caller: &Caller, put: &Put) -> Result<PutReceipt> {
        let subject = caller.require(Scope::MetadataWrite)?;
        for _ in 0..ATTEMPTS {
            match self.put_checked(caller, subject, put).await {
                // Somebody else was faster: what was checked may no longer hold.
                Err(Error::Internal { source, .. }) if source.is::<LedgerMoved>() => {}
                outcome => return outcome,
            }
        }
        Err(Error::problem(ProblemCode::Overloaded, "Other writes were in the way; repeat the request."))
    }

    /// Checks documents against the catalogue as it stands, and writes them if it still stands so.
    async fn put_checked(&self, caller: &Caller, subject: &str, put: &Put) -> Result<PutReceipt> {
        let (ledger, now) = self.ledger().await?;
        let catalogue = self.catalogue(&ledger, Instant::MAX_UTC).await?;
        let foreign = put.documents.iter().enumerate().find(|(_, document)| !may_put(caller, document, &catalogue));
        if let Some(foreign) = foreign {
            return Err(put.refusal(ProblemCode::NotYourPartnership, NOT_YOURS.to_owned(), foreign));
        }
        let (mut receipt, changes) = tally(check(put, &catalogue)?);
        if changes.is_empty() {
            return Ok(receipt);
        }
        let (changes, checked_at) = (&changes, ledger.version());
        let write = |announced: Announced| {
            self.database.write(move |tx| async move {
                self.begin_change(&tx, announced).await?;
                if ledger::version(&*tx).await? != checked_at {
                    return Err(Error::internal("putting metadata", LedgerMoved));
                }
                let edition = ledger::insert_metadata_edition(&*tx, now).await?;
                let mut entries = Vec::with_capacity(changes.len());
                for change in changes {
                    let family = change.document.family();
                    let id = store::metadata::code_id(&*tx, family, &change.key).await?;
                    store::metadata::insert(&*tx, id, edition, &change.document).await?;
                    let mut entry =
                        trace(caller, subject, now, AuditAction::MetadataPut, format!("{family}/{}", change.key));
                    let json = |document: &Document| {
                        document.to_json().map_err(|failure| Error::internal("auditing", failure))
                    };
                    catalogue::owner_of(&change.document).unwrap_or_default().clone_into(&mut entry.chain);
                    entry.before = change.before.as_ref().map(json).transpose()?;
                    entry.after = Some(json(&change.document)?);
                    entries.push(entry);
                }
                store::audit::record(&*tx, entries).await?;
                let effective_at = ledger::first_free(&*tx, announced.at).await?;
                let (version, anchor) = self.end_change(&tx, now).await?;
                let entry = ledger::Entry { edition_id: edition, audience: Audience::Public, release_id: None };
                ledger::publish(&*tx, &[entry], effective_at, version).await?;
                Ok((effective_at, anchor))
            })
        };
        let (effective_at, anchor) = self.announced(None, write).await?;
        self.reach(effective_at).await?;
        (receipt.effective_at, receipt.anchor) = (Some(effective_at), Some(anchor));
        Ok(receipt)
    }

    /// The time for readers, by the clock that the ledger is kept by.
    pub async fn now(&self) -> Result<Instant> {
        Ok(self.ledger().await?.1)
    }
}

/// How often documents are checked anew because somebody else was faster.
const ATTEMPTS: u32 = 10;

/// The ledger has changed since the catalogue was read.
#[derive(Debug)]
struct LedgerMoved;

impl fmt::Display for LedgerMoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ledger has changed since the catalogue was read")
    }
}

impl std::error::Error for LedgerMoved {}

/// An editor of the catalogue, whose token speaks for nobody in particular, may put anything. Everybody else may put what is
/// theirs: a partnership its own local indicators and plans, a regional office the peer groups, collections and plans of its
/// partnerships.
fn may_put(caller: &Caller, document: &Document, catalogue: &Catalogue) -> bool {
    if caller.partnerships.is_empty() && caller.regions.is_empty() {
        return true;
    }
    let of_region = |code: &str| catalogue.partnership(code).is_some_and(|known| caller.speaks_for_region_of(known));
    let owns = |code: &str| catalogue::split_owner(code).0.is_some_and(|owner| caller.partnerships.contains(owner));
    match document {
        Document::Indicator(indicator) => owns(&indicator.qualified_code()),
        Document::Definition(definition) => owns(&definition.indicator),
        Document::Break(discontinuity) => owns(&discontinuity.indicator),
        Document::PeerGroup(group) => {
            let before = catalogue.peer_group(&group.code);
            of_region(&group.owner) && before.is_none_or(|before| of_region(&before.owner))
        }
        Document::Collection(collection) => {
            let asks_yours = |collection: &Collection| {
                !collection.partnerships.is_empty() && collection.partnerships.iter().all(|code| of_region(code))
            };
            asks_yours(collection) && catalogue.collection(&collection.code).is_none_or(|before| asks_yours(before))
        }
        Document::Plan(plan) => caller.partnerships.contains(&plan.partnership) || of_region(&plan.partnership),
        Document::Area(_) | Document::Partnership(_) => false,
    }
}

/// What somebody is told who may not put a document.
const NOT_YOURS: &str = "The token may put the local indicators and plans of its own partnerships, and the peer groups, \
                         collections and plans of its own region's partnerships.";

/// A document that is about to be written.
struct Change {
    place: String,
    key: String,
    document: Document,
    before: Option<Document>,
}

/// Checks documents in the order in which they depend on each other, each against those before it.
fn check(put: &Put, catalogue: &Arc<Catalogue>) -> Result<Vec<Change>> {
    let single = put.documents.len() == 1;
    let mut documents: Vec<(usize, &Document)> = put.documents.iter().enumerate().collect();
    documents.sort_by_key(|(_, document)| document.family());
    let mut working = Catalogue::clone(catalogue);
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    // New documents have no number yet; negative ones keep them apart while they are checked.
    let mut seen = BTreeSet::new();
    for ((at, document), number) in documents.into_iter().zip((i32::MIN..0).rev()) {
        let place = put.place(at, document);
        let mut document = document.clone();
        let outcome = metadata_check::check(&mut document, &working);
        let key = catalogue::key_of(&document);
        if !seen.insert((document.family(), key.clone())) {
            let detail = format!("{} {} is put twice at once.", document.family(), shortened(&key));
            return Err(put.refusal(ProblemCode::InvalidDocument, detail, (at, &document)));
        }
        if let Err(mut found) = outcome {
            for problem in &mut found {
                if !single {
                    problem.message = format!("{} {}: {}", document.family(), shortened(&key), problem.message);
                }
                problem.place.move_into(&place);
            }
            problems.extend(found.into_iter().map(|problem| (at, problem)));
            continue;
        }
        let family = document.family();
        let before = working.document(family, &key);
        let id = working.id(family, &key).unwrap_or(number);
        working.insert(Version { id, key: key.clone(), document: document.clone() });
        changes.push(Change { place, key, document, before });
    }
    if problems.is_empty() {
        return Ok(changes);
    }
    let detail = match problems.len() {
        1 => "The document is not valid.".to_owned(),
        many @ ..=MOST_TOLD => format!("There are {many} problems."),
        _ => format!("There are more than {MOST_TOLD} problems."),
    };
    if put.listed {
        problems.sort_by_key(|(at, _)| *at);
        problems.truncate(MOST_TOLD);
    }
    let problems = problems.into_iter().map(|(_, problem)| problem).collect();
    Err(Refusal { code: ProblemCode::InvalidDocument, detail, problems, report: None }.into())
}

fn tally(changes: Vec<Change>) -> (PutReceipt, Vec<Change>) {
    let mut receipt =
        PutReceipt { created: 0, changed: 0, unchanged: 0, effective_at: None, anchor: None, warnings: Vec::new() };
    let mut kept = Vec::new();
    for change in changes {
        if let Document::Plan(plan) = &change.document {
            let mut warnings = metadata_check::plan::warnings(plan);
            for warning in &mut warnings {
                warning.place.move_into(&change.place);
            }
            receipt.warnings.extend(warnings);
        }
        match &change.before {
            None => receipt.created += 1,
            Some(before) if *before == change.document => {
                receipt.unchanged += 1;
                continue;
            }
            Some(_) => receipt.changed += 1,
        }
        kept.push(change);
    }
    (receipt, kept)
}

impl View {
    /// A page of one family's documents, in the order of their folded codes.
    pub fn documents<'a, T: Clone + 'a>(
        &self,
        list: &str,
        family: &'a Family<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool + 'a,
    ) -> Result<Page<Known<T>>> {
        let from = request.from(list)?;
        let keep = |(_, known): &(&str, &Known<T>)| keep(&known.document);
        let keyed = |(key, known): (&str, &Known<T>)| (key.to_owned(), known.clone());
        if request.backwards {
            request.cut(list, family.before(from.as_deref()).filter(keep).map(keyed))
        } else {
            request.cut(list, family.after(from.as_deref()).filter(keep).map(keyed))
        }
    }
}
