//! What the columns of a table are: CSV on the Web (W3C, Metadata Vocabulary for Tabular Data) and Data Package (Frictionless).
//!
//! A column is a member of a document of the OpenAPI document: it is described there, once, and what it holds follows from there.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::Table;
use crate::openapi;

/// A column, as the document that it is a member of describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds; nothing only if it is described nowhere.
    pub about: String,
    /// Whether each row has it.
    is_required: bool,
    /// The schema of the member.
    schema: Value,
}

/// The documents that columns are members of, by name.
static DOCUMENTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let document = openapi::undecorated();
    let mut document = serde_json::to_value(document).unwrap_or_default();
    match document.pointer_mut("/components/schemas").map(Value::take) {
        Some(Value::Object(schemas)) => schemas,
        _ => Map::new(),
    }
});

/// The columns of a table.
pub fn columns<T: Table>() -> Vec<Column> {
    T::columns().into_iter().map(column::<T>).collect()
}

fn column<T: Table>(name: &'static str) -> Column {
    let otherwise = T::OTHERWISE.iter().find(|(column, _)| *column == name);
    let found = match otherwise {
        Some((_, path)) => path.split_once('.').and_then(|(document, path)| at_path(document, path)),
        None => T::OF.iter().find_map(|document| named(document, name)),
    };
    let of_first = match otherwise {
        Some((_, path)) => path.split('.').next() == T::OF.first().copied(),
        None => T::OF.first().is_some_and(|document| named(document, name).is_some()),
    };
    let Member { about, is_required, schema } = found.unwrap_or_default();
    Column { name, about, is_required: is_required && of_first, schema }
}

#[derive(Default)]
struct Member {
    about: String,
    is_required: bool,
    schema: Value,
}

/// The member at `figure.from.value` of a document.
fn at_path(document: &str, path: &str) -> Option<Member> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let member = member(document, first)?;
    let Some(rest) = rest else { return Some(member) };
    within(&member, |document| at_path(document, rest))
}

/// The member that a column is called after: `breakdown_member` is `member` of `breakdown`, if there is no member of that name.
fn named(document: &str, name: &str) -> Option<Member> {
    member(document, name).or_else(|| {
        name.match_indices('_')
            .find_map(|(at, _)| within(&member(document, &name[..at])?, |document| named(document, &name[at + 1..])))
    })
}

/// A member of a member: what is said of both, the wider first.
fn within(outer: &Member, find: impl FnOnce(&str) -> Option<Member>) -> Option<Member> {
    let document = referred(&outer.schema)?;
    let inner = find(document)?;
    Some(Member {
        about: format!("{} {}", outer.about, inner.about).trim().to_owned(),
        is_required: outer.is_required && inner.is_required,
        schema: inner.schema,
    })
}

fn member(document: &str, name: &str) -> Option<Member> {
    let document = DOCUMENTS.get(document)?;
    // What is flattened into a document stands beside its own members.
    let parts =
        document.get("allOf").and_then(Value::as_array).map_or_else(|| vec![document], |parts| parts.iter().collect());
    parts.into_iter().find_map(|part| {
        if let Some(name_of_part) = referred(part).filter(|_| part.get("properties").is_none()) {
            return member(name_of_part, name);
        }
        let schema = part.pointer(&format!("/properties/{name}"))?.clone();
        let required =
            part.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|known| known == name));
        Some(Member { about: about(&schema), is_required: required && !is_nullable(&schema), schema })
    })
}

fn is_nullable(schema: &Value) -> bool {
    let null = json!("null");
    let has_null = |types: &Value| types.as_array().is_some_and(|types| types.contains(&null));
    let variants = schema.get("oneOf").and_then(Value::as_array);
    schema.get("type").is_some_and(has_null)
        || variants.is_some_and(|all| all.iter().any(|one| one.get("type") == Some(&null)))
}

fn about(schema: &Value) -> String {
    let text = |schema: &Value| schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " "));
    let of_variant = || schema.get("oneOf")?.as_array()?.iter().find_map(text);
    text(schema).or_else(of_variant).unwrap_or_default()
}

/// The document that a member is, or a list of.
fn referred(schema: &Value) -> Option<&str> {
    let direct = |schema: &'_ Value| schema.get("$ref").and_then(Value::as_str).map(str::len).is_some();
    let variants = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let all = [schema].into_iter().chain(schema.get("items")).chain(variants);
    all.into_iter().find(|schema| direct(schema))?.get("$ref")?.as_str()?.rsplit('/').next()
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    Instant,
    Words(Vec<String>),
}

impl Column {
    fn kind(&self) -> Kind {
        kind(self.schema.get("items").unwrap_or(&self.schema))
    }

    fn is_list(&self) -> bool {
        let is_array =
            |kind: &Value| kind == "array" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("array")));
        self.schema.get("type").is_some_and(is_array)
    }

    /// The column in the words of CSV on the Web.
    fn on_the_web(&self, separator: &str) -> Value {
        let datatype = match self.kind() {
            Kind::Text => json!("string"),
            Kind::Integer => json!("integer"),
            Kind::Decimal => json!("decimal"),
            Kind::Boolean => json!("boolean"),
            Kind::Date => json!("date"),
            Kind::Instant => json!("dateTimeStamp"),
            Kind::Words(words) => json!({ "base": "string", "format": words.join("|") }),
        };
        let mut column =
            json!({ "name": self.name, "titles": self.name, "dc:description": self.about, "datatype": datatype });
        if self.is_list() {
            column["separator"] = json!(separator);
        } else if self.is_required {
            column["required"] = json!(true);
        }
        column
    }

    /// The column in the words of a table schema of a data package.
    fn in_package(&self) -> Value {
        let kind = match self.kind() {
            _ if self.is_list() => "string",
            Kind::Text | Kind::Words(_) => "string",
            Kind::Integer => "integer",
            Kind::Decimal => "number",
            Kind::Boolean => "boolean",
            Kind::Date => "date",
            Kind::Instant => "datetime",
        };
        let mut field = json!({ "name": self.name, "type": kind, "description": self.about });
        if kind == "datetime" {
            // An instant may have a fraction.
            field["format"] = json!("any");
        }
        let mut constraints = Map::new();
        if self.is_required && !self.is_list() {
            constraints.insert("required".to_owned(), json!(true));
        }
        if let (Kind::Words(words), false) = (self.kind(), self.is_list()) {
            constraints.insert("enum".to_owned(), json!(words));
        }
        if !constraints.is_empty() {
            field["constraints"] = Value::Object(constraints);
        }
        field
    }
}

fn kind(schema: &Value) -> Kind {
    let document = referred(schema).and_then(|name| DOCUMENTS.get(name));
    let schema = document.unwrap_or(schema);
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return Kind::Words(words.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    let kinds = schema.get("type").cloned().unwrap_or_default();
    let is = |name: &str| kinds == name || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name));
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => Kind::Date,
        Some("date-time") => Kind::Instant,
        _ if is("integer") => Kind::Integer,
        _ if is("number") => Kind::Decimal,
        _ if is("boolean") => Kind::Boolean,
        _ => Kind::Text,
    }
}

/// What the table at an address is (`application/csvm+json`).
pub fn on_the_web<T: Table>(address: &str, licence: Option<&str>) -> Value {
    let columns: Vec<Value> = columns::<T>().iter().map(|column| column.on_the_web(T::SEPARATOR)).collect();
    let about = T::OF.first().and_then(|document| DOCUMENTS.get(*document)).map(about).unwrap_or_default();
    let mut schema = json!({ "columns": columns });
    if !T::KEY.is_empty() {
        schema["primaryKey"] = json!(T::KEY);
    }
    let mut description = json!({
        "@context": ["http://www.w3.org/ns/csvw", { "@language": "en" }],
        "url": address,
        "dc:description": about,
        "dialect": { "encoding": "utf-8", "delimiter": ",", "quoteChar": "\"", "doubleQuote": true, "lineTerminators": ["\r\n"], "header": true },
        "tableSchema": schema,
    });
    if let Some(licence) = licence {
        description["dc:license"] = json!({ "@id": licence });
    }
    description
}

/// The schema of a table in a data package.
pub fn in_package<T: Table>() -> Value {
    let fields: Vec<Value> = columns::<T>().iter().map(Column::in_package).collect();
    let mut schema = json!({ "fields": fields, "missingValues": [""] });
    if !T::KEY.is_empty() {
        schema["primaryKey"] = json!(T::KEY);
    }
    schema
}

#[cfg(test)]
mod tests {
    use exchange::{
        Report,
        rules::catalogue::{Area, Collection, Indicator, Partnership, PeerGroup},
        service::{
            changes::PublishedChange, comparison::ComparisonAnswer, framework::Framework, releases::Release,
            returns::ReturnDocument,
        },
    };

    use super::*;
    use crate::{
        csv::Row,
        rest::{
            audit::{AnchorPage, AuditPage},
            comparison::ReportedComparisonPage,
            figures::FigurePage,
            indicators::IndicatorDocument,
            metadata::One,
            plan_lists, plans,
            returns::ReturnPage,
        },
    };

    fn undescribed<T: Table>() -> Vec<String> {
        let columns = columns::<T>();
        assert!(!columns.is_empty());
        let without = columns.iter().filter(|column| column.about.len() < 4);
        without.map(|column| format!("{:?} {}", T::OF, column.name)).collect()
    }

    fn undescribed_row<T: Row + serde::Serialize>() -> Vec<String> {
        undescribed::<One<'_, T>>()
    }

    #[test]
    fn every_column_of_every_table_is_described() {
        let without = [
            undescribed::<FigurePage>(),
            undescribed::<ComparisonAnswer>(),
            undescribed::<Framework>(),
            undescribed::<Report>(),
            undescribed::<Release>(),
            undescribed::<ReturnDocument>(),
            undescribed::<ReturnPage>(),
            undescribed::<AuditPage>(),
            undescribed::<AnchorPage>(),
            undescribed::<ReportedComparisonPage>(),
            undescribed::<IndicatorDocument>(),
            undescribed::<plans::PlanList>(),
            undescribed::<plans::WholePlan<'_>>(),
            undescribed::<plan_lists::PriorityList>(),
            undescribed::<plan_lists::CommitmentList>(),
            undescribed::<plan_lists::ActionList>(),
            undescribed::<plan_lists::ResourceList>(),
            undescribed::<plan_lists::DeliveryGroupList>(),
            undescribed::<plan_lists::AgencyList>(),
            undescribed::<plan_lists::GovernanceList>(),
            undescribed::<plan_lists::PlanLinkList>(),
            undescribed::<plan_lists::SectionList>(),
            undescribed::<plan_lists::PlanLineList>(),
            undescribed_row::<PublishedChange>(),
            undescribed_row::<Area>(),
            undescribed_row::<Partnership>(),
            undescribed_row::<Indicator>(),
            undescribed_row::<PeerGroup>(),
            undescribed_row::<Collection>(),
        ];
        assert_eq!(without.concat(), Vec::<String>::new());
    }

    #[test]
    fn a_column_is_described_by_what_it_is_a_member_of() {
        let columns = columns::<FigurePage>();
        let column = |name: &str| columns.iter().find(|column| column.name == name).unwrap();
        assert_eq!(
            column("breakdown_dimension").about,
            "The member of a breakdown; absent for the whole. What the whole is broken down by."
        );
        assert_eq!(column("value").kind(), Kind::Decimal);
        assert_eq!(column("period_start").kind(), Kind::Date);
        assert_eq!(column("published_at").kind(), Kind::Instant);
        assert_eq!(column("fictional").kind(), Kind::Boolean);
        assert!(column("doubts").is_list());
        assert!(column("indicator").is_required && !column("value").is_required);
    }
}
