// Lint, and the order of the layers: live and format know no other, then state, charts, parts, pages.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

/** Which layers each layer must not know. */
const FORBIDDEN = {
  api: ['live', 'state', 'charts', 'parts', 'pages', 'format'],
  live: ['state', 'charts', 'parts', 'pages', 'format'],
  format: ['live', 'charts', 'parts', 'pages'],
  state: ['charts', 'parts', 'pages'],
  charts: ['live', 'parts', 'pages'],
  parts: ['pages'],
};

const layers = Object.entries(FORBIDDEN).map(([layer, others]) => ({
  files: [`src/${layer}/**/*.{ts,svelte}`],
  rules: { 'no-restricted-imports': ['error', { patterns: others.map((other) => ({ group: [`../${other}/*`], message: `${layer} must not know ${other}` })) }] },
}));

const lazy = {
  files: ['src/**/*.{ts,svelte}'],
  ignores: ['src/charts/engine.ts'],
  rules: { 'no-restricted-syntax': ['error', { selector: 'ImportDeclaration[source.value=/^echarts/]', message: 'only charts/engine.ts may bring in ECharts, so that it stays one lazy chunk' }] },
};

export default ts.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'src/api/generated.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      'no-undef': 'off',
      'max-lines': ['error', 350],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/unified-signatures': 'off',
      // The addresses are those of this one page, written by router.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  lazy,
  ...layers,
);
