//! How many tokens a document has, and how deep its brackets go: counted from its text, before anything is built of it.

/// What a text was found to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Names, numbers, strings and punctuators; neither comments nor commas.
    pub count: usize,
    /// How many brackets are open at a time at most.
    pub nesting: usize,
}

/// Counts the tokens of a document as GraphQL's lexical grammar has them (section 2.1 of its specification). What is not
/// well formed is counted as it comes: the parser says what is wrong with it.
pub fn count(text: &str) -> Tokens {
    let mut rest = text.as_bytes();
    let mut found = Tokens::default();
    let mut open: usize = 0;
    while let Some(byte) = rest.first().copied() {
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[length_while(rest, |byte| !matches!(byte, b'\n' | b'\r'))..];
                continue;
            }
            b'{' | b'[' | b'(' => {
                open += 1;
                found.nesting = found.nesting.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            b'"' => string(rest),
            b'.' if rest.starts_with(b"...") => 3,
            b'-' | b'0'..=b'9' => length_while(rest, |byte| is_word(byte) || matches!(byte, b'.' | b'-' | b'+')),
            byte if is_word(byte) => length_while(rest, is_word),
            _ => 1,
        };
        found.count += 1;
        rest = &rest[length.min(rest.len())..];
    }
    found
}

/// What names consist of, and what may stand in no token at all.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn length_while(text: &[u8], holds: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !holds(*byte)).unwrap_or(text.len())
}

/// The length of a string or a block string with its quotation marks.
fn string(text: &[u8]) -> usize {
    let is_block = text.starts_with(b"\"\"\"");
    let mut at = if is_block { 3 } else { 1 };
    while at < text.len() {
        match (is_block, text[at]) {
            (true, b'\\') if text[at..].starts_with(b"\\\"\"\"") => at += 4,
            (true, b'"') if text[at..].starts_with(b"\"\"\"") => return at + 3,
            (false, b'\\') => at += 2,
            (false, b'"') => return at + 1,
            (false, b'\n') => return at,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_comments_and_what_strings_hold_are_no_tokens() {
        for (text, count, nesting) in [
            ("", 0, 0),
            ("{ a, b # { c }\n }", 4, 1),
            ("{a(b:\"{ \\\" {\" c:-1.5e+3){d}}", 14, 2),
            ("\"\"\"a \\\"\"\" { \" b\"\"\" c", 2, 0),
            ("\"never ends { {", 1, 0),
            ("\"ends with its line\n{", 2, 1),
            ("...f @skip(if: $é)", 10, 1),
            ("[[[[", 4, 4),
            ("\"\\", 1, 0),
        ] {
            assert_eq!(super::count(text), Tokens { count, nesting }, "{text}");
        }
    }
}
