/** The hostile profile: all of it by one switch, or provocations one by one. */

import { at, badge, make } from "./page.js";

/** The section "Hostile". */
export const hostile = { begin, show };

function begin(board) {
  at("hostile-all").addEventListener("change", (event) => board.try(() => (event.target.checked ? board.ask("PUT", "/hostile", {}) : board.ask("DELETE", "/hostile"))));
  at("provocations").append(...board.words.provocations.map((one) =>
    make("li", {},
      make("label", { class: "switch grow" },
        make("input", { type: "checkbox", role: "switch", value: one.name, onchange: () => board.try(() => set(board)) }),
        make("span", {}, make("span", { class: "name" }, one.name), make("span", { class: "does muted small" }, ` ${one.does}. It finds who ${one.finds}.`))),
      one.where === "world" ? badge("in the world") : null)));
}

const boxes = () => [...document.querySelectorAll("#provocations input")];

function set(board) {
  const only = boxes().filter((box) => box.checked).map((box) => box.value);
  return only.length ? board.ask("PUT", "/hostile", { only }) : board.ask("DELETE", "/hostile");
}

async function show(board) {
  const told = await board.ask("GET", "/hostile");
  for (const box of boxes()) box.checked = told.provocations.includes(box.value);
  at("hostile-all").checked = told.on && told.provocations.length === boxes().length;
  at("hostile-state").textContent = told.on ? `${told.provocations.length} on · ${told.answers} answers drawn` : "Plain answers";
}
