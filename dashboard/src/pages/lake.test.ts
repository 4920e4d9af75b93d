// What is said of the lake.
import { expect, it } from 'vitest';
import { Format } from '../format/numbers';
import { lakeFigures, lakeTroubles, type Lake } from './lake';

const en = new Format('en', 'EUR');
const lake: Lake = { address: 's3://lake/shop', files: 96, rows: 1_092_578, bytes: 19_812_331, lag_records: 0, written_at: null, gold_at: null };
const texts = (of: Partial<Lake>, now = 0) => lakeFigures({ ...lake, ...of }, now, 'en', en).map(({ text, note }) => [text, note]);

it('tells how much stands there and that nothing is missing', () => {
  expect(texts({})).toEqual([['96', undefined], ['1,092,578', undefined], ['19.8 MB', undefined], ['up to date', undefined], ['–', 'not since the start'], ['–', 'not since the start']]);
});

it('tells how many records are still to come', () => {
  expect(texts({ lag_records: 1_200 })[3]).toEqual(['1,200', 'not in the lake yet']);
});

it('tells the time of what was written, and the day where it was another', () => {
  const at = new Date(2026, 10, 29, 10, 3, 22);
  const written_at = at.toISOString();
  const on = (day: number) => texts({ written_at }, new Date(2026, 10, day, 23).getTime())[4]?.[0];
  expect([on(29), on(30)]).toEqual([en.time(written_at), `29 Nov ${en.time(written_at)}`]);
});

it('knows its troubles, and those of the processes that write it, from all others', () => {
  const own = { lake: 'away', 'lake gold': 'refused', 'lake of silver/0': 'damaged', 'vm:12 (lake): lake': 'away' };
  const others = { 'input file:/shop/lake.csv': 'no header', 'vm:12 (lake): log': 'away', 'progress of gold': 'stands still' };
  expect(lakeTroubles({ ...others, ...own }).map(([name]) => name).sort()).toEqual(Object.keys(own).sort());
});
