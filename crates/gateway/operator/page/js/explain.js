// What would become of a request.

function outcome({ route, endpoint, answer }) {
  const taken = route ? `Route ${route} takes it` : 'No route takes it';
  if (endpoint)
    return `${taken}, and it goes to ${short(endpoint.url)}${endpoint.is_certain ? '' : ', for example'}: ${endpoint.why}.`;
  return answer
    ? `${taken}. The gateway answers ${answer.status} itself${answer.why ? `: ${answer.why}` : ''}.`
    : `${taken}.`;
}

/** A heading and what is below it, unless that is nothing. */
const part = (name, ...nodes) => (nodes.length > 0 ? [el('h3', {}, name), ...nodes] : []);

const HOW = { passed: '', answered: ' It answers.', not_reached: ' Not reached.' };

function explanation(says) {
  const { routes = [], layers = [], endpoint, sends, answer, notes = [] } = says;
  const line = ([name, value, isFirst]) => [name, el('span', isFirst ? {} : { class: 'quiet' }, value)];
  const others = [
    ...(endpoint?.others ?? []).map(other => [short(other), 'could be it as well']),
    ...(endpoint?.out ?? []).map(out => ['not', out]),
  ];
  const answered =
    answer &&
    [`${answer.status}`, ...(answer.headers ?? []).map(([name, value]) => `${name}: ${value}`), '', answer.body ?? '']
      .join('\n')
      .trim();
  return [
    el('p', { class: 'outcome' }, outcome(says)),
    el(
      'div',
      {},
      ...part('Routes', facts(routes.map(({ name, prefix, why, matches }) => line([name ?? prefix, why, matches])))),
      ...part(
        'Layers',
        facts(
          layers.map(({ name, does, outcome: what }) => line([name, does + (HOW[what] ?? ''), what !== 'not_reached'])),
        ),
      ),
    ),
    el(
      'div',
      {},
      ...part(
        sends ? `What goes out, over ${sends.protocol}` : 'What goes out',
        sends ? el('pre', { tabindex: 0 }, String(sends.text).trimEnd()) : el('p', { class: 'quiet' }, 'Nothing.'),
      ),
      ...(others.length > 0 ? part('Other endpoints', facts(others)) : []),
      ...(answered ? part('The answer', el('pre', { tabindex: 0 }, answered)) : []),
      ...part('Notes', ...notes.map(note => el('p', { class: 'quiet' }, note))),
    ),
  ];
}

byId('explain').addEventListener('submit', async event => {
  event.preventDefault();
  const question = new URLSearchParams({
    method: byId('explain-method').value.trim(),
    url: byId('explain-url').value.trim(),
  });
  for (const line of byId('explain-headers').value.split('\n')) if (line.trim()) question.append('header', line.trim());
  try {
    byId('explained').replaceChildren(...explanation(await (await ask(`api/v1/explain?${question}`)).json()));
  } catch (error) {
    byId('explained').replaceChildren(el('p', { 'data-level': OUTAGE }, error.message));
  }
});
