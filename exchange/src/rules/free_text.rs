//! Free text: comments, notes, reasons and cells as printed.

/// The most characters of a free text.
pub const LONGEST: usize = 10_000;
/// The most characters of the name of a dimension or a member of a breakdown.
pub const LONGEST_NAME: usize = 200;

/// Checks that a text can be stored and shown alike everywhere.
///
/// # Errors
/// What is wrong with it, in plain English.
pub fn check(text: &str) -> Result<(), String> {
    check_length(text, LONGEST)
}

/// [`check`], with another limit.
///
/// # Errors
/// As [`check`].
pub fn check_length(text: &str, longest: usize) -> Result<(), String> {
    if text.chars().any(|character| character.is_control() && !matches!(character, '\t' | '\n' | '\r')) {
        return Err("The text has control characters in it.".to_owned());
    }
    let characters = text.chars().count();
    if characters > longest {
        return Err(format!("The text has {characters} characters; {longest} are the most."));
    }
    Ok(())
}

/// A text as a message quotes it: its first 60 characters.
pub fn shortened(text: &str) -> String {
    const QUOTED: usize = 60;
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_have_lines_but_no_other_control_characters() {
        assert_eq!(check("one\n\ttwo"), Ok(()));
        assert!(check("nul \u{0}").is_err());
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_with_its_length() {
        assert_eq!(check_length("four", 3), Err("The text has 4 characters; 3 are the most.".to_owned()));
    }
}
