//! Performance frameworks: a plan's lines in their printed order, with the published figures that belong to them.
//!
//! However many frameworks are asked for, their figures are read in one statement, and the lines that the figures were made
//! from in another.

mod answer;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use entity::{FigureKind, Polarity, Unit};

use super::{
    Exchange,
    figures::{PublishedFigure, describe_with},
    view::View,
};
use crate::{
    problem::{Error, Result},
    rules::{
        catalogue::{Catalogue, Known, Partnership, Plan},
        fact::Fact,
        framework::{Direction, Judgement, Placed, Shown, assign, judge, needed_for, shown_for, tells_of, usual_plan},
        line::{Breakdown, Line},
        metadata::plan::PlanLine,
        period::Period,
    },
    store,
};

pub use answer::{Framework, FrameworkFigure, FrameworkLine, FrameworkRemark, FrameworkSection};

/// How many figures the frameworks of one request may have: some four hundred lines of twenty quarters and five years.
pub const MAXIMUM_FRAMEWORK_FIGURES: usize = 50_000;

/// Which framework is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FrameworkQuery {
    /// The partnership, by code.
    pub partnership: String,
    /// The plan, by code; the partnership's usual one unless given.
    pub plan: Option<String>,
    /// Only what return lines say of this period, in any spelling.
    pub period: Option<String>,
}

/// A framework that is asked for, found.
struct Asked<'a> {
    partnership: &'a Known<Partnership>,
    plan: Arc<Plan>,
    period: Option<Period>,
}

/// The figures of one partnership with their lines, periods and descriptions, in step.
#[derive(Default)]
struct Figures<'a> {
    placed: Vec<Placed<'a>>,
    described: Vec<PublishedFigure>,
}

impl Exchange {
    /// The performance framework of a plan.
    ///
    /// # Errors
    /// `NOT_FOUND` for a partnership or a plan that is not known, `INVALID_PARAMETER` for a period that cannot be read.
    pub async fn framework(&self, view: &View, query: &FrameworkQuery) -> Result<Framework> {
        let frameworks = self.frameworks(view, std::slice::from_ref(query)).await?;
        frameworks
            .into_iter()
            .next()
            .ok_or_else(|| Error::internal("reading a framework", "one was asked for, none came"))
    }

    /// Several frameworks at once, in the order asked for: as many statements as for one.
    ///
    /// # Errors
    /// As of [`Exchange::framework`].
    pub async fn frameworks(&self, view: &View, queries: &[FrameworkQuery]) -> Result<Vec<Framework>> {
        let catalogue = &*view.catalogue;
        let asked: Vec<Asked<'_>> = queries.iter().map(|query| find(catalogue, query)).collect::<Result<_>>()?;
        let wanted: BTreeSet<(i32, i32)> = asked
            .iter()
            .flat_map(|asked| asked.plan.lines.iter().map(|line| (asked.partnership.id, &line.indicator)))
            .filter_map(|(partnership, code)| Some((partnership, catalogue.indicator(code, None)?.id)))
            .collect();
        let distinct = |numbers: BTreeSet<i32>| numbers.into_iter().collect::<Vec<i32>>();
        let partnerships = distinct(wanted.iter().map(|(partnership, _)| *partnership).collect());
        let indicators = distinct(wanted.iter().map(|(_, indicator)| *indicator).collect());
        let (reader, editions) = (self.database().reader(), view.editions_of(&partnerships));
        let facts = store::figures::of_partnerships(reader, &partnerships, &indicators, editions.as_deref()).await?;
        let mut facts = view.newest(facts);
        let wanted: HashSet<(i32, i32)> = wanted.into_iter().collect();
        facts.retain(|fact| wanted.contains(&(fact.key.partnership_id, fact.key.indicator_id)));
        if facts.len() > MAXIMUM_FRAMEWORK_FIGURES {
            let why = format!("{} figures are more than one answer takes. Ask for fewer plans at once.", facts.len());
            return Err(Error::parameter("plan", why));
        }
        facts.sort_by_key(|fact| (fact.key.partnership_id, fact.edition_id, fact.line_no, fact.key));
        let periods = self.periods_of(&facts).await?;
        let mut lines = HashMap::new();
        if let Some(period) = only_period(&asked) {
            let period_of = |fact: &Fact| periods.get(&fact.key.period_id).copied();
            let tells = |fact: &&Fact| period_of(fact).is_none_or(|of| tells_of(&period, fact, &of));
            let telling: Vec<Fact> = facts.iter().filter(tells).copied().collect();
            lines = self.lines_of(&telling).await?;
            let line_of = |fact: &Fact| lines.get(&(fact.edition_id, fact.line_no));
            let mut needed = needed_for(&period, &facts, period_of, line_of).into_iter();
            facts.retain(|_| needed.next().unwrap_or(true));
        }
        let lacking: Vec<Fact> =
            facts.iter().filter(|fact| !lines.contains_key(&(fact.edition_id, fact.line_no))).copied().collect();
        lines.extend(self.lines_of(&lacking).await?);
        let described = describe_with(view, &facts, &lines, &periods)?;

        let by_partnership = in_step(&facts, &lines, &periods, described);
        let nothing = Figures::default();
        let framework = |asked: &Asked<'_>| {
            let figures = by_partnership.get(&asked.partnership.id).unwrap_or(&nothing);
            framework(asked, figures, view)
        };
        Ok(asked.iter().map(framework).collect())
    }
}

/// The period that all are asked for, if it is one.
fn only_period(asked: &[Asked<'_>]) -> Option<Period> {
    let first = asked.first()?.period?;
    asked.iter().all(|asked| asked.period == Some(first)).then_some(first)
}

fn find<'a>(catalogue: &'a Catalogue, query: &FrameworkQuery) -> Result<Asked<'a>> {
    let partnership = catalogue
        .partnership(&query.partnership)
        .ok_or_else(|| Error::not_found(format!("partnership `{}`", query.partnership)))?;
    let plan = match &query.plan {
        Some(code) => catalogue.plan(&partnership.code, code),
        None => usual_plan(catalogue.plans_of(&partnership.code)),
    };
    let plan = plan.ok_or_else(|| {
        let named = query.plan.as_deref().map(|code| format!(" `{code}`")).unwrap_or_default();
        Error::not_found(format!("plan{named} of `{}`", partnership.code))
    })?;
    let period = query.period.as_deref().map(Period::parse).transpose();
    let period = period.map_err(|failure| Error::parameter("period", failure))?;
    Ok(Asked { partnership, plan: Arc::clone(&plan.document), period })
}

/// Facts, their lines, periods and descriptions by partnership.
fn in_step<'a>(
    facts: &'a [Fact],
    lines: &'a HashMap<(i64, i32), Line>,
    periods: &'a HashMap<i32, Period>,
    described: Vec<PublishedFigure>,
) -> HashMap<i32, Figures<'a>> {
    let mut by_partnership: HashMap<i32, Figures<'a>> = HashMap::new();
    for (fact, figure) in facts.iter().zip(described) {
        let line = lines.get(&(fact.edition_id, fact.line_no));
        let Some((line, period)) = line.zip(periods.get(&fact.key.period_id)) else { continue };
        let figures = by_partnership.entry(fact.key.partnership_id).or_default();
        figures.placed.push(Placed { fact, period, breakdown: line.breakdown.as_ref(), line });
        figures.described.push(figure);
    }
    by_partnership
}

fn framework(asked: &Asked<'_>, figures: &Figures<'_>, view: &View) -> Framework {
    let Asked { partnership, plan, period } = asked;
    let catalogue = &*view.catalogue;
    let belonging = assign(plan, partnership, catalogue, &figures.placed);
    let shown = shown_for(period.as_ref(), &figures.placed);
    let judgements = judgements(plan, partnership, catalogue, &figures.placed, &belonging);
    let line = |line: &PlanLine, belonging: &[usize]| {
        let mut answer = framework_line(line, *period, asked, catalogue);
        for at in belonging.iter().filter(|at| shown[**at] != Shown::Not) {
            let judgement = judgements[*at].clone().unwrap_or_default();
            answer.add(&figures.described[*at], judgement, shown[*at]);
        }
        answer
    };
    let mut by_section: HashMap<u16, Vec<FrameworkLine>> = HashMap::new();
    for (plan_line, belonging) in plan.lines.iter().zip(&belonging) {
        by_section.entry(plan_line.section).or_default().push(line(plan_line, belonging));
    }
    let sections = plan.sections.iter().map(|section| FrameworkSection {
        section: section.clone(),
        lines: by_section.remove(&section.number).unwrap_or_default(),
    });
    let sections = sections.collect();
    Framework {
        partnership: partnership.code.clone(),
        plan: plan.code.clone(),
        title: plan.title.clone(),
        status: plan.status,
        version: plan.version.clone(),
        period: period.as_ref().map(Period::code),
        state: view.state.to_string(),
        sections,
    }
}

/// What is computed from each figure that belongs to a line: lines with one indicator, area and breakdown are judged
/// together, for their rows may contradict each other.
fn judgements(
    plan: &Plan,
    partnership: &Partnership,
    catalogue: &Catalogue,
    placed: &[Placed<'_>],
    belonging: &[Vec<usize>],
) -> Vec<Option<Judgement>> {
    /// The direction that the plan calls good, and the figures.
    type Group = (Option<Polarity>, Vec<usize>);
    let mut groups: HashMap<(&str, &str, &Option<Breakdown>), Group> = HashMap::new();
    for (line, belonging) in plan.lines.iter().zip(belonging) {
        let area = line.area.as_deref().unwrap_or(&partnership.area);
        let group = groups.entry((&line.indicator, area, &line.breakdown)).or_default();
        group.0 = group.0.or(line.polarity);
        group.1.extend(belonging);
    }
    let mut judgements = vec![None; placed.len()];
    for (polarity, group) in groups.into_values() {
        let figures: Vec<Placed<'_>> = group.iter().map(|at| placed[*at]).collect();
        let Some(first) = figures.first() else { continue };
        let defined = catalogue.definition(first.fact.key.indicator_id, first.period);
        let defined = defined.map_or(Polarity::Unknown, |definition| definition.polarity);
        let polarity = polarity.map_or(Direction::Defined(defined), Direction::OfPlan);
        for (at, judgement) in group.into_iter().zip(judge(&figures, polarity, catalogue)) {
            judgements[at] = Some(judgement);
        }
    }
    judgements
}

/// A line without its figures.
fn framework_line(line: &PlanLine, period: Option<Period>, asked: &Asked<'_>, catalogue: &Catalogue) -> FrameworkLine {
    let day = Period::as_at(asked.plan.valid_to).ok();
    let definition = catalogue
        .indicator(&line.indicator, None)
        .zip(period.or(day))
        .and_then(|(indicator, period)| catalogue.definition(indicator.id, &period));
    FrameworkLine {
        line: PlanLine { area: line.area.clone().or_else(|| Some(asked.partnership.area.clone())), ..line.clone() },
        title: definition.map(|definition| definition.title.clone()),
        unit: definition.map_or(Unit::Unknown, |definition| definition.unit),
        per: definition.and_then(|definition| definition.per),
        effective_polarity: line
            .polarity
            .or(definition.map(|definition| definition.polarity))
            .unwrap_or(Polarity::Unknown),
        baselines: Vec::new(),
        actuals: Vec::new(),
        targets: Vec::new(),
        reported_changes: Vec::new(),
        reported_lights: Vec::new(),
        remarks: Vec::new(),
    }
}

impl FrameworkLine {
    fn add(&mut self, figure: &PublishedFigure, judgement: Judgement, shown: Shown) {
        let list = match figure.kind {
            FigureKind::Baseline => &mut self.baselines,
            FigureKind::Actual => &mut self.actuals,
            FigureKind::Target | FigureKind::TargetWithStretch | FigureKind::TargetWithoutStretch => &mut self.targets,
            FigureKind::ReportedChange => &mut self.reported_changes,
            FigureKind::ReportedLight => &mut self.reported_lights,
        };
        list.push(FrameworkFigure::new(figure, judgement));
        let remark = FrameworkRemark::of(figure);
        if shown == Shown::Told && !remark.is_empty() && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }
}
