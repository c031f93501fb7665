//! Comparisons with a Most Similar Group.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::comparison,
    service::comparison::{ComparisonAnswer as Answer, ComparisonQuery},
    vocabulary::{
        Basis, FigureKind, LeftOut, MissingReason, Movement, NotCompared, ObsStatus, Polarity, Position, RankOrder,
        Unit,
    },
};

use super::{Indicator, Partnership, PeerGroup, Period, reported_comparison::ReportedComparison};
use crate::{
    error::Result,
    limits,
    scalars::Decimal,
    session::{Reading, linked, stored_period},
};

/// The comparison of a partnership with its peers.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ComparisonAnswer {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    partnership: String,
    /// The state of the ledger that the answer speaks of.
    state: String,
    /// One for each indicator and period, in the order asked for.
    comparisons: Vec<Comparison>,
}

impl ComparisonAnswer {
    /// Compares in the view of a reading.
    pub async fn read(reading: &Arc<Reading>, query: &ComparisonQuery) -> Result<Self> {
        let Answer { partnership, state, comparisons } = reading.exchange.compare(&reading.view, query).await?;
        let comparisons = comparisons.into_iter().map(|comparison| Comparison::new(reading, comparison)).collect();
        Ok(Self { reading: Arc::clone(reading), partnership, state, comparisons })
    }
}

#[ComplexObject]
impl ComparisonAnswer {
    /// Whose comparison it is.
    async fn partnership(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.partnership), &self.partnership)
    }
}

/// The comparison of one indicator in one period.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Comparison {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicator: String,
    #[graphql(skip)]
    period: String,
    #[graphql(skip)]
    peer_group: Option<String>,
    /// The indicator's title in the period.
    title: Option<String>,
    /// The unit of its figures.
    unit: Unit,
    /// For a rate: per how many.
    per: Option<u32>,
    /// Which direction is good.
    polarity: Polarity,
    /// Why there is no comparison at all.
    refused: Option<ComparisonRefusal>,
    /// How many members' figures were used.
    used: u32,
    /// How many members the group has.
    members_in_group: u32,
    /// The same in words: `14 of 15 used`.
    coverage: String,
    /// Below so many used members there is neither average nor rank.
    minimum_members: u32,
    /// The arithmetic mean of the used figures.
    average: Option<Decimal>,
    /// Which end of the ranking comes first.
    rank_order: RankOrder,
    /// The members, the owner first, then by code.
    #[graphql(complexity = "1 + limits::MEMBERS * child_complexity")]
    members: Vec<ComparedMember>,
    /// What the owner's plan prints about the same comparison.
    reported: Vec<ReportedComparison>,
}

impl Comparison {
    fn new(reading: &Arc<Reading>, comparison: comparison::Comparison) -> Self {
        let members = comparison.members.into_iter().map(|member| ComparedMember::new(reading, member));
        let reported =
            comparison.reported.into_iter().map(|reported| ReportedComparison::new(Arc::clone(reading), reported));
        Self {
            reading: Arc::clone(reading),
            indicator: comparison.indicator,
            period: comparison.period,
            peer_group: comparison.peer_group,
            title: comparison.title,
            unit: comparison.unit,
            per: comparison.per,
            polarity: comparison.polarity,
            refused: comparison.refused.map(ComparisonRefusal::from),
            used: comparison.used,
            members_in_group: comparison.members_in_group,
            coverage: comparison.coverage,
            minimum_members: comparison.minimum_members,
            average: comparison.average.map(Decimal),
            rank_order: comparison.rank_order,
            members: members.collect(),
            reported: reported.collect(),
        }
    }
}

#[ComplexObject]
impl Comparison {
    /// The indicator.
    async fn indicator(&self) -> Result<Indicator> {
        linked(self.reading.indicator(&self.indicator, None), &self.indicator)
    }

    /// The period.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.period).map(Period::from)
    }

    /// The peer group compared with; null if there is none.
    async fn peer_group(&self) -> Option<PeerGroup> {
        self.reading.peer_group(self.peer_group.as_deref()?)
    }
}

/// Why there is no comparison.
#[derive(Debug, Clone, SimpleObject)]
pub struct ComparisonRefusal {
    /// `NO_PEER_GROUP`, `NO_DEFINITION` or `BREAK`.
    reason: NotCompared,
    /// The same in words.
    message: String,
}

impl From<comparison::ComparisonRefusal> for ComparisonRefusal {
    fn from(comparison::ComparisonRefusal { reason, message }: comparison::ComparisonRefusal) -> Self {
        Self { reason, message }
    }
}

/// One member of the group.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ComparedMember {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    partnership: String,
    /// The partnership's name.
    name: String,
    /// Whether it is invented, for trying things out.
    fictional: bool,
    /// Its published figure.
    value: Option<Decimal>,
    /// The observation status of the figure.
    status: Vec<ObsStatus>,
    /// What the figure rests on.
    basis: Option<Basis>,
    /// Why there is no value.
    missing: Option<MissingReason>,
    /// Whether the figure went into average and ranking.
    used: bool,
    /// Why it did not.
    left_out: Option<LeftOut>,
    /// Its rank among the used members; equal figures share one, and the next is left out.
    rank: Option<u32>,
    /// Whether it shares its rank.
    tied: bool,
    /// Where it lies against the average, in value.
    position: Option<Position>,
    /// Its change on the period before.
    change: Option<Change>,
    /// Its own performance against the period before.
    direction_of_travel: Option<Movement>,
    /// Its movement in rank against the period before.
    progress: Option<Movement>,
}

impl ComparedMember {
    fn new(reading: &Arc<Reading>, member: comparison::ComparedMember) -> Self {
        Self {
            reading: Arc::clone(reading),
            partnership: member.partnership,
            name: member.name,
            fictional: member.fictional,
            value: member.value.map(Decimal),
            status: member.status,
            basis: member.basis,
            missing: member.missing,
            used: member.used,
            left_out: member.left_out,
            rank: member.rank,
            tied: member.tied,
            position: member.position,
            change: member.change.map(Change::from),
            direction_of_travel: member.direction_of_travel,
            progress: member.progress,
        }
    }
}

#[ComplexObject]
impl ComparedMember {
    /// The partnership.
    async fn partnership(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.partnership), &self.partnership)
    }
}

/// A computed change. Relative and in points are two figures; which one a source prints is never guessed.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Change {
    #[graphql(skip)]
    from_period: String,
    /// Whether the figure compared with is that period's actual or a baseline.
    from_kind: FigureKind,
    /// The figure compared with.
    from_value: Option<Decimal>,
    /// In per cent of the figure compared with, to one decimal.
    relative: Option<Decimal>,
    /// In points of the unit.
    points: Option<Decimal>,
    /// Why there is no change: a break between the two figures.
    refused: Option<ComparisonRefusal>,
}

impl From<comparison::Change> for Change {
    fn from(change: comparison::Change) -> Self {
        Self {
            from_period: change.from_period,
            from_kind: change.from_kind,
            from_value: change.from_value.map(Decimal),
            relative: change.relative.map(Decimal),
            points: change.points.map(Decimal),
            refused: change.refused.map(ComparisonRefusal::from),
        }
    }
}

#[ComplexObject]
impl Change {
    /// The period compared with.
    #[graphql(name = "fromPeriod")]
    async fn period(&self) -> Result<Period> {
        stored_period(&self.from_period).map(Period::from)
    }
}
