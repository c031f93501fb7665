//! Relay connections: one page of a list with its cursors.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use exchange::{
    Error,
    service::page::{MAXIMUM_LIMIT, Page, PageRequest},
};

use crate::error::Result;

/// The part of a list that is asked for: the first of it, or after a cursor the next; or the last of it, or before a
/// cursor those before it.
///
/// # Errors
/// `INVALID_PARAMETER` for what asks for both.
pub fn part(
    first: Option<u32>,
    after: Option<String>,
    last: Option<u32>,
    before: Option<String>,
) -> Result<PageRequest> {
    let forwards = [("first", first.is_some()), ("after", after.is_some())];
    let backwards = [("last", last.is_some()), ("before", before.is_some())];
    let given = |names: [(&'static str, bool); 2]| names.into_iter().find(|(_, given)| *given).map(|(name, _)| name);
    if let (Some(forth), Some(back)) = (given(forwards), given(backwards)) {
        let why = format!(
            "`{forth}` and `{back}` ask for different ends of the list. Ask with `first` and `after`, or with `last` and `before`."
        );
        return Err(Error::parameter(back, why).into());
    }
    let backwards = given(backwards).is_some();
    if let Some(limit) = first.or(last).filter(|limit| !(1..=MAXIMUM_LIMIT).contains(limit)) {
        let name = if backwards { "last" } else { "first" };
        return Err(Error::parameter(name, format!("{limit} is not between 1 and {MAXIMUM_LIMIT}.")).into());
    }
    Ok(PageRequest { limit: first.or(last), cursor: after.or(before), backwards })
}

/// A page of a list.
pub struct Connection<T: OutputType> {
    edges: Vec<Edge<T>>,
    page_info: PageInfo,
}

/// An item of a list, with its place.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Edge<T: OutputType> {
    /// Asks for what comes after the item, as `after`, or for what comes before it, as `before`.
    cursor: String,
    /// The item.
    node: T,
}

/// Where a page lies in its list.
#[derive(Clone, SimpleObject)]
pub struct PageInfo {
    /// Whether more comes after the page.
    has_next_page: bool,
    /// The cursor of the last item: asks for the next page, as `after`.
    end_cursor: Option<String>,
    /// Whether more comes before the page.
    has_previous_page: bool,
    /// The cursor of the first item: asks for the page before, as `before`.
    start_cursor: Option<String>,
}

/// One page of a list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The items, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items alone.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page lies in its list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }
}

impl<T: OutputType> Connection<T> {
    /// The page that a request was answered with, each item told by `object`.
    pub fn new<I>(request: &PageRequest, page: Page<I>, mut object: impl FnMut(I) -> T) -> Self {
        let cursor = |item: Option<&(String, I)>| item.map(|(cursor, _)| cursor.clone());
        // A cursor is that of an item, which lies beyond the page that is asked for from behind it.
        let (ahead, behind) = (page.has_more, request.cursor.is_some());
        let page_info = PageInfo {
            has_next_page: if request.backwards { behind } else { ahead },
            end_cursor: cursor(page.items.last()),
            has_previous_page: if request.backwards { ahead } else { behind },
            start_cursor: cursor(page.items.first()),
        };
        let edges = page.items.into_iter().map(|(cursor, item)| Edge { cursor, node: object(item) }).collect();
        Self { edges, page_info }
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}
