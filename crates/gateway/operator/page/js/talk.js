// The API: the token, questions, and the stream of events.

/** Kept here and nowhere else. */
let token = null;

class Refused extends Error {}

/** The reason that an answer gives (RFC 9457), or its status. */
async function reason(answer) {
  const text = (await answer.text()).trim();
  try {
    const problem = JSON.parse(text);
    return problem.detail ?? problem.title ?? `${answer.status} ${answer.statusText}`;
  } catch {
    return text.slice(0, 400) || `${answer.status} ${answer.statusText}`;
  }
}

/** Without a method it reads. The header makes a browser ask first, which no other site is granted. */
async function ask(path, { method, body, signal } = {}) {
  const headers = {};
  if (token != null) headers['X-Admin-Token'] = token;
  if (method) headers['X-Gateway-Operator'] = '1';
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, {
    method,
    headers,
    signal,
    body: body && JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  });
  if (answer.ok) return answer;
  const why = await reason(answer);
  throw answer.status === 401 || (answer.status === 403 && token != null) ? new Refused(why) : new Error(why);
}

/** Shows the form until a token is given. */
function askForToken(why) {
  const tried = token != null;
  token = null;
  byId('live').hidden = true;
  byId('entrance').hidden = false;
  if (tried) put(byId('token-why'), `That token was refused: ${why}`);
  byId('token').focus();
  return new Promise(resolve =>
    byId('token-form').addEventListener(
      'submit',
      event => {
        event.preventDefault();
        token = byId('token').value;
        byId('token').value = '';
        byId('entrance').hidden = true;
        resolve();
      },
      { once: true },
    ),
  );
}

/** The events of a stream, as the standard writes them: lines `event:` and `data:`, an empty line ends one. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: 'message', data: '' };
      for (const line of block.split(/\r?\n/)) {
        if (line.startsWith('event:')) event.name = line.slice(6).trim();
        if (line.startsWith('data:')) event.data += line.slice(5);
      }
      if (event.data) yield event;
    }
  }
}

const SILENCE = 5000;

/** Reads events as long as they come. A stream that is silent for too long is given up. */
async function follow(take) {
  const stop = new AbortController();
  let watchdog = setTimeout(() => stop.abort(), SILENCE);
  try {
    const answer = await ask('events', { signal: stop.signal });
    for await (const event of events(answer.body)) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stop.abort(), SILENCE);
      take(event.name, JSON.parse(event.data));
    }
  } finally {
    clearTimeout(watchdog);
    stop.abort();
  }
}

/** Follows for ever: asks for a token where one is needed, and tries again each second after a break. */
async function stayConnected(take, lost) {
  for (;;) {
    try {
      await follow(take);
      lost('the gateway ended the connection');
    } catch (error) {
      if (error instanceof Refused) {
        await askForToken(error.message);
        continue;
      }
      lost(error.name === 'AbortError' ? 'the gateway is silent' : error.message);
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}
