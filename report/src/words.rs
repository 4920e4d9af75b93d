//! The sentences of a report, in French and in English. No figures are made here.

/// The reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// By its code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
        }
    }
}

pub(crate) const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
pub(crate) const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Texts; `{0}`, `{1}` … are filled in.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) subtitle: &'static str,
    pub(crate) against: &'static str,
    pub(crate) figure: &'static str,
    pub(crate) period: &'static str,
    pub(crate) before: &'static str,
    pub(crate) change: &'static str,
    pub(crate) revenue: &'static str,
    pub(crate) orders: &'static str,
    pub(crate) basket: &'static str,
    pub(crate) open_days: &'static str,
    pub(crate) best_day: &'static str,
    pub(crate) since_start: &'static str,
    pub(crate) in_all: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) by_day: &'static str,
    pub(crate) by_week: &'static str,
    pub(crate) by_month: &'static str,
    pub(crate) chart_alt: &'static str,
    pub(crate) month: &'static str,
    pub(crate) buyers: &'static str,
    pub(crate) new: &'static str,
    pub(crate) returning: &'static str,
    pub(crate) new_title: &'static str,
    pub(crate) new_note: &'static str,
    pub(crate) forecast: &'static str,
    pub(crate) forecast_alt: &'static str,
    pub(crate) forecast_ends: &'static str,
    pub(crate) forecast_error: &'static str,
    pub(crate) forecast_naive: &'static str,
    pub(crate) forecast_none: &'static str,
    pub(crate) products: &'static str,
    pub(crate) product: &'static str,
    pub(crate) best_customers: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) countries: &'static str,
    pub(crate) country: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) share: &'static str,
    pub(crate) all_time: &'static str,
    pub(crate) map: &'static str,
    pub(crate) map_alt: &'static str,
    pub(crate) alerts: &'static str,
    pub(crate) verified: &'static str,
    pub(crate) differs: &'static str,
    pub(crate) unverified: &'static str,
    pub(crate) page: &'static str,
    pub(crate) nothing: &'static str,
}

static FR: Words = Words {
    title: "Rapport de la boutique",
    subtitle: "Du {0} au {1}",
    against: "comparé du {0} au {1}",
    figure: "Chiffre",
    period: "Cette période",
    before: "Avant",
    change: "Évolution",
    revenue: "Chiffre d’affaires",
    orders: "Commandes",
    basket: "Panier moyen",
    open_days: "Jours avec une vente",
    best_day: "Meilleur jour : {0}, {1}.",
    since_start: "Depuis le début, jusqu’au {0}",
    in_all: "{0} de chiffre d’affaires, {1} commandes, {2} clients connus, {3} acheteurs, panier moyen {4}.",
    colon: "\u{a0}: ",
    by_day: "Chiffre d’affaires par jour",
    by_week: "Chiffre d’affaires par semaine",
    by_month: "Chiffre d’affaires par mois",
    chart_alt: "{0} : {1} barres, la plus haute {2} ({3}), la plus basse {4} ({5}).",
    month: "Mois",
    buyers: "Acheteurs",
    new: "Nouveaux",
    returning: "Déjà clients",
    new_title: "Nouveaux et déjà clients, mois par mois",
    new_note: "Nouveau : son premier achat est de ce mois. Le dernier mois peut être en cours.",
    forecast: "Ce qui est attendu",
    forecast_alt: "Chiffre d’affaires attendu du {0} au {1} : de {2} à {3} par jour.",
    forecast_ends: "{0} finira vers {1}, entre {2} et {3} quatre fois sur cinq.",
    forecast_error: "Sur les 28 derniers jours, cette prévision se serait trompée de {0}, le même jour de la semaine d’avant de {1}.",
    forecast_naive: "Rien ne fait mieux ici que le même jour de la semaine d’avant : c’est lui qui est montré.",
    forecast_none: "Il faut huit semaines de ventes pour une prévision.",
    products: "Produits au plus gros chiffre d’affaires",
    product: "Produit",
    best_customers: "Meilleurs clients",
    customer: "Client",
    countries: "Pays",
    country: "Pays",
    unknown: "inconnu",
    share: "Part",
    all_time: "Depuis le début : goldstream ne compte produits, clients et pays qu’en tout.",
    map: "Plus foncé : plus de chiffre d’affaires, sur une échelle logarithmique.",
    map_alt: "Carte du monde, {0} pays avec une vente ; celui qui rapporte le plus : {1}.",
    alerts: "Alertes",
    verified: "Vérifié : égal au calcul complet sur {0} lignes, le {1}.",
    differs: "Attention : {0} différences avec le calcul complet, le {1}.",
    unverified: "Pas encore vérifié par le calcul complet.",
    page: "page {0} sur {1}",
    nothing: "Aucune vente dans cette période.",
};

static EN: Words = Words {
    title: "Report of the shop",
    subtitle: "From {0} to {1}",
    against: "against {0} to {1}",
    figure: "Figure",
    period: "This period",
    before: "Before",
    change: "Change",
    revenue: "Revenue",
    orders: "Orders",
    basket: "Average basket",
    open_days: "Days with a sale",
    best_day: "Best day: {0}, {1}.",
    since_start: "Since the beginning, up to {0}",
    in_all: "{0} of revenue, {1} orders, {2} known customers, {3} buyers, average basket {4}.",
    colon: ": ",
    by_day: "Revenue by day",
    by_week: "Revenue by week",
    by_month: "Revenue by month",
    chart_alt: "{0}: {1} bars, the highest {2} ({3}), the lowest {4} ({5}).",
    month: "Month",
    buyers: "Buyers",
    new: "New",
    returning: "Returning",
    new_title: "New and returning, month by month",
    new_note: "New: the first purchase is of this month. The last month may still run.",
    forecast: "What is expected",
    forecast_alt: "Expected revenue from {0} to {1}: from {2} to {3} a day.",
    forecast_ends: "{0} will end at about {1}, between {2} and {3} four times of five.",
    forecast_error: "Over the last 28 days this forecast would have been wrong by {0}, the same weekday of the week before by {1}.",
    forecast_naive: "Nothing does better here than the same weekday of the week before, so that is what is shown.",
    forecast_none: "A forecast needs eight weeks of sales.",
    products: "Products of the largest revenue",
    product: "Product",
    best_customers: "Best customers",
    customer: "Customer",
    countries: "Countries",
    country: "Country",
    unknown: "unknown",
    share: "Share",
    all_time: "Since the beginning: goldstream counts products, customers and countries in all only.",
    map: "Darker: more revenue, on a logarithmic scale.",
    map_alt: "Map of the world, {0} countries with a sale; the one that brings most: {1}.",
    alerts: "Alerts",
    verified: "Verified: equal to the whole batch over {0} rows, on {1}.",
    differs: "Attention: {0} differences from the whole batch, on {1}.",
    unverified: "Not yet verified by the whole batch.",
    page: "page {0} of {1}",
    nothing: "No sale in this period.",
};

/// The text with its places filled in, in their order.
pub(crate) fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = text.to_owned();
    for (at, value) in values.iter().enumerate() {
        filled = filled.replace(&format!("{{{at}}}"), value);
    }
    filled
}
