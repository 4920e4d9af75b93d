// The range that the address asks for, inside the shop's own days.
import type { Day } from '../api/types';
import { presetRange, type Preset, type Range } from '../state/calendar';
import type { View } from '../state/url';

export function chosenRange(view: View, days: readonly Day[], today: string): Range {
  const preset = presetRange(view.range as Preset, days, today);
  if (view.from === '' && view.to === '') return preset;
  const first = days[0]?.day ?? today;
  const from = view.from > first ? view.from : first;
  const to = view.to !== '' && view.to < today ? view.to : today;
  return from <= to ? { from, to } : { from: to, to };
}
