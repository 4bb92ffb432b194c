// page.js, put together by mod.rs from the files of js/: all of them share one scope, that of a module.
// Here: numbers and times in words.

const NONE = '–';

const isNumber = value => typeof value === 'number' && Number.isFinite(value);

/** 1234567 -> "1,234,567" */
const whole = n => (isNumber(n) ? Math.round(n).toLocaleString('en') : NONE);

/** A number that may have a fraction: three digits are enough to read. */
const figure = n =>
  !isNumber(n) ? NONE : n === 0 ? '0' : n < 0.01 ? '<0.01' : n < 1 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : whole(n);

const percent = part => (isNumber(part) ? `${part > 0 && part < 0.01 ? '<1' : Math.round(part * 100)} %` : NONE);

/** Milliseconds, as seconds when there are many. */
const ms = n => (!isNumber(n) ? NONE : n >= 10000 ? `${(n / 1000).toFixed(1)} s` : `${figure(n)} ms`);

/** "1 pool", "2 pools" */
const count = (n, one, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;

/** "a", "a and b", "a, b and c"; of more than four, the first three and how many more. */
function list(words) {
  const most = words.length > 4 ? [...words.slice(0, 3), `${words.length - 3} more`] : words;
  return most.length < 2 ? most.join('') : `${most.slice(0, -1).join(', ')} and ${most.at(-1)}`;
}

/** A length of time in its two largest units: "4 s", "3 min 12 s", "2 d 4 h". */
function span(seconds) {
  if (!isNumber(seconds)) return NONE;
  let left = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [unit, length] of [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ]) {
    const n = Math.floor(left / length);
    left -= n * length;
    if (n > 0 || parts.length > 0) parts.push(`${n} ${unit}`);
  }
  return (
    parts
      .slice(0, 2)
      .filter(part => !part.startsWith('0 '))
      .join(' ') || '0 s'
  );
}

/** The time of day, with the date unless it is today. */
function clock(time) {
  const at = new Date(time);
  if (time == null || Number.isNaN(at.getTime())) return NONE;
  const hour = at.toLocaleTimeString('en-GB');
  if (at.toDateString() === new Date().toDateString()) return hour;
  return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${hour.slice(0, 5)}`;
}

const day = time =>
  time == null ? NONE : new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** A text with its times as a clock shows them. */
const local = text => String(text ?? '').replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, clock);

/** A kind of error, such as `connection_refused`, as one says it. */
const spoken = error => String(error ?? '').replaceAll('_', ' ');

/** An upstream without its scheme, if that is the usual one. */
const short = url =>
  String(url ?? '')
    .replace(/^http:\/\//, '')
    .replace(/\/$/, '');
