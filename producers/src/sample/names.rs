//! How people are called, by country, and the addresses that they write from.
//! The domains end in `.example`, which belongs to nobody.

use std::fmt::{self, Write as _};

/// The names of one country.
pub(super) struct Names {
    pub(super) first: [&'static str; 16],
    pub(super) last: [&'static str; 16],
    domains: [&'static str; 2],
}

/// In the order of the catalogue's countries.
#[rustfmt::skip] // one name a line would be ten screens of names
pub(super) const NAMES: [Names; 9] = [
    Names {
        first: [
            "Camille", "Léa", "Manon", "Chloé", "Inès", "Julie", "Sophie", "Élodie", "Lucas",
            "Hugo", "Théo", "Antoine", "Julien", "Mathieu", "François", "Jérôme",
        ],
        last: [
            "Martin", "Bernard", "Dubois", "Thomas", "Robert", "Petit", "Durand", "Leroy",
            "Moreau", "Lefèvre", "Garnier", "Faure", "Rousseau", "Mercier", "Béranger",
            "Chevalier",
        ],
        domains: ["courriel.example", "poste.example"],
    },
    Names {
        first: [
            "Anna", "Lena", "Laura", "Katharina", "Sabine", "Jana", "Mia", "Ursula", "Lukas",
            "Felix", "Jonas", "Maximilian", "Jürgen", "Stefan", "Björn", "Matthias",
        ],
        last: [
            "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker",
            "Schulz", "Hoffmann", "Schäfer", "Koch", "Bauer", "Richter", "Groß", "Krüger",
        ],
        domains: ["post.example", "brief.example"],
    },
    Names {
        first: [
            "Emma", "Louise", "Elise", "Marie", "Charlotte", "Noor", "Julie", "Femke", "Arthur",
            "Louis", "Jules", "Victor", "Thibault", "Wout", "Maxime", "Bram",
        ],
        last: [
            "Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens",
            "Wouters", "Dupont", "Lambert", "Dumont", "Leclercq", "Simon", "Lejeune", "Renard",
        ],
        domains: ["courrier.example", "bericht.example"],
    },
    Names {
        first: [
            "Lucía", "Sofía", "Martina", "Carmen", "Paula", "Elena", "Nuria", "Begoña", "Hugo",
            "Daniel", "Pablo", "Alejandro", "Javier", "Álvaro", "Íñigo", "Sergio",
        ],
        last: [
            "García", "González", "Rodríguez", "Fernández", "López", "Martínez", "Sánchez",
            "Pérez", "Gómez", "Jiménez", "Ruiz", "Hernández", "Muñoz", "Romero", "Navarro",
            "Ibáñez",
        ],
        domains: ["correo.example", "buzon.example"],
    },
    Names {
        first: [
            "Giulia", "Sofia", "Aurora", "Martina", "Chiara", "Francesca", "Elisa", "Paola",
            "Francesco", "Leonardo", "Lorenzo", "Alessandro", "Matteo", "Niccolò", "Davide",
            "Giuseppe",
        ],
        last: [
            "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci",
            "Marino", "Greco", "Bruno", "Gallo", "Conti", "Costa", "Mancini", "Lombardi",
        ],
        domains: ["posta.example", "lettera.example"],
    },
    Names {
        first: [
            "Mia", "Elena", "Lara", "Céline", "Nina", "Seraina", "Chiara", "Laure", "Noah", "Liam"
            , "Luca", "Gabriel", "Beat", "Urs", "Loïc", "Reto",
        ],
        last: [
            "Meier", "Keller", "Frei", "Huber", "Brunner", "Baumann", "Zürcher", "Gerber",
            "Favre", "Rochat", "Blanc", "Bernasconi", "Steiner", "Graf", "Bühler", "Moser",
        ],
        domains: ["post.example", "courriel.example"],
    },
    Names {
        first: [
            "Sanne", "Julia", "Lotte", "Fleur", "Anouk", "Iris", "Maud", "Eva", "Daan", "Sem",
            "Lars", "Thijs", "Bas", "Jeroen", "Ruben", "Niels",
        ],
        last: [
            "de Jong", "Jansen", "de Vries", "van den Berg", "Bakker", "Visser", "Smit", "Meijer",
            "de Boer", "Mulder", "de Groot", "Bos", "Vos", "Peters", "Hendriks", "van Dijk",
        ],
        domains: ["bericht.example", "brief.example"],
    },
    Names {
        first: [
            "Olivia", "Amelia", "Grace", "Emily", "Charlotte", "Lucy", "Zoë", "Fiona", "Oliver",
            "George", "Harry", "Jack", "William", "Callum", "Rhys", "Thomas",
        ],
        last: [
            "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies",
            "Patel", "Wright", "Walker", "O'Brien", "Evans", "Campbell", "Hughes", "Clarke",
        ],
        domains: ["letter.example", "mail.example"],
    },
    Names {
        first: [
            "Maria", "Leonor", "Matilde", "Beatriz", "Inês", "Carolina", "Mariana", "Conceição",
            "João", "Francisco", "Afonso", "Tomás", "Duarte", "Gonçalo", "Rui", "Luís",
        ],
        last: [
            "Silva", "Santos", "Ferreira", "Pereira", "Oliveira", "Costa", "Rodrigues", "Martins",
            "Sousa", "Gonçalves", "Gomes", "Lopes", "Magalhães", "Simões", "Araújo", "Guimarães",
        ],
        domains: ["correio.example", "carta.example"],
    },
];

impl Names {
    /// Writes the address of a person: ASCII, lower case, unique by the customer's number.
    pub(super) fn write_email(
        &self,
        first: &str,
        last: &str,
        number: u32,
        out: &mut String,
    ) -> fmt::Result {
        push_ascii(first, out);
        out.push('.');
        push_ascii(last, out);
        let domain = self.domains[number as usize % self.domains.len()];
        write!(out, "{number}@{domain}")
    }
}

fn push_ascii(name: &str, out: &mut String) {
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' => out.push(letter),
            'à' | 'á' | 'â' | 'ã' | 'ä' => out.push('a'),
            'ç' => out.push('c'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ñ' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => out.push('o'),
            'ß' => out.push_str("ss"),
            'ù' | 'ú' | 'û' | 'ü' => out.push('u'),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_address_that_keeps_all_its_letters() {
        for names in &NAMES {
            for name in names.first.iter().chain(&names.last) {
                let mut ascii = String::new();
                push_ascii(name, &mut ascii);
                let letters = name.chars().filter(|c| c.is_alphabetic()).count();
                assert!(ascii.len() >= letters, "{name} became {ascii}");
            }
        }
    }

    #[test]
    fn an_address_is_lower_case_ascii() {
        let mut email = String::new();
        NAMES[1].write_email("Jürgen", "Groß", 7, &mut email).unwrap();
        assert_eq!(email, "jurgen.gross7@brief.example");
    }
}
