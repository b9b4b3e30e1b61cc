/** Elements made without markup: what people typed is only ever a text. */

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [given] properties; `class`, `data`, `aria`, `on` and names with a dash are what they say
 * @param {...(Node|string|null|undefined|false)} inside
 */
export function make(tag, given = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (name === "class") made.className = value;
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "on") Object.entries(value).forEach(([event, does]) => made.addEventListener(event, does));
    else if (name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** Text that somebody else typed: on its own for the eye, whatever direction it is written in. */
export const theirs = (text, tag = "bdi") => make(tag, { dir: "auto", textContent: text });

/**
 * Show a list: nodes of things that stay are kept, with the focus that is in them.
 * @param {Element} parent
 * @param {Array<object>} things
 * @param {(thing: object) => string|number} key
 * @param {(thing: object) => Element} create
 * @param {(node: Element, thing: object) => void} update
 */
export function list(parent, things, key, create, update) {
  const there = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let before = null;
  for (const thing of things) {
    const name = String(key(thing));
    let node = there.get(name);
    there.delete(name);
    if (!node) {
      node = create(thing);
      node.dataset.key = name;
    }
    const next = before ? before.nextElementSibling : parent.firstElementChild;
    if (node !== next) parent.insertBefore(node, next);
    update(node, thing);
    before = node;
  }
  there.forEach((node) => node.remove());
}

/** Put a text into an element, if it is another one: a screen reader hears no repetition. */
export function say(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {boolean} shown */
export function show(node, shown) {
  if (node) node.hidden = !shown;
}

/** Pairs of label and value, as people filled them in. */
export function entries(pairs) {
  const made = make("dl", { class: "entries" });
  for (const { label, value } of pairs) made.append(theirs(label ?? "(no label)", "dt"), theirs(value, "dd"));
  return made;
}

let fading = 0;
/** Say something for a moment, to eyes and screen readers. */
export function toast(text) {
  const node = byId("toast");
  node.hidden = false;
  say(node, text);
  clearTimeout(fading);
  fading = setTimeout(() => { node.hidden = true; node.textContent = ""; }, 5000);
}
