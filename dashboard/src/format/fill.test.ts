// Sentences in two languages: plurals, numbers, and spaces that do not break.
import { describe, expect, it } from 'vitest';
import { Filler, frenchSpaces, placeholders } from './fill';
import { MESSAGES, type MessageKey } from './messages';

const [fr, en] = [new Filler('fr-FR'), new Filler('en-GB')];

describe('a sentence', () => {
  it('takes the plural of its language: nothing is singular in French, plural in English', () => {
    const counted = (n: number) => [fr.fill('{n} {n|ligne|lignes}', { n }), en.fill('{n} {n|row|rows}', { n })];
    expect(counted(0)).toEqual(['0 ligne', '0 rows']);
    expect(counted(1)).toEqual(['1 ligne', '1 row']);
    expect(counted(2016)).toEqual(['2\u202f016 lignes', '2,016 rows']);
  });

  it('leaves text as it is, and shows what was forgotten', () => {
    expect(fr.fill('arrêté ({code}) {why}', { code: '4401' })).toBe('arrêté (4401) {why}');
  });

  it('keeps French punctuation on its line', () => {
    expect(frenchSpaces('Qui ? Lui : oui !')).toBe('Qui\u202f? Lui\u00a0: oui\u202f!');
    expect(Object.values(MESSAGES.fr).filter((text) => / [:;!?]/.test(text))).toEqual([]);
  });
});

it('says the same in both languages', () => {
  const names = (of: Record<MessageKey, string>) => Object.entries(of).map(([key, text]) => `${key}: ${placeholders(text).join(', ')}`);
  expect(names(MESSAGES.en)).toEqual(names(MESSAGES.fr));
});
