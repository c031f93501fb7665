//! What a client would rather have (RFC 9110, section 12.5).

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderName, header};

/// The media type of events that come as they happen.
pub const EVENTS: &str = "text/event-stream";

/// One of what a client takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted {
    /// Its name, in lower case, without parameters.
    pub name: String,
    /// Its weight in thousandths; 0 for what is not taken.
    pub weight: u32,
}

/// What a header such as `Accept` lists, in its order; nothing where a client does not care.
pub fn weighted(headers: &HeaderMap, name: &HeaderName) -> Vec<Weighted> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let items = values.flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty());
    let read = items.map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Weighted { name, weight: weight.map_or(1000, thousandths) }
    });
    read.collect()
}

/// The media ranges of `Accept` in lower case, with their weights in thousandths; nothing where a client does not care.
pub fn ranges(headers: &HeaderMap) -> Vec<(String, u32)> {
    weighted(headers, &header::ACCEPT).into_iter().map(|range| (range.name, range.weight)).collect()
}

/// A weight such as `0.5`; one that cannot be read is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    let read = format!("{whole}{decimals}").parse().unwrap_or(0);
    u32::min(read, 1000)
}

/// Which of the offered media types, the server's first choice first, a client would rather have; `None` if it takes none of
/// them. Each has the weight of the narrowest range that it is in; of equals the one that is named more narrowly, then earlier.
pub fn preferred<'a>(headers: &HeaderMap, offers: &[&'a str]) -> Option<&'a str> {
    let ranges = weighted(headers, &header::ACCEPT);
    if ranges.is_empty() {
        return offers.first().copied();
    }
    let rank = |offer: &str| {
        let family = offer.split_once('/').map_or(String::new(), |(family, _)| format!("{family}/*"));
        let width = |name: &str| match name {
            name if name == offer => Some(0),
            name if name == family => Some(1),
            "*/*" => Some(2),
            _ => None,
        };
        let known =
            ranges.iter().enumerate().filter_map(|(place, range)| Some((width(&range.name)?, place, range.weight)));
        known
            .min()
            .filter(|(.., weight)| *weight > 0)
            .map(|(width, place, weight)| (weight, Reverse(width), Reverse(place)))
    };
    let ranked = offers.iter().enumerate().filter_map(|(place, offer)| Some((rank(offer)?, Reverse(place), *offer)));
    ranked.max().map(|(.., offer)| offer)
}

/// Whether a client would rather have events than one of the other media types: it names them with more weight, or first.
pub fn prefers_events(headers: &HeaderMap, others: &[&str]) -> bool {
    let ranges = ranges(headers);
    let heaviest = |names: &[&str]| {
        let named = ranges.iter().enumerate().filter(|(_, (name, _))| names.contains(&name.as_str()));
        named.map(|(place, (_, weight))| (*weight, Reverse(place))).max()
    };
    let events = heaviest(&[EVENTS]).filter(|(weight, _)| *weight > 0);
    events.is_some() && events > heaviest(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(accept: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())])
    }

    fn prefers(accept: &str) -> bool {
        prefers_events(&accepting(accept), &["application/json", "*/*"])
    }

    #[test]
    fn events_are_sent_to_those_who_would_rather_have_them() {
        assert!(prefers("text/event-stream"));
        assert!(prefers("Text/Event-Stream, */*"));
        assert!(prefers("application/json;q=0.5, text/event-stream;q=0.9"));
        assert!(!prefers("application/json, text/event-stream"));
        assert!(!prefers("text/event-stream;q=0"));
        assert!(!prefers("*/*"));
        assert!(!prefers("text/event-stream;q=much, application/json"));
    }

    #[test]
    fn the_preferred_media_type_wins_and_the_narrowest_range_speaks_for_it() {
        let asks = |accept: &str| preferred(&accepting(accept), &["application/json", "text/csv"]);
        assert_eq!(preferred(&HeaderMap::new(), &["application/json", "text/csv"]), Some("application/json"));
        assert_eq!(asks("text/csv"), Some("text/csv"));
        assert_eq!(asks("text/csv; header=present"), Some("text/csv"));
        assert_eq!(asks("text/csv;q=0.5, application/json;q=0.9"), Some("application/json"));
        assert_eq!(asks("text/csv, application/json"), Some("text/csv"));
        assert_eq!(asks("*/*"), Some("application/json"));
        assert_eq!(asks("*/*, text/csv"), Some("text/csv"));
        assert_eq!(asks("text/html, application/xhtml+xml, */*;q=0.8"), Some("application/json"));
        assert_eq!(asks("application/json;q=0, */*"), Some("text/csv"));
        assert_eq!(asks("application/json;q=0, text/csv;q=0.1"), Some("text/csv"));
        assert_eq!(asks("image/png"), None);
        assert_eq!(asks("application/json;q=0"), None);
    }
}
