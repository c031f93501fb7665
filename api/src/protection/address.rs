//! Where a request comes from. What a header says of it is believed from proxies alone that are trusted.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::{HeaderMap, header};
use clap::ValueEnum;
use ipnet::IpNet;

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Which header the trusted proxies write. The other one is not believed: a proxy passes it on as a client made it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
}

/// The proxies in front of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TrustedProxies {
    /// None: a client is who is at the other end.
    #[default]
    None,
    /// So many, one behind the other.
    Count(usize),
    /// Those in networks.
    Within(Vec<IpNet>),
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(count) = text.parse() {
            return Ok(if count == 0 { Self::None } else { Self::Count(count) });
        }
        let network = |part: &str| {
            let part = part.trim();
            let alone = part.parse::<IpAddr>().map(IpNet::from);
            part.parse::<IpNet>()
                .or(alone)
                .map_err(|_| format!("`{part}` is neither a number nor a network (10.0.0.0/8)"))
        };
        text.split(',').map(network).collect::<Result<_, _>>().map(Self::Within)
    }
}

impl TrustedProxies {
    /// The address of the client, seen through the proxies.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap, by: ForwardedBy) -> IpAddr {
        let peer = peer.to_canonical();
        match self {
            Self::None => peer,
            Self::Count(count) => {
                // The last one is written by the proxy next to us, the one before it by the next.
                let hops = hops(headers, by);
                let place = hops.len().saturating_sub(*count);
                hops.get(place).copied().flatten().unwrap_or(peer)
            }
            Self::Within(networks) => {
                let is_trusted = |address: IpAddr| networks.iter().any(|network| network.contains(&address));
                let mut client = peer;
                for hop in hops(headers, by).into_iter().rev() {
                    if !is_trusted(client) {
                        break;
                    }
                    let Some(hop) = hop else { break };
                    client = hop;
                }
                client
            }
        }
    }
}

/// The addresses in a header, from the client's to the last proxy's; nothing in the place of what cannot be read.
fn hops(headers: &HeaderMap, by: ForwardedBy) -> Vec<Option<IpAddr>> {
    let name = match by {
        ForwardedBy::XForwardedFor => "x-forwarded-for",
        ForwardedBy::Forwarded => header::FORWARDED.as_str(),
    };
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    let elements = values.flat_map(|value| value.split(','));
    match by {
        ForwardedBy::XForwardedFor => elements.map(address).collect(),
        ForwardedBy::Forwarded => elements
            .map(|element| {
                let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
                address(pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?.1)
            })
            .collect(),
    }
}

/// An address, in quotes or not, with a port or not.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let read = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    read.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proxies: &str, by: ForwardedBy, peer: &str, header: &str) -> String {
        let name = if by == ForwardedBy::Forwarded { "forwarded" } else { "x-forwarded-for" };
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), header.parse().unwrap())]);
        let proxies: TrustedProxies = proxies.parse().unwrap();
        proxies.client(peer.parse().unwrap(), &headers, by).to_string()
    }

    #[test]
    fn a_header_is_believed_as_far_as_proxies_are_trusted() {
        for (proxies, peer, header, client) in [
            ("0", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("1", "10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("1", "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
            ("2", "10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("2", "10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("1", "10.0.0.1", "", "10.0.0.1"),
            ("1", "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
            ("1", "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
            ("1", "::ffff:10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("10.0.0.0/8", "10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("10.0.0.0/8", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("10.0.0.0/8,2001:db8::/32", "2001:db8::5", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "10.0.0.1", "rubbish", "10.0.0.1"),
            ("10.0.0.0/8", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ] {
            assert_eq!(seen(proxies, ForwardedBy::XForwardedFor, peer, header), client, "{proxies} {peer} {header}");
        }
        for (header, client) in [
            ("for=198.51.100.7;proto=https;by=10.0.0.2", "198.51.100.7"),
            ("For=203.0.113.9, proto=http; For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=_hidden", "10.0.0.1"),
        ] {
            assert_eq!(seen("1", ForwardedBy::Forwarded, "10.0.0.1", header), client, "{header}");
        }
    }

    #[test]
    fn proxies_are_a_number_or_networks() {
        assert_eq!("3".parse(), Ok(TrustedProxies::Count(3)));
        let refusal = "10.0.0.0/8,proxy".parse::<TrustedProxies>().unwrap_err();
        assert_eq!(refusal, "`proxy` is neither a number nor a network (10.0.0.0/8)");
    }
}
