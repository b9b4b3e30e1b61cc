/** Calls of the control API. The token lies in this tab's session storage, and in no address. */

const KEY = "broker-sim.token";
const ROOT = "/_sim";

/** What the API refused: a sentence for people, and the HTTP status. */
export class Refused extends Error {
  /** @param {string} sentence @param {number} status */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** Take the token out of the address: nobody is to copy it by accident. @returns {boolean} whether there was one. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return false;
  keepToken(given);
  history.replaceState(null, "", location.pathname);
  return true;
}

/** @returns {boolean} whether this tab has a token. */
export const hasToken = () => sessionStorage.getItem(KEY) !== null;

/** @param {string} token what opens the control API. */
export const keepToken = (token) => sessionStorage.setItem(KEY, token);

/** Forget the token. */
export const dropToken = () => sessionStorage.removeItem(KEY);

/**
 * Call the API.
 * @param {string} method of HTTP.
 * @param {string} path behind `/_sim`.
 * @param {object} [body] what is sent as JSON.
 * @returns {Promise<any>} the answer's object. Raises Refused.
 */
export async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
  const text = body === undefined ? undefined : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(ROOT + path, { method, headers, body: text });
  } catch {
    throw new Refused("The simulator does not answer.", 0);
  }
  const told = await answer.json();
  if (!answer.ok) throw new Refused(told.error ?? told.message ?? answer.statusText, answer.status);
  return told;
}

/**
 * Give the path of one world's calls.
 * @param {string} name the world.
 * @param {string} path behind it.
 */
export const of = (name, path) => `/worlds/${encodeURIComponent(name)}${path}`;

/**
 * Hand a document to the person as a file.
 * @param {string} name of the file.
 * @param {any} told what is written into it as JSON.
 */
export function download(name, told) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(told, null, 1)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
