// Every sentence of the page, in French and in English. The second is typed by the first: a missing key does
// not compile. `{name}` is filled in by t().

const fr = {
  accueil: 'Accueil', clients: 'Clients', produits: 'Produits', tendances: 'Tendances', pays: 'Pays', performances: 'Performances',
  title_accueil: 'La boutique, maintenant', title_clients: 'Qui achète', title_produits: 'Ce qui se vend', title_tendances: 'Comment évoluent les ventes',
  title_pays: 'D’où viennent les ventes', title_performances: 'À quelle vitesse, et avec quelle exactitude',
  skip: 'Aller au contenu', navigation: 'Pages', settings: 'Réglages',
  live: 'En direct', connecting: 'Connexion…', syncing: 'Synchronisation…', reconnecting: 'Reconnexion dans {n} s', offline: 'Hors ligne', paused: 'En pause', stopped: 'Arrêté ({code})',
  updated: 'mis à jour il y a {age}', as_of: 'chiffres de {time}, il y a {age}', pause: 'Pause', resume: 'Reprendre', retry: 'Réessayer',
  theme: 'Thème', theme_system: 'Thème du système', theme_light: 'Thème clair', theme_dark: 'Thème sombre', language: 'Read in English', currency: 'Monnaie', help: 'Aide', close: 'Fermer',
  keys_title: 'Raccourcis du clavier', key_pages: 'aller à une page', key_search: 'chercher', key_help: 'cette aide', key_pause: 'mettre en pause, reprendre', key_theme: 'changer de thème',
  rows_counted: '{n} achats comptés', rows_quarantined: '{n} en quarantaine', proven: '✓ égal au calcul complet', differs: '✗ {n} différences',
  revenue: 'Chiffre d’affaires', orders: 'Commandes', customers: 'Clients', buyers: 'Acheteurs', average_customer: 'Moyenne par client', average_basket: 'Panier moyen', products: 'Produits', countries: 'Pays', since_start: 'depuis le début',
  same_days: 'par rapport aux mêmes jours du mois dernier', no_compare: 'rien à comparer le mois dernier', sparkline: '{n} derniers jours', this_month: 'ce mois, face aux mêmes jours du mois dernier', best_customers: 'Meilleurs clients',
  q_customers: 'Qui sont mes meilleurs clients ?', q_product: 'Quel produit se vend le mieux ?', q_sales: 'Les ventes montent-elles ?', q_country: 'Dans quel pays investir ?',
  a_customers: '{name} est en tête avec {amount}.', a_customers_more: 'Les {n} premiers font {share} du chiffre d’affaires.', a_product: '{name} : {amount}, ventes : {n}.', a_sales_up: 'Elles montent : {change} {compare}.', a_sales_down: 'Elles baissent : {change} {compare}.', a_sales_flat: 'Elles sont stables : {change} {compare}.',
  a_country: '{name} : {amount} par acheteur, le plus fort parmi les pays d’au moins {n} acheteurs.', a_nothing: 'Pas encore d’achat pour le dire.', proof: 'Voir',
  revenue_by_day: 'Chiffre d’affaires par jour', mean7: 'moyenne sur 7 jours', day: 'Jour', month: 'Mois', last_purchases: 'Derniers achats', show_names: 'Montrer les noms', hide_names: 'Masquer les noms', customer: 'Client', product: 'Produit', country: 'Pays', unknown: 'inconnu',
  range_7: '7 j', range_30: '30 j', range_90: '90 j', range_365: '1 an', range_all: 'Tout', range: 'Période', from: 'Du', to: 'au',
  top_customers: 'Les clients qui dépensent le plus', buyers_by_country: 'Acheteurs par pays', all_customers: 'Tous les clients', rows_shown: 'Lignes', all_countries: 'Tous les pays', search_customer: 'Chercher un client', search_product: 'Chercher un produit',
  name: 'Nom', email: 'E-mail', signup: 'Inscription', average: 'Moyenne', first: 'Premier achat', last: 'Dernier achat', page_of: 'Page {n}', previous: 'Précédente', next: 'Suivante', order_updated: 'ordre mis à jour', nothing_found: 'Aucune ligne ne correspond. Élargissez la recherche ou retirez le filtre.', clear: 'Effacer les filtres',
  revenue_by_product: 'Chiffre d’affaires par produit', sales_by_product: 'Ventes par produit', price_range: 'Prix des plus vendus : le plus bas, la moyenne, le plus haut', all_products: 'Tous les produits', minimum: 'Le plus bas', maximum: 'Le plus haut', rest: 'les {n} autres', sales: 'Ventes',
  revenue_by_month: 'Chiffre d’affaires par mois', orders_by_month: 'Achats par mois', basket_by_month: 'Panier moyen par mois', customers_by_month: 'Clients distincts par mois', by_day: 'Chaque jour, à agrandir', partial: 'en cours', partial_note: '{month} est en cours : ses chiffres vont jusqu’au {day}.',
  revenue_by_country: 'Chiffre d’affaires par pays', basket_by_country: 'Panier moyen par pays', orders_by_country: 'Commandes par pays', all_of_countries: 'Tous les pays',
  response_times: 'Temps de réponse, mesurés par ce navigateur', endpoint: 'Adresse', mean: 'Moyenne', network: 'Réseau', server: 'Serveur', count: 'Mesures', measure_again: 'Mesurer encore', round_trip: 'Aller-retour du flux', purchase_to_screen: 'De l’achat à l’écran', p50: 'la moitié en moins de', p99: '99 % en moins de', rows_per_second: 'Lignes par seconde', lag: 'Retard', waiting_rows: '{n} lignes attendent', memory: 'Mémoire du serveur', connected: 'Écrans connectés',
  fates: 'Ce qu’est devenue chaque ligne', fate: 'Sort', rows: 'Lignes', accepted_purchases: 'Achats comptés', duplicate_purchases: 'Achats répétés, comptés une fois', customer_versions: 'Fiches de clients', unchanged_customers: 'dont fiches sans changement', quarantined: 'En quarantaine', reasons: 'Raisons de la quarantaine', reason: 'Raison', last_rejected: 'Dernières lignes refusées', detail: 'Détail', line: 'Ligne reçue', verified: 'Égalité avec le calcul complet', verified_equal: 'Égal, vérifié sur {n} lignes à {time}.', verified_differs: '{n} différences à {time}.', no_rejected: 'Aucune ligne refusée.', total: 'Total', no_latency: 'aucun achat vu en direct', source: 'Source',
  table: 'En tableau', chart: 'En graphique', csv: 'CSV', loading: 'Chargement…', failed: 'Ce panneau n’a pas pu être chargé : {why}', empty: 'Pas encore de données. Déposez des achats (goldstream run DOSSIER, ou POST /api/v1/purchases) : ils apparaîtront ici.', summary_of: '{title}. {n} valeurs, de {min} à {max} ; la plus haute : {top}.', others: 'autres',
  demo: 'La promesse, en dix secondes', buy: 'Acheter', repeat: 'Renvoyer le même', broken: 'Envoyer un cassé', counted_in: 'compté en {n} ms', repeat_note: 'répétitions : {before} → {after} ; chiffre d’affaires inchangé', broken_note: 'en quarantaine : {reason}', demo_note: 'Un achat bouge les chiffres, sa répétition seulement le compte des répétitions, un achat cassé va en quarantaine.',
  back: 'Tous les clients', since: 'client depuis le {day}', live_status: 'Chiffre d’affaires {revenue}, {orders} commandes.',
} as const;

export type MessageKey = keyof typeof fr;

const en: Record<MessageKey, string> = {
  accueil: 'Home', clients: 'Customers', produits: 'Products', tendances: 'Trends', pays: 'Countries', performances: 'Performance',
  title_accueil: 'The shop, now', title_clients: 'Who buys', title_produits: 'What sells', title_tendances: 'How sales move',
  title_pays: 'Where sales come from', title_performances: 'How fast, and how exact',
  skip: 'Skip to content', navigation: 'Pages', settings: 'Settings',
  live: 'Live', connecting: 'Connecting…', syncing: 'Synchronising…', reconnecting: 'Reconnecting in {n} s', offline: 'Offline', paused: 'Paused', stopped: 'Stopped ({code})',
  updated: 'updated {age} ago', as_of: 'figures of {time}, {age} ago', pause: 'Pause', resume: 'Resume', retry: 'Retry',
  theme: 'Theme', theme_system: 'System theme', theme_light: 'Light theme', theme_dark: 'Dark theme', language: 'Lire en français', currency: 'Currency', help: 'Help', close: 'Close',
  keys_title: 'Keyboard shortcuts', key_pages: 'go to a page', key_search: 'search', key_help: 'this help', key_pause: 'pause, resume', key_theme: 'change the theme',
  rows_counted: '{n} purchases counted', rows_quarantined: '{n} in quarantine', proven: '✓ equal to the batch', differs: '✗ {n} differences',
  revenue: 'Revenue', orders: 'Orders', customers: 'Customers', buyers: 'Buyers', average_customer: 'Average per customer', average_basket: 'Average basket', products: 'Products', countries: 'Countries', since_start: 'since the beginning',
  same_days: 'against the same days of last month', no_compare: 'nothing to compare with last month', sparkline: 'last {n} days', this_month: 'this month, against the same days of last month', best_customers: 'Best customers',
  q_customers: 'Who are my best customers?', q_product: 'Which product sells best?', q_sales: 'Are sales rising?', q_country: 'Which country to invest in?',
  a_customers: '{name} leads with {amount}.', a_customers_more: 'The first {n} make {share} of revenue.', a_product: '{name}: {amount}, sales: {n}.', a_sales_up: 'They rise: {change} {compare}.', a_sales_down: 'They fall: {change} {compare}.', a_sales_flat: 'They are steady: {change} {compare}.',
  a_country: '{name}: {amount} per buyer, the highest among countries with at least {n} buyers.', a_nothing: 'No purchase yet to tell.', proof: 'See',
  revenue_by_day: 'Revenue by day', mean7: '7-day mean', day: 'Day', month: 'Month', last_purchases: 'Last purchases', show_names: 'Show names', hide_names: 'Hide names', customer: 'Customer', product: 'Product', country: 'Country', unknown: 'unknown',
  range_7: '7 d', range_30: '30 d', range_90: '90 d', range_365: '1 y', range_all: 'All', range: 'Range', from: 'From', to: 'to',
  top_customers: 'Customers who spend most', buyers_by_country: 'Buyers by country', all_customers: 'All customers', rows_shown: 'Rows', all_countries: 'All countries', search_customer: 'Search a customer', search_product: 'Search a product',
  name: 'Name', email: 'E-mail', signup: 'Signed up', average: 'Average', first: 'First purchase', last: 'Last purchase', page_of: 'Page {n}', previous: 'Previous', next: 'Next', order_updated: 'order updated', nothing_found: 'No row matches. Widen the search or remove the filter.', clear: 'Clear filters',
  revenue_by_product: 'Revenue by product', sales_by_product: 'Sales by product', price_range: 'Prices of the best sellers: lowest, mean, highest', all_products: 'All products', minimum: 'Lowest', maximum: 'Highest', rest: 'the other {n}', sales: 'Sales',
  revenue_by_month: 'Revenue by month', orders_by_month: 'Purchases by month', basket_by_month: 'Average basket by month', customers_by_month: 'Distinct customers by month', by_day: 'Every day, to zoom', partial: 'running', partial_note: '{month} is still running: its figures go up to {day}.',
  revenue_by_country: 'Revenue by country', basket_by_country: 'Average basket by country', orders_by_country: 'Orders by country', all_of_countries: 'All countries',
  response_times: 'Response times, measured by this browser', endpoint: 'Endpoint', mean: 'Mean', network: 'Network', server: 'Server', count: 'Measured', measure_again: 'Measure again', round_trip: 'Feed round trip', purchase_to_screen: 'From purchase to screen', p50: 'half in less than', p99: '99% in less than', rows_per_second: 'Rows a second', lag: 'Lag', waiting_rows: '{n} rows wait', memory: 'Memory of the server', connected: 'Connected screens',
  fates: 'What became of every row', fate: 'Fate', rows: 'Rows', accepted_purchases: 'Purchases counted', duplicate_purchases: 'Repeated purchases, counted once', customer_versions: 'Customer records', unchanged_customers: 'of them without a change', quarantined: 'In quarantine', reasons: 'Reasons for quarantine', reason: 'Reason', last_rejected: 'Last rejected rows', detail: 'Detail', line: 'Row as received', verified: 'Equality with the batch', verified_equal: 'Equal, proven over {n} rows at {time}.', verified_differs: '{n} differences at {time}.', no_rejected: 'No rejected row.', total: 'Total', no_latency: 'no purchase seen live yet', source: 'Source',
  table: 'As table', chart: 'As chart', csv: 'CSV', loading: 'Loading…', failed: 'This panel could not be loaded: {why}', empty: 'No data yet. Bring purchases (goldstream run DIR, or POST /api/v1/purchases): they will appear here.', summary_of: '{title}. {n} values, from {min} to {max}; the highest: {top}.', others: 'others',
  demo: 'The promise, in ten seconds', buy: 'Buy', repeat: 'Send the same again', broken: 'Send a broken one', counted_in: 'counted in {n} ms', repeat_note: 'repeats: {before} → {after}; revenue unchanged', broken_note: 'in quarantine: {reason}', demo_note: 'A purchase moves the figures, its repeat only the count of repeats, a broken one goes to quarantine.',
  back: 'All customers', since: 'customer since {day}', live_status: 'Revenue {revenue}, {orders} orders.',
};

export const MESSAGES = { fr, en } satisfies Record<'fr' | 'en', Record<MessageKey, string>>;
export const PLACEHOLDER = /\{(\w+)\}/g;
