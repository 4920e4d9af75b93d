// The live page. First a pure reducer: (state, event) → new state and what is to be done.
// Then a thin interpreter: one socket, one clock, and the text of the page.

const VIEWS = { summary: {}, accounting: {}, countries: {} };
/** Close codes after which coming back would change nothing. */
const FINAL = new Set([1009, 4400, 4401, 4403, 4406, 4429]);
const RETRY_FIRST_MS = 500, RETRY_LAST_MS = 30_000, STABLE_MS = 10_000;

export const START = {
  phase: 'connecting',      // connecting · live · waiting · stopped
  heard_ms: 0,              // when the server was last heard
  live_ms: null,            // since when the connection lives
  retry_ms: 0,              // when to connect again
  attempt: 0,
  asked_wait_ms: 0,         // what a server that ends has asked for
  heartbeat_ms: 1_000,
  clock_ahead_ms: 0,        // our clock against the server's
  epoch: null, version: null, as_of_ms: null,
  summary: null, accounting: null, countries: new Map(),
};

/** Events carry their own `now_ms` and `random`: nothing is read from the outside. */
export function reduce(state, event) {
  switch (event.type) {
    case 'frame': return onFrame({ ...state, heard_ms: event.now_ms }, event.frame, event.now_ms);
    case 'lost': return state.phase === 'connecting' || state.phase === 'live' ? onLost(state, event) : [state, []];
    case 'tick': return onTick(state, event);
    case 'wake': return state.phase === 'waiting' ? connect(state, event.now_ms) : [state, []];
    default: return [state, []];
  }
}

function onFrame(state, frame, now_ms) {
  switch (frame.op) {
    case 'hello':
      return [{ ...state, phase: 'live', live_ms: now_ms, heartbeat_ms: frame.heartbeat_ms },
        [{ send: subscribe(state.version === null ? null : state) }]];
    case 'snapshot':
      return [{ ...seen(state, frame), ...frame.views, countries: byCountry(new Map(), frame.views.countries) }, []];
    case 'update': {
      // A gap: what was missed is not guessed but asked for, whole.
      if (frame.prev !== state.version || frame.epoch !== state.epoch) return [state, [{ send: subscribe(null) }]];
      const { countries, ...single } = frame.views;
      return [{ ...seen(state, frame), ...single, countries: withChanges(state.countries, countries) }, []];
    }
    case 'heartbeat': return [{ ...state, clock_ahead_ms: now_ms - Date.parse(frame.at) }, []];
    case 'server_shutdown': return [{ ...state, asked_wait_ms: frame.reconnect_after_ms }, []];
    default: return [state, []];
  }
}

const subscribe = (after) => ({
  op: 'subscribe', id: 'page', views: VIEWS, interval_ms: 50,
  ...(after && { after: { epoch: after.epoch, version: after.version } }),
});

const seen = (state, { epoch, version, as_of }) => ({ ...state, epoch, version, as_of_ms: Date.parse(as_of) });

function byCountry(countries, rows) {
  for (const row of rows) countries.set(row.country, row);
  return countries;
}

function withChanges(countries, changes) {
  if (!changes) return countries;
  const next = byCountry(new Map(countries), changes.upsert);
  for (const key of changes.delete) next.delete(key);
  return next;
}

function onLost(state, { code, now_ms, random }) {
  if (FINAL.has(code)) return [{ ...state, phase: 'stopped', live_ms: null }, []];
  const was_stable = state.live_ms !== null && now_ms - state.live_ms > STABLE_MS;
  const attempt = was_stable ? 0 : state.attempt;
  // Full jitter: after a restart, clients come back spread out and not all at once.
  const wait_ms = state.asked_wait_ms + random * Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** attempt);
  return [{ ...state, phase: 'waiting', live_ms: null, attempt: attempt + 1, retry_ms: now_ms + wait_ms, asked_wait_ms: 0 }, []];
}

function onTick(state, event) {
  if (state.phase === 'waiting') return event.now_ms >= state.retry_ms ? connect(state, event.now_ms) : [state, []];
  const patience_ms = state.phase === 'live' ? 2.5 * state.heartbeat_ms : 10_000;
  if (state.phase === 'stopped' || event.now_ms - state.heard_ms <= patience_ms) return [state, []];
  // Connected but silent is as good as lost.
  const [next] = onLost(state, event);
  return [next, [{ drop: true }]];
}

const connect = (state, now_ms) => [{ ...state, phase: 'connecting', heard_ms: now_ms }, [{ connect: true }]];

// ───────────────────────────────────────────────────────────── what the page says

const euros = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' });
const whole = new Intl.NumberFormat('fr-FR');
const PHASES = { connecting: 'connexion…', live: 'en direct', waiting: 'reconnexion…', stopped: 'arrêté, rechargez la page' };
const REASONS = {
  malformed: 'ligne illisible', missing_purchase_id: 'sans numéro d’achat', misrouted: 'mauvaise partition',
  missing_customer_id: 'sans client', missing_product: 'sans produit', bad_date: 'date invalide',
  bad_amount: 'montant invalide', non_positive_amount: 'montant nul ou négatif', conflicting_duplicate: 'double contradictoire',
};
const KINDS = { purchases: 'achats', customers: 'clients' };

const money = (cents) => (cents === null ? '–' : euros.format(cents / 100));
const count = (n) => whole.format(n);
const figure = (name, value) => (name.endsWith('_cents') ? money(value) : count(value));

function ago(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 90) return `il y a ${Math.max(1, Math.floor(seconds))} s`;
  return seconds < 5400 ? `il y a ${Math.round(seconds / 60)} min` : `il y a ${Math.round(seconds / 3600)} h`;
}

function reason(key) {
  const [kind, code] = key.split('.');
  return `${REASONS[code] ?? code} (${KINDS[kind] ?? kind})`;
}

/** Largest revenue first, the unknown country last. */
function inOrder(countries) {
  return [...countries.values()].sort((a, b) =>
    (a.country === null) - (b.country === null) || b.revenue_cents - a.revenue_cents || (a.country < b.country ? -1 : 1));
}

// ───────────────────────────────────────────────────────────── the interpreter

const at = (id) => document.getElementById(id);
const calm = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
let state = START, socket = null, painted = null, asked = false;

function write(node, text) {
  if (node.dataset.text === text) return;
  const is_first = node.dataset.text === undefined;
  node.dataset.text = text;
  // Cents and sign are quieter than the euros.
  const [, head, tail] = /^(.*\d)(,\d\d\s€)$/u.exec(text) ?? [null, text, ''];
  node.replaceChildren(head);
  if (tail) node.append(Object.assign(document.createElement('small'), { textContent: tail }));
  if (!is_first && !calm?.matches && !node.getAnimations().length) node.animate([{ opacity: .45 }, { opacity: 1 }], 350);
}

function paintFigures() {
  for (const [name, value] of Object.entries(state.summary)) if (at(name)) write(at(name), figure(name, value));
  const { quarantined, ...fates } = state.accounting;
  for (const [name, rows] of Object.entries(fates)) write(at(name), count(rows));
  const refused = Object.values(quarantined).reduce((sum, rows) => sum + rows, 0);
  write(at('quarantined_total'), count(refused));
  write(at('rows_total'), count(fates.accepted_purchases + fates.duplicate_purchases + fates.customer_versions + refused));
  keyed(at('reasons'), Object.entries(quarantined).sort((a, b) => b[1] - a[1]), ([key]) => key, 'div', ['dt', 'dd'],
    (cells, [key, rows]) => { cells[0].textContent = reason(key); write(cells[1], count(rows)); });
}

function paintCountries() {
  const rows = inOrder(state.countries);
  const most = Math.max(1, ...rows.map((row) => row.revenue_cents));
  keyed(at('rows'), rows, (row) => JSON.stringify(row.country), 'tr', ['td', 'td', 'td', 'td', 'td', 'td'], (cells, row) => {
    cells[0].parentNode.className = row.country === null ? 'unknown' : '';
    cells[0].textContent = cells[0].title = row.country ?? 'inconnu';
    if (!cells[1].firstChild) { cells[1].className = 'bar'; cells[1].append(document.createElement('i')); }
    cells[1].firstChild.style.width = `${(100 * row.revenue_cents) / most}%`;
    const texts = [money(row.revenue_cents), count(row.orders), count(row.buyers), money(row.average_basket_cents)];
    texts.forEach((text, n) => write(cells[n + 2], text));
  });
  at('empty').hidden = rows.length > 0;
}

/** Rows by key: made once, filled anew, moved only where their place has changed. */
function keyed(parent, items, key, tag, cells, fill) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, place) => {
    const node = known.get(key(item)) ?? document.createElement(tag);
    if (known.delete(key(item)) === false) { node.dataset.key = key(item); node.append(...cells.map((it) => document.createElement(it))); }
    fill(node.children, item);
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
  known.forEach((node) => node.remove());
}

function paint() {
  asked = false;
  if (state.summary && painted !== state.version) { paintFigures(); paintCountries(); painted = state.version; }
  const is_live = state.phase === 'live', now_ms = Date.now();
  at('light').dataset.phase = state.phase;
  at('phase').textContent = PHASES[state.phase];
  document.body.classList.toggle('old', !is_live && state.summary !== null && now_ms - state.heard_ms > 2_000);
  const past = is_live ? ago(now_ms - state.clock_ahead_ms - state.as_of_ms) : `chiffres d’${ago(now_ms - state.heard_ms)}`;
  at('age').textContent = state.summary ? past : '';
}

function dispatch(event) {
  const [next, effects] = reduce(state, { now_ms: Date.now(), random: Math.random(), ...event });
  state = next;
  for (const effect of effects) perform(effect);
  if (!asked) { asked = true; requestAnimationFrame(paint); }
}

function perform(effect) {
  if (effect.send) socket?.send(JSON.stringify(effect.send));
  if (effect.drop) { const old = socket; socket = null; old?.close(); }
  if (effect.connect) open();
}

function open() {
  const mine = new WebSocket(new URL('/api/v1/feed', location.href.replace(/^http/, 'ws')), 'goldstream.v1');
  socket = mine;
  mine.onmessage = ({ data }) => mine === socket && dispatch({ type: 'frame', frame: JSON.parse(data) });
  mine.onclose = ({ code }) => mine === socket && dispatch({ type: 'lost', code });
}

if (typeof document !== 'undefined') {
  state = { ...START, heard_ms: Date.now() };
  open();
  setInterval(() => dispatch({ type: 'tick' }), 250);
  addEventListener('online', () => dispatch({ type: 'wake' }));
  document.addEventListener('visibilitychange', () => document.hidden || dispatch({ type: 'wake' }));
}
