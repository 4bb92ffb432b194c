// The first sentence: what is wrong, since when, and where the traffic goes.

const WORDS = {
  available: 'healthy',
  ejected: 'ejected',
  trial: 'on trial',
  slow_start: 'slow start',
  down: 'down',
  draining: 'draining',
  paused: 'drained',
};
const OUT = ['ejected', 'down'];
const ASIDE = ['paused', 'draining'];
const word = state => WORDS[state] ?? String(state ?? 'unknown');
const takes = endpoint => !OUT.includes(endpoint.state) && !ASIDE.includes(endpoint.state);

/** The levels of a finding, the worst last. */
const [NOTE, WARNING, OUTAGE, NOBODY] = [0, 1, 2, 3];

/** `place` is the id of the part of the page that has more. */
const finding = (level, place, sentence, more = '') => ({ level, place, sentence, more });
const isOrAre = n => (n === 1 ? 'is' : 'are');
const takeOrTakes = n => (n === 1 ? 'takes' : 'take');

/** Why, without the state, which stands before it. */
const reasonOf = why => String(why ?? '').replace(/^down: /, '');

/** An error of a request this long before a state, in milliseconds, may have led to it. */
const RELATED = 60000;

function cause({ state, why, since, last_error: last }) {
  if (!OUT.includes(state)) return '';
  const isRelated = last && !(Date.parse(last.at) < Date.parse(since) - RELATED);
  if (isRelated) return ` (${spoken(last.error)})`;
  return state === 'down' && why ? ` (${reasonOf(why)})` : '';
}

function how(endpoint) {
  const since = endpoint.since ? ` since ${clock(endpoint.since)}` : '';
  return `${short(endpoint.url)}, ${word(endpoint.state)}${since}${cause(endpoint)}`;
}

function ofPool({ name, endpoints: all = [] }) {
  const [out, aside, taking] = [
    all.filter(e => OUT.includes(e.state)),
    all.filter(e => ASIDE.includes(e.state)),
    all.filter(takes),
  ];
  const place = `pool-${name}`;
  if (all.length === 0) return [finding(NOBODY, place, `Pool ${name} has no endpoint.`)];
  if (taking.length === 0)
    return [finding(NOBODY, place, `Nobody in pool ${name} takes requests: ${list(all.map(how))}.`)];
  const rest = taking.length > 2 ? `The other ${taking.length}` : list(taking.map(e => short(e.url)));
  const others = `${rest} ${takeOrTakes(taking.length)} its requests.`;
  const found = [];
  if (out.length > 0) {
    const howMany = `${out.length} of ${count(all.length, 'endpoint')} of pool ${name} ${isOrAre(out.length)} out`;
    found.push(finding(OUTAGE, place, `${howMany}: ${list(out.map(how))}.`, others));
  }
  if (aside.length > 0) {
    const sentence = `Pool ${name} goes without ${list(aside.map(how))}.`;
    found.push(finding(NOTE, place, sentence, out.length > 0 ? '' : others));
  }
  return found;
}

function ofRoute({ name, requests_per_second: all = 0, errors_per_second: failed }) {
  if (!(failed > 0)) return [];
  const part = failed / Math.max(all, failed);
  const sentence = `${percent(part)} of the requests of route ${name} failed in the last 10 s.`;
  return [finding(part < 0.01 ? NOTE : WARNING, 'routes-title', sentence)];
}

function ofCertificate({ names = [], days_left: left, not_after: end }) {
  if (!isNumber(left) || left >= 14) return [];
  const when = left < 0 ? `has expired on ${day(end)}` : `expires on ${day(end)}, in ${count(Math.floor(left), 'day')}`;
  return [finding(left < 0 ? OUTAGE : WARNING, 'facts-title', `The certificate of ${list(names)} ${when}.`)];
}

function ofStatus({ draining, generation, ready, not_ready: reasons = [] }, isSaid) {
  const found = [];
  if (draining) found.push(finding(NOBODY, 'facts-title', 'The gateway is draining: it takes no new connections.'));
  if (generation?.refused) {
    const { at, why } = generation.refused;
    const sentence = `The last reload was refused at ${clock(at)}; generation ${generation.number} goes on.`;
    found.push(finding(WARNING, 'facts-title', sentence, String(why ?? '')));
  }
  if (ready === false && !draining && !isSaid) {
    found.push(finding(WARNING, 'facts-title', `The gateway is not ready: ${list(reasons)}.`));
  }
  return found;
}

/** Everything that an operator should know, the worst first. */
function findings({ status = {}, pools = [], routes = [] }) {
  const inPools = pools.flatMap(ofPool);
  const isSaid = inPools.some(({ level }) => level === NOBODY);
  const others = [...routes.flatMap(ofRoute), ...(status.certificates ?? []).flatMap(ofCertificate)];
  return [...inPools, ...others, ...ofStatus(status, isSaid)].sort((one, other) => other.level - one.level);
}

/** What stands at the top when nothing is out. */
function allWell({ pools = [], routes = [], errors = [] }) {
  const taking = pools.flatMap(pool => pool.endpoints ?? []).filter(takes).length;
  const rate = routes.reduce((sum, route) => sum + (route.requests_per_second ?? 0), 0);
  const last = errors[0] ? `The last error was at ${clock(errors[0].at)}.` : 'There was no error.';
  const traffic = `${count(taking, 'endpoint')} ${takeOrTakes(taking)} ${figure(rate)} requests a second.`;
  const several = pools.length > 1 ? `All ${pools.length} pools are well.` : `Pool ${pools[0]?.name} is well.`;
  return finding(NOTE, null, pools.length === 0 ? 'There are no pools.' : several, `${traffic} ${last}`);
}

/** A line below the headline, which leads to where more is said. */
function findingLine() {
  const [link, more] = [el('a'), el('span', { class: 'why' })];
  const node = el('li', {}, link, ' ', more);
  return {
    node,
    show({ level, place, sentence, more: further }) {
      node.dataset.level = level;
      put(link, sentence);
      if (place) link.setAttribute('href', `#${encodeURIComponent(place)}`);
      else link.removeAttribute('href');
      put(more, further);
    },
  };
}

function showVerdict(state) {
  const found = findings(state);
  const first = found[0]?.level > NOTE ? found.shift() : allWell(state);
  byId('headline').dataset.level = first.level;
  put(byId('headline'), first.sentence);
  document.title = `${first.level > NOTE ? '● ' : ''}${first.sentence} – gateway`;
  if (first.more) found.unshift({ ...first, place: null, sentence: '' });
  const lines = found.map((line, at) => ({ ...line, at }));
  keyed(byId('findings'), lines, line => line.at, findingLine);
}
