//! Pushing files through the front door: the same functions as an API client, in the same order, as different people.

use std::{fs, path::Path, sync::Arc};

use exchange::{
    Caller, Error, Exchange, Scope,
    rules::{
        metadata::Document,
        posted::{COMPARISON_FIELDS, LINE_FIELDS, PostedReturn, from_json, lines_from_csv},
    },
    service::{
        idempotency::IdempotencyKey,
        page::PageRequest,
        releases::ReleaseRequest,
        returns::{ReturnQuery, Step},
    },
    vocabulary::{Audience, MetadataFamily, ReturnState},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What is to be loaded.
#[derive(Debug, Default)]
pub struct Source {
    /// Metadata, in any order.
    pub documents: Vec<Document>,
    /// Returns.
    pub returns: Vec<PostedReturn>,
}

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents that were new or said something new.
    pub documents: u32,
    /// Returns that were posted, signed off and released.
    pub returns: u32,
    /// Returns that were there already.
    pub known: u32,
    /// Warnings of the validation reports, each with its place.
    pub warnings: Vec<String>,
}

/// Reads a CSV file of one family: a column is a member of the document.
pub fn documents(family: MetadataFamily, csv: &str) -> Result<Vec<Document>, String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().map_err(|failure| format!("{family}: {failure}"))?.clone();
    let mut documents = Vec::new();
    for (number, record) in (1..).zip(reader.records()) {
        let told = |failure: String| format!("{family}, row {number}: {failure}");
        let record = record.map_err(|failure| told(failure.to_string()))?;
        let cells = header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        let mut members = Map::new();
        let mut population_source = Value::Null;
        for (column, cell) in cells {
            if column == "population_source" {
                population_source = cell.into();
            } else {
                members.insert(column.to_owned(), member(column, cell).map_err(told)?);
            }
        }
        if let Some(Value::Array(populations)) = members.get_mut("populations") {
            for population in populations {
                population["source"] = population_source.clone();
            }
        }
        let json = Value::Object(members).to_string();
        documents.push(Document::from_json(family, &json).map_err(|failure| told(failure.to_string()))?);
    }
    Ok(documents)
}

/// What a cell of a column says in JSON.
fn member(column: &str, cell: &str) -> Result<Value, String> {
    let items = || cell.split(';').map(str::trim).filter(|item| !item.is_empty());
    Ok(match column {
        "within" | "kinds" | "aliases" | "agreements" | "members" | "periods" | "indicators" | "partnerships" => {
            items().map(Value::from).collect()
        }
        "links" => items()
            .map(|link| {
                let (kind, indicator) =
                    link.split_once(' ').ok_or_else(|| format!("`{link}` is not a kind and a code"))?;
                Ok(json!({ "kind": kind, "indicator": indicator }))
            })
            .collect::<Result<_, String>>()?,
        "populations" => items()
            .map(|population| {
                let parts: Vec<&str> = population.split('/').collect();
                let number = |text: &str| text.parse::<i64>().map_err(|_| format!("`{text}` is not a number"));
                match parts[..] {
                    [year, vintage, people] => {
                        Ok(json!({ "year": number(year)?, "vintage": vintage, "people": number(people)? }))
                    }
                    _ => Err(format!("`{population}` is not year/vintage/people")),
                }
            })
            .collect::<Result<_, String>>()?,
        "per" | "decimals" => cell.parse::<i64>().map_err(|_| format!("`{cell}` is not a number"))?.into(),
        "fictional" => (cell == "true").into(),
        _ => cell.into(),
    })
}

/// Reads a return from CSV files of its lines and of its reported comparisons.
pub fn posted_return(partnership: &str, collection: &str, lines: &str, comparisons: &str) -> PostedReturn {
    let (partnership, collection) = (Some(partnership.to_owned()), Some(collection.to_owned()));
    let mut posted = PostedReturn { partnership, collection, is_csv: true, ..PostedReturn::default() };
    posted.lines = lines_from_csv(lines.as_bytes(), &LINE_FIELDS, &mut posted.problems);
    if !comparisons.is_empty() {
        posted.reported_comparisons = lines_from_csv(comparisons.as_bytes(), &COMPARISON_FIELDS, &mut posted.problems);
    }
    posted
}

/// The files of metadata, by family.
pub const FILES: [(MetadataFamily, &str); 7] = [
    (MetadataFamily::Area, "areas.csv"),
    (MetadataFamily::Partnership, "partnerships.csv"),
    (MetadataFamily::Indicator, "indicators.csv"),
    (MetadataFamily::Definition, "definitions.csv"),
    (MetadataFamily::Break, "breaks.csv"),
    (MetadataFamily::PeerGroup, "peer-groups.csv"),
    (MetadataFamily::Collection, "collections.csv"),
];

impl Source {
    /// Reads a folder: the files of metadata that are there, and the returns in its folder `returns`.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut source = Self::default();
        for (family, name) in FILES {
            let path = folder.join(name);
            if path.exists() {
                source.documents.extend(documents(family, &read(&path)?)?);
            }
        }
        let returns = folder.join("returns");
        if returns.is_dir() {
            let entries = fs::read_dir(&returns).map_err(|failure| format!("{}: {failure}", returns.display()))?;
            let mut names: Vec<String> =
                entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
            names.sort();
            for name in names {
                let Some((partnership, collection)) =
                    name.strip_suffix(".lines.csv").and_then(|stem| stem.split_once('.'))
                else {
                    continue;
                };
                let comparisons = returns.join(format!("{partnership}.{collection}.reported-comparisons.csv"));
                let comparisons = if comparisons.exists() { read(&comparisons)? } else { String::new() };
                let lines = read(&returns.join(&name))?;
                source.returns.push(posted_return(partnership, collection, &lines, &comparisons));
            }
        }
        if source.documents.is_empty() && source.returns.is_empty() {
            return Err(format!("{} holds none of the files that `load` reads", folder.display()));
        }
        Ok(source)
    }

    /// Adds a return in the JSON form of REST.
    pub fn add_return(&mut self, body: &Value) {
        self.returns.push(from_json(body));
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|failure| format!("{}: {failure}", path.display()))
}

/// Loads metadata as an editor of the catalogue; posts each return as its partnership, signs it off as somebody else, and
/// releases it as the regional office and, for local indicators, as the partnership. What is there already is left alone.
pub async fn push(exchange: &Arc<Exchange>, source: Source) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let editor = Caller::identified("load:catalogue-editor").with_scopes([Scope::MetadataWrite]);
    let receipt = exchange.put_metadata(&editor, source.documents).await?;
    tally.documents = receipt.created + receipt.changed;

    let mut pending = Vec::new();
    for posted in source.returns {
        let partnership = posted.partnership.clone().unwrap_or_default();
        let respondent = Caller::identified(format!("load:{partnership}"))
            .with_scopes([Scope::ReturnsWrite])
            .for_partnerships([partnership.as_str()]);
        if is_known(exchange, &respondent, &posted).await? {
            tally.known += 1;
            continue;
        }
        let receipt = exchange.create_return(&respondent, posted, false, None).await?;
        let warnings = receipt
            .report
            .problems
            .iter()
            .filter(|problem| problem.severity == exchange::vocabulary::Severity::Warning);
        tally.warnings.extend(warnings.map(|problem| {
            let row = problem.place.source_row.as_deref().unwrap_or("?");
            format!("{partnership}, row {row}: {} {}", problem.code, problem.message)
        }));
        let Some(draft) = receipt.draft else { continue };
        let submitted = exchange.advance_return(&respondent, draft.id, Some(draft.version), Step::Submit).await?;
        let signatory = Caller::identified(format!("load:signatory-of-{partnership}"))
            .with_scopes([Scope::ReturnsSignOff])
            .for_partnerships([partnership.as_str()]);
        exchange.advance_return(&signatory, draft.id, Some(submitted.version), Step::SignOff).await?;
        pending.push((draft.id, partnership));
        tally.returns += 1;
    }
    release(exchange, &pending).await?;
    Ok(tally)
}

async fn is_known(exchange: &Exchange, respondent: &Caller, posted: &PostedReturn) -> Result<bool, Error> {
    let query =
        ReturnQuery { partnership: posted.partnership.clone(), collection: posted.collection.clone(), state: None };
    let request = PageRequest { limit: Some(1), cursor: None };
    let known = exchange.list_returns(respondent, &query, &request).await?;
    Ok(known.items.iter().any(|(_, summary)| summary.state != ReturnState::Withdrawn))
}

/// Releases returns: the national indicators region by region, then each partnership's own.
async fn release(exchange: &Exchange, pending: &[(Uuid, String)]) -> Result<(), Error> {
    let view = exchange.view(Arc::new(Caller::anonymous()), None).await?;
    let region_of = |code: &str| view.catalogue.partnership(code).and_then(|partnership| partnership.region.clone());
    let mut regions: Vec<String> = pending.iter().filter_map(|(_, partnership)| region_of(partnership)).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        let office = Caller::identified(format!("load:office-of-{region}"))
            .with_scopes([Scope::ReleasesWrite])
            .for_regions([region.as_str()]);
        let mine = pending.iter().filter(|(_, partnership)| region_of(partnership).as_ref() == Some(&region));
        release_as(exchange, &office, mine.map(|(id, _)| *id).collect()).await?;
    }
    for (id, partnership) in pending {
        let local =
            view.catalogue.indicators.iter().any(|(_, indicator)| indicator.owner.as_ref() == Some(partnership));
        if local {
            let own = Caller::identified(format!("load:{partnership}"))
                .with_scopes([Scope::ReleasesWrite])
                .for_partnerships([partnership.as_str()]);
            release_as(exchange, &own, vec![*id]).await?;
        }
    }
    Ok(())
}

async fn release_as(exchange: &Exchange, caller: &Caller, returns: Vec<Uuid>) -> Result<(), Error> {
    let request = ReleaseRequest { returns, audience: Audience::Public, effective_at: None, note: None };
    let key = IdempotencyKey::new(&Uuid::now_v7().to_string())?;
    exchange.release(caller, &request, Some(&key)).await.map(|_| ())
}
