// Where the page begins.
import { mount } from 'svelte';
import App from './App.svelte';
import { keepPage } from './api/worker';
import { load } from './charts/load';
import './app.css';

const target = document.querySelector('#app');
// The charts' large chunk comes while the figures do.
void load();
if (target) mount(App, { target });
// Last of all: it is for the next visit. By then the charts' chunk is there, too.
void load().then(keepPage);
