// What axe finds on the page as it stands: every rule that concerns WCAG 2.2 A or AA, also those that it leaves out unless
// they are asked for (experimental ones, the size of targets), and its advice on good practice.
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const ADVICE = ['best-practice'];

interface Rule {
  ruleId: string;
  tags: string[];
}

interface Axe {
  getRules(tags: string[]): Rule[];
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** The names of the rules that are run. */
export async function rules(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const known = await page.evaluate(
    ({ WCAG, ADVICE }) => {
      const { axe } = window as unknown as { axe: Axe };
      const isPast = ({ tags }: Rule) => tags.includes('deprecated') || tags.includes('wcag2a-obsolete');
      const wanted = axe.getRules(WCAG).filter((rule) => !isPast(rule));
      const advice = axe.getRules(ADVICE).filter((rule) => !isPast(rule) && !rule.tags.includes('experimental'));
      return [...wanted, ...advice].map(({ ruleId }) => ruleId);
    },
    { WCAG, ADVICE },
  );
  return [...new Set([...known, 'label-content-name-mismatch'])];
}

export async function violations(page: Page): Promise<string[]> {
  const values = await rules(page);
  return page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run({ runOnly: { type: 'rule', values } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(' ')}`);
  }, values);
}
