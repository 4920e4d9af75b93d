// The reader's language and currency, as functions that follow the address.
import { MESSAGES, PLACEHOLDER, type MessageKey } from '../format/messages';
import { Format } from '../format/numbers';
import { router } from './router.svelte';

class Words {
  readonly format = $derived(new Format(router.view.lang, router.view.currency));

  t = (key: MessageKey, values: Record<string, string | number> = {}): string =>
    MESSAGES[router.view.lang][key].replace(PLACEHOLDER, (whole: string, name: string) => String(values[name] ?? whole));

  country = (name: string | null): string => name ?? this.t('unknown');
}

export const words = new Words();
export const t = words.t;
