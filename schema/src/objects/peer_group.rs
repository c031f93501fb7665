//! Peer groups.

use std::sync::Arc;

use async_graphql::{ComplexObject, ID, SimpleObject};
use exchange::rules::metadata;

use super::Partnership;
use crate::{
    error::Result,
    limits, node,
    scalars::Date,
    session::{Reading, linked},
};

/// A partnership's own Most Similar Group. It is dated, and need not be symmetric.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct PeerGroup {
    #[graphql(skip)]
    reading: Arc<Reading>,
    #[graphql(skip)]
    owner: String,
    #[graphql(skip)]
    members: Vec<String>,
    /// Its code: lower-case letters, digits and hyphens.
    code: String,
    /// Its name.
    name: String,
    /// The first day on which it holds.
    valid_from: Date,
    /// The last day on which it holds, if it has ended.
    valid_to: Option<Date>,
    /// Where it is printed.
    source: Option<String>,
}

impl PeerGroup {
    /// A peer group as a reading shows it.
    pub fn new(reading: &Arc<Reading>, group: &metadata::PeerGroup) -> Self {
        Self {
            reading: Arc::clone(reading),
            owner: group.owner.clone(),
            members: group.members.clone(),
            code: group.code.clone(),
            name: group.name.clone(),
            valid_from: Date(group.valid_from),
            valid_to: group.valid_to.map(Date),
            source: group.source.clone(),
        }
    }
}

#[ComplexObject]
impl PeerGroup {
    /// Identifies it among all objects of the exchange.
    pub async fn id(&self) -> ID {
        node::of_code("PeerGroup", &self.code)
    }

    /// The partnership whose group it is.
    async fn owner(&self) -> Result<Partnership> {
        linked(self.reading.partnership(&self.owner), &self.owner)
    }

    /// Its members, the owner among them.
    #[graphql(complexity = "1 + limits::MEMBERS * child_complexity")]
    async fn members(&self) -> Result<Vec<Partnership>> {
        self.members.iter().map(|code| linked(self.reading.partnership(code), code)).collect()
    }
}
