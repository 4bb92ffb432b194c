// Elements. What comes from the gateway is only ever set as text.

const byId = id => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Sets a text, unless it is there: a screen reader and a selection are disturbed only by what is new. */
function put(node, text) {
  const string = String(text ?? '');
  if (node.textContent !== string) node.textContent = string;
}

function button(name, act) {
  const node = el('button', { type: 'button' }, name);
  node.addEventListener('click', () => act(node));
  return node;
}

const shown = new WeakMap();

/**
 * The children of `parent`, one for each item. An item that stays keeps its element, and with it focus and place.
 * `make(item)` gives `{ node, show(item) }`.
 */
function keyed(parent, items, key, make) {
  const before = shown.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) after.set(key(item), before.get(key(item)) ?? make(item));
  for (const [name, { node }] of before) if (!after.has(name)) node.remove();
  let place = 0;
  for (const item of items) {
    const { node, show } = after.get(key(item));
    show(item);
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
    place += 1;
  }
  shown.set(parent, after);
}

/** A column: its name, what it says of an item, and whether that is a number. */
const text = (name, say, is = '') => ({ name, is, show: (cell, item) => put(cell, say(item)) });
const digits = (name, say) => text(name, say, 'n');

/** Roles are written out, since a table that is laid out as cards would lose its own. */
const headOf = columns =>
  el(
    'thead',
    { role: 'rowgroup' },
    el(
      'tr',
      { role: 'row' },
      ...columns.map(column =>
        el(
          'th',
          { role: 'columnheader', scope: 'col', class: column.is.replace(/code|state|path|error/g, '').trim() },
          column.name,
        ),
      ),
    ),
  );

function rowOf(columns) {
  const cells = columns.map(({ name, is }, at) =>
    at === 0
      ? el('th', { role: 'rowheader', scope: 'row', class: is })
      : el('td', { role: 'cell', 'data-name': name, class: is }),
  );
  const node = el('tr', { role: 'row' }, ...cells);
  return { node, show: item => columns.forEach((column, at) => column.show(cells[at], item)) };
}

/** A table with one body, to which `update(items)` gives its rows. */
function table(place, name, columns, key, empty) {
  const body = el('tbody', { role: 'rowgroup' });
  const node = el('table', { role: 'table', 'aria-label': name }, headOf(columns), body);
  const nothing = el('p', { class: 'quiet' }, empty);
  place.append(node, nothing);
  return items => {
    keyed(body, items, key, () => rowOf(columns));
    node.hidden = items.length === 0;
    nothing.hidden = items.length > 0;
  };
}

/** A list of terms and what they are. `lines` are pairs of texts. */
function facts(lines) {
  const node = el('dl');
  for (const [name, value] of lines) node.append(el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  return node;
}
