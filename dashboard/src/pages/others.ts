// The pages beside the first one: a chunk of their own, since few visits begin there.
import type { Component } from 'svelte';
import type { Page } from '../state/url';
import Clients from './Clients.svelte';
import Pays from './Pays.svelte';
import Performances from './Performances.svelte';
import Produits from './Produits.svelte';
import Tendances from './Tendances.svelte';

// With them rather than alone: one more chunk that knows Svelte has the first page cut in two.
export { default as Alerts } from '../parts/Alerts.svelte';
export { default as Help } from '../parts/Help.svelte';
export { default as Kiosk } from '../parts/Kiosk.svelte';

export const OTHERS: Record<Exclude<Page, 'accueil'>, Component> = { clients: Clients, produits: Produits, tendances: Tendances, pays: Pays, performances: Performances };
