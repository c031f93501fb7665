//! Indicator codes: one canonical print for the many ways in which plans spell them.

mod nearest;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use entity::Scheme;

pub use self::nearest::nearest;
use super::given_text::{excerpt, fold};

/// The longest name of a `LOCAL` or `CRIME` indicator, in characters.
pub const MAX_SLUG: usize = 60;
/// The highest number of an `NI` or `LI` indicator. Some 200 are in use.
pub const MAX_NUMBER: u32 = 9999;

/// The code of an indicator: `NI 15`, `NI 49a`, `LI 1`, `LOCAL asbo-breach-rate`, `CRIME personal-robbery`.
///
/// Ordered as its [`key`](Self::key) sorts: by the scheme's word, then number and part, or name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IndicatorCode {
    scheme: Scheme,
    body: Body,
}

/// What follows the scheme: a number in `NI` and `LI`, a name in `LOCAL` and `CRIME`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Body {
    Numbered { number: u32, part: Option<char> },
    Named(String),
}

/// Why a text is not an indicator code. Each carries the text as given, cut short when it is long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndicatorCodeError {
    /// No scheme, or nothing readable after it.
    #[error(
        "`{given}` is not an indicator code: expected `NI` or `LI` and a number (`NI 15`, `NI 49a`), \
         or `LOCAL` or `CRIME` and a name (`LOCAL asbo-breach-rate`)"
    )]
    Unknown {
        /// The text as given.
        given: String,
    },
    /// The number is 0 or above [`MAX_NUMBER`].
    #[error("the number of indicator `{given}` should be from 1 to {MAX_NUMBER}")]
    Number {
        /// The text as given.
        given: String,
    },
    /// What follows the number is not a part.
    #[error(
        "what follows the number of indicator `{given}` should be one letter (`NI 49a`) \
         or a numeral from i to v (`NI 49ii`)"
    )]
    Part {
        /// The text as given.
        given: String,
    },
    /// The name of a `LOCAL` or `CRIME` indicator is malformed.
    #[error(
        "the name in indicator `{given}` should be words of letters a to z and digits joined by single hyphens \
         (`asbo-breach-rate`), at most {MAX_SLUG} characters"
    )]
    Name {
        /// The text as given.
        given: String,
    },
}

impl IndicatorCode {
    /// Reads a code as people write it.
    ///
    /// `NI15`, `ni 015`, `N.I. 15` and `NI-15` are `NI 15`. A part is a letter or, as plans print it for NI 49, a roman
    /// numeral: `NI 49i`, `NI 49 (i)` and `NI 49A` are `NI 49a`. A lone `i` or `v` is always the numeral (parts `a` and
    /// `e`), because indicators with numerals are real and none with nine parts is known.
    ///
    /// # Errors
    /// [`IndicatorCodeError`] says what was expected. That a code reads well does not mean that the catalogue has it.
    pub fn parse(text: &str) -> Result<Self, IndicatorCodeError> {
        let folded = fold(text);
        let Some((scheme, rest)) =
            Scheme::ALL.iter().find_map(|&scheme| Some((scheme, after_scheme(&folded, scheme)?)))
        else {
            return Err(IndicatorCodeError::Unknown { given: excerpt(text) });
        };
        let body = match scheme {
            Scheme::Ni | Scheme::Li => numbered(rest, text)?,
            Scheme::Local | Scheme::Crime => named(rest, text)?,
        };
        Ok(Self { scheme, body })
    }

    /// Who defines the indicator.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The number of an `NI` or `LI` indicator, 1 to 9999.
    pub fn number(&self) -> Option<u32> {
        match self.body {
            Body::Numbered { number, .. } => Some(number),
            Body::Named(_) => None,
        }
    }

    /// The part of a numbered indicator: `a` in `NI 49a`. Never `i` or `v`, which are read as numerals.
    pub fn part(&self) -> Option<char> {
        match self.body {
            Body::Numbered { part, .. } => part,
            Body::Named(_) => None,
        }
    }

    /// The name of a `LOCAL` or `CRIME` indicator, in lower case.
    pub fn slug(&self) -> Option<&str> {
        match &self.body {
            Body::Numbered { .. } => None,
            Body::Named(slug) => Some(slug),
        }
    }

    /// The code as it is stored and sorted: `NI 0015`, `NI 0049a`, `LOCAL asbo-breach-rate`. Unique to the code; its
    /// bytes sort as people count (`NI 2` before `NI 15`), so a list can be paged by it.
    pub fn key(&self) -> String {
        match &self.body {
            Body::Numbered { number, part } => format!("{} {number:04}{}", self.scheme, letter(*part)),
            Body::Named(slug) => format!("{} {slug}", self.scheme),
        }
    }
}

impl fmt::Display for IndicatorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Numbered { number, part } => write!(f, "{} {number}{}", self.scheme, letter(*part)),
            Body::Named(slug) => write!(f, "{} {slug}", self.scheme),
        }
    }
}

impl FromStr for IndicatorCode {
    type Err = IndicatorCodeError;

    fn from_str(text: &str) -> Result<Self, IndicatorCodeError> {
        Self::parse(text)
    }
}

impl Ord for IndicatorCode {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // By the scheme's word, not its place in the vocabulary, so that sorting here and sorting by key agree.
        (self.scheme.as_str(), &self.body).cmp(&(other.scheme.as_str(), &other.body))
    }
}

impl PartialOrd for IndicatorCode {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What follows the word of `scheme`, each letter of which may have a full stop (`N.I. 15`).
fn after_scheme(folded: &str, scheme: Scheme) -> Option<&str> {
    scheme.as_str().chars().try_fold(folded, |rest, letter| {
        let rest = rest.strip_prefix(letter.to_ascii_lowercase())?;
        Some(rest.strip_prefix('.').unwrap_or(rest))
    })
}

/// Reads ` 15` or `-049 (i)`.
fn numbered(rest: &str, given: &str) -> Result<Body, IndicatorCodeError> {
    let rest = rest.trim_start_matches([' ', '-']);
    let (digits, part) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    if digits.is_empty() {
        return Err(IndicatorCodeError::Unknown { given: excerpt(given) });
    }
    let number = digits.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number));
    let number = number.ok_or_else(|| IndicatorCodeError::Number { given: excerpt(given) })?;
    let part = match part.trim_start() {
        "" => None,
        text => Some(part_of(text).ok_or_else(|| IndicatorCodeError::Part { given: excerpt(given) })?),
    };
    Ok(Body::Numbered { number, part })
}

/// The letter of a part written as a letter or a roman numeral, in brackets or not.
fn part_of(text: &str) -> Option<char> {
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    match text {
        "i" => Some('a'),
        "ii" => Some('b'),
        "iii" => Some('c'),
        "iv" => Some('d'),
        "v" => Some('e'),
        _ => {
            let mut chars = text.chars();
            let letter = chars.next().filter(char::is_ascii_lowercase)?;
            chars.next().is_none().then_some(letter)
        }
    }
}

/// Reads ` asbo-breach-rate`.
fn named(rest: &str, given: &str) -> Result<Body, IndicatorCodeError> {
    let slug = rest.trim_start_matches([' ', '-']);
    // `LOCALITY` is not `LOCAL ITY`, and `LOCAL` alone names nothing.
    if slug.is_empty() || slug.len() == rest.len() {
        return Err(IndicatorCodeError::Unknown { given: excerpt(given) });
    }
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if slug.len() > MAX_SLUG || !slug.split('-').all(is_word) {
        return Err(IndicatorCodeError::Name { given: excerpt(given) });
    }
    Ok(Body::Named(slug.to_owned()))
}

/// The part as printed: nothing when there is none.
fn letter(part: Option<char>) -> String {
    part.map(String::from).unwrap_or_default()
}

/// Folds another code of an indicator (`BV225`, `C18`, `VSC26`, `NI 49i`) for looking it up: upper case, no white
/// space, no leading zeros in a group of digits. `bv 0225` and `BV225` have one key.
pub fn alias_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).peekable();
    while let Some(c) = chars.next() {
        let in_group = key.ends_with(|last: char| last.is_ascii_digit());
        let leads_digits = c == '0' && !in_group && chars.peek().is_some_and(char::is_ascii_digit);
        if !leads_digits {
            key.push(c);
        }
    }
    key
}
