// The reader's language and the shop's currency, as functions that follow the address and the feed.
import { RestError } from '../api/rest';
import { Filler, type Values } from '../format/fill';
import { shownName } from '../format/names';
import { MESSAGES, type MessageKey } from '../format/messages';
import { Format, LOCALES } from '../format/numbers';
import { router } from './router.svelte';
import { shop } from './shop.svelte';

class Words {
  readonly format = $derived(new Format(router.view.lang, shop.currency));
  private readonly filler = $derived(new Filler(LOCALES[router.view.lang]));

  /** Numbers are written as the language does, and choose the plural. */
  t = (key: MessageKey, values: Values = {}): string => this.filler.fill(MESSAGES[router.view.lang][key], values);

  /** A sentence that came later than the page. */
  fill = (template: string, values: Values): string => this.filler.fill(template, values);

  country = (name: string | null): string => (name === null ? this.t('unknown') : shownName(name));

  /** Why something could not be had, in the reader's words: what a browser says of it is in its own. */
  failure = (error: unknown): string => {
    if (error instanceof RestError) return this.answered(error.status);
    return error instanceof TypeError ? this.t('unreachable') : String(error instanceof Error ? error.message : error);
  };

  /** A quarantine reason, `purchases.bad_date`, in words; one that the page does not know stays as it is. */
  reason = (code: string): string => {
    const key = `reason_${code.split('.').at(-1) ?? ''}`;
    return key in MESSAGES.fr ? this.t(key as MessageKey) : code;
  };

  /** What the server says of one refused row beside the reason: its sentence where that is of the reader's language, else the value that it is about. */
  detail = (detail: string): string => (router.view.lang === 'en' ? detail : (/^"([^]*)"/.exec(detail)?.[1] ?? ''));

  /** By its code: the sentence that comes with it is English, and for who asks by hand. */
  private answered(status: number): string {
    const key = `answer_${status}`;
    if (key in MESSAGES.fr) return this.t(key as MessageKey);
    return this.t(status >= 500 ? 'server_busy' : 'answer_other', { code: String(status) });
  }
}

export const words = new Words();
export const t = words.t;
