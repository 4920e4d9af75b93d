// What every test holds against the page: no error on its console, no request to another host.
import { test as base, expect, type BrowserContext } from '@playwright/test';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.woff2': 'font/woff2' };

/** With GOLDSTREAM_PAGE=dist: the page as it was built last, in place of the one in the binary, which is as old as that. */
export async function pageOnDisk(context: BrowserContext): Promise<void> {
  const dir = process.env['GOLDSTREAM_PAGE'];
  if (!dir) return;
  await context.route(({ pathname }) => pathname === '/' || existsSync(join(dir, pathname)), (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(dir, pathname === '/' ? 'index.html' : pathname);
    const headers = { 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:" };
    return route.fulfill({ path, headers, contentType: TYPES[extname(path)] ?? 'application/octet-stream' });
  });
}

export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ page }, use) => {
      const faults: string[] = [];
      await pageOnDisk(page.context());
      // A server that is killed on purpose refuses connections; the browser writes that down as an error.
      page.on('console', (message) => {
        if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection|Failed to load resource|fetching the script/.test(message.text())) faults.push(message.text());
      });
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(protocol)) faults.push(`a request to ${request.url()}`);
      });
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };
