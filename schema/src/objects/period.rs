//! Periods.

use async_graphql::SimpleObject;
use exchange::{rules::period, vocabulary::PeriodKind};

use crate::scalars::Date;

/// What a figure is for.
#[derive(Debug, Clone, SimpleObject)]
pub struct Period {
    /// The canonical code: `FY2008-09`, `FY2008-09-Q3`, `2008-04-01..2009-01-31`.
    code: String,
    /// The period as people write it: `2008/09 Q3`.
    label: String,
    /// What kind of period it is.
    kind: PeriodKind,
    /// Its first day.
    start: Date,
    /// Its last day.
    end: Date,
}

impl From<period::Period> for Period {
    fn from(period: period::Period) -> Self {
        Self {
            code: period.code(),
            label: period.label(),
            kind: period.kind(),
            start: Date(period.start()),
            end: Date(period.end()),
        }
    }
}
