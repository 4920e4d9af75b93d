//! The search for customers: neither case nor accents count. A customer is found by the beginning of
//! his id, of his e-mail, or of his name from any of its words on.

use crate::fold::fold;
use goldstream_domain::gold::rows::CustomerRow;

/// What is searched for, folded.
#[derive(Debug, Clone)]
pub(super) struct Search {
    folded: String,
}

impl Search {
    pub(super) fn new(text: &str) -> Self {
        Self { folded: fold(text.trim()) }
    }

    /// Whether this is one of those meant.
    pub(super) fn finds(&self, customer: &CustomerRow) -> bool {
        if self.begins(&customer.customer_id) {
            return true;
        }
        let Some(profile) = &customer.profile else { return false };
        let (name, email) = (profile.name.as_deref(), profile.email.as_deref());
        email.is_some_and(|it| self.begins(it)) || name.is_some_and(|it| self.begins_a_word(it))
    }

    fn begins(&self, text: &str) -> bool {
        if is_plain(text) { self.is_at(text, 0) } else { fold(text).starts_with(&self.folded) }
    }

    fn begins_a_word(&self, name: &str) -> bool {
        if self.folded.is_empty() {
            return true;
        }
        let folded = if is_plain(name) { None } else { Some(fold(name)) };
        let name = folded.as_deref().unwrap_or(name);
        let mut before = ' ';
        name.char_indices().any(|(place, char)| {
            let is_first = !before.is_alphanumeric();
            before = char;
            is_first && self.is_at(name, place)
        })
    }

    /// Whether it stands in a text that differs from its folded form by case only.
    fn is_at(&self, text: &str, place: usize) -> bool {
        let end = place + self.folded.len();
        let there = text.as_bytes().get(place..end);
        there.is_some_and(|there| there.eq_ignore_ascii_case(self.folded.as_bytes()))
    }
}

/// Whether folding would change nothing but ASCII case: most texts, which need no copy then.
fn is_plain(text: &str) -> bool {
    let is_odd = |pair: &[u8]| pair == b"  ";
    text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !text.as_bytes().windows(2).any(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::gold::rows::Profile;
    use std::sync::Arc;

    fn finds(search: &str, (id, name, email): (&str, &str, &str)) -> bool {
        let known = |text: &str| (!text.is_empty()).then(|| text.into());
        let profile = Profile { name: known(name), email: known(email), signup_date: None };
        let customer = CustomerRow {
            customer_id: id.into(),
            profile: Some(Arc::new(profile)),
            country: None,
            orders: 0,
            revenue_cents: 0,
            first_purchase: None,
            last_purchase: None,
            months: Default::default(),
        };
        Search::new(search).finds(&customer)
    }

    #[test]
    fn a_customer_is_found_by_id_name_and_email_whatever_case_and_accents() {
        let customer = ("A00042", "Élodie  Brûlé-Łukasz", "e.brule@shop.example");
        let combining = "e\u{301}lodie";
        let all = ["a000", "elodie", "ÉLODIE", combining, "brul", "BRÛLÉ-l", "elodie brule", "luk"];
        for search in all.into_iter().chain(["E.Brulé@", "", "  élo "]) {
            assert!(finds(search, customer), "{search}");
        }
        for search in ["0042", "lodie", "rule", "shop.example", "elodieb", "brule elodie"] {
            assert!(!finds(search, customer), "{search}");
        }
    }

    #[test]
    fn who_has_no_name_is_found_by_the_rest() {
        for (search, is_found) in [("A0", true), ("e.b", true), ("", true), ("null", false)] {
            assert_eq!(finds(search, ("A00042", "", "e.brule@shop.example")), is_found, "{search}");
            assert_eq!(finds(search, ("A00042", "", "")), is_found && search != "e.b", "{search}");
        }
    }

    #[test]
    fn letters_that_are_more_than_an_accent_are_found_by_their_plain_ones() {
        for (search, name) in
            [("soren", "Søren"), ("strasse", "Straße"), ("istanbul", "İstanbul"), ("aegir", "Ægir")]
        {
            assert!(finds(search, ("1", name, "")), "{name}");
        }
    }
}
