//! "Did you mean": the known code nearest to one that is not known.

use super::{MAX_SLUG, alias_key};

/// The cost of edits, for [`nearest`]. A digit names the indicator, so that changing one costs more than a letter; a
/// letter typed or scanned for the digit that it looks like costs least.
mod cost {
    pub(super) const LOOKALIKE: usize = 1;
    pub(super) const LETTER: usize = 2;
    pub(super) const SWAP: usize = 2;
    pub(super) const DIGIT: usize = 3;
    /// Beyond this two texts are not near, however long they are: four letters.
    pub(super) const LIMIT: usize = 8;
}

/// The code among `known` that was probably meant by `given`, for "did you mean"; `None` when nothing is near.
///
/// Nearness is the edit distance (insert, delete, replace, swap neighbours) of the folded texts, with about one edit
/// allowed for four characters: `NI 1S`, `N15` and `NI I5` are near `NI 15`. Numbers are not compared as numbers: `NI
/// 200` is no likelier to be meant for `NI 199` than for `NI 1`. Of equally near codes the first in byte order is
/// taken, so the answer does not depend on the order of `known`.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = letters_and_digits(given);
    // Longer than any code, and the comparison takes time in proportion.
    if given.len() > 2 * MAX_SLUG {
        return None;
    }
    let limit = (given.len() / 2 + 1).min(cost::LIMIT);
    known
        .into_iter()
        .map(|code| (edit_distance(&given, &letters_and_digits(code)), code))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, code)| code)
}

/// The folded text without punctuation, which people vary freely.
fn letters_and_digits(text: &str) -> Vec<char> {
    alias_key(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The least cost of turning `given` into `known` ("optimal string alignment": no character is edited twice).
fn edit_distance(given: &[char], known: &[char]) -> usize {
    let mut two_above: Vec<usize> = Vec::new();
    let mut above = vec![0];
    for c in known {
        above.push(above[above.len() - 1] + cost_of(*c));
    }
    for (i, &g) in given.iter().enumerate() {
        let mut row = vec![above[0] + cost_of(g)];
        for (j, &k) in known.iter().enumerate() {
            let mut least = (above[j + 1] + cost_of(g)).min(row[j] + cost_of(k)).min(above[j] + replacing(g, k));
            if i > 0 && j > 0 && g == known[j - 1] && k == given[i - 1] {
                least = least.min(two_above[j - 1] + cost::SWAP);
            }
            row.push(least);
        }
        two_above = std::mem::replace(&mut above, row);
    }
    above[known.len()]
}

/// The cost of a character too many or too few.
fn cost_of(c: char) -> usize {
    if c.is_ascii_digit() { cost::DIGIT } else { cost::LETTER }
}

/// The cost of a character given in place of a known one.
fn replacing(given: char, known: char) -> usize {
    let looks_alike = matches!(
        (given, known),
        ('I' | 'L', '1') | ('O' | 'Q' | 'D', '0') | ('Z', '2') | ('S', '5') | ('G', '6') | ('B', '8')
    );
    if given == known {
        0
    } else if looks_alike {
        cost::LOOKALIKE
    } else {
        cost_of(given).max(cost_of(known))
    }
}
