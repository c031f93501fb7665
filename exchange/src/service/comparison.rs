//! Comparisons with a Most Similar Group: one statement for the figures, one for what the plan prints; the rest is rules.

use std::collections::{BTreeSet, HashMap};

use entity::{FigureKind, RankOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Exchange, figures,
    page::{Page, PageRequest},
    view::View,
};
use crate::{
    clock::Instant,
    problem::{Error, ProblemCode, Result},
    rules::{
        catalogue::{Indicator, Known, Partnership, PeerGroup},
        comparison::{Comparison, Facts, NumberedPeriod, Question, compare},
        line::ReportedComparison,
        period::Period,
    },
    store::{self, returns::NumberedComparison},
};

/// Indicators times periods that one request may ask for.
pub const MAXIMUM_COMPARISONS: usize = 200;

/// What is to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparisonQuery {
    /// The partnership, by code.
    pub partnership: String,
    /// Indicators, by any code.
    pub indicators: Vec<String>,
    /// Periods, in any spelling.
    pub periods: Vec<String>,
    /// A peer group, by code; the partnership's own in each period unless given.
    pub peer_group: Option<String>,
    /// Which end of the ranking comes first; the best figure unless given.
    pub rank_order: Option<RankOrder>,
}

/// The comparison of a partnership with its peers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparisonAnswer {
    /// The partnership, by code.
    #[schema(example = "southwark")]
    pub partnership: String,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
    /// One for each indicator and period, in the order asked for.
    pub comparisons: Vec<Comparison>,
}

impl Exchange {
    /// Compares a partnership with its peers.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown partnership, `INVALID_PARAMETER` for anything else that is unknown or too much.
    pub async fn compare(&self, view: &View, query: &ComparisonQuery) -> Result<ComparisonAnswer> {
        let catalogue = &*view.catalogue;
        let owner = catalogue
            .partnership(&query.partnership)
            .ok_or_else(|| Error::not_found(format!("partnership `{}`", query.partnership)))?;
        let group = query.peer_group.as_deref().map(|code| {
            let group = catalogue
                .peer_group(code)
                .ok_or_else(|| Error::parameter("peer_group", format!("`{code}` is not registered.")))?;
            if !group.members.contains(&owner.code) {
                let why = format!("`{}` is not a member of `{code}`.", owner.code);
                return Err(Error::parameter("peer_group", why));
            }
            Ok(group)
        });
        let group = group.transpose()?;
        let indicators = figures::known_indicators(catalogue, &query.indicators, Some(&owner.code))?;
        let periods = figures::parsed_periods(&query.periods)?;
        if indicators.is_empty() {
            return Err(Error::parameter("indicators", "at least one indicator is needed, such as `NI 16`."));
        }
        if periods.is_empty() {
            return Err(Error::parameter("periods", "at least one period is needed, such as `FY2008-09`."));
        }
        if indicators.len() * periods.len() > MAXIMUM_COMPARISONS {
            let why =
                format!("{} indicators × {} periods exceed {MAXIMUM_COMPARISONS}.", indicators.len(), periods.len());
            return Err(Error::parameter("indicators", why));
        }

        // The period before each is read along, for change and progress.
        let before: Vec<Option<Period>> = periods.iter().map(Period::previous).collect();
        let codes: BTreeSet<String> = periods.iter().chain(before.iter().flatten()).map(Period::code).collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let numbers = self.period_numbers(&codes).await?;
        let mut members = BTreeSet::from([owner.id]);
        for period in &periods {
            members.extend(members_in(view, group, owner, period));
        }
        let facts = self.comparison_facts(view, &indicators, &numbers, members).await?;
        let facts = Facts::new(&facts);
        let mut reported = self.reported_comparisons(view, owner, &indicators, &numbers).await?;

        let question = Question { catalogue, owner, peer_group: group, rank_order: query.rank_order };
        let numbered = |period| NumberedPeriod { period, id: numbers.get(&Period::code(period)).copied() };
        let mut comparisons = Vec::with_capacity(indicators.len() * periods.len());
        for indicator in &indicators {
            for (period, before) in periods.iter().zip(&before) {
                let reported = reported.remove(&(indicator.id, period.code())).unwrap_or_default();
                let before = before.as_ref().map(numbered);
                comparisons.push(compare(question, &facts, indicator, numbered(period), before, reported));
            }
        }
        Ok(ComparisonAnswer { partnership: owner.code.clone(), state: view.state.to_string(), comparisons })
    }

    async fn comparison_facts(
        &self,
        view: &View,
        indicators: &[&Known<Indicator>],
        numbers: &HashMap<String, i32>,
        members: BTreeSet<i32>,
    ) -> Result<Vec<crate::rules::fact::Fact>> {
        let indicators: Vec<i32> = indicators.iter().map(|indicator| indicator.id).collect();
        let mut periods: Vec<i32> = numbers.values().copied().collect();
        periods.sort_unstable();
        let members: Vec<i32> = members.into_iter().collect();
        let kinds = [FigureKind::Actual, FigureKind::Baseline];
        let (reader, editions) = (self.database().reader(), view.editions_of(&members));
        let facts = store::figures::range(reader, &indicators, &periods, &kinds, &members, editions.as_deref()).await?;
        Ok(view.newest(facts))
    }

    /// What the owner's own plan prints, by indicator and period.
    async fn reported_comparisons(
        &self,
        view: &View,
        owner: &Known<Partnership>,
        indicators: &[&Known<Indicator>],
        numbers: &HashMap<String, i32>,
    ) -> Result<HashMap<(i32, String), Vec<ReportedComparison>>> {
        let indicators: Vec<i32> = indicators.iter().map(|indicator| indicator.id).collect();
        let periods: Vec<i32> = numbers.values().copied().collect();
        if periods.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reported: HashMap<(i32, String), Vec<ReportedComparison>> = HashMap::new();
        for (_, numbered) in self.visible_comparisons(view, owner.id, &indicators, &periods).await? {
            let key = (numbered.indicator_id, numbered.comparison.period.clone());
            reported.entry(key).or_default().push(numbered.comparison);
        }
        Ok(reported)
    }

    /// The comparisons with peer groups that a partnership's sources print, in their printed order; of some indicators and
    /// periods, or of any if none are named.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown partnership, `INVALID_PARAMETER` for an indicator or a period that is not known or a limit
    /// that is none, `INVALID_CURSOR`.
    pub async fn reported_comparisons_of(
        &self,
        view: &View,
        partnership: &str,
        indicators: &[String],
        periods: &[String],
        request: &PageRequest,
    ) -> Result<Page<ReportedComparison>> {
        const LIST: &str = "reported-comparisons";
        let catalogue = &*view.catalogue;
        let from: Option<Printed> =
            request.from(LIST)?.map(|key| serde_json::from_str(&key)).transpose().map_err(|_| {
                Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this list.")
            })?;
        let owner = catalogue
            .partnership(partnership)
            .ok_or_else(|| Error::not_found(format!("partnership `{partnership}`")))?;
        let indicators = figures::known_indicators(catalogue, indicators, Some(&owner.code))?;
        let indicators: Vec<i32> = indicators.iter().map(|indicator| indicator.id).collect();
        let codes: Vec<String> = figures::parsed_periods(periods)?.iter().map(Period::code).collect();
        let numbers: Vec<i32> = self.period_numbers(&codes).await?.into_values().collect();
        let visible = if !codes.is_empty() && numbers.is_empty() {
            Vec::new()
        } else {
            self.visible_comparisons(view, owner.id, &indicators, &numbers).await?
        };
        let keyed =
            |(printed, numbered): (Printed, NumberedComparison)| (json!(printed).to_string(), numbered.comparison);
        if request.backwards {
            let rest = visible.into_iter().rev().filter(|(printed, _)| from.is_none_or(|from| *printed < from));
            return request.cut(LIST, rest.map(keyed));
        }
        let rest = visible.into_iter().filter(|(printed, _)| from.is_none_or(|from| *printed > from));
        request.cut(LIST, rest.map(keyed))
    }

    /// In printed order, each with its place. Of several visible editions that print the same comparison the newest counts.
    async fn visible_comparisons(
        &self,
        view: &View,
        owner: i32,
        indicators: &[i32],
        periods: &[i32],
    ) -> Result<Vec<(Printed, NumberedComparison)>> {
        let stored =
            store::returns::published_comparisons(self.database().reader(), owner, indicators, periods).await?;
        let visible = stored.into_iter().filter_map(|(edition, numbered)| {
            let publication = view.publication(edition)?;
            // A return has its lines in two editions, and they were printed in one table.
            let printed = Printed(publication.return_id, numbered.comparison.line);
            Some(((publication.effective_at, edition), printed, numbered))
        });
        let mut visible: Vec<(Order, Printed, NumberedComparison)> = visible.collect();
        let mut newest: HashMap<(i32, i32), Order> = HashMap::new();
        let key = |numbered: &NumberedComparison| (numbered.indicator_id, numbered.period_id);
        for (order, _, numbered) in &visible {
            let known = newest.entry(key(numbered)).or_insert(*order);
            *known = (*known).max(*order);
        }
        visible.retain(|(order, _, numbered)| newest.get(&key(numbered)) == Some(order));
        visible.sort_by_key(|(_, printed, _)| *printed);
        Ok(visible.into_iter().map(|(_, printed, numbered)| (printed, numbered)).collect())
    }
}

/// What an edition took effect by: the later one counts, as with figures.
type Order = (Instant, i64);

/// Where a comparison was printed: in which return, on which line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Printed(Option<Uuid>, u32);

fn members_in(view: &View, group: Option<&Known<PeerGroup>>, owner: &Known<Partnership>, period: &Period) -> Vec<i32> {
    let group = group.or_else(|| view.catalogue.peer_group_of(&owner.code, period.end()));
    let codes = group.map(|group| group.members.as_slice()).unwrap_or_default();
    codes.iter().filter_map(|code| view.catalogue.partnership(code)).map(|known| known.id).collect()
}
