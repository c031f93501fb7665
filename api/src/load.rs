//! Pushing files through the front door: the same functions as an API client, in the same order, as different people.

mod plan;

use std::{borrow::Cow, collections::BTreeMap, ffi::OsStr, fs, path::Path, sync::Arc};

use exchange::{
    Caller, Error, Exchange, Scope,
    rules::{
        catalogue::Catalogue,
        metadata::Document,
        posted::{COMPARISON_FIELDS, LINE_FIELDS, PostedReturn, from_json, lines_from_csv},
    },
    service::{
        idempotency::IdempotencyKey,
        page::PageRequest,
        releases::ReleaseRequest,
        returns::{ReturnQuery, Step},
    },
    vocabulary::{MetadataFamily, ReturnState},
};
use serde_json::{Map, Number, Value, json};
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
        let mut sources: Vec<(&str, &str)> = Vec::new();
        for (column, cell) in cells {
            match column {
                "population_source" => sources.push(("populations", cell)),
                "deprivation_source" => sources.push(("deprivation", cell)),
                _ => {
                    members.insert(column.to_owned(), member(column, cell).map_err(told)?);
                }
            }
        }
        for (list, source) in sources {
            for item in members.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                item["source"] = source.into();
            }
        }
        let json = Value::Object(members).to_string();
        documents.push(Document::from_json(family, &json).map_err(|failure| told(failure.to_string()))?);
    }
    Ok(documents)
}

/// What a cell of a column says in JSON.
fn member(column: &str, cell: &str) -> Result<Value, String> {
    Ok(match column {
        "within" | "kinds" | "aliases" | "agreements" | "members" | "periods" | "indicators" | "partnerships" => {
            items_of(cell).map(Value::from).collect()
        }
        "links" => items_of(cell)
            .map(|link| {
                let (kind, indicator) =
                    link.split_once(' ').ok_or_else(|| format!("`{link}` is not a kind and a code"))?;
                Ok(json!({ "kind": kind, "indicator": indicator }))
            })
            .collect::<Result<_, String>>()?,
        "populations" => items_of(cell)
            .map(|population| {
                let parts: Vec<&str> = population.split('/').collect();
                match parts[..] {
                    ["", vintage, people] => Ok(json!({ "vintage": vintage, "people": number(people)? })),
                    [year, vintage, people] => {
                        Ok(json!({ "year": number(year)?, "vintage": vintage, "people": number(people)? }))
                    }
                    _ => Err(format!("`{population}` is not year/vintage/people")),
                }
            })
            .collect::<Result<_, String>>()?,
        "deprivation" => items_of(cell)
            .map(|rank| {
                let parts: Vec<&str> = rank.split('/').collect();
                match parts[..] {
                    [index, rank, of] => Ok(json!({ "index": index, "rank": number(rank)?, "of": number(of)? })),
                    _ => Err(format!("`{rank}` is not index/rank/of")),
                }
            })
            .collect::<Result<_, String>>()?,
        "per" | "decimals" | "lowest" | "highest" | "wards" => number(cell)?,
        "fictional" => (cell == "true").into(),
        _ => cell.into(),
    })
}

/// The items of a cell that holds several.
fn items_of(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|item| !item.is_empty())
}

/// A number of a cell, with the decimals that it is written with.
fn number(cell: &str) -> Result<Value, String> {
    cell.parse::<Number>().map(Value::Number).map_err(|_| format!("`{cell}` is not a number"))
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
const FILES: [(MetadataFamily, &str); 7] = [
    (MetadataFamily::Area, "areas.csv"),
    (MetadataFamily::Partnership, "partnerships.csv"),
    (MetadataFamily::Indicator, "indicators.csv"),
    (MetadataFamily::Definition, "definitions.csv"),
    (MetadataFamily::Break, "breaks.csv"),
    (MetadataFamily::PeerGroup, "peer-groups.csv"),
    (MetadataFamily::Collection, "collections.csv"),
];

/// The folders below the files of metadata.
const FOLDERS: [&str; 2] = ["plans", "returns"];

/// Text files by their paths within a folder: `areas.csv`, `plans/southwark.rolling-plan-2008-12.json`.
pub type Files = BTreeMap<String, Cow<'static, str>>;

impl Source {
    /// Reads a folder: the files of metadata that are there, and its folders `plans` and `returns`.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut files = Files::new();
        for within in std::iter::once("").chain(FOLDERS) {
            let path = folder.join(within);
            if !path.is_dir() {
                continue;
            }
            let told = |failure: std::io::Error| format!("{}: {failure}", path.display());
            for entry in fs::read_dir(&path).map_err(told)? {
                let path = entry.map_err(told)?.path();
                let (Some(name), Some("csv" | "json")) =
                    (path.file_name().and_then(OsStr::to_str), path.extension().and_then(OsStr::to_str))
                else {
                    continue;
                };
                let name = if within.is_empty() { name.to_owned() } else { format!("{within}/{name}") };
                let text = fs::read_to_string(&path).map_err(|failure| format!("{}: {failure}", path.display()))?;
                files.insert(name, text.into());
            }
        }
        let source = Self::from_files(&files)?;
        if source.documents.is_empty() && source.returns.is_empty() {
            return Err(format!("{} holds none of the files that `load` reads", folder.display()));
        }
        Ok(source)
    }

    /// Reads files: metadata, plans and returns.
    pub fn from_files(files: &Files) -> Result<Self, String> {
        let mut source = Self::default();
        for (family, name) in FILES {
            if let Some(csv) = files.get(name) {
                source.documents.extend(documents(family, csv)?);
            }
        }
        for (name, text) in files {
            if let Some(stem) = name.strip_prefix("plans/").and_then(|name| name.strip_suffix(".json")) {
                source.documents.push(plan::read(stem, text, files)?);
            }
            let stem = name.strip_prefix("returns/").and_then(|name| name.strip_suffix(".lines.csv"));
            if let Some((partnership, collection)) = stem.and_then(|stem| stem.split_once('.')) {
                let comparisons = files.get(&format!("returns/{partnership}.{collection}.reported-comparisons.csv"));
                let comparisons = comparisons.map(|csv| &**csv).unwrap_or_default();
                source.returns.push(posted_return(partnership, collection, text, comparisons));
            }
        }
        Ok(source)
    }

    /// Adds a return in the JSON form of REST.
    pub fn add_return(&mut self, body: &Value) {
        self.returns.push(from_json(body));
    }
}

/// Loads metadata as an editor of the catalogue; posts each return as its partnership, signs it off as somebody else, and
/// releases it as the regional office and, for local indicators, as the partnership. What is there already is left alone.
pub async fn push(exchange: &Arc<Exchange>, source: Source) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let editor = Caller::identified("load:catalogue-editor").with_scopes([Scope::MetadataWrite]);
    let receipt = exchange.put_metadata(&editor, source.documents).await?;
    tally.documents = receipt.created + receipt.changed;
    // Who loads the same again has read them.
    if tally.documents > 0 {
        tally.warnings.extend(receipt.warnings.iter().map(|warning| format!("{} {}", warning.code, warning.message)));
    }

    let view = exchange.view(Arc::new(Caller::anonymous()), None).await?;
    let catalogue = &*view.catalogue;
    let mut pending = Vec::new();
    for posted in source.returns {
        let partnership = posted.partnership.clone().unwrap_or_default();
        let mut respondent = Caller::identified(format!("load:{partnership}"))
            .with_scopes([Scope::ReturnsWrite])
            .for_partnerships([partnership.as_str()]);
        // Whoever loads files vouches for the areas that they name: a plan may print the region's figures beside its own.
        let own = catalogue.partnership(&partnership).map(|known| known.area.as_str());
        let named = posted.lines.iter().filter_map(|line| line.get("area")).map(|area| area.text.as_str());
        respondent.areas =
            named.chain(own).filter_map(|code| catalogue.area(code)).map(|area| area.code.clone()).collect();
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
        for problem in warnings {
            let row = problem.place.source_row.as_deref().unwrap_or("?");
            let warning = format!("{partnership}, row {row}: {} {}", problem.code, problem.message);
            // The years of one row may all be told the same.
            if !tally.warnings.contains(&warning) {
                tally.warnings.push(warning);
            }
        }
        let Some(draft) = receipt.draft else { continue };
        let submitted = exchange.advance_return(&respondent, draft.id, Some(draft.version), Step::Submit).await?;
        let signatory = Caller::identified(format!("load:signatory-of-{partnership}"))
            .with_scopes([Scope::ReturnsSignOff])
            .for_partnerships([partnership.as_str()]);
        exchange.advance_return(&signatory, draft.id, Some(submitted.version), Step::SignOff).await?;
        pending.push((draft.id, partnership));
        tally.returns += 1;
    }
    release(exchange, catalogue, &pending).await?;
    Ok(tally)
}

async fn is_known(exchange: &Exchange, respondent: &Caller, posted: &PostedReturn) -> Result<bool, Error> {
    let query =
        ReturnQuery { partnership: posted.partnership.clone(), collection: posted.collection.clone(), state: None };
    let request = PageRequest { limit: Some(1), ..PageRequest::default() };
    let known = exchange.list_returns(respondent, &query, &request).await?;
    Ok(known.items.iter().any(|(_, summary)| summary.state != ReturnState::Withdrawn))
}

/// Releases returns: the national indicators region by region, then each partnership's own.
async fn release(exchange: &Exchange, catalogue: &Catalogue, pending: &[(Uuid, String)]) -> Result<(), Error> {
    let region_of = |code: &str| catalogue.partnership(code).and_then(|partnership| partnership.region.clone());
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
        let local = catalogue.indicators.iter().any(|(_, indicator)| indicator.owner.as_ref() == Some(partnership));
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
    let request = ReleaseRequest::of(returns);
    let key = IdempotencyKey::new(&Uuid::now_v7().to_string())?;
    exchange.release(caller, &request, Some(&key)).await.map(|_| ())
}
