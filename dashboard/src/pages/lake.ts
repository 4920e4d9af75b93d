// What the server says of its lake, as figures and in words. Its sentences come with the pages beside the first. Pure.
import type { Status } from '../api/types';
import { frenchSpaces } from '../format/fill';
import type { Format } from '../format/numbers';
import type { SmallFigure } from '../parts/FigureList.svelte';
import { calendarDay } from '../state/calendar';
import type { Lang } from '../state/url';

export type Lake = NonNullable<Status['lake']>;

const fr = {
  lake: 'Lac de données', files: 'Fichiers', rows: 'Lignes', size: 'Taille', lag: 'Retard', up_to_date: 'à jour', records: 'pas encore dans le lac', written: 'Lignes écrites', gold: 'Chiffres écrits', not_yet: 'pas depuis le démarrage',
};

type LakeMessage = keyof typeof fr;

const en: Record<LakeMessage, string> = {
  lake: 'Lake', files: 'Files', rows: 'Rows', size: 'Size', lag: 'Lag', up_to_date: 'up to date', records: 'not in the lake yet', written: 'Rows written', gold: 'Gold written', not_yet: 'not since the start',
};

const spaced = Object.fromEntries(Object.entries(fr).map(([key, text]) => [key, frenchSpaces(text)])) as Record<LakeMessage, string>;

export const LAKE_MESSAGES: Record<Lang, Record<LakeMessage, string>> = { fr: spaced, en };

/** Its own, and those of other processes that write it: `HOST:1 (lake): lake gold`. */
const OF_LAKE = /^(?:[^()]* \([^()]*\): )?lake(?: |$)/;

/** What is wrong with it, in the server's words. A file may be called so, too: that is an input's trouble. */
export const lakeTroubles = (troubles: Status['troubles']): [name: string, why: string][] => Object.entries(troubles).filter(([name]) => OF_LAKE.test(name));

/** With its day where that is not today's, as the reader's clock is. */
function moment(at: string, now: number, format: Format): string {
  const day = calendarDay(new Date(at));
  return day === calendarDay(new Date(now)) ? format.time(at) : `${format.dayShort(day)} ${format.time(at)}`;
}

export function lakeFigures(lake: Lake, now: number, lang: Lang, format: Format): SmallFigure[] {
  const say = LAKE_MESSAGES[lang];
  const when = (at: string | null): Pick<SmallFigure, 'text' | 'note'> => (at === null ? { text: '–', note: say.not_yet } : { text: moment(at, now, format) });
  return [
    { name: 'lake.files', label: say.files, text: format.whole(lake.files) },
    { name: 'lake.rows', label: say.rows, text: format.whole(lake.rows) },
    { name: 'lake.bytes', label: say.size, text: format.bytes(lake.bytes) },
    { name: 'lake.lag_records', label: say.lag, ...(lake.lag_records === 0 ? { text: say.up_to_date } : { text: format.whole(lake.lag_records), note: say.records }) },
    { name: 'lake.written_at', label: say.written, ...when(lake.written_at) },
    { name: 'lake.gold_at', label: say.gold, ...when(lake.gold_at) },
  ];
}
