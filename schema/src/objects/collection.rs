//! Collections.

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::rules::metadata;

use super::{Indicator, Partnership, Period};
use crate::{
    error::Result,
    limits, node,
    scalars::Date,
    session::{Reading, linked, stored_period},
};

/// A round of returns: what is asked of whom, and by when.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Collection {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    periods: Vec<String>,
    #[graphql(skip)]
    indicators: Vec<String>,
    #[graphql(skip)]
    partnerships: Vec<String>,
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// The day on which it opens (Europe/London).
    opens: Date,
    /// The day by whose end returns are due (Europe/London).
    due: Date,
    /// The last day on which returns are taken; null while it stays open (Europe/London).
    closes: Option<Date>,
}

impl Collection {
    /// A collection as a reading shows it.
    pub fn new(reading: &Arc<Reading>, collection: &metadata::Collection) -> Self {
        Self {
            reading: Arc::clone(reading),
            periods: collection.periods.clone(),
            indicators: collection.indicators.clone(),
            partnerships: collection.partnerships.clone(),
            code: collection.code.clone(),
            name: collection.name.clone(),
            opens: Date(collection.opens),
            due: Date(collection.due),
            closes: collection.closes.map(Date),
        }
    }
}

#[ComplexObject]
impl Collection {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_code("Collection", &self.code)
    }

    /// The periods asked for; empty for any.
    async fn periods(&self) -> Result<Vec<Period>> {
        self.periods.iter().map(|code| stored_period(code).map(Period::from)).collect()
    }

    /// The indicators asked for; empty for any.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn indicators(&self) -> Result<Vec<Indicator>> {
        self.indicators.iter().map(|code| linked(self.reading.indicator(code, None), code)).collect()
    }

    /// The partnerships asked; empty for any.
    #[graphql(complexity = "1 + limits::LINES * child_complexity")]
    async fn partnerships(&self) -> Result<Vec<Partnership>> {
        self.partnerships.iter().map(|code| linked(self.reading.partnership(code), code)).collect()
    }
}
