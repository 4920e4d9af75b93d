// A table as a CSV file for the spreadsheet of the reader's language: in French semicolons and decimal commas, in
// English commas and points; amounts in whole units of the currency; a mark, so that accents are read. Programs
// ask the API, whose CSV is one for all. Cells that a spreadsheet would run as a formula are quoted away.
import type { Lang } from '../state/url';
import { fileName, save } from './save';

export type Cell = string | number | null;

const MARK = '\ufeff';
const FORMULA = /^[=+\-@\t\r]/;
const CENTS = /_cents$/;
const SIGNS: Record<Lang, { delimiter: string; decimal: string }> = { fr: { delimiter: ';', decimal: ',' }, en: { delimiter: ',', decimal: '.' } };

/** The columns by their names in the API: those that end with _cents hold cents there, and amounts here. */
export function csvOf(columns: readonly string[], rows: readonly (readonly Cell[])[], lang: Lang): string {
  const { delimiter, decimal } = SIGNS[lang];
  const isAmount = columns.map((column) => CENTS.test(column));
  const number = (value: number, column: number): string => (isAmount[column] ? (value / 100).toFixed(2) : String(value)).replace('.', decimal);
  const cell = (value: Cell, column: number): string => (typeof value === 'number' ? number(value, column) : textOf(value ?? '', delimiter));
  const head = columns.map((column) => textOf(column.replace(CENTS, ''), delimiter));
  return MARK + [head, ...rows.map((row) => row.map(cell))].map((row) => row.join(delimiter)).join('\r\n') + '\r\n';
}

function textOf(text: string, delimiter: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /["\r\n]/.test(safe) || safe.includes(delimiter) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(title: string, text: string): void {
  save(`${fileName(title)}.csv`, new Blob([text], { type: 'text/csv' }));
}
