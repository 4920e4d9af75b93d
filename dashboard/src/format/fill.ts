// Templates into sentences: values filled in, the plural chosen, French punctuation kept on its line. Pure.

/** `{name}` is the value, `{name|one|many}` the form that its number asks for. */
const PLACEHOLDER = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;
const NO_BREAK = '\u00a0';
const THIN_NO_BREAK = '\u202f';

export type Values = Readonly<Record<string, string | number>>;

export class Filler {
  private readonly plurals: Intl.PluralRules;
  private readonly numbers: Intl.NumberFormat;

  constructor(locale: string) {
    this.plurals = new Intl.PluralRules(locale);
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  }

  fill(template: string, values: Values): string {
    return template.replace(PLACEHOLDER, (whole: string, name: string, one: string | undefined, many: string | undefined) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one !== undefined && many !== undefined) return this.plurals.select(Number(value)) === 'one' ? one : many;
      return typeof value === 'number' ? this.numbers.format(value) : value;
    });
  }
}

/** The names in a template, each once. */
export function placeholders(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((found) => found[1] ?? ''))].sort();
}

/** French sets a space before its double punctuation, which must not begin a line. */
export function frenchSpaces(text: string): string {
  return text.replaceAll(' :', `${NO_BREAK}:`).replaceAll(/ ([;!?])/g, `${THIN_NO_BREAK}$1`);
}
