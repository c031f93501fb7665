//! A small catalogue for tests: two London boroughs and what their plans measure.

use entity::MetadataFamily::{self, Area, Break, Collection, Definition, Indicator, Partnership, PeerGroup};
use serde_json::{Value, json};

use super::{Catalogue, Version, key_of};
use crate::rules::metadata::Document;

/// A document of a family.
pub(crate) fn document(family: MetadataFamily, json: &Value) -> Document {
    Document::from_json(family, &json.to_string()).unwrap()
}

/// The catalogue of some documents, numbered from 1 in their order.
pub(crate) fn catalogue_of(documents: impl IntoIterator<Item = Document>) -> Catalogue {
    Catalogue::build(versions(documents))
}

/// Versions of some documents, numbered from 1 in their order.
pub(crate) fn versions(documents: impl IntoIterator<Item = Document>) -> Vec<Version> {
    (1..).zip(documents).map(|(id, document)| Version { id, key: key_of(&document), document }).collect()
}

/// The catalogue of [`documents`].
pub(crate) fn catalogue() -> Catalogue {
    catalogue_of(documents())
}

/// The areas, partnerships, indicators, definitions, peer groups and the collection of Southwark and Lambeth.
pub(crate) fn documents() -> Vec<Document> {
    let areas = [
        json!({ "code": "E92000001", "name": "England", "kind": "COUNTRY" }),
        json!({ "code": "E12000007", "name": "London", "kind": "REGION", "within": ["E92000001"] }),
        json!({ "code": "E12000008", "name": "South East", "kind": "REGION", "within": ["E92000001"] }),
        json!({
            "code": "E09000028", "old_code": "00BE", "name": "Southwark", "kind": "PARTNERSHIP_AREA",
            "within": ["E12000007"],
        }),
        json!({
            "code": "E09000022", "old_code": "00AY", "name": "Lambeth", "kind": "PARTNERSHIP_AREA",
            "within": ["E12000007"],
        }),
        json!({ "code": "AYLESBURY", "name": "Aylesbury estate", "kind": "SUB_AREA", "within": ["E09000028"] }),
    ];
    let partnerships = [
        json!({ "code": "southwark", "name": "Southwark", "area": "E09000028", "region": "E12000007" }),
        json!({ "code": "lambeth", "name": "Lambeth", "area": "E09000022", "region": "E12000007" }),
    ];
    let plain = [
        "NI 16",
        "NI 20",
        "NI 26",
        "NI 28",
        "NI 29",
        "NI 32",
        "NI 34",
        "NI 49",
        "NI 49a",
        "CRIME personal-robbery",
        "CRIME business-robbery",
        "CRIME domestic-burglary",
        "CRIME theft-from-motor-vehicle",
        "CRIME theft-of-motor-vehicle",
        "CRIME serious-youth-crime",
    ];
    let indicators = plain.map(|code| json!({ "code": code })).into_iter().chain([
        json!({ "code": "NI 15", "aliases": ["VSC26", "PAF C18"] }),
        json!({ "code": "LI 1", "owner": "southwark", "aliases": ["BV127b"] }),
        json!({ "code": "LI 2", "owner": "lambeth" }),
        json!({ "code": "LOCAL asbo-breach-rate", "owner": "southwark" }),
    ]);
    let definition = json!({
        "indicator": "NI 15", "valid_from": "2008-04-01", "title": "Serious violent crime rate", "unit": "RATE",
        "per": 1000, "decimals": 2, "polarity": "LOWER_IS_BETTER", "aggregation": "NOT_ADDITIVE",
    });
    let of_southwark = [
        json!({
            "indicator": "southwark:LI 1", "valid_from": "2008-04-01", "title": "Personal robbery", "unit": "COUNT",
            "decimals": 0, "polarity": "LOWER_IS_BETTER", "aggregation": "SUM", "lowest": 0,
        }),
        json!({
            "indicator": "southwark:LOCAL asbo-breach-rate", "valid_from": "2008-04-01", "title": "ASBO breach rate",
            "unit": "PERCENT", "decimals": 0, "polarity": "LOWER_IS_BETTER", "aggregation": "NOT_ADDITIVE", "lowest": 0,
            "highest": 100,
        }),
    ];
    let group = json!({
        "code": "southwark-msg-2008", "name": "Most Similar Group of Southwark, 2008", "owner": "southwark",
        "members": ["southwark", "lambeth"], "valid_from": "2008-04-01",
    });
    let collection = json!({
        "code": "fy2008-09", "name": "Annual return for 2008/09", "periods": ["FY2008-09"], "opens": "2009-04-01",
        "due": "2009-06-30", "closes": "2009-09-30",
    });
    let discontinuity = json!({
        "indicator": "NI 15", "date": "2008-04-01", "reason": "Changes in Home Office counting rules",
    });
    let mut documents: Vec<Document> = areas.iter().map(|area| document(Area, area)).collect();
    documents.extend(partnerships.iter().map(|partnership| document(Partnership, partnership)));
    documents.extend(indicators.map(|indicator| document(Indicator, &indicator)));
    documents.push(document(Definition, &definition));
    documents.push(document(Break, &discontinuity));
    documents.push(document(PeerGroup, &group));
    documents.push(document(Collection, &collection));
    documents.extend(of_southwark.iter().map(|definition| document(Definition, definition)));
    documents
}
