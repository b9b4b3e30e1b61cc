/** Magic values, as they are written. */

import { at, make } from "./page.js";

/** The section "Magic values". */
export const magic = { begin, async show() {} };

function begin({ words: { magic: told } }) {
  at("magic-lists").append(
    card("As a user name or a connection id", `Any password does; nothing opens. Behind the spell stands @${told.domain}.`,
      told.spells.map((one) => [`${one.example}@${told.domain}`, plain(one.does)])),
    card("As the first word of a customer's question", "A spell strikes whoever reads that session; two words decide what becomes of the request.",
      [...told.spells.slice(0, 3).map((one) => [`#${one.example.replace(".", ":")}`, plain(one.does)]), ["#declined", "a representative declines it at once"], ["#abandoned", "the customer leaves at once"]]),
    card("As a phone code", "No representative is ever given one of these.", told.codes.map((one) => [one.name, one.does])));
}

const plain = (text) => text.replaceAll("`", "");

function card(title, says, lines) {
  const rows = lines.flatMap(([value, does]) => [make("dt", {}, make("code", {}, value)), make("dd", {}, does)]);
  return make("div", { class: "card" }, make("h2", {}, title), make("p", { class: "muted" }, says), make("dl", { class: "pairs" }, ...rows));
}
