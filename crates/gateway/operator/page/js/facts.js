// What the gateway is and does itself, and how to try it in the demo.

const isLoopback = url => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):/.test(url);

function generation({ number, since, digest, refused } = {}) {
  const lines = [
    ['Generation', whole(number)],
    ['In force since', clock(since)],
    [
      'Last reload',
      refused
        ? `refused at ${clock(refused.at)}: ${refused.why}`
        : number > 1
          ? `applied at ${clock(since)}`
          : 'none yet',
    ],
  ];
  return digest ? [...lines, ['Digest', String(digest)]] : lines;
}

const listener = ({ scheme, address, redirect, connections: open }) => [
  `${scheme ? `${scheme}://` : ''}${address}`,
  `${count(open ?? 0, 'connection')}${redirect ? `, redirects to ${redirect}` : ''}`,
];

const certificate = ({ names = [], not_after: end, days_left: left }) => [
  list(names),
  `until ${day(end)}${isNumber(left) ? `, ${count(Math.floor(left), 'day')} left` : ''}`,
];

/** Asks for a reload, and says what came of it. */
async function reload(node) {
  node.disabled = true;
  const answer = byId('reloaded');
  try {
    const done = await (await ask('api/v1/reload', { method: 'POST' })).json();
    const parts = ['added', 'changed', 'removed']
      .filter(verb => done[verb]?.length > 0)
      .map(verb => `${verb} ${list(done[verb].map(String))}`);
    put(answer, `Generation ${done.generation} is in force: ${parts.join('; ') || 'nothing changed'}.`);
  } catch (error) {
    put(answer, `Refused: ${error.message}`);
  }
  node.disabled = false;
  node.focus();
}

const factColumns = ['Configuration', 'Listeners', 'Certificates'].map(name => {
  const place = el('div');
  return { place, node: el('div', {}, el('h3', {}, name), place) };
});
factColumns[0].node.append(
  el('p', {}, button('Reload the configuration', reload)),
  el('p', { id: 'reloaded', class: 'quiet', role: 'status' }),
);
byId('facts').append(...factColumns.map(column => column.node));

function showFacts(status) {
  const lines = [
    [...generation(status.generation), ['Workers', whole(status.workers)], ['Started', clock(status.started)]],
    (status.listeners ?? []).map(listener),
    (status.certificates ?? []).map(certificate),
  ];
  // Made anew only when something changed: nothing in there can have the focus.
  lines.forEach((pairs, at) => {
    const { place } = factColumns[at];
    const now = JSON.stringify(pairs);
    if (place.dataset.now === now) return;
    place.dataset.now = now;
    place.replaceChildren(pairs.length ? facts(pairs) : el('p', { class: 'quiet' }, 'None.'));
  });
  put(
    byId('about'),
    `${status.version ?? ''} · up ${span(status.uptime)} · generation ${whole(status.generation?.number)}`,
  );
}

/** A command with a button that copies it. */
function command(line) {
  const copy = button('Copy', async node => {
    await navigator.clipboard.writeText(line);
    put(node, 'Copied');
    setTimeout(() => put(node, 'Copy'), 2000);
  });
  copy.setAttribute('aria-label', `Copy: ${line}`);
  return el('dd', {}, el('code', {}, line), copy);
}

/** In the demo: how to send traffic, stop a backend, and start it again. */
function showDemo({ status = {}, pools = [] }) {
  // The pool with the most endpoints first: there, others take the requests of the one that is stopped.
  const largest = [...pools].sort((one, other) => (other.endpoints?.length ?? 0) - (one.endpoints?.length ?? 0));
  const backend = largest
    .flatMap(pool => pool.endpoints ?? [])
    .map(endpoint => endpoint.url)
    .find(isLoopback);
  const front = (status.listeners ?? [])[0]?.address;
  const isThere = Boolean(status.demo && backend);
  byId('demo').hidden = !isThere;
  if (!isThere || byId('commands').childElementCount > 0) return;
  const { port, origin } = new URL(backend);
  const traffic = ['Send it traffic', `while sleep 0.05; do curl -s http://${front}/api/users; done >/dev/null`];
  for (const [name, line] of [
    ...(front ? [traffic] : []),
    [`Stop backend ${port}`, `curl -X POST ${origin}/stop`],
    ['Start it again', `cargo run -- backend ${port}`],
  ])
    byId('commands').append(el('div', {}, el('dt', {}, name), command(line)));
}
