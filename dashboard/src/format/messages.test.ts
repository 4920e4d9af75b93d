// What the server tells by codes, the page tells in words.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MESSAGES } from './messages';

it('has words for every reason for which a row is refused', () => {
  const codes = [...readFileSync('../domain/src/reason.rs', 'utf8').matchAll(/Self::\w+ => "(\w+)"/g)].map((found) => found[1]);
  expect(codes).toContain('repeated_header');
  for (const code of codes) for (const lang of ['fr', 'en'] as const) expect(MESSAGES[lang], lang).toHaveProperty(`reason_${code ?? ''}`);
});

it('has words for every status by which the server refuses a request of the page', () => {
  for (const status of [400, 401, 403, 404, 409, 413, 429]) for (const lang of ['fr', 'en'] as const) expect(MESSAGES[lang], lang).toHaveProperty(`answer_${status}`);
});
