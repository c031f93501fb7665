//! What a client would rather have (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// The media type of events that come as they happen.
pub const EVENTS: &str = "text/event-stream";

/// The media ranges of `Accept` in lower case, with their weights in thousandths; nothing where a client does not care.
pub fn ranges(headers: &HeaderMap) -> Vec<(String, u32)> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).map(str::trim).filter(|range| !range.is_empty());
    let read = ranges.map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        (name, weight.map_or(1000, thousandths))
    });
    read.collect()
}

/// A weight such as `0.5`; one that cannot be read is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    let read = format!("{whole}{decimals}").parse().unwrap_or(0);
    u32::min(read, 1000)
}

/// Whether a client would rather have events than one of the other media types: it names them with more weight, or first.
pub fn prefers_events(headers: &HeaderMap, others: &[&str]) -> bool {
    let ranges = ranges(headers);
    let heaviest = |names: &[&str]| {
        let named = ranges.iter().enumerate().filter(|(_, (name, _))| names.contains(&name.as_str()));
        named.map(|(place, (_, weight))| (*weight, std::cmp::Reverse(place))).max()
    };
    let events = heaviest(&[EVENTS]).filter(|(weight, _)| *weight > 0);
    events.is_some() && events > heaviest(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefers(accept: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        prefers_events(&headers, &["application/json", "*/*"])
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
}
