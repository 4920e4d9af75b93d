import { describe, expect, it } from 'vitest';
import type { Forecast } from '../api/types';
import { Format } from '../format/numbers';
import { aboutMoney, endNote, expectedNote, expectedPlot } from './expected';

const en = new Format('en', 'EUR');
const TOLD: Forecast = {
  model: 'stl', trained_from: '2026-01-01', trained_to: '2026-03-16', error_percent: 21.4, naive_error_percent: null,
  month: { month: '2026-03', so_far_cents: 100, expected_cents: 123_456_78, low_cents: 100_000_00, high_cents: 150_000_49 },
  days: [{ day: '2026-03-17', expected_cents: 500, low_cents: 300, high_cents: 900 }],
};

describe('what is expected', () => {
  it('is told without cents', () => {
    expect([aboutMoney(123_456_78, en), aboutMoney(0, en), aboutMoney(123_400, new Format('fr', 'EUR')).replaceAll(/\s/g, ' ')]).toEqual(['€123,457', '€0', '1 234 €']);
    expect(aboutMoney(100_000, new Format('en', 'JPY'))).toBe('¥1,000');
  });

  it('ends a month no lower than it is already, and says nothing of another month', () => {
    expect(endNote(TOLD, '2026-03', 0, 'en', en)).toBe('this month ends at about €123,457');
    expect(endNote(TOLD, '2026-03', 200_000_00, 'en', en)).toBe('this month ends at about €200,000');
    expect(endNote(TOLD, '2026-04', 0, 'en', en)).toBe('');
  });

  it('says by how much it was wrong, and where the naive one speaks', () => {
    expect(expectedNote(TOLD, 'en', en)).toBe('March 2026 will end at about €123,457, between €100,000 and €150,000 four times of five. Over the last 28 days this forecast would have been wrong by 21.4%, the same weekday of the week before by –. Learned up to 16 Mar 2026.');
    expect(expectedNote({ ...TOLD, model: 'seasonal_naive' }, 'en', en)).toContain('so that is what is shown');
  });

  it('is drawn behind the last four weeks', () => {
    const plot = expectedPlot(TOLD, [{ day: '2026-03-16', orders: 2, revenue_cents: 700 }], 'en', en);
    if (plot.kind !== 'time') throw new Error(plot.kind);
    expect(plot.labels).toHaveLength(29);
    expect([plot.bars?.values.slice(-3), plot.dashed?.values.slice(-2), plot.band?.high.slice(-2)]).toEqual([[0, 7, null], [null, 5], [null, 9]]);
  });
});
