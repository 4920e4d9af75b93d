// Figures as text in both languages, and CSV that neither breaks nor runs.
import { expect, it } from 'vitest';
import { csvOf } from './csv';
import { Format } from './numbers';

const plain = (text: string): string => text.replaceAll(/[\u202f\u00a0]/g, ' ');

it('writes whole figures as each language does', () => {
  const [fr, en] = [new Format('fr', 'EUR'), new Format('en', 'EUR')];
  expect(plain(fr.money(888720889))).toBe('8 887 208,89 €');
  expect(en.money(888720889)).toBe('€8,887,208.89');
  expect(fr.money(null)).toBe('–');
  expect(plain(fr.change(0.1234))).toBe('+12,3 %');
  expect(plain(fr.short(8_887_208))).toBe('8,89 M');
});

it('writes sizes in the largest unit that they fill', () => {
  const [fr, en] = [new Format('fr', 'EUR'), new Format('en', 'EUR')];
  expect([0, 999, 1200, 3_400_000].map(fr.bytes).map(plain)).toEqual(['0 octet', '999 octets', '1,2 ko', '3,4 Mo']);
  expect(en.bytes(1_500_000_000)).toBe('1.5 GB');
});

it('follows the currency', () => {
  expect(new Format('en', 'GBP').money(100)).toBe('£1.00');
  // Cents are cents, whatever is usual.
  expect(new Format('en', 'JPY').money(1250)).toBe('¥12.50');
  expect(plain(new Format('fr', 'CHF').money(100))).toBe('1,00 CHF');
});

it('applies no time zone to the shop’s days and moments', () => {
  const fr = new Format('fr', 'EUR');
  expect(fr.day('2011-12-09')).toBe('9 déc. 2011');
  expect(fr.month('2011-12')).toBe('décembre 2011');
  expect(fr.time('2011-12-09T12:50:00')).toBe('12:50:00');
});

it('quotes what CSV must, and disarms formulas', () => {
  expect(csvOf(['a', 'b'], [['x,"y"', -5], ['=1+1', null]], 'en')).toBe('\ufeffa,b\r\n"x,""y""",-5\r\n\'=1+1,\r\n');
});

it('writes CSV as the spreadsheets of each language read it', () => {
  const rows = [['Thé; vert', 123456, 1.5], ['Café', -5, null]];
  expect(csvOf(['product', 'revenue_cents', 'mean'], rows, 'fr')).toBe('\ufeffproduct;revenue;mean\r\n"Thé; vert";1234,56;1,5\r\nCafé;-0,05;\r\n');
  expect(csvOf(['product', 'revenue_cents', 'mean'], rows, 'en')).toBe('\ufeffproduct,revenue,mean\r\nThé; vert,1234.56,1.5\r\nCafé,-0.05,\r\n');
});
