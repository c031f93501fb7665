//! What a plan has to spend.

use async_graphql::{ComplexObject, InputObject, SimpleObject};
use exchange::rules::metadata::plan;

use crate::{error::Result, objects::Period, scalars::Decimal, session::stored_period};

/// A table of resources. All amounts are pounds sterling.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ResourceTable {
    #[graphql(skip)]
    period: String,
    /// Its code within the plan.
    code: String,
    /// The title.
    title: String,
    /// The total that the table prints.
    printed_total: Option<Decimal>,
    /// What else should be known.
    note: Option<String>,
}

impl From<&plan::ResourceTable> for ResourceTable {
    fn from(table: &plan::ResourceTable) -> Self {
        Self {
            period: table.period.clone(),
            code: table.code.clone(),
            title: table.title.clone(),
            printed_total: table.printed_total.map(Decimal),
            note: table.note.clone(),
        }
    }
}

#[ComplexObject]
impl ResourceTable {
    /// The period that the money is for.
    async fn period(&self) -> Result<Period> {
        stored_period(&self.period).map(Period::from)
    }
}

/// One amount of a resource table.
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(input_name = "ResourceInput")]
pub struct Resource {
    /// The table, by code.
    table: String,
    /// The printed row.
    source_row: Option<String>,
    /// The printed column.
    heading: String,
    /// Whose money it is: one name for the same money in every table.
    agency: String,
    /// The amount.
    amount: Decimal,
    /// The amount as printed.
    as_printed: Option<String>,
    /// Whether it is the printed total of its column.
    #[graphql(default)]
    is_total: bool,
    /// The priority that it is spent on, by code.
    priority: Option<String>,
    /// What else should be known.
    note: Option<String>,
}

impl From<&plan::Resource> for Resource {
    fn from(resource: &plan::Resource) -> Self {
        Self {
            table: resource.table.clone(),
            source_row: resource.source_row.clone(),
            heading: resource.heading.clone(),
            agency: resource.agency.clone(),
            amount: Decimal(resource.amount),
            as_printed: resource.as_printed.clone(),
            is_total: resource.is_total,
            priority: resource.priority.clone(),
            note: resource.note.clone(),
        }
    }
}

impl From<Resource> for plan::Resource {
    fn from(resource: Resource) -> Self {
        let Decimal(amount) = resource.amount;
        Self {
            table: resource.table,
            source_row: resource.source_row,
            heading: resource.heading,
            agency: resource.agency,
            amount,
            as_printed: resource.as_printed,
            is_total: resource.is_total,
            priority: resource.priority,
            note: resource.note,
        }
    }
}
