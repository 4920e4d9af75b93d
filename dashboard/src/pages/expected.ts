// What the server expects of the next days, in words, as a plot and as a table. A chunk of its own, fetched behind the first
// figures: its sentences stand here and not with the others. Pure; the reader's language and currency are given.
import type { Day, Forecast } from '../api/types';
import type { Plot } from '../charts/plot';
import { numberColumn, textColumn, type FigureTable, type Mark } from '../charts/table';
import { frenchSpaces } from '../format/fill';
import type { Format } from '../format/numbers';
import { filled, plusDays } from '../state/calendar';
import type { Lang } from '../state/url';

interface Texts {
  title: string;
  rows: string;
  day: string;
  sold: string;
  expected: string;
  low: string;
  high: string;
  band: string;
  few: string;
  about: (amount: string) => string;
  ends: (month: string, amount: string, low: string, high: string) => string;
  error: (error: string, naive: string) => string;
  naive: string;
  trained: (day: string) => string;
}

const fr: Texts = {
  title: 'Chiffre d’affaires attendu', rows: 'Chiffre d’affaires attendu, jour après jour', day: 'Jour', sold: 'vendu', expected: 'attendu', low: 'Au plus bas', high: 'Au plus haut', band: 'quatre jours sur cinq',
  few: 'Il faut huit semaines de ventes pour une prévision.',
  about: (amount) => `fin du mois vers ${amount}`,
  ends: (month, amount, low, high) => `${month} finira vers ${amount}, entre ${low} et ${high} quatre fois sur cinq.`,
  error: (error, naive) => `Sur les 28 derniers jours, cette prévision se serait trompée de ${error}, le même jour de la semaine d’avant de ${naive}.`,
  naive: 'Rien ne fait mieux ici que le même jour de la semaine d’avant : c’est lui qui est montré.',
  trained: (day) => `Appris jusqu’au ${day}.`,
};

const en: Texts = {
  title: 'Expected revenue', rows: 'Expected revenue, day by day', day: 'Day', sold: 'sold', expected: 'expected', low: 'Low', high: 'High', band: 'four days of five',
  few: 'A forecast needs eight weeks of sales.',
  about: (amount) => `this month ends at about ${amount}`,
  ends: (month, amount, low, high) => `${month} will end at about ${amount}, between ${low} and ${high} four times of five.`,
  error: (error, naive) => `Over the last 28 days this forecast would have been wrong by ${error}, the same weekday of the week before by ${naive}.`,
  naive: 'Nothing does better here than the same weekday of the week before, so that is what is shown.',
  trained: (day) => `Learned up to ${day}.`,
};

export const textsOf = (lang: Lang): Texts => ({ fr, en })[lang];

/** Days that were, before those that come. */
const PAST_DAYS = 28;
/** What is only expected has no cents. */
export const aboutMoney = (cents: number, format: Format): string => format.money(Math.round(cents / 100) * 100).replace(/[.,]00(?=\D*$)/, '');

const euros = (cents: number): number => cents / 100;
const share = (format: Format, percent: number | null): string => (percent === null ? '–' : format.share(percent / 100));

/** Where this month ends; nothing where the forecast is of another one. It has `so_far` already. */
export function endNote(told: Forecast, month: string, soFar: number, lang: Lang, format: Format): string {
  return told.month.month === month ? textsOf(lang).about(aboutMoney(Math.max(soFar, told.month.expected_cents), format)) : '';
}

/** What can be said of it, beside the chart. */
export function expectedNote(told: Forecast, lang: Lang, format: Format): string {
  const { month, model, trained_to, error_percent, naive_error_percent } = told;
  const texts = textsOf(lang);
  const [amount, low, high] = [month.expected_cents, month.low_cents, month.high_cents].map((cents) => aboutMoney(cents, format));
  const sentences = [
    texts.ends(format.title(format.month(month.month)), amount ?? '', low ?? '', high ?? ''),
    texts.error(share(format, error_percent), share(format, naive_error_percent)),
    model === 'seasonal_naive' ? texts.naive : '',
    texts.trained(format.day(trained_to)),
  ];
  const text = sentences.filter((sentence) => sentence !== '').join(' ');
  return lang === 'fr' ? frenchSpaces(text) : text;
}

/** The last days as they were, and the next ones dashed within their band. */
export function expectedPlot(told: Forecast, days: readonly Day[], lang: Lang, format: Format): Plot {
  const texts = textsOf(lang);
  const past = filled(days, { from: plusDays(told.trained_to, 1 - PAST_DAYS), to: told.trained_to });
  const all = [...past.map(({ day }) => day), ...told.days.map(({ day }) => day)];
  const coming = (of: (day: Forecast['days'][number]) => number): (number | null)[] => [...past.map(() => null), ...told.days.map((day) => euros(of(day)))];
  return {
    kind: 'time',
    value: (value) => format.money(Math.round(value * 100)),
    short: format.short,
    labels: all.map(format.day),
    axisLabels: all.map(format.dayShort),
    bars: { name: texts.sold, values: [...past.map((day) => euros(day.revenue_cents)), ...told.days.map(() => null)] },
    dashed: { name: texts.expected, values: coming((day) => day.expected_cents) },
    band: { name: texts.band, low: coming((day) => day.low_cents), high: coming((day) => day.high_cents) },
  };
}

export function expectedLegend(lang: Lang): Mark[] {
  const texts = textsOf(lang);
  return [
    { name: texts.sold, shape: 'bar', colour: 'var(--gold)' },
    { name: texts.expected, shape: 'line', colour: 'repeating-linear-gradient(90deg, var(--accent) 0 4px, transparent 4px 6px)' },
    { name: texts.band, shape: 'bar', colour: 'color-mix(in srgb, var(--accent) 22%, transparent)' },
  ];
}

export function expectedTable(told: Forecast, lang: Lang, format: Format): FigureTable {
  const texts = textsOf(lang);
  const money = (key: string, label: string) => numberColumn(key, label, format.money);
  return {
    columns: [textColumn('day', texts.day, format.day), money('expected_cents', texts.expected), money('low_cents', texts.low), money('high_cents', texts.high)],
    rows: told.days.map((row) => [row.day, row.expected_cents, row.low_cents, row.high_cents]),
    valueColumn: 1,
  };
}
