//! Comparison with a Most Similar Group: who was used, who was left out and why, average, rank, position, change and
//! progress. Everything is computed here from facts read in one statement; nothing of it is stored.

mod answer;

use std::collections::HashMap;

use super::{
    catalogue::{Break, Catalogue, Definition, Indicator, Known, Partnership, PeerGroup},
    change,
    decimal::Figure,
    fact::{Fact, Measure},
    line::ReportedComparison,
    line_facts::contradict,
    period::Period,
    ranking::{self, Mean},
};
use entity::{Basis, FigureForm, FigureKind, LeftOut, NotCompared, ObsStatus, Polarity, RankOrder, Unit};

pub use super::ranking::MINIMUM_MEMBERS;
pub use answer::{Change, ComparedMember, Comparison, ComparisonRefusal};

/// Decimals of a relative change, in per cent.
const CHANGE_DECIMALS: u8 = 1;

/// What a comparison rests on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// All metadata.
    pub catalogue: &'a Catalogue,
    /// Whose comparison it is.
    pub owner: &'a Known<Partnership>,
    /// With whom; otherwise the owner's own group in the period.
    pub peer_group: Option<&'a Known<PeerGroup>>,
    /// Which end of the ranking comes first; otherwise the best figure, by the indicator's polarity.
    pub rank_order: Option<RankOrder>,
}

/// The facts of a comparison, newest visible versions only, by what they are of.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    by_member: HashMap<(i32, i32, i32, FigureKind), Vec<&'a Fact>>,
}

impl<'a> Facts<'a> {
    /// Sorts facts by indicator, period, partnership and kind. Breakdowns and second values play no part in a comparison.
    pub fn new(facts: &'a [Fact]) -> Self {
        let mut by_member: HashMap<_, Vec<&Fact>> = HashMap::new();
        for fact in facts.iter().filter(|fact| fact.key.breakdown_id == 0 && fact.key.measure == Measure::Primary) {
            let key = &fact.key;
            by_member.entry((key.indicator_id, key.period_id, key.partnership_id, key.kind)).or_default().push(fact);
        }
        Self { by_member }
    }

    fn of(&self, indicator: i32, period: Option<i32>, partnership: i32, area: i32, kind: FigureKind) -> Vec<&'a Fact> {
        let facts = period.and_then(|period| self.by_member.get(&(indicator, period, partnership, kind)));
        facts.into_iter().flatten().copied().filter(|fact| fact.key.area_id == area).collect()
    }
}

/// A period with its number; `None` where no figure is for it.
#[derive(Debug, Clone, Copy)]
pub struct NumberedPeriod<'a> {
    /// The period.
    pub period: &'a Period,
    /// Its number.
    pub id: Option<i32>,
}

/// One member's figure of one period, as far as a comparison can use it.
struct Standing<'a> {
    fact: Option<&'a Fact>,
    usable: Result<Figure, LeftOut>,
}

/// Compares one indicator in one period with a peer group. `before` is the period before, for change and progress.
pub fn compare(
    question: Question<'_>,
    facts: &Facts<'_>,
    indicator: &Known<Indicator>,
    now: NumberedPeriod<'_>,
    before: Option<NumberedPeriod<'_>>,
    reported: Vec<ReportedComparison>,
) -> Comparison {
    let catalogue = question.catalogue;
    let definition = catalogue.definition(indicator.id, now.period);
    let group = question.peer_group.or_else(|| catalogue.peer_group_of(&question.owner.code, now.period.end()));
    let polarity = definition.map_or(Polarity::Unknown, |definition| definition.polarity);
    let mut comparison = Comparison {
        indicator: indicator.qualified_code(),
        title: definition.map(|definition| definition.title.clone()),
        unit: definition.map_or(Unit::Unknown, |definition| definition.unit),
        per: definition.and_then(|definition| definition.per),
        polarity,
        period: now.period.code(),
        period_label: now.period.label(),
        peer_group: group.map(|group| group.code.clone()),
        refused: None,
        used: 0,
        members_in_group: 0,
        coverage: String::new(),
        minimum_members: u32::try_from(MINIMUM_MEMBERS).unwrap_or(u32::MAX),
        average: None,
        rank_order: question.rank_order.unwrap_or_else(|| ranking::best_first(polarity)),
        members: Vec::new(),
        reported,
    };
    comparison.refused = refusal(question, definition, indicator, now.period, group);
    let (Some(group), Some(definition)) = (group, definition) else {
        return comparison;
    };

    let members = members(question, group);
    comparison.members_in_group = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
    if comparison.refused.is_some() {
        comparison.coverage = format!("0 of {} used", comparison.members_in_group);
        return comparison;
    }
    let standings: Vec<Standing<'_>> =
        members.iter().map(|member| standing(catalogue, facts, indicator.id, now, member)).collect();
    let break_before =
        before.and_then(|before| catalogue.break_between(indicator.id, before.period.start(), now.period.end()));
    let earlier: Vec<Option<Standing<'_>>> = members
        .iter()
        .map(|member| before.map(|before| standing(catalogue, facts, indicator.id, before, member)))
        .collect();

    let ranks = ranks(standings.iter().map(|standing| standing.usable.ok()), comparison.rank_order);
    let ranks_before = if break_before.is_some() {
        HashMap::new()
    } else {
        self::ranks(
            earlier.iter().map(|standing| standing.as_ref().and_then(|standing| standing.usable.ok())),
            comparison.rank_order,
        )
    };
    let used: Vec<Figure> = standings.iter().filter_map(|standing| standing.usable.ok()).collect();
    let mean = if used.len() < MINIMUM_MEMBERS { None } else { Mean::of(&used) };
    comparison.used = u32::try_from(used.len()).unwrap_or(u32::MAX);
    comparison.coverage = format!("{} of {} used", used.len(), comparison.members_in_group);
    comparison.average = mean.and_then(|mean| mean.rounded(definition.decimals));

    for (at, (member, standing)) in members.iter().zip(&standings).enumerate() {
        let flags = standing.fact.map(|fact| fact.flags);
        let change = before.and_then(|before| {
            let from = match earlier[at].as_ref()? {
                Standing { fact, usable: Ok(_) } => *fact,
                // Only where there is no actual does a baseline of the same period stand in for it.
                Standing { usable: Err(LeftOut::NoFigure | LeftOut::Missing), .. } => {
                    baseline(facts, catalogue, indicator.id, before, member)
                }
                Standing { usable: Err(_), .. } => None,
            };
            change_from(from, standing, before.period, break_before)
        });
        let rank = ranks.get(&at);
        let direction_of_travel = change.as_ref().and_then(|change| {
            let from = change.from_value.filter(|_| change.refused.is_none())?;
            change::direction_of_travel(polarity, from, standing.usable.ok()?)
        });
        let progress_refused = change.as_ref().is_some_and(|change| change.refused.is_some());
        let progress = ranks_before
            .get(&at)
            .zip(rank)
            .and_then(|(before, now)| ranking::progress(comparison.rank_order, polarity, before.rank, now.rank))
            .filter(|_| !progress_refused);
        comparison.members.push(ComparedMember {
            partnership: member.code.clone(),
            name: member.name.clone(),
            fictional: member.fictional,
            value: standing.fact.and_then(|fact| fact.value),
            status: flags.map(|flags| flags.status.iter().collect()).unwrap_or_default(),
            basis: flags.map(|flags| flags.basis),
            missing: flags.and_then(|flags| flags.missing),
            used: standing.usable.is_ok(),
            left_out: standing.usable.err(),
            rank: rank.map(|rank| rank.rank),
            tied: rank.is_some_and(|rank| rank.tied),
            position: mean.and_then(|mean| Some(mean.position(standing.usable.ok()?))),
            change,
            direction_of_travel,
            progress,
        });
    }
    comparison
}

fn refusal(
    question: Question<'_>,
    definition: Option<&Known<Definition>>,
    indicator: &Known<Indicator>,
    period: &Period,
    group: Option<&Known<PeerGroup>>,
) -> Option<ComparisonRefusal> {
    let refused = |reason, message: String| Some(ComparisonRefusal { reason, message });
    if definition.is_none() {
        return refused(
            NotCompared::NoDefinition,
            format!("`{}` has no definition, so that nothing says what to compare.", indicator.code),
        );
    }
    if group.is_none() {
        let message = format!("`{}` has no peer group on {}.", question.owner.code, period.end());
        return refused(NotCompared::NoPeerGroup, message);
    }
    let discontinuity = question.catalogue.break_between(indicator.id, period.start(), period.end())?;
    refused(NotCompared::Break, format!("Not comparable within {}: {}", period.label(), explain(discontinuity)))
}

fn explain(discontinuity: &Break) -> String {
    format!("{} (from {}).", discontinuity.reason.trim_end_matches('.'), discontinuity.date)
}

/// The members of a group: the owner of the comparison first, then by code.
fn members<'a>(question: Question<'a>, group: &Known<PeerGroup>) -> Vec<&'a Known<Partnership>> {
    let mut members: Vec<_> = group.members.iter().filter_map(|code| question.catalogue.partnership(code)).collect();
    members.sort_by_key(|member| (member.id != question.owner.id, member.code.clone()));
    members.dedup_by_key(|member| member.id);
    members
}

fn standing<'a>(
    catalogue: &Catalogue,
    facts: &Facts<'a>,
    indicator: i32,
    period: NumberedPeriod<'_>,
    member: &Known<Partnership>,
) -> Standing<'a> {
    let existed = member.valid_from.is_none_or(|from| from <= period.period.end())
        && member.valid_to.is_none_or(|to| period.period.start() <= to);
    if !existed {
        return Standing { fact: None, usable: Err(LeftOut::NotInExistence) };
    }
    let area = catalogue.area(&member.area).map_or(0, |area| area.id);
    let variants = facts.of(indicator, period.id, member.id, area, FigureKind::Actual);
    // Of several rows the first that says something.
    let Some(fact) = variants.iter().find(|fact| fact.value.is_some()).or(variants.first()).copied() else {
        return Standing { fact: None, usable: Err(LeftOut::NoFigure) };
    };
    let contradicted = variants.iter().any(|other| contradict(fact, other));
    let usable = match fact.value {
        _ if contradicted => Err(LeftOut::Conflict),
        None if fact.flags.tombstone => Err(LeftOut::Withdrawn),
        None => Err(LeftOut::Missing),
        Some(_) if fact.flags.form != FigureForm::Level => Err(LeftOut::NotComparable),
        Some(_) if fact.flags.status.contains(ObsStatus::DefinitionDiffers) => Err(LeftOut::NotComparable),
        Some(_) if fact.flags.status.contains(ObsStatus::Forecast) => Err(LeftOut::NotOfficial),
        Some(_) if fact.flags.basis != Basis::Official => Err(LeftOut::NotOfficial),
        Some(value) => Ok(value),
    };
    Standing { fact: Some(fact), usable }
}

fn baseline<'a>(
    facts: &Facts<'a>,
    catalogue: &Catalogue,
    indicator: i32,
    period: NumberedPeriod<'_>,
    member: &Known<Partnership>,
) -> Option<&'a Fact> {
    let area = catalogue.area(&member.area).map_or(0, |area| area.id);
    let variants = facts.of(indicator, period.id, member.id, area, FigureKind::Baseline);
    let first = variants.iter().find(|fact| fact.value.is_some()).copied()?;
    variants.iter().all(|other| !contradict(first, other)).then_some(first)
}

/// Ranks by place in the list; none below the minimum of members.
fn ranks(values: impl Iterator<Item = Option<Figure>>, order: RankOrder) -> HashMap<usize, ranking::Ranked<usize>> {
    let values: Vec<(usize, Figure)> = values.enumerate().filter_map(|(at, value)| Some((at, value?))).collect();
    if values.len() < MINIMUM_MEMBERS {
        return HashMap::new();
    }
    ranking::rank(&values, order).into_iter().map(|ranked| (ranked.key, ranked)).collect()
}

/// The change from a figure; across a break the reason why there is none, whether or not there is a figure before it.
fn change_from(
    from: Option<&Fact>,
    now: &Standing<'_>,
    period: &Period,
    discontinuity: Option<&Known<Break>>,
) -> Option<Change> {
    let after = now.usable.ok()?;
    let change = Change {
        from_period: period.code(),
        from_kind: from.map_or(FigureKind::Actual, |from| from.key.kind),
        from_value: from.and_then(|from| from.value),
        relative: None,
        points: None,
        refused: None,
    };
    if let Some(discontinuity) = discontinuity {
        let message = format!("Not comparable with {}: {}", period.label(), explain(discontinuity));
        return Some(Change { refused: Some(ComparisonRefusal { reason: NotCompared::Break, message }), ..change });
    }
    if now.fact.is_some_and(|fact| fact.flags.status.contains(ObsStatus::Break)) {
        let message = format!("Not comparable with {}: the figure itself is marked so.", period.label());
        return Some(Change { refused: Some(ComparisonRefusal { reason: NotCompared::Break, message }), ..change });
    }
    let before = change.from_value?;
    let (relative, points) = (change::relative(before, after, CHANGE_DECIMALS), change::points(before, after));
    Some(Change { relative, points, ..change })
}

#[cfg(test)]
mod tests;
