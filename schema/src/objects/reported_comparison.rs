//! Comparisons as plans print them.

use std::sync::Arc;

use async_graphql::{ComplexObject, SimpleObject};
use exchange::{
    rules::line,
    vocabulary::{Movement, Position, RankOrder},
};

use super::{Indicator, PeerGroup, Period};
use crate::{
    error::Result,
    scalars::Decimal,
    session::{Reading, linked, stored_period},
};

/// A comparison with a peer group as a source prints it. Everything but indicator and period may be missing.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ReportedComparison {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    indicator: String,
    #[graphql(skip)]
    period: String,
    #[graphql(skip)]
    peer_group: Option<String>,
    /// Its place among the return's reported comparisons, from 1.
    line: u32,
    /// The row of the source, as the source numbers it.
    source_row: Option<String>,
    /// The indicator as the source prints it.
    indicator_as_printed: Option<String>,
    /// The rank.
    rank: Option<u32>,
    /// The rank as printed.
    rank_as_printed: Option<String>,
    /// Among how many.
    group_size: Option<u32>,
    /// Which end the ranking starts at, where the source lets one know.
    rank_order: Option<RankOrder>,
    /// Where the figure lies against the group's average.
    position: Option<Position>,
    /// The position as printed.
    position_as_printed: Option<String>,
    /// Movement in rank.
    progress: Option<Movement>,
    /// The mark of progress as printed.
    progress_as_printed: Option<String>,
    /// The partnership's own change on the period before, in per cent.
    own_change: Option<Decimal>,
    /// The own change as printed.
    own_change_as_printed: Option<String>,
    /// The region's change on the period before, in per cent.
    regional_change: Option<Decimal>,
    /// The region's change as printed.
    regional_change_as_printed: Option<String>,
    /// Where the comparison comes from.
    source: Option<String>,
}

impl ReportedComparison {
    /// A reported comparison whose codes a reading explains.
    pub fn new(reading: Arc<Reading>, reported: line::ReportedComparison) -> Self {
        Self {
            reading,
            indicator: reported.indicator,
            period: reported.period,
            peer_group: reported.peer_group,
            line: reported.line,
            source_row: reported.source_row,
            indicator_as_printed: reported.indicator_as_printed,
            rank: reported.rank,
            rank_as_printed: reported.rank_as_printed,
            group_size: reported.group_size,
            rank_order: reported.rank_order,
            position: reported.position,
            position_as_printed: reported.position_as_printed,
            progress: reported.progress,
            progress_as_printed: reported.progress_as_printed,
            own_change: reported.own_change.map(Decimal),
            own_change_as_printed: reported.own_change_as_printed,
            regional_change: reported.regional_change.map(Decimal),
            regional_change_as_printed: reported.regional_change_as_printed,
            source: reported.source,
        }
    }
}

#[ComplexObject]
impl ReportedComparison {
    /// The indicator.
    async fn indicator(&self) -> Result<Indicator> {
        linked(self.reading.indicator(&self.indicator, None), &self.indicator)
    }

    /// The period.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.period).map(Period::from)
    }

    /// The peer group compared with, where the source says which.
    async fn peer_group(&self) -> Option<PeerGroup> {
        self.reading.peer_group(self.peer_group.as_deref()?)
    }
}
