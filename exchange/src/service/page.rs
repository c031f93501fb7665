//! Pages of lists: an opaque cursor over a stable key, and a stated maximum.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    problem::{Error, ProblemCode, Result},
    store::Walk,
};

/// How many items a page holds unless asked otherwise.
pub const DEFAULT_LIMIT: u32 = 100;
/// How many items a page holds at most.
pub const MAXIMUM_LIMIT: u32 = 1000;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, each with its cursor.
    pub items: Vec<(String, T)>,
    /// Whether more come, the way that was walked: after the last, or before the first.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// The page of a request, from items in the order of its walk, of which there is one more than asked for if more come.
    pub fn walked(request: &PageRequest, limit: usize, mut items: Vec<(String, T)>) -> Self {
        let has_more = items.len() > limit;
        items.truncate(limit);
        if request.backwards {
            items.reverse();
        }
        Self { items, has_more }
    }

    /// The cursor of the next page of a walk in the list's order, if there is one.
    pub fn next(&self) -> Option<&str> {
        self.items.last().filter(|_| self.has_more).map(|(cursor, _)| cursor.as_str())
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most; [`DEFAULT_LIMIT`] unless given.
    pub limit: Option<u32>,
    /// From behind which item.
    pub cursor: Option<String>,
    /// Against the order of the list: the last items, or those before the cursor. They come in the order of the list all
    /// the same.
    pub backwards: bool,
}

impl PageRequest {
    /// The limit, checked.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` outside 1 to [`MAXIMUM_LIMIT`].
    pub fn limit(&self) -> Result<usize> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAXIMUM_LIMIT).contains(&limit) {
            return Err(Error::parameter("limit", format!("{limit} is not between 1 and {MAXIMUM_LIMIT}.")));
        }
        Ok(limit as usize)
    }

    /// The key behind which the page begins.
    ///
    /// # Errors
    /// `INVALID_CURSOR` for one that this list did not give out.
    pub fn from(&self, list: &str) -> Result<Option<String>> {
        self.cursor.as_deref().map(|cursor| open(list, cursor)).transpose()
    }

    /// The walk through a list whose key is a number.
    ///
    /// # Errors
    /// `INVALID_CURSOR`.
    pub fn walk(&self, list: &str) -> Result<Walk<i64>> {
        let number = self.from(list)?.map(|key| key.parse()).transpose();
        let from = number
            .map_err(|_| Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this list."))?;
        Ok(Walk { from, backwards: self.backwards })
    }

    /// Cuts a page out of keys and items in the order of the walk, from behind the cursor.
    pub fn cut<T>(&self, list: &str, items: impl Iterator<Item = (String, T)>) -> Result<Page<T>> {
        let limit = self.limit()?;
        let items = items.take(limit + 1).map(|(key, item)| (seal(list, &key), item)).collect();
        Ok(Page::walked(self, limit, items))
    }
}

/// Makes a cursor of a list's key.
pub fn seal(list: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}\n{key}"))
}

/// Reads a list's cursor.
///
/// # Errors
/// `INVALID_CURSOR` for one that the list did not give out.
pub fn open(list: &str, cursor: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = text.and_then(|text| text.strip_prefix(list)?.strip_prefix('\n').map(str::to_owned));
    key.ok_or_else(|| Error::problem(ProblemCode::InvalidCursor, "The cursor was not given out by this list."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let request = PageRequest { cursor: Some(seal("areas", "E09000028")), ..PageRequest::default() };
        assert_eq!(request.from("areas").unwrap().as_deref(), Some("E09000028"));
        assert_eq!(request.from("partnerships").unwrap_err().code(), ProblemCode::InvalidCursor);
    }

    #[test]
    fn a_page_says_whether_more_comes() {
        let request = PageRequest { limit: Some(2), ..PageRequest::default() };
        let list = |n: usize| (0..n).map(|n| (n.to_string(), n));
        assert!(request.cut("numbers", list(3)).unwrap().has_more);
        assert!(request.cut("numbers", list(2)).unwrap().next().is_none());
    }

    #[test]
    fn a_page_that_was_walked_backwards_comes_in_the_order_of_its_list() {
        let request = PageRequest { limit: Some(2), cursor: None, backwards: true };
        let against = (0..3).rev().map(|n: usize| (n.to_string(), n));
        let page = request.cut("numbers", against).unwrap();
        assert!(page.has_more);
        assert_eq!(page.items.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 2]);
    }
}
