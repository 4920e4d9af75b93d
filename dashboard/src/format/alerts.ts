// The sentences of the list of alerts, which come with it and not with the page.
import { frenchSpaces } from './fill';
import type { Lang } from '../state/url';

const fr = {
  alerts: 'Alertes', none: 'Il n’y avait rien à signaler.', open: 'En cours', acknowledged: 'Pris en compte', resolved: 'Résolu', acknowledge: 'C’est noté', show: 'Voir',
  notify: 'M’avertir par ce navigateur tant que la page est ouverte', refused: 'Le navigateur ne le permet pas.',
};

export type AlertsMessage = keyof typeof fr;

const en: Record<AlertsMessage, string> = {
  alerts: 'Alerts', none: 'There was nothing to be told.', open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved', acknowledge: 'I know', show: 'Show it',
  notify: 'Let this browser notify me while the page is open', refused: 'The browser does not allow it.',
};

const spaced = Object.fromEntries(Object.entries(fr).map(([key, text]) => [key, frenchSpaces(text)])) as Record<AlertsMessage, string>;

export const ALERTS_MESSAGES: Record<Lang, Record<AlertsMessage, string>> = { fr: spaced, en };
