// No shape is written twice: the generated file is what the server's documents say now.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generated } from '../../scripts/types.mjs';

it('is what the documents of the server say', async () => {
  const isCurrent = (await generated()) === readFileSync('src/api/generated.ts', 'utf8');
  expect(isCurrent, 'src/api/generated.ts is older than tests/golden: run `npm run types`').toBe(true);
});
