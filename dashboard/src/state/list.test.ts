// Lists of the server, against one that counts what it is asked.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RestList, WindowedList, type Looked } from './list.svelte';
import { DEFAULTS, type View } from './url';

const asked: string[] = [];
let version = 1;
let isDown = false;
let number = 0;

/** Three pages of one row each; a cursor is the number of its page. */
async function answer(url: string, init: RequestInit): Promise<Response> {
  const page = Number(new URL(url, 'http://shop').searchParams.get('cursor') ?? 1);
  asked.push(`${page}`);
  if (isDown) throw new TypeError('no server');
  const etag = `"e:${version}"`;
  if ((init.headers as Record<string, string>)['If-None-Match'] === etag) {
    asked.push('304');
    return new Response(null, { status: 304 });
  }
  const body = { epoch: 'e', version, as_of: '', rows: [`row ${page} at ${version}`], next: page < 3 ? String(page + 1) : null };
  return new Response(JSON.stringify(body), { headers: { ETag: etag } });
}

/** Another path for each test: what the page keeps of an answer outlives it. */
const path = () => `/customers?test=${number}`;
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const asking = () => asked.splice(0);

beforeEach(() => {
  [version, isDown, number] = [1, false, number + 1];
  asking();
  vi.useFakeTimers();
  vi.stubGlobal('fetch', answer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('walks to a page in the middle once, and then costs one request for the next and the one before', async () => {
  const list = new RestList<string>();
  list.ask(path(), 2);
  await settle();
  expect([asking(), list.rows, list.page, list.hasNext]).toEqual([['1', '2'], ['row 2 at 1'], 2, true]);
  list.ask(path(), 3);
  await settle();
  expect([asking(), list.rows, list.hasNext]).toEqual([['3'], ['row 3 at 1'], false]);
  version = 2;
  list.ask(path(), 2);
  await settle();
  expect([asking(), list.rows]).toEqual([['2'], ['row 2 at 2']]);
});

it('ends on the last page where a link leads beyond it', async () => {
  const list = new RestList<string>();
  list.ask(path(), 99);
  await settle();
  expect([list.page, list.rows]).toEqual([3, ['row 3 at 1']]);
});

it('begins anew for another order or search', async () => {
  const list = new RestList<string>();
  list.ask(path(), 3);
  await settle();
  asking();
  list.ask(`${path()}&sort=orders`, 2);
  await settle();
  expect(asking()).toEqual(['1', '2']);
});

it('asks again for new versions at most once a second, and takes 304 for what it has', async () => {
  const list = new RestList<string>();
  list.ask(path(), 1);
  await settle();
  for (let i = 0; i < 20; i += 1) {
    list.ask(path(), 1);
    await settle(90);
  }
  expect(asking()).toEqual(['1', '1', '304']);
  expect(list.rows).toEqual(['row 1 at 1']);
});

it('keeps its rows where the server is away, and says why', async () => {
  const list = new RestList<string>();
  list.ask(path(), 1);
  await settle();
  isDown = true;
  version = 2;
  list.ask(path(), 1);
  await settle(1000);
  expect([list.rows, list.failure]).toEqual([['row 1 at 1'], 'no server']);
  isDown = false;
  list.again();
  await settle();
  expect([list.rows, list.failure]).toEqual([['row 1 at 2'], '']);
});

const shopOf = (changes: Partial<Looked<string>>): Looked<string> => ({ view: { ...DEFAULTS, n: 2 as View['n'] }, filters: {}, window: ['a', 'b', 'c'], total: null, isInFeed: true, ...changes });

it('shows the rows of the feed while they are those that are looked at, and asks the server for any other', async () => {
  let looked = shopOf({});
  // A new list each time: what it derives follows the page's state, of which there is none here.
  const list = () => new WindowedList<string>(path(), () => looked);
  list().follow();
  await settle();
  expect([asking(), list().rows, list().page, list().hasNext]).toEqual([[], ['a', 'b'], 1, true]);
  for (const other of [{ view: { ...looked.view, sort: 'name' } }, { view: { ...looked.view, p: 2 } }, { isInFeed: false }]) {
    looked = shopOf(other);
    list().follow();
    await settle();
    expect(asking(), JSON.stringify(other)).not.toEqual([]);
  }
});

it('knows whether there are more rows than the feed told', () => {
  const hasNext = (changes: Partial<Looked<string>>) => new WindowedList<string>('/customers', () => shopOf(changes)).hasNext;
  expect(hasNext({ window: ['a', 'b'], total: 2 })).toBe(false);
  expect(hasNext({ window: ['a', 'b'], total: 3 })).toBe(true);
  // Perhaps there are.
  expect(hasNext({ window: ['a', 'b'] })).toBe(true);
  expect(hasNext({ window: ['a'] })).toBe(false);
});
