//! A fictional exchange of any size, for trying out and measuring what many partnerships, indicators and quarters cost.
//!
//! Nothing in it is real: names end in `(fictional)`, codes begin with `generated-`, and areas and partnerships are marked.
//! Equal sizes and seeds give equal figures, on every machine.

use std::{collections::BTreeMap, iter, sync::Arc};

use chrono::NaiveDate;
use exchange::{
    Caller, Error, Exchange, Place, Scope,
    rules::{
        decimal::Figure,
        metadata::{
            Area, Collection, Definition, Document, Indicator, Partnership, PeerGroup, Population,
            plan::{Plan, PlanLine, Section},
        },
        posted::{Posted, PostedLine, PostedReturn},
    },
    service::{idempotency::IdempotencyKey, releases::ReleaseRequest},
    vocabulary::{Aggregation, AreaKind, PartnershipKind, PlanStatus, Polarity, Unit},
};
use uuid::Uuid;

use crate::{chance::draw, cli::Sizes};

/// The members of a Most Similar Group, its owner among them.
const MEMBERS: u32 = 15;
/// The most lines of a plan's performance framework, and how many stand in one section.
const FRAMEWORK: u32 = 80;
const SECTION: u32 = 10;
/// How many returns are written in one transaction, and how many one release names at most.
const IN_ONE_WRITE: usize = 25;
const IN_ONE_RELEASE: usize = 1000;
/// The region of all partnerships.
const REGION: &str = "X12000009";
const NOTE: &str = "Fictional: generated for trying out how much the exchange holds.";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generated {
    /// Documents of metadata.
    pub documents: u32,
    /// Returns, all released.
    pub returns: usize,
    /// Actuals in them.
    pub actuals: usize,
}

/// The financial year of the first quarter, by the calendar year in which it starts.
const FIRST_YEAR: i32 = 2005;

/// A fictional exchange.
#[derive(Debug, Clone, Copy)]
struct Fiction(Sizes);

/// A quarter of a financial year.
#[derive(Debug, Clone, Copy)]
struct Quarter {
    /// The calendar year in which the financial year starts.
    year: i32,
    /// 1 to 4.
    number: u32,
}

/// Writes a fictional exchange into a database that has none of its codes yet: metadata as an editor, then every return as
/// signed off, many in one transaction, then their releases. `tell` is called with what has been done so far.
///
/// # Errors
/// `INVALID_DOCUMENT` or `REVISION_REQUIRED` where the database holds something of these codes already.
pub async fn generate(exchange: &Arc<Exchange>, sizes: Sizes, tell: impl Fn(&str)) -> Result<Generated, Error> {
    let fiction = Fiction(sizes);
    let editor = Caller::identified("generate:catalogue-editor").with_scopes([Scope::MetadataWrite]);
    let receipt = exchange.put_metadata(&editor, fiction.metadata()).await?;
    tell(&format!("{} documents of metadata", receipt.created));

    let codes: Vec<String> = fiction.partnerships().map(partnership_code).collect();
    let own = |caller: Caller| caller.for_partnerships(codes.iter().map(String::as_str));
    let respondent = own(Caller::identified("generate:respondent").with_scopes([Scope::ReturnsWrite]));
    let signatory = own(Caller::identified("generate:signatory").with_scopes([Scope::ReturnsSignOff]));
    let mut taken: Vec<Uuid> = Vec::new();
    for quarter in fiction.quarters() {
        let partnerships: Vec<u32> = fiction.partnerships().collect();
        for some in partnerships.chunks(IN_ONE_WRITE) {
            let returns = some.iter().map(|partnership| fiction.posted(*partnership, quarter)).collect();
            taken.extend(exchange.take_signed_off(&respondent, &signatory, returns).await?);
        }
        tell(&format!("{} returns signed off, to {}", taken.len(), quarter.period()));
    }
    let office = Caller::identified("generate:office").with_scopes([Scope::ReleasesWrite]).for_regions([REGION]);
    for some in taken.chunks(IN_ONE_RELEASE) {
        let key = IdempotencyKey::new(&Uuid::now_v7().to_string())?;
        exchange.release(&office, &ReleaseRequest::of(some.to_vec()), Some(&key)).await?;
    }
    tell(&format!("{} returns released", taken.len()));
    exchange.database().settle().await?;
    let actuals = taken.len() * sizes.indicators as usize;
    Ok(Generated { documents: receipt.created, returns: taken.len(), actuals })
}

fn partnership_code(number: u32) -> String {
    format!("generated-{number:04}")
}

fn area_code(number: u32) -> String {
    format!("X08{number:06}")
}

fn indicator_code(number: u32) -> String {
    format!("CRIME generated-{number:03}")
}

fn collection_code(quarter: Quarter) -> String {
    format!("generated-{}", quarter.period().to_lowercase())
}

impl Quarter {
    /// The quarter so many quarters after the first one.
    fn at(place: u32) -> Self {
        let years = i32::try_from(place / 4).unwrap_or_default();
        Self { year: FIRST_YEAR + years, number: place % 4 + 1 }
    }

    fn period(self) -> String {
        format!("FY{}-{:02}-Q{}", self.year, (self.year + 1) % 100, self.number)
    }

    /// The day after its last one.
    fn next_day(self) -> Option<NaiveDate> {
        match self.number {
            1 => NaiveDate::from_ymd_opt(self.year, 7, 1),
            2 => NaiveDate::from_ymd_opt(self.year, 10, 1),
            3 => NaiveDate::from_ymd_opt(self.year + 1, 1, 1),
            _ => NaiveDate::from_ymd_opt(self.year + 1, 4, 1),
        }
    }
}

impl Fiction {
    fn partnerships(self) -> impl Iterator<Item = u32> {
        1..=self.0.partnerships
    }

    fn quarters(self) -> impl Iterator<Item = Quarter> {
        (0..self.0.quarters).map(Quarter::at)
    }

    /// A number that this exchange always has for a key.
    fn draw(self, key: &str, from: i64, to: i64) -> i64 {
        draw(&format!("{}/{key}", self.0.seed), from, to)
    }

    /// Each document after those that it names. One collection more than there are quarters: nobody has answered it.
    fn metadata(self) -> Vec<Document> {
        let first_day = NaiveDate::from_ymd_opt(FIRST_YEAR, 4, 1).unwrap_or_default();
        let region = Document::Area(area(REGION, "Generated region (fictional)", AreaKind::Region));
        let areas = self.partnerships().map(|number| Document::Area(self.area(number)));
        let partnerships = self.partnerships().map(|number| Document::Partnership(partnership(number)));
        let indicators = (1..=self.0.indicators).map(|number| Document::Indicator(indicator(number)));
        let definitions =
            (1..=self.0.indicators).map(|number| Document::Definition(self.definition(number, first_day)));
        let groups = self.partnerships().map(|number| Document::PeerGroup(self.peer_group(number, first_day)));
        let collections = (0..=self.0.quarters).filter_map(|place| collection(Quarter::at(place)));
        let plans = self.partnerships().map(|number| Document::Plan(Arc::new(self.plan(number, first_day))));
        let described = iter::once(region).chain(areas).chain(partnerships).chain(indicators).chain(definitions);
        described.chain(groups).chain(collections.map(Document::Collection)).chain(plans).collect()
    }

    fn people(self, partnership: u32) -> i64 {
        self.draw(&format!("{partnership}/people"), 80_000, 330_000)
    }

    fn area(self, number: u32) -> Area {
        let name = format!("Generated place {number} (fictional)");
        let population = Population {
            year: Some(FIRST_YEAR),
            vintage: "original".to_owned(),
            people: self.people(number),
            source: Some(NOTE.to_owned()),
        };
        Area {
            within: vec![REGION.to_owned()],
            populations: vec![population],
            ..area(&area_code(number), &name, AreaKind::PartnershipArea)
        }
    }

    fn definition(self, number: u32, valid_from: NaiveDate) -> Definition {
        let higher_is_better = self.draw(&format!("indicator/{number}/polarity"), 0, 3) == 0;
        Definition {
            indicator: indicator_code(number),
            valid_from,
            title: format!("Generated rate {number} (fictional)"),
            title_source: None,
            unit: Unit::Rate,
            per: Some(1_000),
            denominator: Some("population".to_owned()),
            decimals: 2,
            polarity: if higher_is_better { Polarity::HigherIsBetter } else { Polarity::LowerIsBetter },
            aggregation: Aggregation::Sum,
            lowest: None,
            highest: None,
            source: None,
            note: Some(NOTE.to_owned()),
        }
    }

    /// The owner and those who stand a few places further on in a round of all.
    fn peer_group(self, owner: u32, valid_from: NaiveDate) -> PeerGroup {
        let all = self.0.partnerships;
        let step = if all > 7 * MEMBERS { 7 } else { 1 };
        let members = (0..MEMBERS.min(all)).map(|place| partnership_code((owner - 1 + place * step) % all + 1));
        PeerGroup {
            code: format!("{}-msg", partnership_code(owner)),
            name: format!("Most Similar Group of generated partnership {owner} (fictional)"),
            owner: partnership_code(owner),
            members: members.collect(),
            valid_from,
            valid_to: None,
            source: Some(NOTE.to_owned()),
        }
    }

    /// A plan whose performance framework uses the first indicators, ten in a section.
    fn plan(self, partnership: u32, valid_from: NaiveDate) -> Plan {
        let lines = self.0.indicators.min(FRAMEWORK);
        let place = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let section = |number: u32| Section {
            number: place(number),
            table: "performance-framework".to_owned(),
            title: format!("Generated aim {number} (fictional)"),
            outcomes_as_printed: None,
            agreements: Vec::new(),
            periods_as_printed: None,
            target_as_printed: None,
            doubts: Vec::new(),
            note: None,
        };
        let line = |number: u32| PlanLine {
            section: place((number - 1) / SECTION + 1),
            source_row: number.to_string(),
            number_as_printed: None,
            indicator: indicator_code(number),
            indicator_as_printed: None,
            area: None,
            breakdown: None,
            tier: None,
            tier_as_printed: None,
            laa: None,
            stretch_target: None,
            lead_agency: None,
            lead_post: None,
            lead_as_printed: None,
            polarity: None,
            note: None,
        };
        Plan {
            code: "generated-plan".to_owned(),
            partnership: partnership_code(partnership),
            title: format!("Plan of generated partnership {partnership} (fictional)"),
            status: PlanStatus::Agreed,
            version: None,
            valid_from,
            valid_to: NaiveDate::from_ymd_opt(FIRST_YEAR + 100, 3, 31).unwrap_or_default(),
            vision: None,
            source: None,
            note: Some(NOTE.to_owned()),
            priorities: Vec::new(),
            commitments: Vec::new(),
            delivery_groups: Vec::new(),
            agencies: Vec::new(),
            governance: Vec::new(),
            resource_tables: Vec::new(),
            resources: Vec::new(),
            actions: Vec::new(),
            links: Vec::new(),
            sections: (1..=lines.div_ceil(SECTION)).map(section).collect(),
            lines: (1..=lines).map(line).collect(),
        }
    }

    /// What a partnership returns for a quarter: an actual for each indicator and, with the last quarter of a year, a target
    /// for those of its framework.
    fn posted(self, partnership: u32, quarter: Quarter) -> PostedReturn {
        let (period, people) = (quarter.period(), self.people(partnership));
        let line = |number: u32| {
            let usual = self.draw(&format!("indicator/{number}/usual"), 50, 4_000);
            let own = self.draw(&format!("{partnership}/{number}/level"), 700, 1_300);
            let season = self.draw(&format!("{partnership}/{number}/{period}"), 850, 1_150);
            let numerator = people * usual * own / 1_000 * season / 1_000 / 1_000_000;
            let rate = |numerator: i64| Figure::quotient(i128::from(1_000 * numerator), people.into(), 2);
            let mut fields = vec![
                ("source_row", number.to_string()),
                ("indicator", indicator_code(number)),
                ("period", period.clone()),
                ("actual/numerator", numerator.to_string()),
                ("actual/denominator", people.to_string()),
            ];
            fields.extend(rate(numerator).map(|rate| ("actual/value", rate.to_string())));
            if quarter.number == 4 && number <= FRAMEWORK {
                fields.extend(rate(numerator * 97 / 100).map(|rate| ("target/value", rate.to_string())));
            }
            let place =
                Place { line: Some(number), pointer: Some(format!("/lines/{}", number - 1)), ..Place::default() };
            let posted = |(path, text): (&str, String)| {
                let at = Place { pointer: Some(format!("/lines/{}/{path}", number - 1)), ..place.clone() };
                (path.to_owned(), Posted { text, place: at })
            };
            let fields: BTreeMap<String, Posted> = fields.into_iter().map(posted).collect();
            PostedLine { line: number, place: place.clone(), fields, ..PostedLine::default() }
        };
        PostedReturn {
            partnership: Some(partnership_code(partnership)),
            collection: Some(collection_code(quarter)),
            note: Some(NOTE.to_owned()),
            lines: (1..=self.0.indicators).map(line).collect(),
            ..PostedReturn::default()
        }
    }
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

fn partnership(number: u32) -> Partnership {
    Partnership {
        code: partnership_code(number),
        name: format!("Generated partnership {number} (fictional)"),
        kinds: vec![PartnershipKind::Cdrp],
        area: area_code(number),
        police_force_area: None,
        region: Some(REGION.to_owned()),
        valid_from: None,
        valid_to: None,
        succeeded_by: None,
        fictional: true,
        note: Some(NOTE.to_owned()),
    }
}

fn indicator(number: u32) -> Indicator {
    Indicator {
        code: indicator_code(number),
        owner: None,
        aliases: Vec::new(),
        links: Vec::new(),
        agreements: Vec::new(),
        note: Some(NOTE.to_owned()),
    }
}

fn collection(quarter: Quarter) -> Option<Collection> {
    Some(Collection {
        code: collection_code(quarter),
        name: format!("Quarterly return for {} (fictional)", quarter.period()),
        periods: vec![quarter.period()],
        indicators: Vec::new(),
        partnerships: Vec::new(),
        opens: quarter.next_day()?,
        due: quarter.next_day()?.checked_add_days(chrono::Days::new(60))?,
        closes: None,
    })
}
