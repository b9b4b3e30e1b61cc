/** The hostile profile: all of it by one switch, or provocations one by one. */

import { at, badge, make } from "./page.js";

/** The section "Hostile". */
export const hostile = { begin, show };

/** What was switched and is not done yet: one after the other, and the switches stay as they were put. */
let owed = 0;
let last = Promise.resolve();

function begin(board) {
  at("hostile-all").addEventListener("change", (event) => set(board, event.target.checked && {}));
  at("provocations").append(...board.words.provocations.map((one) =>
    make("li", {},
      make("label", { class: "switch grow" },
        make("input", { type: "checkbox", role: "switch", value: one.name, onchange: () => set(board, chosen()) }),
        make("span", {}, make("span", { class: "name" }, one.name), make("span", { class: "does muted small" }, ` ${one.does}. It finds who ${one.finds}.`))),
      one.where === "world" ? badge("in the world") : null)));
}

const boxes = () => [...document.querySelectorAll("#provocations input")];

/** The provocations whose switches are on; false where none is. */
function chosen() {
  const only = boxes().filter((box) => box.checked).map((box) => box.value);
  return only.length > 0 && { only };
}

/** Have these provocations and no others; none where `wish` is false. */
function set(board, wish) {
  owed += 1;
  const before = last;
  last = board.try(async () => {
    await before;
    try {
      await (wish ? board.ask("PUT", "/hostile", wish) : board.ask("DELETE", "/hostile"));
    } finally {
      owed -= 1;
    }
  });
}

async function show(board) {
  const told = await board.ask("GET", "/hostile");
  if (owed) return; // whose answer tells more
  for (const box of boxes()) box.checked = told.provocations.includes(box.value);
  at("hostile-all").checked = told.on && told.provocations.length === boxes().length;
  at("hostile-state").textContent = told.on ? `${told.provocations.length} on · ${told.answers} answers drawn` : "Plain answers";
}
