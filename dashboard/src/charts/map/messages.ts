// The sentences of the map, which come with it and not with the page.
import { frenchSpaces } from '../../format/fill';
import type { Lang } from '../../state/url';

const fr = {
  title: 'Carte des ventes', figure: 'Ce que montre la carte', europe: 'Europe', world: 'Monde', zoom_in: 'Agrandir la carte', zoom_out: 'Réduire la carte',
  map: '{figure} par pays sur une carte du monde. Flèches : pays suivant et précédent ; plus et moins : agrandir et réduire ; Entrée : ses clients.',
  no_sale: 'aucune vente', share: '{share} du total', log: 'Échelle logarithmique', not_placed: 'Pas sur la carte', placed: 'Sur la carte', together: 'Ensemble', more: 'et {n} {n|autre|autres}, dans la liste', code: 'Code', as_table: 'Pays de la carte',
  natural_earth: 'Contours : Natural Earth. Projection à surfaces égales.', below: 'moins de {bound}', above: '{bound} et plus', between: 'de {from} à {to}',
};

export type MapMessage = keyof typeof fr;

const en: Record<MapMessage, string> = {
  title: 'Map of sales', figure: 'What the map shows', europe: 'Europe', world: 'World', zoom_in: 'Zoom in', zoom_out: 'Zoom out',
  map: '{figure} by country on a map of the world. Arrows: next and previous country; plus and minus: zoom; Enter: its customers.',
  no_sale: 'no sale', share: '{share} of the total', log: 'Logarithmic scale', not_placed: 'Not on the map', placed: 'On the map', together: 'Together', more: 'and {n} {n|other|others}, in the list', code: 'Code', as_table: 'Countries of the map',
  natural_earth: 'Outlines: Natural Earth. Equal-area projection.', below: 'below {bound}', above: '{bound} and more', between: 'from {from} to {to}',
};

const spaced = Object.fromEntries(Object.entries(fr).map(([key, text]) => [key, frenchSpaces(text)])) as Record<MapMessage, string>;

export const MAP_MESSAGES: Record<Lang, Record<MapMessage, string>> = { fr: spaced, en };
