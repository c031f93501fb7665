//! Relay connections: one page of a list with its cursors.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use exchange::service::page::{Page, PageRequest};

/// The part of a list that `first` and `after` ask for.
pub fn part(first: Option<u32>, after: Option<String>) -> PageRequest {
    PageRequest { limit: first, cursor: after }
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
    /// Asks for what comes after the item, as `after`.
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
    /// Whether the page was asked for with `after`.
    has_previous_page: bool,
    /// The cursor of the first item.
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
        let page_info = PageInfo {
            has_next_page: page.has_more,
            end_cursor: cursor(page.items.last()),
            has_previous_page: request.cursor.is_some(),
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
