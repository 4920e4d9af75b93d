// Columns of tables.
import { expect, it } from 'vitest';
import { Format } from '../format/numbers';
import { narrowed, stepTo, widest, type TableColumn } from './columns';

const column = (key: string, isMain = false): TableColumn<object> => ({ key, label: key, text: () => '', isMain });

it('puts the main column beside the first on a narrow screen, and keeps the order of the rest', () => {
  const keys = (columns: TableColumn<object>[]) => narrowed(columns).map(({ key }) => key);
  expect(keys([column('id'), column('name'), column('revenue', true), column('orders')])).toEqual(['id', 'revenue', 'name', 'orders']);
  expect(keys([column('id')])).toEqual(['id']);
  expect(keys([])).toEqual([]);
});

it('knows the widest texts of each column, not only the longest', () => {
  const name: TableColumn<string> = { key: 'name', label: 'name', text: (row) => row };
  const rows = ['illi.illi', 'WWMMWWMM', 'a', 'WWMMWWMM'];
  expect(widest([name], rows, new Format('fr', 'EUR')).map(([text]) => text)).toEqual(['WWMMWWMM', 'illi.illi', 'a', '']);
});

it('goes from row to row by keys, never beyond the first and the last', () => {
  const leads = (key: string, from: number) => stepTo(key, from, 30);
  expect([leads('ArrowDown', 0), leads('ArrowUp', 0), leads('PageDown', 25), leads('PageUp', 25), leads('Home', 25), leads('End', 0), leads('ArrowDown', 29)]).toEqual([1, 0, 29, 15, 0, 29, 29]);
  expect([leads('a', 3), leads('Enter', 3), leads('ArrowDown', NaN)]).toEqual([null, null, null]);
});
