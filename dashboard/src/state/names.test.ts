// Names of customers outside the feed's window.
import { afterEach, expect, it, vi } from 'vitest';
import { Names } from './names.svelte';

afterEach(() => vi.unstubAllGlobals());

it('asks once for each customer, and leaves an id whom nobody knows', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return url.endsWith('/7') ? new Response('{"name":"Anne"}') : new Response('{}', { status: 404 });
  });
  const names = new Names();
  names.want(['7', '8']);
  names.want(['7', '8']);
  await vi.waitFor(() => expect(names.of('7')).toBe('Anne'));
  names.want(['7', '8']);
  expect([names.of('8'), asked.length]).toEqual([null, 2]);
});
