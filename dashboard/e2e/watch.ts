// What every test holds against the page: no error on its console, no request to another host.
import { test as base, expect } from '@playwright/test';

export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ page }, use) => {
      const faults: string[] = [];
      // A server that is killed on purpose refuses connections; the browser writes that down as an error.
      page.on('console', (message) => {
        if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection|Failed to load resource/.test(message.text())) faults.push(message.text());
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
