/** XML with an indent, cut short or broken as it may be, as nodes. */

import { make } from "./page.js";

const PIECES = /<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<[^>]*>?|[^<]+/g;

/**
 * Give a text as it is to be shown; what is no XML comes as it is.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function pretty(text) {
  const shown = document.createDocumentFragment();
  if (!text.trimStart().startsWith("<")) {
    shown.append(asJson(text) ?? text);
    return shown;
  }
  let depth = 0;
  let follows = false; // whether a text stands between the last tag and this one
  let opened = false;
  for (const [piece] of text.matchAll(PIECES)) {
    const isTag = /^<[^!]/.test(piece);
    if (!isTag) {
      if (piece.trim()) {
        shown.append(piece.trim());
        follows = true;
      }
      continue;
    }
    const closes = piece.startsWith("</");
    if (closes) depth -= 1;
    const stays = closes && (follows || opened);
    if (!stays && shown.hasChildNodes()) shown.append(`\n${"  ".repeat(Math.max(0, depth))}`);
    shown.append(make("span", { class: "tag" }, piece));
    opened = !closes && !piece.endsWith("/>") && !piece.startsWith("<?");
    if (opened) depth += 1;
    follows = false;
  }
  return shown;
}

function asJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
