//! What a comparison answers.

use entity::{
    Basis, FigureKind, LeftOut, MissingReason, Movement, NotCompared, ObsStatus, Polarity, Position, RankOrder, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{decimal::Figure, line::ReportedComparison};

/// The comparison of one indicator in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The indicator, by code.
    #[schema(example = "NI 16")]
    pub indicator: String,
    /// Its title in the period.
    pub title: Option<String>,
    /// The unit of its figures.
    pub unit: Unit,
    /// For a rate: per how many.
    pub per: Option<u32>,
    /// Which direction is good.
    pub polarity: Polarity,
    /// The period, by canonical code.
    #[schema(example = "FY2008-09")]
    pub period: String,
    /// The period as people write it.
    #[schema(example = "2008/09")]
    pub period_label: String,
    /// The peer group compared with, by code.
    #[schema(example = "southwark-msg-2008")]
    pub peer_group: Option<String>,
    /// Why there is no comparison at all.
    pub refused: Option<ComparisonRefusal>,
    /// How many members' figures were used.
    #[schema(example = 14)]
    pub used: u32,
    /// How many members the group has.
    #[schema(example = 15)]
    pub members_in_group: u32,
    /// The same in words.
    #[schema(example = "14 of 15 used")]
    pub coverage: String,
    /// Below so many used members there is neither average nor rank.
    #[schema(example = 5)]
    pub minimum_members: u32,
    /// The arithmetic mean of the used figures.
    pub average: Option<Figure>,
    /// Which end of the ranking comes first.
    pub rank_order: RankOrder,
    /// The members, the owner first, then by code.
    pub members: Vec<ComparedMember>,
    /// What the owner's plan prints about the same comparison.
    pub reported: Vec<ReportedComparison>,
}

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparisonRefusal {
    /// Why, in a word.
    pub reason: NotCompared,
    /// The same in words.
    pub message: String,
}

/// One member of the group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedMember {
    /// The partnership, by code.
    #[schema(example = "lambeth")]
    pub partnership: String,
    /// Its name.
    pub name: String,
    /// Whether it is invented, for trying things out.
    pub fictional: bool,
    /// Its published figure.
    pub value: Option<Figure>,
    /// The observation status of the figure.
    pub status: Vec<ObsStatus>,
    /// What the figure rests on.
    pub basis: Option<Basis>,
    /// Why there is no value.
    pub missing: Option<MissingReason>,
    /// Whether the figure went into average and ranking.
    pub used: bool,
    /// Why it did not.
    pub left_out: Option<LeftOut>,
    /// Its rank among the used members; equal figures share one, and the next is left out.
    pub rank: Option<u32>,
    /// Whether it shares its rank.
    pub tied: bool,
    /// Where it lies against the average, in value.
    pub position: Option<Position>,
    /// Its change on the period before.
    pub change: Option<Change>,
    /// Its own performance against the period before.
    pub direction_of_travel: Option<Movement>,
    /// Its movement in rank against the period before.
    pub progress: Option<Movement>,
}

/// A computed change. Relative and in points are two figures; which one a source prints is never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// The period compared with, by canonical code.
    #[schema(example = "FY2007-08")]
    pub from_period: String,
    /// Whether the figure compared with is that period's actual or a baseline.
    pub from_kind: FigureKind,
    /// The figure compared with.
    pub from_value: Option<Figure>,
    /// In per cent of the figure compared with, to one decimal.
    pub relative: Option<Figure>,
    /// In points of the unit.
    pub points: Option<Figure>,
    /// Why there is no change: a break between the two figures.
    pub refused: Option<ComparisonRefusal>,
}
