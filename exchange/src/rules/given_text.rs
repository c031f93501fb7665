//! Text as people give it: folded before it is read, and cut short before it is quoted in an error.

/// As many characters of a given text as an error quotes. Every spelling that is understood is shorter.
const QUOTED: usize = 80;

/// Folds what word processors and keyboards vary without meaning to: ASCII letters to lower case, every dash to a
/// hyphen, every run of white space (non-breaking too) to one space, none at the ends.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{feff}').filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().map(|c| if is_dash(c) { '-' } else { c.to_ascii_lowercase() }));
    }
    folded
}

/// The given text as an error quotes it: control characters blanked, and cut with `…` after 80 characters.
pub(super) fn excerpt(text: &str) -> String {
    let mut chars = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut quoted: String = chars.by_ref().take(QUOTED).collect();
    if chars.next().is_some() {
        quoted.push('…');
    }
    quoted
}

/// Hyphens and dashes, U+2010 to U+2015, and the minus sign.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_dashes_and_case_do_not_matter() {
        assert_eq!(fold("\u{feff} Jan\u{a0}08  –\tMar 08 "), "jan 08 - mar 08");
    }

    #[test]
    fn a_long_text_is_quoted_in_part_and_never_cut_inside_a_character() {
        let quoted = excerpt(&"é\n".repeat(500));
        assert_eq!(quoted.chars().count(), QUOTED + 1);
        assert!(quoted.starts_with("é é ") && quoted.ends_with('…'));
        assert_eq!(excerpt(" NI 15 "), "NI 15");
    }
}
