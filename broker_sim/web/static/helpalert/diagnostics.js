/** The customer's diagnostics as tables. */
import { byId, make, theirs } from "./dom.js";

/** @param {ReturnType<import("./model.js").createDesk>} desk @param server */
export function createDiagnostics(desk, server) {
  const place = byId("panel-diagnostics");
  let shown = null;

  const search = make("input", { type: "search", id: "diagnostics-search", autocomplete: "off", placeholder: "Find a value", on: { input: filter } });
  function filter() {
    const words = search.value.trim().toLowerCase();
    for (const section of place.querySelectorAll("details")) {
      let hits = 0;
      for (const row of section.querySelectorAll("tbody tr")) {
        row.hidden = Boolean(words) && !row.textContent.toLowerCase().includes(words);
        hits += row.hidden ? 0 : 1;
      }
      section.hidden = hits === 0;
      if (words) section.open = true;
    }
  }
  function table({ title, columns, rows }, nth) {
    const isPairs = columns.length === 2 && columns[0] === "name" && columns[1] === "value";
    const caption = make("caption", { class: "hush" }, title);
    const head = make("thead", isPairs ? { class: "hush" } : {}, make("tr", {}, ...columns.map((name) => make("th", { scope: "col", textContent: name }))));
    const body = make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, column) =>
      isPairs && column === 0 ? make("th", { scope: "row", textContent: cell }) : theirs(cell, "td")))));
    return make("details", { open: nth < 2 }, make("summary", {}, `${title} `, make("span", { class: "muted small" }, `(${rows.length})`)),
      make("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": title }, make("table", {}, caption, head, body)));
  }
  return {
    /** Show those of the open session; read once. */
    async open() {
      const id = desk.selected;
      if (shown === id) return;
      shown = id;
      place.replaceChildren(make("p", { class: "muted" }, "Reading…"));
      try {
        const told = await server.diagnostics(id);
        if (shown !== id) return;
        search.value = "";
        place.replaceChildren(
          make("div", { class: "field" }, make("label", { htmlFor: "diagnostics-search", class: "hush" }, "Find a value"), search),
          ...told.tables.map(table));
      } catch (refused) {
        shown = null;
        place.replaceChildren(make("p", { class: "notice bad" }, refused.message));
      }
    },
    forget() { shown = null; },
  };
}
