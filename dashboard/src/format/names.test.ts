// Text of strangers.
import { expect, it } from 'vitest';
import { cut, shownName, tame, titleName } from './names';

it('cuts what is too long, marks it, and splits no sign', () => {
  expect(cut('12345', 5)).toBe('12345');
  expect(cut('123456', 5)).toBe('1234…');
  expect(cut('123😀6', 5)).toBe('123…');
});

it('shows a name of 320 characters whole, and a longer one by its beginning', () => {
  expect(shownName('q'.repeat(320))).toBe('q'.repeat(320));
  expect([shownName, titleName].map((of) => of('q'.repeat(200_000)).length)).toEqual([320, 2000]);
});

it('shows control signs and turned directions as a mark', () => {
  expect(tame('a\u001b[31m\nb\u202ec é\u00a0d')).toBe('a\ufffd[31m\ufffdb\ufffdc é\u00a0d');
});
