/** Parts that all sections are made of. Texts become text nodes, whatever they say. */

/** @param {string} id @returns {any} the element of that id. */
export const at = (id) => document.getElementById(id);

/**
 * Make an element.
 * @param {string} tag its name.
 * @param {Record<string, any>} [given] properties; `class`, `aria-*` and `data-*` as attributes.
 * @param {...(Node|string|number|null|undefined)} inside what stands in it.
 * @returns {any} the element.
 */
export function make(tag, given = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    if (name === "class" || name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined).map((one) => (one instanceof Node ? one : String(one))));
  return made;
}

/**
 * Make a button.
 * @param {string} words on it.
 * @param {() => any} does when it is pressed.
 * @param {Record<string, any>} [given] properties.
 */
export const button = (words, does, given = {}) => make("button", { type: "button", class: "quiet slim", onclick: does, ...given }, words);

/** Make a badge. @param {string} words @param {string} [kind] good, warn, bad or brand. */
export const badge = (words, kind = "") => make("span", { class: `badge ${kind}` }, words);

let hides;

/**
 * Say something at the lower edge, for some seconds.
 * @param {string} sentence what.
 * @param {boolean} [wrong] whether it went wrong.
 */
export function say(sentence, wrong = false) {
  const toast = at("toast");
  toast.classList.toggle("bad", wrong);
  toast.textContent = sentence;
  clearTimeout(hides);
  hides = setTimeout(() => (toast.textContent = ""), wrong ? 12_000 : 4_000);
}

/** Read a form: what is filled in, numbers as numbers. @param {HTMLFormElement} form */
export function filled(form) {
  const given = {};
  for (const field of form.elements) {
    if (!field.name || field.value === "" || (field.type === "radio" && !field.checked)) continue;
    if (field.type === "checkbox") given[field.name] = field.checked;
    else given[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return given;
}

/**
 * Read lines of name=value; a value that looks like a number is one, a star makes a pattern.
 * @param {string} text
 * @param {(pattern: string) => any} like makes a pattern.
 */
export function pairs(text, like) {
  const found = {};
  for (const line of text.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const cut = line.indexOf("=");
    if (cut < 1) throw new Error(`Write name=value, not ${line}`);
    const value = line.slice(cut + 1).trim();
    found[line.slice(0, cut).trim()] = value.includes("*") ? like(value) : /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  return found;
}

/** Show an instant as people read it. @param {string} instant @param {boolean} [fine] with milliseconds */
export const shown = (instant, fine = false) => instant.replace("T", " ").replace(/\.(\d{3})Z$/, fine ? ".$1" : "").replace(/Z$/, "");

/** Give what a field for an instant has, as the API wants it. @param {string} typed */
export const utc = (typed) => (typed ? `${typed}Z` : null);
