// The edge: whatever comes over the socket is a frame or nothing.
import { expect, it } from 'vitest';
import { parseFrame } from './parse';
import { serverMs } from './rest';

it.each(['', 'x', '[]', 'null', '{"op":"new_one"}', '{}'])('ignores %j', (text) => expect(parseFrame(text)).toBeNull());

it('reads a frame and fills in what is missing', () => {
  expect(parseFrame('{"op":"update","epoch":"e","prev":1,"version":2,"as_of":"t","views":{"summary":{}}}')).toEqual({
    op: 'update', epoch: 'e', prev: 1, version: 2, as_of: 't', ingested_at: null, views: { summary: {} },
  });
});

it('reads the server’s own time', () => {
  expect(serverMs('app;dur=1.5, db;dur=0.2')).toBe(1.5);
  expect(serverMs(null)).toBeNull();
});
