//! The feed of changes as a client reads it, and the figures that it adds up to.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::Client;

use crate::people::{insist, instant, text, try_insist};

/// A change and the cursor after it.
pub type Change = (String, Value);

/// A page of the feed.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its changes.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub next: String,
    /// Whether nothing more has taken effect.
    pub is_caught_up: bool,
}

/// Reads a page of so many changes after a cursor, or of the first ones; waits so many seconds for the first change. An error
/// is no answer.
pub async fn try_page(client: &Client, after: Option<&str>, limit: u64, wait: u64) -> Result<Page, reqwest::Error> {
    let request = || {
        let request = client.get("/v1/changes").query("limit", &limit.to_string()).query("wait", &wait.to_string());
        after.into_iter().fold(request, |request, after| request.query("after", after))
    };
    let mut page = try_insist(request).await?.expect(200).json();
    let items = page["items"].as_array_mut().unwrap().iter_mut().map(|item| {
        let cursor = item.as_object_mut().unwrap().remove("cursor").unwrap();
        (text(&cursor), item.take())
    });
    let changes = items.collect();
    Ok(Page { changes, next: text(&page["next"]), is_caught_up: page["is_caught_up"].as_bool().unwrap() })
}

/// As [`try_page`], where there must be an answer.
pub async fn page(client: &Client, after: Option<&str>, limit: u64, wait: u64) -> Page {
    try_page(client, after, limit, wait).await.expect("the feed is answered")
}

/// Reads what comes after a cursor, or everything, page by page, until there is no more.
pub async fn rest(client: &Client, after: Option<String>, limit: u64) -> Vec<Change> {
    let (mut changes, mut after) = (Vec::new(), after);
    loop {
        let page = page(client, after.as_deref(), limit, 0).await;
        changes.extend(page.changes);
        if page.is_caught_up {
            return changes;
        }
        after = Some(page.next);
    }
}

/// Checks that one reader of the feed has read what another has; long lists are not printed.
#[track_caller]
pub fn assert_same(read: &[Change], expected: &[Change], who: &str) {
    for (at, (one, other)) in read.iter().zip(expected).enumerate() {
        assert_eq!(one, other, "{who}: change {at} is another");
    }
    assert_eq!(read.len(), expected.len(), "{who} has read more or fewer changes");
}

/// Checks that changes are told in the order of their effect, each once.
#[track_caller]
pub fn assert_in_order(changes: &[Change]) {
    for pair in changes.windows(2) {
        let ((_, earlier), (_, later)) = (&pair[0], &pair[1]);
        let in_order = instant(&earlier["effective_at"]) <= instant(&later["effective_at"]);
        assert!(in_order, "out of order:\n{earlier}\n{later}");
    }
    let mut cursors: Vec<&String> = changes.iter().map(|(cursor, _)| cursor).collect();
    cursors.sort_unstable();
    cursors.dedup();
    assert_eq!(cursors.len(), changes.len(), "a cursor comes twice");
}

/// Figures by what they are of, without what may differ where they say the same.
pub type Figures = BTreeMap<String, Value>;

/// What a figure is of, and the figure without what may differ between two that say the same.
fn bare(figure: &Value) -> (String, Value) {
    let names = ["partnership", "indicator", "period", "kind", "area", "breakdown", "is_secondary", "line_variant"];
    let mut of: Vec<&Value> = names.iter().map(|name| &figure[*name]).collect();
    if figure["is_secondary"] == true {
        of.push(&figure["unit"]);
    }
    let mut bare = figure.clone();
    for name in ["return_id", "release_id", "published_at", "line", "revision"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    (json!(of).to_string(), bare)
}

/// The figures that changes add up to. Each must begin where the one before has ended.
pub fn mirror(changes: &[Change]) -> Figures {
    let mut figures = Figures::new();
    for (_, change) in changes {
        let (from, to) = (&change["figure"]["from"], &change["figure"]["to"]);
        let Some(key) = [to, from].into_iter().find(|figure| figure.is_object()).map(|figure| bare(figure).0) else {
            continue;
        };
        let from = from.is_object().then(|| bare(from).1);
        assert_eq!(figures.remove(&key), from, "this change begins elsewhere than the one before has ended:\n{change}");
        if to.is_object() {
            figures.insert(key, bare(to).1);
        }
    }
    figures
}

/// All published figures.
pub async fn published(client: &Client) -> Figures {
    let (mut figures, mut address) = (Figures::new(), "/v1/figures?limit=1000".to_owned());
    loop {
        let page = insist(|| client.get(&address)).await.expect(200);
        figures.extend(page.at("/items").as_array().unwrap().iter().map(bare));
        let next = page.at("/next");
        let Some(cursor) = next.as_str() else { return figures };
        address = format!("/v1/figures?limit=1000&cursor={cursor}");
    }
}
