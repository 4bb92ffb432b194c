// Pools and their endpoints, and what can be done to one.

const told = (message, isBad) => {
  put(byId('told'), message);
  byId('told').dataset.level = isBad ? OUTAGE : NOTE;
};

const DONE = { drain: 'drained: it gets no new requests', enable: 'enabled' };
const verbFor = endpoint => (['ejected', 'paused', 'draining'].includes(endpoint.state) ? 'enable' : 'drain');
const SECOND_THOUGHT = 10000;

/** Whether a click would leave the pool with nobody, and is the first one. */
function wantsASecondClick(node, verb, pool, endpoint) {
  const isLast = verb === 'drain' && takes(endpoint) && pool.endpoints.filter(takes).length === 1;
  if (!isLast || node.dataset.asked) return false;
  node.dataset.asked = 'yes';
  setTimeout(() => delete node.dataset.asked, SECOND_THOUGHT);
  told(`${short(endpoint.url)} is the last that takes requests of pool ${pool.name}. Press again to drain it.`, true);
  return true;
}

/** Does what the button said when it was pressed. */
async function act(node, { pool, endpoint }) {
  const verb = node.dataset.verb;
  if (wantsASecondClick(node, verb, pool, endpoint)) return;
  delete node.dataset.asked;
  node.disabled = true;
  const who = `${short(endpoint.url)} of pool ${pool.name}`;
  try {
    const path = `api/v1/pools/${encodeURIComponent(pool.name)}/endpoints/${encodeURIComponent(endpoint.id)}/${verb}`;
    Object.assign(endpoint, await (await ask(path, { method: 'POST' })).json());
    told(`${who} is ${DONE[verb]}.`);
    showAll();
  } catch (error) {
    told(`${who}: ${error.message}`, true);
  }
  node.disabled = false;
  node.focus();
}

const stateColumn = {
  name: 'State',
  is: 'state',
  show(cell, { endpoint }) {
    if (!cell.firstChild) cell.append(el('b'), el('span', { class: 'why' }));
    cell.dataset.state = endpoint.state;
    put(cell.firstChild, word(endpoint.state));
    const why = local(reasonOf(endpoint.why));
    const parts = [why === word(endpoint.state) ? '' : why, endpoint.since ? `since ${clock(endpoint.since)}` : ''];
    put(cell.lastChild, parts.filter(Boolean).join(' · '));
  },
};

const shareColumn = {
  name: 'Share',
  is: 'n share',
  show(cell, { endpoint }) {
    if (!cell.firstChild) cell.append(el('span'), el('i', { class: 'bar' }, el('i')));
    put(cell.firstChild, percent(endpoint.share));
    cell.lastChild.firstChild.style.width = `${Math.min(100, Math.max(0, (endpoint.share ?? 0) * 100))}%`;
  },
};

const errorColumn = {
  name: 'Last error',
  is: 'error',
  show(cell, { endpoint: { last_error: error } }) {
    if (!cell.firstChild) cell.append(el('span'), el('span', { class: 'why' }));
    cell.dataset.none = !error;
    put(cell.firstChild, error ? spoken(error.error) : NONE);
    put(cell.lastChild, error ? `${clock(error.at)} · ${error.request_id ?? 'no request'}` : '');
  },
};

const actionColumn = {
  name: 'Action',
  is: 'action',
  show(cell, item) {
    cell.item = item;
    if (!cell.firstChild) cell.append(button('', node => act(node, cell.item)));
    const verb = verbFor(item.endpoint);
    const name = verb === 'drain' ? 'Drain' : 'Enable';
    cell.firstChild.dataset.verb = verb;
    put(cell.firstChild, name);
    cell.firstChild.setAttribute('aria-label', `${name} ${short(item.endpoint.url)} of pool ${item.pool.name}`);
  },
};

const connections = ({ open, idle, waiting } = {}) =>
  !isNumber(open)
    ? NONE
    : `${whole(open)} open, ${whole(idle)} idle${waiting > 0 ? `, ${whole(waiting)} waiting` : ''}`;

const endpointColumns = [
  text('Endpoint', ({ endpoint }) => short(endpoint.url), 'code'),
  stateColumn,
  shareColumn,
  digits('Requests/s', ({ endpoint }) => figure(endpoint.requests_per_second)),
  digits('Latency', ({ endpoint }) => ms(endpoint.latency_ms)),
  digits('In flight', ({ endpoint }) => whole(endpoint.in_flight)),
  digits('Failures', ({ endpoint }) => `${whole(endpoint.failures)} of ${whole(endpoint.requests)}`),
  text('Connections', ({ endpoint }) => connections(endpoint.connections), 'line'),
  errorColumn,
  actionColumn,
];

function poolRow(columns) {
  const [name, about] = [el('b'), el('span', { class: 'why' })];
  const head = el('th', { role: 'rowheader', scope: 'rowgroup', colspan: columns.length }, name, about);
  const show = ({ pool }) => {
    const all = pool.endpoints ?? [];
    put(name, pool.name);
    const parts = [
      `${all.filter(takes).length} of ${count(all.length, 'endpoint')} ${takeOrTakes(all.length)} requests`,
      String(pool.policy ?? '').replaceAll('_', ' '),
      count(pool.retries ?? 0, 'retry', 'retries'),
      count(pool.failovers ?? 0, 'failover'),
      isNumber(pool.retry_budget_left) ? `retry budget ${figure(pool.retry_budget_left)}` : '',
    ];
    put(about, parts.filter(Boolean).join(' · '));
  };
  return { node: el('tr', { role: 'row', class: 'group' }, head), show };
}

/** One table for all pools, so that their columns stand below each other. Each pool is a body of it. */
const poolTable = el('table', { role: 'table', 'aria-labelledby': 'pools-title' });
const HEAD = { name: '' };

function poolBody({ name }) {
  const node = el('tbody', { role: 'rowgroup', id: `pool-${name}` });
  const make = row => (row.endpoint ? rowOf(endpointColumns) : poolRow(endpointColumns));
  return {
    node,
    show(pool) {
      const rows = [{ pool }, ...(pool.endpoints ?? []).map(endpoint => ({ pool, endpoint }))];
      keyed(node, rows, row => row.endpoint?.id ?? row.endpoint?.url ?? '', make);
    },
  };
}

const showPools = pools =>
  keyed(
    poolTable,
    [HEAD, ...pools],
    pool => pool.name,
    pool => (pool === HEAD ? { node: headOf(endpointColumns), show() {} } : poolBody(pool)),
  );
