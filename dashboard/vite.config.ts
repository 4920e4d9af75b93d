// How the page is built, served in development and unit-tested. The server's address is GOLDSTREAM_URL.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env['GOLDSTREAM_URL'] ?? 'http://127.0.0.1:8080';
// The server refuses a foreign Origin, and Vite's own port is one.
const proxied = { target: server, changeOrigin: true, ws: true, headers: { origin: server } };

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 700, modulePreload: { polyfill: false } },
  server: { proxy: Object.fromEntries(['/api', '/version', '/readyz', '/healthz', '/metrics', '/v0'].map((path) => [path, proxied])) },
  test: { include: ['src/**/*.test.ts'], restoreMocks: true },
});
