// The four plots of the last 15 minutes.

const SECONDS = 900;
const KINDS = ['requests', 'errors', 'in_flight', 'p50_ms', 'p99_ms'];
const HEIGHT = 100;

/** One value a second for each kind, oldest first, always as many. */
const past = { until: null, values: Object.fromEntries(KINDS.map(kind => [kind, Array(SECONDS).fill(null)])) };

function remember(history) {
  for (const kind of KINDS) {
    const known = (history?.[kind] ?? []).slice(-SECONDS);
    past.values[kind] = [...Array(SECONDS - known.length).fill(null), ...known];
  }
  past.until = Date.parse(history?.until) || null;
}

/** A second that was missed leaves a gap. */
function append(sample) {
  if (!sample) return;
  const at = Date.parse(sample.at) || Date.now();
  const missed = past.until ? Math.min(SECONDS, Math.max(0, Math.round((at - past.until) / 1000) - 1)) : 0;
  for (const kind of KINDS) {
    const values = past.values[kind];
    values.push(...Array(missed).fill(null), sample[kind] ?? null);
    values.splice(0, values.length - SECONDS);
  }
  past.until = at;
}

/** The next of 1, 2, 5, 10, 20, 50 ... */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value * 0.9999);
}

/** A plot has fewer points than there are seconds: each shows the largest value of so many of them. */
const STEP = 4;

/** The places of the points and their values. The steps begin at full multiples of time, so that a peak keeps its height. */
function points(values) {
  const phase = Math.floor((past.until ?? 0) / 1000 + 1) % STEP;
  const found = [];
  for (let from = -phase; from < SECONDS; from += STEP) {
    const known = values.slice(Math.max(0, from), from + STEP).filter(isNumber);
    found.push([Math.min(SECONDS - 1, Math.max(0, from + STEP - 1)), known.length > 0 ? Math.max(...known) : null]);
  }
  return found;
}

/** The path of a line, and of the area below it. A gap in the values is one in the line. */
function paths(values, top) {
  let line = '',
    area = '',
    begin = null;
  for (const [x, value] of points(values)) {
    if (value == null) {
      if (begin != null) area += `V${HEIGHT}H${begin}Z`;
      begin = null;
      continue;
    }
    const y = (HEIGHT - (value / top) * HEIGHT).toFixed(1);
    line += begin == null ? `M${x},${y}h0.01` : `L${x},${y}`;
    area += begin == null ? `M${x},${HEIGHT}V${y}` : `L${x},${y}`;
    begin ??= x;
  }
  if (begin != null) area += `V${HEIGHT}H${begin}Z`;
  return { line, area };
}

function svg(tag, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Which second the pointer is at, in all plots; the newest if there is no pointer. */
let pointed = null;

/** `lines`: kind, what it is called, and how a value is said. The first one has the area below it. */
function plot(name, unit, lines, least) {
  const image = svg('svg', { role: 'img', viewBox: `0 0 ${SECONDS} ${HEIGHT}`, preserveAspectRatio: 'none' });
  const area = svg('path', { class: 'area' });
  const traces = lines.map((_, at) => svg('path', { class: `trace trace-${at}` }));
  const cursor = svg('path', { class: 'cursor' });
  image.append(
    svg('path', { class: 'grid', d: `M0,0H${SECONDS}M0,${HEIGHT / 2}H${SECONDS}M0,${HEIGHT}H${SECONDS}` }),
    area,
    ...traces,
    cursor,
  );
  const readouts = lines.map(([, label], at) => {
    const value = el('b', {});
    return {
      value,
      node: el('span', { class: `readout readout-${at}` }, ...(label ? [el('i', {}, label), ' '] : []), value),
    };
  });
  const top = el('span', { class: 'top' });
  const when = el('span');
  const caption = el('figcaption', {}, el('span', { class: 'name' }, name), ...readouts.map(readout => readout.node));
  caption.append(el('span', { class: 'unit' }, unit), top);
  const axis = el('p', { class: 'axis' }, el('span', {}, '−15 min'), when);
  const node = el('figure', { class: 'plot' }, caption, image, axis);
  image.addEventListener('pointermove', event => {
    const box = image.getBoundingClientRect();
    pointed = Math.min(SECONDS - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * SECONDS)));
    drawPlots();
  });
  image.addEventListener('pointerleave', () => {
    pointed = null;
    drawPlots();
  });
  function draw() {
    const all = lines.map(([kind]) => past.values[kind]);
    const known = all.flat().filter(isNumber);
    const scale = ceiling(known.reduce((most, value) => Math.max(most, value), least));
    traces.forEach((trace, at) => {
      const path = paths(all[at], scale);
      trace.setAttribute('d', path.line);
      if (at === 0) area.setAttribute('d', path.area);
    });
    put(top, scale < 1 ? String(scale) : whole(scale));
    cursor.setAttribute('d', pointed == null ? '' : `M${pointed},0V${HEIGHT}`);
    put(when, pointed == null ? 'now' : `${span(SECONDS - 1 - pointed)} ago`);
    lines.forEach(([, , say], at) => put(readouts[at].value, say(all[at][pointed ?? SECONDS - 1])));
    image.setAttribute(
      'aria-label',
      known.length === 0
        ? `${name}: nothing yet`
        : `${name}, the last 15 minutes: ` +
            lines
              .map(
                ([, label, say], at) =>
                  `${label} now ${say(all[at].at(-1))}, at most ${say(Math.max(0, ...all[at].filter(isNumber)))}`,
              )
              .join('; '),
    );
  }
  return { node, draw };
}

const plots = [
  plot('Requests', 'a second', [['requests', '', whole]], 10),
  plot('Errors', 'a second', [['errors', '', whole]], 10),
  plot(
    'Latency',
    '',
    [
      ['p99_ms', 'p99', ms],
      ['p50_ms', 'p50', ms],
    ],
    1,
  ),
  plot('In flight', '', [['in_flight', '', whole]], 10),
];

const drawPlots = () => plots.forEach(one => one.draw());
