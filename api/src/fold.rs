//! Texts as people mean them: neither case nor accents count, nor how many spaces there are. Pure.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name that is asked for, as [`fold`] makes it of one that stands somewhere.
pub(crate) fn fold_name(text: &str) -> String {
    fold(text.trim())
}

/// Lower case without accents, spaces made single.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return single_spaces(text.to_ascii_lowercase().chars());
    }
    let plain = text.nfkd().filter(|char| !is_combining_mark(*char));
    let mut folded = String::with_capacity(text.len());
    for char in plain.flat_map(char::to_lowercase) {
        match char {
            // Letters that are a stroke or a pair, which no decomposition takes apart.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            other => folded.push(other),
        }
    }
    // Lower case may bring a mark of its own: İ.
    single_spaces(folded.chars().filter(|char| !is_combining_mark(*char)))
}

fn single_spaces(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    for char in chars {
        let char = if char.is_whitespace() { ' ' } else { char };
        if char != ' ' || !out.ends_with(' ') {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_case_accents_and_spaces_are_the_same() {
        for (asked, stands) in [
            ("cote d'ivoire", "Côte d'Ivoire"),
            (" ROYAUME  UNI ", "Royaume Uni"),
            ("E\u{301}cran", "écran"),
            ("aland", "Åland"),
        ] {
            assert_eq!(fold_name(asked), fold(stands), "{asked}");
        }
        assert_ne!(fold_name("Niger"), fold("Nigeria"));
    }
}
