//! What a regional office would say of a comparison.

use chrono::NaiveDate;
use entity::{Aggregation, Movement, NotCompared, Position, Unit};

use super::*;
use crate::rules::{
    catalogue::{Version, key_of},
    fact::samples::actual,
    metadata::Document,
};

/// Partnerships 1 to `members` in one group that the first owns, over indicator 100, with a break where asked.
fn catalogue(members: i32, broken_on: Option<NaiveDate>) -> Catalogue {
    let mut documents: Vec<(i32, Document)> = Vec::new();
    for id in 1..=members {
        let area = format!(r#"{{"code":"A{id}","name":"A{id}","kind":"PARTNERSHIP_AREA"}}"#);
        let partnership = format!(r#"{{"code":"p{id:02}","name":"P","area":"A{id}"}}"#);
        documents.push((id, Document::Area(serde_json::from_str(&area).unwrap())));
        documents.push((id, Document::Partnership(serde_json::from_str(&partnership).unwrap())));
    }
    documents.push((1, Document::Indicator(serde_json::from_str(r#"{"code":"NI 16"}"#).unwrap())));
    let codes: Vec<String> = (1..=members).map(|id| format!("p{id:02}")).collect();
    documents.push((
        1,
        Document::PeerGroup(PeerGroup {
            code: "g".into(),
            name: "G".into(),
            owner: "p01".into(),
            members: codes,
            valid_from: NaiveDate::from_ymd_opt(2000, 1, 1).unwrap(),
            valid_to: None,
            source: None,
        }),
    ));
    documents.push((
        1,
        Document::Definition(Definition {
            indicator: "NI 16".into(),
            valid_from: NaiveDate::from_ymd_opt(2008, 4, 1).unwrap(),
            title: "Serious acquisitive crime rate".into(),
            title_source: None,
            unit: Unit::Rate,
            per: Some(1000),
            denominator: None,
            decimals: 2,
            polarity: Polarity::LowerIsBetter,
            aggregation: Aggregation::NotAdditive,
            lowest: None,
            highest: None,
            source: None,
            note: None,
        }),
    ));
    if let Some(date) = broken_on {
        let reason = "Counting rules changed".to_owned();
        documents.push((1, Document::Break(Break { indicator: "NI 16".into(), date, reason, source: None })));
    }
    Catalogue::build(documents.into_iter().map(|(id, document)| Version { id, key: key_of(&document), document }))
}

fn fact(partnership: i32, period: i32, value: &str) -> Fact {
    let mut fact = actual(partnership, 1, value);
    fact.key.period_id = period;
    fact
}

/// Compares 2008/09 (period 2) with 2007/08 (period 1).
fn compared(catalogue: &Catalogue, facts: &[Fact]) -> Comparison {
    let (before, now) = (Period::parse("2007/08").unwrap(), Period::parse("2008/09").unwrap());
    let question =
        Question { catalogue, owner: catalogue.partnership("p01").unwrap(), peer_group: None, rank_order: None };
    let indicator = catalogue.indicator("NI 16", None).unwrap();
    let numbered = |period, id| NumberedPeriod { period, id: Some(id) };
    compare(question, &Facts::new(facts), indicator, numbered(&now, 2), Some(numbered(&before, 1)), Vec::new())
}

#[test]
fn six_members_are_ranked_from_the_lowest_rate_and_averaged() {
    let catalogue = catalogue(6, None);
    let facts: Vec<Fact> = (1..=6).map(|id| fact(id, 2, &format!("{}.5", 7 - id))).collect();
    let comparison = compared(&catalogue, &facts);
    assert_eq!(comparison.average.unwrap().to_string(), "4.00");
    assert_eq!(comparison.coverage, "6 of 6 used");
    assert_eq!(comparison.members[0].partnership, "p01");
    assert_eq!((comparison.members[0].rank, comparison.members[0].position), (Some(6), Some(Position::Above)));
    assert_eq!((comparison.members[5].rank, comparison.members[5].position), (Some(1), Some(Position::Below)));
}

#[test]
fn one_member_of_fifteen_has_neither_average_nor_rank() {
    let comparison = compared(&catalogue(15, None), &[fact(1, 2, "29.24")]);
    assert_eq!(comparison.coverage, "1 of 15 used");
    assert_eq!((comparison.average, comparison.members[0].rank), (None, None));
    assert_eq!(comparison.members[1].left_out, Some(LeftOut::NoFigure));
}

#[test]
fn change_is_given_in_both_kinds() {
    let comparison = compared(&catalogue(1, None), &[fact(1, 1, "34.56"), fact(1, 2, "29.24")]);
    let change = comparison.members[0].change.clone().unwrap();
    assert_eq!(change.relative.unwrap().to_string(), "-15.4");
    assert_eq!(change.points.unwrap().to_string(), "-5.32");
    assert_eq!(comparison.members[0].direction_of_travel, Some(Movement::Improved));
}

#[test]
fn a_baseline_stands_in_for_an_actual_that_is_not_there() {
    let mut from = fact(1, 1, "34.56");
    from.key.kind = FigureKind::Baseline;
    let comparison = compared(&catalogue(1, None), &[from, fact(1, 2, "29.24")]);
    assert_eq!(comparison.members[0].change.as_ref().unwrap().from_kind, FigureKind::Baseline);
}

#[test]
fn change_across_a_break_is_refused_with_the_reason() {
    let catalogue = catalogue(1, NaiveDate::from_ymd_opt(2008, 4, 1));
    let comparison = compared(&catalogue, &[fact(1, 1, "34.56"), fact(1, 2, "29.24")]);
    let change = comparison.members[0].change.clone().unwrap();
    assert_eq!((change.relative, change.points), (None, None));
    assert!(change.refused.unwrap().message.contains("Counting rules changed (from 2008-04-01)"));
    assert_eq!(comparison.members[0].direction_of_travel, None);
}

#[test]
fn a_break_within_the_period_refuses_the_whole_comparison() {
    let catalogue = catalogue(1, NaiveDate::from_ymd_opt(2008, 10, 1));
    let comparison = compared(&catalogue, &[fact(1, 2, "29.24")]);
    assert_eq!(comparison.refused.unwrap().reason, NotCompared::Break);
    assert!(comparison.members.is_empty());
}

#[test]
fn a_figure_that_another_row_contradicts_is_left_out() {
    let mut other = fact(1, 2, "31.98");
    other.key.line_variant = 1;
    let comparison = compared(&catalogue(1, None), &[fact(1, 2, "29.24"), other]);
    assert_eq!(comparison.members[0].left_out, Some(LeftOut::Conflict));
}

#[test]
fn a_proxy_is_shown_and_left_out() {
    let mut proxy = fact(1, 2, "4");
    proxy.flags.basis = Basis::Proxy;
    let comparison = compared(&catalogue(1, None), &[proxy]);
    assert_eq!(comparison.members[0].value.unwrap().to_string(), "4");
    assert_eq!(comparison.members[0].left_out, Some(LeftOut::NotOfficial));
}

#[test]
fn equal_figures_share_a_rank_and_the_next_is_left_out() {
    let values = ["1", "2", "2.0", "3", "4"];
    let facts: Vec<Fact> = (1..).zip(values).map(|(id, value)| fact(id, 2, value)).collect();
    let comparison = compared(&catalogue(5, None), &facts);
    let ranks: Vec<_> = comparison.members.iter().map(|member| (member.rank.unwrap(), member.tied)).collect();
    assert_eq!(ranks, [(1, false), (2, true), (2, true), (4, false), (5, false)]);
}
