//! What the exchange computes from the figures of one indicator, area and breakdown: changes, whether targets are met, and
//! whether printed changes follow from the figures.

mod figure;

use entity::{
    Aggregation, ChangeMatch, FigureForm, FigureKind, MissingReason, NotComputed, Polarity, TrafficLight, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::figure::{
    UNEVEN_DAYS, baseline_used, days, differs, is_actual, is_baseline, is_level_of_past, is_primary, same_line, unit,
};
use super::Placed;
use crate::rules::{
    catalogue::Catalogue,
    change,
    decimal::Figure,
    fact::{Measure, TARGETS},
    line::Entry,
    line_facts::contradict,
    period::Period,
    traffic_light::{self, target_level},
};

/// Decimals of a relative change, in per cent.
const CHANGE_DECIMALS: u8 = 1;

/// What the exchange computes from one figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// For a numeric actual: its change.
    pub change: Option<ComputedChange>,
    /// For a target: whether it is met.
    pub met: Option<TargetMet>,
    /// For a printed change: whether it follows from the figures.
    pub change_match: Option<ChangeMatch>,
}

/// The change of an actual since its baseline or, without one, since the actual of the period before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComputedChange {
    /// The rule that it was computed by. `since-baseline`: from the baseline on the figure's own line, else the newest baseline
    /// before it, else the actual of the period before.
    #[schema(example = "since-baseline")]
    pub rule: String,
    /// Whether the figure compared with is a baseline or an actual.
    pub from_kind: Option<FigureKind>,
    /// The period of the figure compared with, by code.
    #[schema(example = "FY2007-08")]
    pub from_period: Option<String>,
    /// The figure compared with.
    pub from_value: Option<Figure>,
    /// In per cent of the figure compared with, to one decimal.
    #[schema(example = -15.4)]
    pub relative: Option<Figure>,
    /// In points of the unit.
    #[schema(example = -5.32)]
    pub points: Option<Figure>,
    /// Why there is none.
    pub not_computed: Option<NotComputed>,
}

/// Whether a target is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetMet {
    /// The rule that it was computed by. `met-equality-counts`: `GREEN` if the actual is at least as good as the level asked for,
    /// equality counting, else `RED`; `AMBER` is never computed.
    #[schema(example = "met-equality-counts")]
    pub rule: String,
    /// Whether it is met.
    pub met: Option<bool>,
    /// The computed light: `GREEN` if it is met, else `RED`.
    pub light: Option<TrafficLight>,
    /// The level that the target asks for: for a change, that of the baseline changed so.
    #[schema(example = 33.83424)]
    pub level: Option<Figure>,
    /// The actual judged.
    #[schema(example = 29.24)]
    pub actual: Option<Figure>,
    /// The period of the actual, by code.
    #[schema(example = "FY2008-09")]
    pub actual_period: Option<String>,
    /// The baseline that the target changes, if it is a change.
    pub baseline: Option<Figure>,
    /// Why it is not judged.
    pub not_computed: Option<NotComputed>,
}

/// Which direction is good, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The plan, of the figures as it prints them.
    OfPlan(Polarity),
    /// The indicator's definition; it says nothing of figures that follow another one.
    Defined(Polarity),
}

/// Judges all figures of one indicator, area and breakdown, in their order.
///
/// An actual is found for a target, and a baseline for either, on the same line of a return; failing that the actual of
/// the target's period, and the newest baseline before the actual. A target set ahead waits for the actual of its own
/// period, and a target that names the period that it is a change from is a change from that. From figures that rows
/// contradict nothing is computed.
pub fn judge(figures: &[Placed<'_>], polarity: Direction, catalogue: &Catalogue) -> Vec<Judgement> {
    let group = Group { figures, polarity, catalogue };
    figures.iter().map(|figure| group.judge(figure)).collect()
}

struct Group<'a> {
    figures: &'a [Placed<'a>],
    polarity: Direction,
    catalogue: &'a Catalogue,
}

/// A figure that can be computed from.
#[derive(Clone, Copy)]
struct Number<'a> {
    placed: &'a Placed<'a>,
    value: Figure,
}

impl<'a> Group<'a> {
    fn judge(&self, figure: &'a Placed<'a>) -> Judgement {
        let mut judgement = Judgement::default();
        let fact = figure.fact;
        match (fact.key.kind, fact.key.measure) {
            (FigureKind::Actual, Measure::Primary) if fact.flags.form == FigureForm::Level => {
                judgement.change = fact.value.map(|value| self.change(Number { placed: figure, value }));
            }
            (kind, Measure::Primary) if TARGETS.contains(&kind) => judgement.met = Some(self.met(figure)),
            (kind, Measure::Secondary(_)) if TARGETS.contains(&kind) => {
                judgement.change_match = self.stated_change(figure);
            }
            (FigureKind::ReportedChange, Measure::Primary) => judgement.change_match = self.reported_change(figure),
            _ => {}
        }
        judgement
    }

    fn change(&self, after: Number<'a>) -> ComputedChange {
        let none = ComputedChange {
            rule: change::RULE.to_owned(),
            from_kind: None,
            from_period: None,
            from_value: None,
            relative: None,
            points: None,
            not_computed: None,
        };
        let before = self.usable(after.placed).and_then(|()| self.base_of(after.placed));
        let before = match before {
            Ok(before) => before,
            Err(why) => return ComputedChange { not_computed: Some(why), ..none },
        };
        let change = ComputedChange {
            from_kind: Some(before.placed.fact.key.kind),
            from_period: Some(before.placed.period.code()),
            from_value: Some(before.value),
            ..none
        };
        if let Err(why) = self.comparable(before.placed, after.placed) {
            return ComputedChange { not_computed: Some(why), ..change };
        }
        let relative = change::relative(before.value, after.value, CHANGE_DECIMALS);
        let points = change::points(before.value, after.value);
        let not_computed = (relative.is_none() && points.is_none()).then_some(NotComputed::OutOfRange);
        ComputedChange { relative, points, not_computed, ..change }
    }

    fn met(&self, target: &'a Placed<'a>) -> TargetMet {
        let mut answer = TargetMet {
            rule: traffic_light::RULE.to_owned(),
            met: None,
            light: None,
            level: None,
            actual: None,
            actual_period: None,
            baseline: None,
            not_computed: None,
        };
        answer.not_computed = self.fill(&mut answer, target).err();
        answer
    }

    fn fill(&self, answer: &mut TargetMet, target: &'a Placed<'a>) -> Result<(), NotComputed> {
        let asked = target.fact.value.ok_or(NotComputed::NoTarget)?;
        self.usable(target)?;
        let form = target.fact.flags.form;
        let actual = self.actual_for(target);
        if let Ok(actual) = actual {
            answer.actual = Some(actual.value);
            answer.actual_period = Some(actual.placed.period.code());
        }
        let baseline = match form {
            FigureForm::Level => None,
            _ => Some(self.base_of_target(target, actual.ok())?),
        };
        answer.baseline = baseline.map(|baseline| baseline.value);
        let level = target_level(answer.baseline, asked, form).ok_or(NotComputed::NoBaseline)?;
        answer.level = level.shortest();
        let actual = actual?;
        if let Some(baseline) = baseline {
            self.comparable(baseline.placed, actual.placed)?;
        }
        if form == FigureForm::Level && unit(target) != unit(actual.placed) {
            return Err(NotComputed::DefinitionDiffers);
        }
        if self.is_part(target, actual.placed) {
            return Err(NotComputed::PartOfPeriod);
        }
        let polarity = match self.polarity {
            Direction::Defined(_) if differs(target) || differs(actual.placed) => {
                return Err(NotComputed::DefinitionDiffers);
            }
            Direction::Defined(polarity) | Direction::OfPlan(polarity) => polarity,
        };
        let light = level.light(actual.value, polarity).ok_or(NotComputed::NoPolarity)?;
        answer.light = Some(light);
        answer.met = Some(light == TrafficLight::Green);
        Ok(())
    }

    /// Whether a change follows from the figures that its line prints beside it, whatever has been published since; where it
    /// prints none, from the figures that are there now.
    fn reported_change(&self, printed: &'a Placed<'a>) -> Option<ChangeMatch> {
        let change = printed.fact.value?;
        let beside = |entry: &Option<Entry>| entry.as_ref().and_then(|entry| entry.value);
        let actual = match self.actual_for(printed) {
            // From what rows contradict nothing is computed, though each may agree within itself.
            Err(NotComputed::Conflict) => return None,
            found => found.ok(),
        };
        let after = beside(&printed.line.actual).or(actual.map(|actual| actual.value))?;
        let base = || self.base_of(actual.map_or(printed, |actual| actual.placed)).ok();
        let before = beside(&printed.line.baseline).or_else(|| base().map(|base| base.value))?;
        change::classify(before, after, change, printed.fact.flags.form)
    }

    /// Whether a change stated beside a target follows from the target and the figure that it starts from.
    fn stated_change(&self, stated: &'a Placed<'a>) -> Option<ChangeMatch> {
        let change = stated.fact.value?;
        let of_line = |other: &&'a Placed<'a>| {
            is_primary(other) && other.fact.key.kind == stated.fact.key.kind && same_line(other, stated)
        };
        let target = self.figures.iter().find(of_line)?;
        self.usable(target).ok()?;
        let after = target.fact.value?;
        let before = match baseline_used(stated) {
            Some(used) => self.level_of(used),
            None => self.newest_before(stated, is_level_of_past),
        };
        change::classify(before.ok()?.value, after, change, stated.fact.flags.form)
    }

    /// The actual that a target or a printed change is about.
    fn actual_for(&self, figure: &'a Placed<'a>) -> Result<Number<'a>, NotComputed> {
        // A target that is set ahead is not about the actual beside it; one for the year of a cohort or of a day is.
        let is_ahead = |actual: &Period| actual.kind() == figure.period.kind() && actual != figure.period;
        let beside = |other: &Placed<'_>| is_actual(other) && same_line(other, figure) && !is_ahead(other.period);
        let found = self.one(beside).or_else(|why| match why {
            NotComputed::Conflict => Err(why),
            _ => self.one(|other| is_actual(other) && other.period == figure.period),
        });
        found.map_err(|why| if why == NotComputed::Conflict { why } else { NotComputed::NoActual })
    }

    /// What a change of an actual starts from.
    fn base_of(&self, figure: &'a Placed<'a>) -> Result<Number<'a>, NotComputed> {
        if let Some(own) = self.own_baseline(figure) {
            return own;
        }
        match self.newest_before(figure, is_baseline) {
            Err(why) if why != NotComputed::Conflict => {
                let before = figure.period.previous().ok_or(NotComputed::NoBaseline)?;
                self.one(|other| is_actual(other) && *other.period == before).map_err(lacking_baseline)
            }
            found => found.map_err(lacking_baseline),
        }
    }

    /// What a target that is a change starts from: the level of the period that it names, else the baseline on its line,
    /// else what the change of its actual starts from.
    fn base_of_target(&self, target: &'a Placed<'a>, actual: Option<Number<'a>>) -> Result<Number<'a>, NotComputed> {
        if let Some(used) = baseline_used(target) {
            return self.level_of(used).map_err(lacking_baseline);
        }
        let of_actual = || self.base_of(actual.map_or(target, |actual| actual.placed));
        self.own_baseline(target).unwrap_or_else(of_actual)
    }

    /// The baseline that a figure's own line states, if it does. One that is still to come is not replaced by another; an empty
    /// cell is none.
    fn own_baseline(&self, figure: &Placed<'_>) -> Option<Result<Number<'a>, NotComputed>> {
        let stated = figure.line.baseline.as_ref().filter(|entry| entry.missing != Some(MissingReason::Blank))?;
        let period = Period::parse(figure.line.period_of(stated)).ok()?;
        // Lines may share a baseline, and a later return may have refreshed it.
        let found = self.one(|other| is_baseline(other) && *other.period == period);
        Some(if stated.value.is_some() { found.map_err(lacking_baseline) } else { Err(NotComputed::NoBaseline) })
    }

    /// The level of a period by code: its baseline or, without one, its actual.
    fn level_of(&self, period: &str) -> Result<Number<'a>, NotComputed> {
        let period = Period::parse(period).map_err(|_| NotComputed::NoBaseline)?;
        let of_period = |other: &Placed<'_>| *other.period == period;
        self.one(|other| is_baseline(other) && of_period(other)).or_else(|why| match why {
            NotComputed::Conflict => Err(why),
            _ => self.one(|other| is_actual(other) && of_period(other)),
        })
    }

    /// The number of the newest period that ends before a figure's period does.
    fn newest_before(
        &self,
        figure: &Placed<'_>,
        wanted: impl Fn(&Placed<'_>) -> bool,
    ) -> Result<Number<'a>, NotComputed> {
        let earlier = |other: &&Placed<'_>| wanted(other) && other.period.end() < figure.period.end();
        let numeric = self.figures.iter().filter(earlier).filter(|other| other.fact.value.is_some());
        let newest = numeric.max_by_key(|other| other.period.end()).ok_or(NotComputed::NoBaseline)?;
        self.one(|other| wanted(other) && other.period == newest.period)
    }

    /// The one number that figures say; a conflict if they say several.
    fn one(&self, wanted: impl Fn(&Placed<'_>) -> bool) -> Result<Number<'a>, NotComputed> {
        let numeric = |other: &&'a Placed<'a>| wanted(other) && other.fact.value.is_some();
        let placed = self.figures.iter().find(numeric).ok_or(NotComputed::NoActual)?;
        self.usable(placed)?;
        let value = placed.fact.value.ok_or(NotComputed::NoActual)?;
        Ok(Number { placed, value })
    }

    /// Refuses a figure that another row contradicts.
    fn usable(&self, figure: &Placed<'_>) -> Result<(), NotComputed> {
        let of_same = |other: &&Placed<'_>| {
            let (one, other) = (&figure.fact.key, &other.fact.key);
            (one.kind, one.period_id, one.measure) == (other.kind, other.period_id, other.measure)
        };
        let contradicted = self.figures.iter().filter(of_same).any(|other| contradict(figure.fact, other.fact));
        if contradicted { Err(NotComputed::Conflict) } else { Ok(()) }
    }

    /// Refuses to compare figures on both sides of a break, of different definitions, or of unlike stretches of time.
    fn comparable(&self, before: &Placed<'_>, after: &Placed<'_>) -> Result<(), NotComputed> {
        let (start, end) = (before.period.start(), after.period.end());
        if self.catalogue.break_between(after.fact.key.indicator_id, start, end).is_some() {
            return Err(NotComputed::Break);
        }
        if differs(before) != differs(after) || unit(before) != unit(after) {
            return Err(NotComputed::DefinitionDiffers);
        }
        if self.is_part(before, after) { Err(NotComputed::PartOfPeriod) } else { Ok(()) }
    }

    /// Whether one of two figures is of a part of the other's time, and would have to be scaled up to be compared: events add
    /// up over a year, proportions and scores do not.
    fn is_part(&self, one: &Placed<'_>, other: &Placed<'_>) -> bool {
        let definition = self.catalogue.definition(other.fact.key.indicator_id, other.period);
        let adds_up = definition.is_none_or(|definition| {
            matches!(definition.unit, Unit::Rate | Unit::Count | Unit::Money | Unit::Unknown)
                && definition.aggregation != Aggregation::Last
        });
        let lengths = days(one).zip(days(other));
        adds_up && lengths.is_some_and(|(one, other)| one.abs_diff(other) > UNEVEN_DAYS)
    }
}

/// Why there is nothing to start from.
fn lacking_baseline(why: NotComputed) -> NotComputed {
    if why == NotComputed::Conflict { why } else { NotComputed::NoBaseline }
}

#[cfg(test)]
mod tests;
