//! Published figures, page by page: actuals, targets and the rest of what lines carry.

mod published;

use std::collections::HashMap;

use entity::{FigureKind, Unit};
use serde_json::json;

use super::{
    Exchange,
    page::{Page, PageRequest, seal},
    view::View,
};
use crate::{
    problem::{Error, ProblemCode, Result},
    rules::{
        catalogue::{Catalogue, Indicator, Known},
        fact::{Fact, FactKey, Measure, measure_stored_as, stored_measure},
        line::{Breakdown, Line},
        period::Period,
    },
    store::{self, Walk, figures::Filter},
};
use published::figure_of;

pub use published::PublishedFigure;

/// How many figures a read of several partnerships at once answers at most.
pub const MAXIMUM_FIGURES: usize = 10_000;

/// Which figures a list shows; empty lists mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureQuery {
    /// Kinds of figure.
    pub kinds: Vec<FigureKind>,
    /// Partnerships, by code.
    pub partnerships: Vec<String>,
    /// Indicators, by any code.
    pub indicators: Vec<String>,
    /// Periods, in any spelling.
    pub periods: Vec<String>,
}

impl Exchange {
    /// A page of published figures.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` for a code that is not known, `INVALID_CURSOR`.
    pub async fn figures(
        &self,
        view: &View,
        query: &FigureQuery,
        request: &PageRequest,
    ) -> Result<Page<PublishedFigure>> {
        let (facts, has_more) = self.page_of_facts(view, query, request).await?;
        let list = list_name(query);
        let figures = self.describe(view, &facts).await?.into_iter();
        Ok(Page { items: figures.map(|figure| (seal(&list, &cursor_key(&figure)), figure)).collect(), has_more })
    }

    /// Figures of several partnerships at once, by partnership: one statement for the figures, however many partnerships.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` for a code that is not known, or where more than [`MAXIMUM_FIGURES`] figures answer.
    pub async fn figures_by_partnership(
        &self,
        view: &View,
        kinds: &[FigureKind],
        partnerships: &[String],
        indicators: &[String],
        periods: &[String],
    ) -> Result<HashMap<String, Vec<PublishedFigure>>> {
        let query = FigureQuery {
            kinds: kinds.to_vec(),
            partnerships: partnerships.to_vec(),
            indicators: indicators.to_vec(),
            periods: periods.to_vec(),
        };
        let mut by_partnership: HashMap<String, Vec<PublishedFigure>> = HashMap::new();
        let Some(filter) = self.filter(view, &query).await? else {
            return Ok(by_partnership);
        };
        let Filter { kinds, partnerships, indicators, periods, editions } = filter;
        let (reader, editions) = (self.database().reader(), editions.as_deref());
        let found = store::figures::range(reader, &indicators, &periods, &kinds, &partnerships, editions).await?;
        let mut facts = view.newest(found);
        if facts.len() > MAXIMUM_FIGURES {
            let why = format!(
                "{} figures answer; {MAXIMUM_FIGURES} are the most. Ask for fewer periods or indicators.",
                facts.len()
            );
            return Err(Error::parameter("periods", why));
        }
        facts.sort_by_key(|fact| fact.key);
        for figure in self.describe(view, &facts).await? {
            by_partnership.entry(figure.partnership.clone()).or_default().push(figure);
        }
        Ok(by_partnership)
    }

    async fn page_of_facts(
        &self,
        view: &View,
        query: &FigureQuery,
        request: &PageRequest,
    ) -> Result<(Vec<Fact>, bool)> {
        let limit = request.limit()?;
        let backwards = request.backwards;
        let cursor = match request.from(&list_name(query))? {
            Some(cursor) => Some(self.place(view, &cursor).await?),
            None => None,
        };
        // A page may end within the rows of a figure: they are read again, for only all of them tell which count.
        let mut walk = Walk { from: cursor.map(|key| beside(key, backwards)), backwards };
        let is_behind_cursor = |fact: &Fact| {
            let place = |key: &FactKey| (stored_measure(key.measure), key.line_variant);
            cursor.is_none_or(|cursor| {
                fact.key.figure() != cursor.figure()
                    || place(&fact.key) != place(&cursor) && (place(&fact.key) < place(&cursor)) == backwards
            })
        };
        let Some(filter) = self.filter(view, query).await? else {
            return Ok((Vec::new(), false));
        };
        let mut facts = Vec::with_capacity(limit + 1);
        // Most figures have one version, so that a little more than a page usually holds it; else the loop goes on.
        let batch_size = limit + 2 + limit / 4;
        loop {
            let mut batch = store::figures::page(self.database().reader(), &filter, walk, batch_size as u64).await?;
            let exhausted = batch.len() < batch_size;
            if !exhausted {
                // Versions and rows of the last figure may be cut off; it is read again unless it is all that there is.
                let last = batch.last().map(|fact| fact.key.figure());
                let complete = batch.iter().take_while(|fact| Some(fact.key.figure()) != last).count();
                if complete > 0 {
                    batch.truncate(complete);
                } else if let Some(figure) = last {
                    batch = self.all_versions(&filter, walk, figure, batch_size).await?;
                }
            }
            walk.from = batch.last().map(|fact| fact.key).or(walk.from);
            facts.extend(view.newest(batch).into_iter().filter(is_behind_cursor));
            if exhausted || facts.len() > limit {
                let has_more = facts.len() > limit;
                facts.truncate(limit);
                if backwards {
                    facts.reverse();
                }
                return Ok((facts, has_more));
            }
        }
    }

    /// Every version and row of one figure, however many there are.
    async fn all_versions(
        &self,
        filter: &Filter,
        walk: Walk<FactKey>,
        figure: FactKey,
        size: usize,
    ) -> Result<Vec<Fact>> {
        let mut size = size;
        loop {
            size *= 2;
            let batch = store::figures::page(self.database().reader(), filter, walk, size as u64).await?;
            if batch.len() < size || batch.last().is_some_and(|fact| fact.key.figure() != figure) {
                return Ok(batch.into_iter().filter(|fact| fact.key.figure() == figure).collect());
            }
        }
    }

    /// Codes to numbers; `None` if a period is asked for that no figure is for.
    async fn filter(&self, view: &View, query: &FigureQuery) -> Result<Option<Filter>> {
        let catalogue = &*view.catalogue;
        let partnerships = query.partnerships.iter().map(|code| {
            let known = catalogue.partnership(code).map(|known| known.id);
            known.ok_or_else(|| Error::parameter("partnerships", format!("`{code}` is not the code of a partnership.")))
        });
        let partnerships: Vec<i32> = partnerships.collect::<Result<_>>()?;
        let owner = match query.partnerships.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        let indicators = known_indicators(catalogue, &query.indicators, owner)?;
        let codes: Vec<String> = parsed_periods(&query.periods)?.iter().map(Period::code).collect();
        let periods: Vec<i32> = self.period_numbers(&codes).await?.into_values().collect();
        if !codes.is_empty() && periods.is_empty() {
            return Ok(None);
        }
        let kinds = if query.kinds.is_empty() { FigureKind::ALL.to_vec() } else { query.kinds.clone() };
        let indicators = indicators.iter().map(|indicator| indicator.id).collect();
        let editions = view.editions_of(&partnerships);
        Ok(Some(Filter { kinds, partnerships, indicators, periods, editions }))
    }

    /// Facts in words.
    pub(super) async fn describe(&self, view: &View, facts: &[Fact]) -> Result<Vec<PublishedFigure>> {
        let lines = self.lines_of(facts).await?;
        let periods = self.periods_of(facts).await?;
        describe_with(view, facts, &lines, &periods)
    }

    /// The lines that facts were made from, by edition and number; of withdrawn facts what is left of them.
    pub(super) async fn lines_of(&self, facts: &[Fact]) -> Result<HashMap<(i64, i32), Line>> {
        let mut lines = store::figures::lines(self.database().reader(), facts).await?;
        for fact in facts.iter().filter(|fact| fact.flags.tombstone) {
            if let Some(line) = lines.get_mut(&(fact.edition_id, fact.line_no)) {
                *line = std::mem::take(line).withdrawn();
            }
        }
        Ok(lines)
    }
}

/// Facts in words, with the lines that they were made from and the periods that they are for.
pub(super) fn describe_with(
    view: &View,
    facts: &[Fact],
    lines: &HashMap<(i64, i32), Line>,
    periods: &HashMap<i32, Period>,
) -> Result<Vec<PublishedFigure>> {
    let described = facts.iter().map(|fact| {
        let line = lines.get(&(fact.edition_id, fact.line_no));
        line.zip(periods.get(&fact.key.period_id))
            .and_then(|(line, period)| figure_of(view, fact, period, line))
            .ok_or_else(|| Error::internal("reading figures", "a figure has a number without a code, or no line"))
    });
    described.collect()
}

/// Indicators by any code, each once. A local code means that of `partnership`, if given.
pub(super) fn known_indicators<'a>(
    catalogue: &'a Catalogue,
    codes: &[String],
    partnership: Option<&str>,
) -> Result<Vec<&'a Known<Indicator>>> {
    let mut known: Vec<&Known<Indicator>> = Vec::with_capacity(codes.len());
    for code in codes {
        let found = catalogue.indicator(code, partnership).ok_or_else(|| {
            let near = catalogue.nearest_indicator(code, partnership).map(|near| format!(" Did you mean `{near}`?"));
            Error::parameter("indicators", format!("`{code}` is not in the catalogue.{}", near.unwrap_or_default()))
        })?;
        if !known.iter().any(|known| known.id == found.id) {
            known.push(found);
        }
    }
    Ok(known)
}

/// Periods in any spelling, each once.
pub(super) fn parsed_periods(texts: &[String]) -> Result<Vec<Period>> {
    let mut periods = Vec::with_capacity(texts.len());
    for text in texts {
        let period = Period::parse(text).map_err(|failure| Error::parameter("periods", failure))?;
        if !periods.contains(&period) {
            periods.push(period);
        }
    }
    Ok(periods)
}

/// A key just beside all rows of a figure: before them, or behind them for a walk backwards.
fn beside(key: FactKey, backwards: bool) -> FactKey {
    if backwards {
        FactKey { measure: Measure::Secondary(Unit::Unknown), line_variant: i16::MAX, ..key }
    } else {
        FactKey { line_variant: -1, ..key.figure() }
    }
}

/// The order of a page depends on whether partnerships are asked for, and a cursor is good for one order.
fn list_name(query: &FigureQuery) -> String {
    format!("figures by {}", if query.partnerships.is_empty() { "indicator" } else { "partnership" })
}

/// A figure's place in a list, in codes: what is numbered within stays within.
fn cursor_key(figure: &PublishedFigure) -> String {
    let breakdown = figure.breakdown.as_ref();
    let measure = if figure.is_secondary { Measure::Secondary(figure.unit) } else { Measure::Primary };
    json!([
        figure.indicator,
        figure.period,
        figure.kind,
        figure.partnership,
        figure.area,
        breakdown.map(|of| &of.dimension),
        breakdown.map(|of| &of.member),
        stored_measure(measure),
        figure.line_variant,
    ])
    .to_string()
}

impl Exchange {
    /// The place in a list that a cursor names.
    async fn place(&self, view: &View, cursor: &str) -> Result<FactKey> {
        type Parts = (String, String, FigureKind, String, String, Option<String>, Option<String>, i16, i16);
        let foreign = || Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this list.");
        let (indicator, period, kind, partnership, area, dimension, member, measure, line_variant): Parts =
            serde_json::from_str(cursor).map_err(|_| foreign())?;
        let breakdown_id = match dimension.zip(member) {
            Some((dimension, member)) => {
                let breakdown = Breakdown { dimension, member };
                store::dimensions::breakdown_id(self.database().reader(), &breakdown).await?.ok_or_else(foreign)?
            }
            None => 0,
        };
        let periods = self.period_numbers(std::slice::from_ref(&period)).await?;
        let catalogue = &*view.catalogue;
        Ok(FactKey {
            indicator_id: catalogue.indicator(&indicator, None).ok_or_else(foreign)?.id,
            period_id: *periods.get(&period).ok_or_else(foreign)?,
            kind,
            partnership_id: catalogue.partnership(&partnership).ok_or_else(foreign)?.id,
            area_id: catalogue.area(&area).ok_or_else(foreign)?.id,
            breakdown_id,
            measure: measure_stored_as(measure).ok_or_else(foreign)?,
            line_variant,
        })
    }
}
