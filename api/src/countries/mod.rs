//! The ISO 3166-1 code of a country, from the name that the rows of customers have: French, English or its own, a code,
//! or what shops write for it. Pure. It must not guess: a name that is none of these, or of several countries, has no
//! code, and a row without one is shown as it stands.

use crate::fold::fold_name;
use std::collections::HashMap;
use std::iter::repeat;
use std::sync::LazyLock;

/// A country a line: alpha-2, alpha-3, names. Written by `npm run countries` in `dashboard/`.
const NAMES: &str = include_str!("names.tsv");

/// Longer texts are no name of a country, and not worth a look.
const NAME_BYTES_MAX: usize = 200;

/// Words that a name may have or not.
const SMALL_WORDS: [&str; 14] =
    ["the", "of", "and", "de", "du", "des", "d", "la", "le", "les", "l", "et", "o", "y"];
const SAINTS: [&str; 4] = ["saint", "sainte", "sankt", "ste"];

type Codes<Name> = HashMap<Name, &'static str>;

struct Known {
    /// Names and codes as they stand, which is how most rows have them: no text is made to look these up.
    written: Codes<&'static str>,
    plain: Codes<String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known { written: HashMap::new(), plain: HashMap::new() };
    for (code, [alpha_3, names]) in lines() {
        known.written.extend([code, alpha_3].into_iter().chain(names.split('|')).zip(repeat(code)));
        known.plain.extend(names.split('|').map(|name| (plain(name), code)));
    }
    known
});

/// The code of each country, with its other code and all its names.
fn lines() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    NAMES.lines().filter_map(|line| {
        let (code, others) = line.split_once('\t')?;
        Some((code, others.split_once('\t')?.into()))
    })
}

/// The alpha-2 code of the country of this name; none where it is not known.
pub(crate) fn code_of(name: &str) -> Option<&'static str> {
    if let Some(code) = KNOWN.written.get(name) {
        return Some(code);
    }
    let trimmed = name.trim();
    if trimmed.len() > NAME_BYTES_MAX {
        return None;
    }
    // Before small words are dropped, for `de` and `la` are codes, too.
    let short = KNOWN.written.get(trimmed.to_ascii_uppercase().as_str());
    short.or_else(|| KNOWN.plain.get(&plain(trimmed))).copied()
}

/// A name without case, accents, signs and small words, the rest in one order: `Korea, Republic of` is the Republic of
/// Korea.
fn plain(name: &str) -> String {
    // Of capitals nobody can tell which sigma is the last of its word.
    let folded = fold_name(name).replace('.', "").replace('ς', "σ");
    let words = folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.map(|word| if SAINTS.contains(&word) { "st" } else { word });
    let mut words: Vec<_> = words.filter(|word| !SMALL_WORDS.contains(word)).collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn all_are(code: Option<&str>, names: &[&str]) {
        for name in names {
            assert_eq!(code_of(name), code, "{name}");
        }
    }

    #[test]
    fn a_country_is_known_by_its_french_english_and_own_names_and_by_its_codes() {
        all_are(Some("DE"), &["Germany", "Allemagne", "Deutschland", "DE", "deu", " germany "]);
        all_are(Some("CH"), &["Switzerland", "Suisse", "Schweiz", "Svizzera", "che"]);
        all_are(Some("JP"), &["Japan", "Japon", "日本", "jp", "JPN"]);
        all_are(Some("GR"), &["Greece", "GRÈCE", "grece", "Ελλάδα", "ΕΛΛΆΔΑ", "EL"]);
        all_are(Some("CI"), &["Côte d'Ivoire", "COTE D’IVOIRE", "cote d ivoire", "Ivory Coast"]);
        all_are(Some("NA"), &["Namibia", "Namibie", "NA"]);
    }

    #[test]
    fn what_shops_write_for_a_country_is_that_country() {
        all_are(Some("GB"), &["UK", "U.K.", "uk", "Great Britain", "England", "Royaume Uni"]);
        all_are(Some("US"), &["USA", "U.S.A.", "us", "The United States", "Etats-Unis"]);
        all_are(Some("IE"), &["EIRE", "Éire", "Republic of Ireland"]);
        all_are(Some("ZA"), &["RSA", "South Africa"]);
        all_are(Some("NL"), &["Netherland", "The Netherlands", "Holland", "Pays Bas"]);
        all_are(Some("KR"), &["Korea", "Korea, Republic of", "South Korea", "Corée du Sud"]);
        all_are(Some("KP"), &["Korea, Democratic People's Republic of", "North Korea"]);
        all_are(Some("CZ"), &["Czech Republic", "Czechia", "Tchéquie", "Česko"]);
        all_are(Some("CG"), &["Congo", "Republic of the Congo"]);
        all_are(Some("CD"), &["Congo, Democratic Republic of the", "RDC", "Congo-Kinshasa"]);
        all_are(Some("LC"), &["Saint Lucia", "St. Lucia", "Sainte-Lucie", "ste lucie"]);
        all_are(Some("AG"), &["Antigua and Barbuda", "Antigua & Barbuda", "Antigua et Barbuda"]);
        // Two bailiwicks with two codes: both are named by the larger one.
        all_are(Some("JE"), &["Channel Islands", "Îles Anglo-Normandes"]);
    }

    /// The names of `tests/data/online_retail` but for the two that are no country.
    const ONLINE_RETAIL: [(&str, &str); 35] = [
        ("United Kingdom", "GB"),
        ("Germany", "DE"),
        ("France", "FR"),
        ("Spain", "ES"),
        ("Belgium", "BE"),
        ("Switzerland", "CH"),
        ("Portugal", "PT"),
        ("Italy", "IT"),
        ("Finland", "FI"),
        ("Austria", "AT"),
        ("Norway", "NO"),
        ("Australia", "AU"),
        ("Netherlands", "NL"),
        ("Channel Islands", "JE"),
        ("Denmark", "DK"),
        ("Japan", "JP"),
        ("Cyprus", "CY"),
        ("Sweden", "SE"),
        ("Poland", "PL"),
        ("Israel", "IL"),
        ("Greece", "GR"),
        ("Canada", "CA"),
        ("USA", "US"),
        ("EIRE", "IE"),
        ("United Arab Emirates", "AE"),
        ("Bahrain", "BH"),
        ("Malta", "MT"),
        ("Lithuania", "LT"),
        ("Iceland", "IS"),
        ("Singapore", "SG"),
        ("Lebanon", "LB"),
        ("Saudi Arabia", "SA"),
        ("Czech Republic", "CZ"),
        ("Brazil", "BR"),
        ("RSA", "ZA"),
    ];

    #[test]
    fn every_country_of_online_retail_has_its_code() {
        for (name, code) in ONLINE_RETAIL {
            assert_eq!(code_of(name), Some(code), "{name}");
        }
        all_are(None, &["Unspecified", "European Community"]);
    }

    #[test]
    fn what_is_no_country_or_several_has_no_code() {
        let others =
            ["Unspecified", "European Community", "Europe", "", " ", "de la", "Yugoslavia"];
        all_are(None, &others);
        all_are(None, &["Atlantis", "UKx", "France, or Spain", "12", "\u{301}", "Virgin Islands"]);
        all_are(None, &["x".repeat(1_000_000).as_str(), "é".repeat(1_000).as_str()]);
    }

    #[test]
    fn no_name_is_of_two_countries_however_it_is_written() {
        for (code, [alpha_3, names]) in lines() {
            for name in [code, alpha_3].into_iter().chain(names.split('|')) {
                all_are(Some(code), &[name, &name.to_uppercase(), &name.to_lowercase()]);
            }
            for name in names.split('|') {
                assert_eq!(KNOWN.plain[&plain(name)], code, "{name} is told apart by signs alone");
                assert_ne!(plain(name), "", "{name} has more than small words");
            }
        }
    }

    #[test]
    fn every_code_of_iso_is_there_once_with_names() {
        let codes: BTreeSet<_> = lines().map(|(code, _)| code).collect();
        // The 249 of ISO 3166-1, and Kosovo's, which it leaves to its users.
        assert_eq!((NAMES.lines().count(), codes.len()), (250, 250));
        for (code, [alpha_3, names]) in lines() {
            assert!([code, alpha_3].concat().bytes().all(|it| it.is_ascii_uppercase()));
            assert_eq!((code.len(), alpha_3.len(), names.is_empty()), (2, 3, false));
        }
    }
}
