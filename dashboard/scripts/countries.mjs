// Writes api/src/countries/names.tsv: by which names and codes the server knows a country. Names are those of CLDR,
// as this Node has them, in French, in English and in the languages of the country itself; beside them stand the
// names of ISO 3166-1 and what shops write, VARIANTS. Run it by `npm run countries`; a name of two countries ends it.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const codes = require('i18n-iso-countries/codes.json');
const READERS = ['en', 'fr'];
const ISO = READERS.map((lang) => require(`i18n-iso-countries/langs/${lang}.json`).countries);
const OUTPUT = fileURLToPath(new URL('../../api/src/countries/names.tsv', import.meta.url));
/** It has no code of ISO's: this one is reserved for its users, and is what CLDR, the EU and the banks use. */
const KOSOVO = ['XK', 'XKX'];

/** Languages beside the one that most people of a country speak. */
const LANGUAGES = {
  AE: 'ar', AF: 'ps', BE: 'nl fr de', BI: 'rn', BO: 'qu ay', BY: 'ru', CA: 'fr', CH: 'de fr it rm', CM: 'fr', CY: 'tr', DJ: 'ar', DZ: 'ber', ER: 'ar', ES: 'ca eu gl', FI: 'sv',
  GB: 'cy gd', HK: 'zh-Hant', HT: 'ht', IE: 'ga', IL: 'ar', IN: 'en bn ta te mr', IQ: 'ku', IT: 'de', KE: 'sw', KG: 'ru', KZ: 'ru', LK: 'ta', LU: 'lb de', MA: 'zgh', MO: 'zh-Hant', MT: 'mt', MG: 'mg', NO: 'nn', NZ: 'mi',
  PE: 'qu', PG: 'en', PH: 'fil', PK: 'en', PY: 'gn', RW: 'rw', SG: 'ms zh ta', SN: 'wo', TZ: 'sw', UA: 'ru', UZ: 'ru', ZA: 'af zu xh', ZW: 'sn',
};

/** What people and programs write besides: parts, former names, short forms, codes of sport and of the EU. */
const VARIANTS = {
  AE: 'UAE|U.A.E.|EAU|Emirates', BA: 'Bosnia|Bosnie|BiH', BN: 'Brunei', BO: 'Plurinational State of Bolivia', BQ: 'Bonaire|Caribbean Netherlands', BY: 'Belorussia|Biélorussie|Belarus', CD: 'DRC|RDC|DR Congo|Zaire|Congo-Kinshasa|Congo (Kinshasa)|Democratic Republic of Congo',
  CG: 'Congo-Brazzaville|Congo (Brazzaville)|Republic of Congo|Congo', CI: 'Ivory Coast', CH: 'SUI|Swiss|Helvetia', CN: 'PRC|Mainland China|People’s Republic of China|Chine populaire|République populaire de Chine', CV: 'Cape Verde|Cap-Vert', CZ: 'Czech Republic|Czechia|Czech Rep.|Tchéquie|République tchèque|Česká republika',
  DE: 'GER|BRD|Federal Republic of Germany|Bundesrepublik Deutschland|West Germany|RFA|République fédérale d’Allemagne', DK: 'DEN', ES: 'Reino de España', FK: 'Falkland Islands|Malouines', FM: 'Micronesia', FR: 'Metropolitan France|France métropolitaine|République française|French Republic|Corse|Corsica|FX',
  GB: 'UK|U.K.|Great Britain|Grande-Bretagne|Britain|England|Angleterre|Scotland|Écosse|Wales|Pays de Galles|Northern Ireland|Irlande du Nord|G.B.|ENG|SCO|WAL|NIR|United Kingdom of Great Britain and Northern Ireland|Royaume-Uni de Grande-Bretagne et d’Irlande du Nord', GF: 'Guyane', GG: 'Guernsey|Alderney|Sark|Guernesey', GR: 'EL|GRE|Hellas|Hellenic Republic', HK: 'Hong Kong|Hongkong|Hong Kong SAR', HR: 'CRO', HU: 'Magyarorszag',
  IE: 'EIRE|Republic of Ireland|Ireland|Irish Republic|République d’Irlande|Southern Ireland|ROI', IR: 'Iran|Persia', IT: 'Repubblica Italiana', JE: 'Jersey|Channel Islands|Channel Isles|Îles Anglo-Normandes|Îles de la Manche', KG: 'Kyrgyz Republic', KN: 'St Kitts|Saint Kitts', KP: 'DPRK|Democratic People’s Republic of Korea|République populaire démocratique de Corée', KR: 'Korea|Republic of Korea|République de Corée|ROK|Corée|S. Korea',
  KZ: 'Kazakstan', LA: 'Lao PDR', LK: 'Ceylon|Ceylan', LY: 'Libya|Libye', MD: 'Moldova|Moldavie|Moldavia', MF: 'Saint Martin|Saint-Martin', MK: 'Macedonia|Macédoine|North Macedonia|FYROM|Macédoine du Nord', MM: 'Burma|Birmanie|Myanmar', MO: 'Macao|Macau', MU: 'Île Maurice', MV: 'Maldive Islands',
  NL: 'Holland|Hollande|Netherland|The Netherlands|NED|HOL|Pays Bas', PH: 'Phillipines|Philippines|PHI', PS: 'Palestine|West Bank|Gaza', PT: 'POR', RE: 'Reunion Island|Île de la Réunion', RO: 'Rumania|Roumania', RU: 'Russia|Russie|USSR|URSS|Soviet Union', RS: 'Serbie|Serbia',
  SA: 'KSA|Arabie saoudite|Saudi', SH: 'Saint Helena|Sainte-Hélène', SI: 'SLO', SJ: 'Svalbard|Spitsbergen', SK: 'Slovak Republic|Slovaquie', SX: 'Sint Maarten', SY: 'République arabe syrienne', SZ: 'Swaziland', TL: 'East Timor|Timor oriental', TT: 'Trinidad', TR: 'Turkey', TW: 'Taiwan|Taïwan|Chinese Taipei|Republic of China|Formosa', TZ: 'Tanzania|Zanzibar',
  UA: 'The Ukraine', US: 'USA|U.S.A.|U.S.|US of A|United States|America|Etats-Unis|United States of America|États-Unis d’Amérique|EUA|EEUU|EE.UU.|Estados Unidos', VA: 'Vatican|Holy See|Vatican City', VC: 'Saint Vincent|St Vincent', VE: 'Bolivarian Republic of Venezuela', VI: 'US Virgin Islands|USVI', VG: 'BVI', VN: 'Vietnam|Viet Nam|Viêt Nam', XK: 'Kosovo|Kosova',
  ZA: 'RSA|R.S.A.|South Africa|Afrique du Sud|Republic of South Africa', ZW: 'Rhodesia',
};

/** As countries/mod.rs compares names, but for its few letters without a decomposition: enough to leave out repeats. */
const plain = (name) => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[.'’]/g, '').replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();

function languagesOf(code) {
  const spoken = new Intl.Locale(`und-${code}`).maximize().language;
  return [...new Set([...READERS, spoken, ...(LANGUAGES[code] ?? '').split(' ').filter(Boolean)])];
}

/** Names in a language, where this Node knows it. What is short for its readers, as the Welsh DU is, is a code to all others. */
function namesIn(lang, code) {
  if (Intl.DisplayNames.supportedLocalesOf(lang).length === 0) return [];
  return ['long', 'short'].map((style) => new Intl.DisplayNames(lang, { type: 'region', style, fallback: 'none' }).of(code)).filter((name) => name !== undefined && (READERS.includes(lang) || !/^[A-Z]{2}$/.test(name)));
}

/** What is said here of a name goes before what CLDR says of it: Congo is that of ISO, and not its neighbour, too. */
const meant = new Map(Object.entries(VARIANTS).flatMap(([code, names]) => names.split('|').map((name) => [plain(name), code])));

function namesOf(code) {
  const iso = ISO.flatMap((countries) => countries[code] ?? []);
  const variants = (VARIANTS[code] ?? '').split('|').filter(Boolean);
  const all = [...languagesOf(code).flatMap((lang) => namesIn(lang, code)), ...iso, ...variants];
  const known = new Set();
  return all.filter((name) => (meant.get(plain(name)) ?? code) === code && !known.has(plain(name)) && known.add(plain(name)));
}

const taken = new Map();
const lines = [...codes.filter(([code]) => code !== 'XK').map(([code, alpha3]) => [code, alpha3]), KOSOVO].sort().map(([code, alpha3]) => {
  const names = namesOf(code);
  for (const name of [code, alpha3, ...names].map(plain)) {
    if (taken.has(name) && taken.get(name) !== code) throw new Error(`"${name}" is ${taken.get(name)} and ${code}`);
    taken.set(name, code);
  }
  return `${code}\t${alpha3}\t${names.join('|')}\n`;
});
writeFileSync(OUTPUT, lines.join(''));
