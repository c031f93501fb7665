//! The fictional region: invented partnerships, overlapping Most Similar Groups and four years of figures, for trying
//! things out.
//!
//! Nothing here is real, and everything says so wherever it is shown: names end in `(fictional)`, codes of
//! partnerships, groups and collections begin with `fictional-`, areas and partnerships are marked, and every line has
//! a comment.

mod figures;

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use exchange::{
    rules::metadata::{Area, Collection, Document, Partnership, PeerGroup, Population},
    vocabulary::{AreaKind, PartnershipKind},
};
use serde_json::{Value, json};

use self::figures::{MEASURES, WHOLE_YEAR, lines, period};
use crate::chance::draw;

/// Invented names. The last one lies outside the region of the others.
const NAMES: [&str; 25] = [
    "Kestrelby",
    "Larkwold",
    "Ottermarsh",
    "Brindlehaven",
    "Quillminster",
    "Fallowminster",
    "Sallowfen",
    "Duskwater",
    "Cindermouth",
    "Gannetport",
    "Nettleminster",
    "Withyborough",
    "Coppermere",
    "Starlingworth",
    "Bellowfirth",
    "Thistlehythe",
    "Candlemarsh",
    "Juniperstow",
    "Lanternby",
    "Velvetmoor",
    "Tinderhythe",
    "Mallowstead",
    "Pippinborough",
    "Umberstow",
    "Vellumby",
];
/// The regions: code and name. All partnerships but the last lie in the first.
const REGIONS: [(&str, &str); 2] =
    [("X12000001", "Vale of Quillmere (fictional)"), ("X12000002", "Tindermarch (fictional)")];
/// The financial years reported, by the calendar year in which they start.
const YEARS: RangeInclusive<i32> = 2008..=2011;
/// The year before the first one reported, of which there are baselines only.
const BASELINE_YEAR: i32 = 2007;
/// The members of a Most Similar Group besides its owner.
const OTHER_MEMBERS: usize = 14;
const NOTE: &str = "Fictional: invented for trying things out.";

/// An invented partnership.
struct Place {
    code: String,
    name: String,
    area: String,
    region: &'static str,
    /// Crime against the usual, in thousandths.
    crime: i64,
}

/// The metadata of the fictional region, each document after those that it names.
pub fn metadata() -> Vec<Document> {
    let places = places();
    let regions = REGIONS.map(|(code, name)| Document::Area(area(code, name, AreaKind::Region)));
    let areas = places.iter().map(|place| {
        Document::Area(Area {
            within: vec![place.region.to_owned()],
            populations: (BASELINE_YEAR..=*YEARS.end()).map(|year| population(place, year)).collect(),
            ..area(&place.area, &place.name, AreaKind::PartnershipArea)
        })
    });
    let partnerships = places.iter().map(partnership).map(Document::Partnership);
    let groups = places.iter().filter_map(|owner| peer_group(owner, &places)).map(Document::PeerGroup);
    let collections = YEARS.filter_map(|year| collection(year, &places)).map(Document::Collection);
    let described = regions.into_iter().chain(areas).chain(partnerships);
    described.chain(groups).chain(collections).collect()
}

/// The returns of the fictional region, one a partnership and year, oldest year first: the bodies that are posted.
pub fn returns() -> impl Iterator<Item = Value> {
    YEARS.flat_map(|year| {
        places().into_iter().map(move |place| {
            let lines = lines(&place, year);
            json!({ "partnership": place.code, "collection": collection_code(year), "note": NOTE, "lines": lines })
        })
    })
}

fn places() -> Vec<Place> {
    let place = |(number, name): (usize, &&str)| {
        let code = format!("fictional-{}", name.to_lowercase());
        let region = if number < NAMES.len() { REGIONS[0] } else { REGIONS[1] };
        Place {
            name: format!("{name} (fictional)"),
            area: format!("X09{number:06}"),
            region: region.0,
            crime: draw(&format!("{code}/crime"), 600, 1_400),
            code,
        }
    };
    (1..).zip(&NAMES).map(place).collect()
}

fn area(code: &str, name: &str, kind: AreaKind) -> Area {
    Area {
        code: code.to_owned(),
        old_code: None,
        name: name.to_owned(),
        kind,
        within: Vec::new(),
        valid_from: None,
        valid_to: None,
        wards: None,
        deprivation: Vec::new(),
        populations: Vec::new(),
        fictional: true,
        note: Some(NOTE.to_owned()),
    }
}

fn partnership(place: &Place) -> Partnership {
    Partnership {
        code: place.code.clone(),
        name: place.name.clone(),
        kinds: vec![PartnershipKind::Cdrp],
        area: place.area.clone(),
        police_force_area: None,
        region: Some(place.region.to_owned()),
        valid_from: None,
        valid_to: None,
        succeeded_by: None,
        fictional: true,
        note: Some(NOTE.to_owned()),
    }
}

fn population(place: &Place, year: i32) -> Population {
    Population {
        year: Some(year),
        vintage: "original".to_owned(),
        people: place.people(year),
        source: Some(NOTE.to_owned()),
    }
}

/// The owner and the partnerships nearest to it. A partnership at the edge is near to others that have nearer ones: the
/// groups are not symmetric.
fn peer_group(owner: &Place, places: &[Place]) -> Option<PeerGroup> {
    let mut others: Vec<&Place> = places.iter().filter(|place| place.code != owner.code).collect();
    others.sort_by_key(|place| (owner.distance(place), &place.code));
    let members = std::iter::once(owner).chain(others.into_iter().take(OTHER_MEMBERS));
    Some(PeerGroup {
        code: format!("{}-msg", owner.code),
        name: format!("Most Similar Group of {}", owner.name),
        owner: owner.code.clone(),
        members: members.map(|place| place.code.clone()).collect(),
        valid_from: NaiveDate::from_ymd_opt(*YEARS.start(), 4, 1)?,
        valid_to: None,
        source: Some(NOTE.to_owned()),
    })
}

fn collection_code(year: i32) -> String {
    format!("fictional-{}", period(year, WHOLE_YEAR).to_lowercase())
}

fn collection(year: i32, places: &[Place]) -> Option<Collection> {
    Some(Collection {
        code: collection_code(year),
        name: format!("Annual return for {year}/{:02} (fictional)", (year + 1) % 100),
        periods: (WHOLE_YEAR..=4).map(|quarter| period(year, quarter)).collect(),
        indicators: MEASURES.iter().map(|measure| measure.code.to_owned()).collect(),
        partnerships: places.iter().map(|place| place.code.clone()).collect(),
        opens: NaiveDate::from_ymd_opt(year + 1, 4, 1)?,
        due: NaiveDate::from_ymd_opt(year + 1, 6, 30)?,
        closes: None,
    })
}

impl Place {
    /// People in the middle of a year.
    fn people(&self, year: i32) -> i64 {
        let first = draw(&format!("{}/people", self.code), 80_000, 330_000);
        let growth = draw(&format!("{}/growth", self.code), 1, 12);
        first + first * growth * i64::from(year - BASELINE_YEAR) / 1_000
    }

    /// How unlike two partnerships are, in crime and in population.
    fn distance(&self, other: &Self) -> u64 {
        let people = self.people(BASELINE_YEAR).abs_diff(other.people(BASELINE_YEAR));
        self.crime.abs_diff(other.crime) + people / 500
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

    use std::collections::{BTreeMap, BTreeSet};

    use exchange::rules::{indicator_code::IndicatorCode, period::Period, posted};

    use super::*;

    fn groups() -> BTreeMap<String, PeerGroup> {
        let group = |document| match document {
            Document::PeerGroup(group) => Some((group.owner.clone(), group)),
            _ => None,
        };
        metadata().into_iter().filter_map(group).collect()
    }

    /// The figures of a field of a return's lines, by indicator and period.
    fn field<'a>(body: &'a Value, path: &str) -> BTreeMap<(&'a str, &'a str), &'a Value> {
        let text = |line: &'a Value, member: &str| line[member].as_str().unwrap();
        let lines = body["lines"].as_array().unwrap().iter();
        let found = |line: &'a Value| Some(((text(line, "indicator"), text(line, "period")), line.pointer(path)?));
        lines.filter_map(found).collect()
    }

    #[test]
    fn every_name_and_code_is_its_own_and_says_that_it_is_fictional() {
        let mut names = BTreeSet::new();
        let mut count = 0;
        for document in metadata() {
            let name = match document {
                Document::Area(area) => {
                    assert!(area.fictional && area.code.starts_with('X'));
                    format!("{} {}", area.code, area.name)
                }
                Document::Partnership(partnership) => {
                    assert!(partnership.fictional && partnership.code.starts_with("fictional-"));
                    partnership.name
                }
                Document::PeerGroup(group) => group.name,
                Document::Collection(collection) => collection.name,
                other => panic!("{other:?}"),
            };
            assert!(name.ends_with("(fictional)"), "{name}");
            names.insert(name);
            count += 1;
        }
        assert_eq!((count, names.len()), (81, 81), "2 regions, 25 areas, partnerships and groups each, 4 collections");
    }

    #[test]
    fn groups_of_fifteen_overlap_and_are_not_symmetric() {
        let groups = groups();
        assert_eq!(groups.len(), NAMES.len());
        for (owner, group) in &groups {
            let members: BTreeSet<&String> = group.members.iter().collect();
            assert_eq!((members.len(), members.contains(owner)), (15, true), "{owner}");
            assert!(members.iter().all(|member| groups.contains_key(*member)), "{owner}");
        }
        let one_way = groups.iter().flat_map(|(owner, group)| group.members.iter().map(move |member| (owner, member)));
        let one_way = one_way.filter(|(owner, member)| !groups[*member].members.contains(owner));
        assert!(one_way.count() > NAMES.len());
    }

    #[test]
    fn a_partnership_of_another_region_is_in_some_groups() {
        let outside: Vec<Place> = places().into_iter().filter(|place| place.region != REGIONS[0].0).collect();
        assert_eq!(outside.len(), 1);
        let groups = groups();
        let holding = groups.values().filter(|group| group.members.contains(&outside[0].code)).count();
        assert!((2..NAMES.len()).contains(&holding), "{holding}");
    }

    #[test]
    fn every_return_is_well_formed_and_each_of_its_lines_has_a_row() {
        assert_eq!(returns().count(), 100);
        for body in returns() {
            let posted = posted::from_json(&body);
            assert_eq!(posted.problems, []);
            let rows: BTreeSet<_> =
                posted.lines.iter().map(|line| line.get("source_row").unwrap().text.clone()).collect();
            assert_eq!(rows.len(), posted.lines.len());
            for line in posted.lines {
                let (indicator, period) = (&line.get("indicator").unwrap().text, &line.get("period").unwrap().text);
                assert_eq!(&IndicatorCode::parse(indicator).unwrap().to_string(), indicator);
                assert_eq!(&Period::parse(period).unwrap().code(), period);
                assert_ne!(line.get("actual/value").is_some(), line.get("actual/missing").is_some());
            }
        }
    }

    #[test]
    fn quarters_add_up_to_their_year() {
        for body in returns() {
            let counts = field(&body, "/actual/numerator");
            for ((indicator, period), count) in &counts {
                let quarters = counts.iter().filter(|((of, quarter), _)| of == indicator && quarter.contains("-Q"));
                let quarters: Vec<i64> = quarters.map(|(_, count)| count.as_i64().unwrap()).collect();
                if !period.contains("-Q") && !quarters.is_empty() {
                    assert_eq!(Some(quarters.iter().sum()), count.as_i64(), "{indicator}");
                }
            }
        }
    }

    #[test]
    fn a_baseline_is_what_was_reported_the_year_before() {
        let bodies: Vec<Value> = returns().collect();
        for (before, after) in bodies.iter().zip(&bodies[NAMES.len()..]) {
            assert_eq!(before["partnership"], after["partnership"]);
            let reported = field(before, "/actual/value");
            for ((indicator, _), baseline) in field(after, "/baseline/value") {
                let (_, value) =
                    reported.iter().rfind(|((of, period), _)| *of == indicator && !period.contains("-Q")).unwrap();
                assert_eq!(*value, baseline, "{indicator}");
            }
        }
    }

    #[test]
    fn some_figures_are_provisional_awaited_or_the_partnerships_own() {
        let with = |path: &str| returns().map(|body| field(&body, path).len()).filter(|count| *count > 0).count();
        assert!((1..NAMES.len()).contains(&with("/actual/status")));
        assert_eq!(with("/actual/basis"), 4, "one partnership, every year");
        let awaited = returns().filter(|body| body.to_string().contains("AWAITING_DATA"));
        assert_eq!(awaited.count(), 1);
    }

    #[test]
    fn the_same_figures_come_out_every_time() {
        assert!(returns().eq(returns()));
        assert_eq!(metadata(), metadata());
    }

    #[test]
    fn the_figures_are_those_of_every_machine() {
        let body = returns().next().unwrap();
        let values = field(&body, "/actual/value");
        assert_eq!(values[&("NI 16", "FY2008-09")].to_string(), "9.97");
    }
}
