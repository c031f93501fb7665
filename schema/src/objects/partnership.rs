//! Partnerships, from where a dashboard walks to everything else.

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::{
    Error,
    rules::{fact::TARGETS, metadata},
    service::{
        comparison::ComparisonQuery,
        framework::FrameworkQuery,
        page::{MAXIMUM_LIMIT, PageRequest},
    },
    vocabulary::{FigureKind, PartnershipKind, RankOrder},
};

use super::{
    Area, ComparisonAnswer, Figure, Framework, Indicator, PeerGroup, Plan, reported_comparison::ReportedComparison,
};
use crate::{
    error::Result,
    limits,
    loaders::FigureQuestion,
    node,
    scalars::Date,
    session::{Reading, linked},
};

/// Who reports in plans.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Partnership {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    links: Links,
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// What it is constituted as.
    kinds: Vec<PartnershipKind>,
    /// The first day on which it existed, if known.
    valid_from: Option<Date>,
    /// The last day on which it existed, if it has ended.
    valid_to: Option<Date>,
    /// Whether it is invented, for trying things out.
    fictional: bool,
    /// What else should be known.
    note: Option<String>,
}

/// What a partnership names, by code.
#[derive(Debug, Clone)]
struct Links {
    area: String,
    police_force_area: Option<String>,
    region: Option<String>,
    succeeded_by: Option<String>,
}

impl Partnership {
    /// A partnership as a reading shows it.
    pub fn new(reading: &Arc<Reading>, partnership: &metadata::Partnership) -> Self {
        Self {
            reading: Arc::clone(reading),
            links: Links {
                area: partnership.area.clone(),
                police_force_area: partnership.police_force_area.clone(),
                region: partnership.region.clone(),
                succeeded_by: partnership.succeeded_by.clone(),
            },
            code: partnership.code.clone(),
            name: partnership.name.clone(),
            kinds: partnership.kinds.clone(),
            valid_from: partnership.valid_from.map(Date),
            valid_to: partnership.valid_to.map(Date),
            fictional: partnership.fictional,
            note: partnership.note.clone(),
        }
    }

    /// Figures of the partnership, asked for together with those of other partnerships.
    async fn figures(
        &self,
        kinds: &[FigureKind],
        indicators: Vec<String>,
        periods: Vec<String>,
    ) -> Result<Vec<Figure>> {
        let question = FigureQuestion { kinds: kinds.to_vec(), indicators, periods };
        let figures = self.reading.figures.of(&self.code, question).await?;
        Ok(figures.into_iter().map(|figure| Figure::new(&self.reading, figure)).collect())
    }
}

#[ComplexObject]
impl Partnership {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_code("Partnership", &self.code)
    }

    /// Its area.
    async fn area(&self) -> Result<Area> {
        linked(self.reading.area(&self.links.area), &self.links.area)
    }

    /// The police force area that it lies in.
    async fn police_force_area(&self) -> Option<Area> {
        self.reading.area(self.links.police_force_area.as_deref()?)
    }

    /// The region whose office releases its figures.
    async fn region(&self) -> Option<Area> {
        self.reading.area(self.links.region.as_deref()?)
    }

    /// The partnership that took over from it.
    async fn succeeded_by(&self) -> Option<Partnership> {
        self.reading.partnership(self.links.succeeded_by.as_deref()?)
    }

    /// Its own Most Similar Groups, past and present.
    async fn peer_groups(&self) -> Vec<PeerGroup> {
        let groups = self.reading.catalogue().peer_groups_of(&self.code);
        groups.map(|known| PeerGroup::new(&self.reading, known)).collect()
    }

    /// Its own Most Similar Group on a day.
    async fn peer_group(
        &self,
        #[graphql(desc = "The day; that of the answer unless given.")] on: Option<Date>,
    ) -> Option<PeerGroup> {
        let day = on.map_or_else(|| self.reading.view.as_of.date_naive(), |Date(day)| day);
        self.reading.catalogue().peer_group_of(&self.code, day).map(|known| PeerGroup::new(&self.reading, known))
    }

    /// Its own local indicators.
    #[graphql(complexity = "1 + limits::MEMBERS * child_complexity")]
    async fn indicators(&self) -> Vec<Indicator> {
        let all = self.reading.catalogue().indicators.iter().map(|(_, known)| known);
        let own = all.filter(|known| known.owner.as_deref() == Some(&self.code));
        own.map(|known| Indicator::new(&self.reading, known)).collect()
    }

    /// Its plans, oldest first.
    #[graphql(complexity = "1 + limits::PLANS * child_complexity")]
    async fn plans(&self) -> Vec<Plan> {
        let plans = self.reading.catalogue().plans_of(&self.code).into_iter();
        plans.map(|known| Plan::new(&self.reading, known)).collect()
    }

    /// A plan of it; null if there is none with this code.
    async fn plan(&self, #[graphql(desc = "Its code: `rolling-plan-2008-12`.")] code: String) -> Option<Plan> {
        self.reading.plan(&self.code, &code)
    }

    /// The performance framework of one of its plans, with the published figures that belong to it; null if it has no
    /// such plan. Frameworks of many partnerships take as many statements as that of one, and may have 10,000 figures
    /// together at most.
    #[graphql(complexity = "limits::FRAMEWORK + child_complexity")]
    async fn framework(
        &self,
        #[graphql(desc = "The plan, by code; its newest agreed or revised one unless given, else its newest draft.")]
        plan: Option<String>,
        #[graphql(desc = "Only what return lines say of this period, in any spelling.")] period: Option<String>,
    ) -> Option<Result<Framework>> {
        let query = FrameworkQuery { partnership: self.code.clone(), plan, period };
        // An option of a result: an error makes the field null. The reverse would take the list above with it.
        Framework::read(&self.reading, query).await.transpose()
    }

    /// Its published outturns. Asked of many partnerships with the same arguments, they take one statement together,
    /// and may be 10,000 at most.
    #[graphql(complexity = "limits::figures(&indicators, &periods, child_complexity)")]
    async fn actuals(
        &self,
        #[graphql(desc = "Indicators, by any code.", validator(min_items = 1))] indicators: Vec<String>,
        #[graphql(desc = "Periods, in any spelling.", validator(min_items = 1))] periods: Vec<String>,
    ) -> Result<Vec<Figure>> {
        self.figures(&[FigureKind::Actual], indicators, periods).await
    }

    /// Its published targets, with and without stretch. They are gathered as `actuals` are.
    #[graphql(complexity = "limits::figures(&indicators, &periods, child_complexity)")]
    async fn targets(
        &self,
        #[graphql(desc = "Indicators, by any code.", validator(min_items = 1))] indicators: Vec<String>,
        #[graphql(desc = "Periods, in any spelling.", validator(min_items = 1))] periods: Vec<String>,
    ) -> Result<Vec<Figure>> {
        self.figures(&TARGETS, indicators, periods).await
    }

    /// Comparisons with a peer group as its plans print them, in printed order: all of them, if they are 1,000 at most; an
    /// error if they are more, for fewer indicators or periods to be asked for. Each partnership takes statements of its
    /// own.
    #[graphql(complexity = "limits::STATEMENT + limits::LINES * child_complexity")]
    async fn reported_comparisons(
        &self,
        #[graphql(desc = "Only these indicators, by any code.", default)] indicators: Vec<String>,
        #[graphql(desc = "Only these periods, in any spelling.", default)] periods: Vec<String>,
    ) -> Result<Vec<ReportedComparison>> {
        let Reading { exchange, view, .. } = &*self.reading;
        let whole = PageRequest { limit: Some(MAXIMUM_LIMIT), ..PageRequest::default() };
        let page = exchange.reported_comparisons_of(view, &self.code, &indicators, &periods, &whole).await?;
        if page.has_more {
            let why =
                format!("they leave more than {MAXIMUM_LIMIT} reported comparisons; ask for some indicators only.");
            return Err(Error::parameter("indicators", why).into());
        }
        let reported = page.items.into_iter().map(|(_, reported)| reported);
        Ok(reported.map(|reported| ReportedComparison::new(self.reading.clone(), reported)).collect())
    }

    /// Its comparison with its own Most Similar Group. Each partnership takes statements of its own, so that this is
    /// dear below a list: ask for few partnerships at a time.
    #[graphql(complexity = "limits::comparisons(&indicators, &periods, child_complexity)")]
    async fn comparison(
        &self,
        #[graphql(desc = "Indicators, by any code.")] indicators: Vec<String>,
        #[graphql(desc = "Periods, in any spelling.")] periods: Vec<String>,
        #[graphql(desc = "Which end of the ranking comes first; the best figure unless given.")] rank_order: Option<
            RankOrder,
        >,
    ) -> Result<ComparisonAnswer> {
        let query =
            ComparisonQuery { partnership: self.code.clone(), indicators, periods, peer_group: None, rank_order };
        ComparisonAnswer::read(&self.reading, &query).await
    }
}
