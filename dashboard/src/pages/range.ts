// The range that the address asks for, inside the shop's own days, how it is drawn, and what lies outside.
import type { Day } from '../api/types';
import { bulkStart, outside } from '../state/bulk';
import { presetRange, type Preset, type Range } from '../state/calendar';
import { daysIn, unitFor } from '../state/marks';
import type { View } from '../state/url';
import { t, words } from '../state/words.svelte';
import type { Drawn } from './plots';

export function chosenRange(view: View, days: readonly Day[], today: string): Range {
  const preset = presetRange(view.range as Preset, days, today, bulkStart(days) ?? today);
  if (view.from === '' && view.to === '') return preset;
  const first = days[0]?.day ?? today;
  const from = view.from > first ? view.from : first;
  const last = days.at(-1)?.day ?? today;
  const to = view.to === '' ? today : view.to < last ? view.to : last > today ? last : today;
  return from <= to ? { from, to } : { from: to, to };
}

/** `share` is how much of the range is seen at once, from 0 to 1. */
export function drawnOf(range: Range, share = 1): Drawn {
  const all = daysIn(range);
  const seen = Math.max(1, Math.ceil(all * share));
  return { range, seen, unit: unitFor(seen, all) };
}

/** How many orders a range leaves out on each side, as a sentence; nothing where it has all. */
export function outsideText(days: readonly Day[], range: Range): string {
  const { before, after } = outside(days, range);
  const parts = [
    before > 0 ? t('before_day', { n: before, day: words.format.day(range.from) }) : '',
    after > 0 ? t('after_day', { n: after, day: words.format.day(range.to) }) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : t('outside', { what: parts.join(', ') });
}
