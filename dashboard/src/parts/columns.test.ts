// Columns of tables.
import { expect, it } from 'vitest';
import { narrowed, type TableColumn } from './columns';

const column = (key: string, isMain = false): TableColumn<object> => ({ key, label: key, text: () => '', isMain });

it('puts the main column beside the first on a narrow screen, and keeps the order of the rest', () => {
  const keys = (columns: TableColumn<object>[]) => narrowed(columns).map(({ key }) => key);
  expect(keys([column('id'), column('name'), column('revenue', true), column('orders')])).toEqual(['id', 'revenue', 'name', 'orders']);
  expect(keys([column('id')])).toEqual(['id']);
  expect(keys([])).toEqual([]);
});
