// The reader's language and currency, as functions that follow the address.
import { RestError } from '../api/rest';
import { Filler, type Values } from '../format/fill';
import { shownName } from '../format/names';
import { MESSAGES, type MessageKey } from '../format/messages';
import { Format, LOCALES } from '../format/numbers';
import { router } from './router.svelte';

class Words {
  readonly format = $derived(new Format(router.view.lang, router.view.currency));
  private readonly filler = $derived(new Filler(LOCALES[router.view.lang]));

  /** Numbers are written as the language does, and choose the plural. */
  t = (key: MessageKey, values: Values = {}): string => this.filler.fill(MESSAGES[router.view.lang][key], values);

  country = (name: string | null): string => (name === null ? this.t('unknown') : shownName(name));

  /** Why something could not be had, in the reader's words: what a browser says of it is in its own. */
  failure = (error: unknown): string => {
    if (error instanceof RestError) return error.status >= 500 || error.message === '' ? this.t('server_busy', { code: String(error.status) }) : error.message;
    return error instanceof TypeError ? this.t('unreachable') : String(error instanceof Error ? error.message : error);
  };

  /** A quarantine reason, `purchases.bad_date`, in words; one that the page does not know stays as it is. */
  reason = (code: string): string => {
    const key = `reason_${code.split('.').at(-1) ?? ''}`;
    return key in MESSAGES.fr ? this.t(key as MessageKey) : code;
  };
}

export const words = new Words();
export const t = words.t;
