//! Which way a list is read: every list has one order, and is walked along it or against it.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// From behind which item a list is read, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk<K> {
    /// The key of the item to begin behind; the end of the list unless given.
    pub from: Option<K>,
    /// Against the order of the list.
    pub backwards: bool,
}

impl<K> Walk<K> {
    /// In the order of the list, after one of its items.
    pub const fn after(from: Option<K>) -> Self {
        Self { from, backwards: false }
    }

    /// How keys that are still to come compare with the one begun behind.
    pub const fn comparison(&self) -> &'static str {
        if self.backwards { "<" } else { ">" }
    }

    /// The direction of a sort.
    pub const fn direction(&self) -> &'static str {
        if self.backwards { "DESC" } else { "ASC" }
    }
}

impl Walk<i64> {
    /// A query in this order of a column, from behind its item.
    pub(super) fn along<E: EntityTrait, C: ColumnTrait>(self, query: Select<E>, column: C) -> Select<E> {
        let query = match self.from {
            Some(key) if self.backwards => query.filter(column.lt(key)),
            Some(key) => query.filter(column.gt(key)),
            None => query,
        };
        if self.backwards { query.order_by_desc(column) } else { query.order_by_asc(column) }
    }
}
