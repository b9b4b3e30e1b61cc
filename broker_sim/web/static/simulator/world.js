/** A world: what it is, where its pages are; worlds made, kept, brought back, dropped. */

import { call, download } from "./api.js";
import { at, badge, button, filled, make, say, shown } from "./page.js";

/** The section "World". */
export const world = { begin, show };

function begin(board) {
  on("new-world", (form) => board.try(() => made(board, form)));
  on("import-world", () => board.try(() => imported(board)));
  on("take-snapshot", (form) =>
    board.try(async () => {
      const name = at("s-name").value.trim();
      const kept = await board.ask("POST", "/snapshots", name ? { name } : {});
      form.reset();
      say(`Kept as ${kept.name}.`);
    }));
  on("reset", (form) =>
    board.try(async () => {
      await board.ask("POST", "/reset", filled(form));
      await board.pick();
    }, `${board.name} has begun anew.`));
  on("rate", (form) => board.try(() => board.ask("PUT", "/rate", filled(form)), "From now on."));
  at("export").addEventListener("click", () => board.try(async () => download(`${board.name}.json`, await board.ask("GET", "/export"))));
  at("drop").addEventListener("click", () => board.try(() => dropped(board, board.name)));
}

function on(id, does) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void does(at(id));
  });
}

async function made(board, form) {
  const wish = filled(form);
  if (wish.clock === "shifted") wish.now = "2030-01-15T09:00:00Z";
  const { name } = await call("POST", "/worlds", wish);
  form.reset();
  say(`Made ${name}.`);
  await board.choose(name);
}

async function imported(board) {
  const document_ = JSON.parse(await at("i-file").files[0].text());
  const name = at("i-name").value.trim();
  const told = await call("POST", "/worlds", { import: document_, ...(name ? { name } : {}) });
  at("import-world").reset();
  say(`Imported as ${told.name}.`);
  await board.choose(told.name);
}

async function dropped(board, name) {
  await call("DELETE", `/worlds/${encodeURIComponent(name)}`);
  say(`Dropped ${name}.`);
  if (name === board.name) await board.choose("default");
  else await board.pick();
}

async function show(board) {
  const [told, { snapshots }, rate] = await Promise.all([board.ask("GET", "/world"), board.ask("GET", "/snapshots"), board.ask("GET", "/rate")]);
  at("world-name").textContent = told.name;
  at("links").replaceChildren(links(told));
  at("facts").replaceChildren(...facts(told));
  at("logins").replaceChildren(...logins(told));
  at("worlds").replaceChildren(...board.worlds.map((one) => row(board, one)));
  at("snapshots").replaceChildren(...snapshots.map((one) => kept(board, one)));
  at("rate-now").textContent = rate.rate ? `${rate.rate} calls a second, ${rate.burst} at once.` : "A connection may call as often as it likes.";
  at("drop").disabled = told.name === "default";
  at("r-seed").placeholder = told.seed;
  at("r-sessions").placeholder = told.sessions;
}

function links(told) {
  const all = told.portals.map((portal) => [portal.customerUrl, "Customer's page", portal.displayName]);
  all.push([`${told.url}/helpalert/`, "Representative's desk", "alerts, sessions, phone codes"]);
  all.push([`${told.url}/manager/`, "Management Center", "dashboard, sessions, reports, administration"]);
  return make("div", { class: "links" }, ...all.map(([href, name, says]) =>
    make("a", { href, target: "_blank", rel: "noopener" }, make("span", {}, make("b", {}, name), make("span", { class: "muted small" }, says)))));
}

function facts(told) {
  const wsdl = Object.entries(told.services).map(([name, urls]) => make("a", { href: urls.wsdl, target: "_blank", rel: "noopener" }, name));
  const all = [
    ["Company", told.company],
    ["URL", make("code", {}, told.url)],
    ["Seed", told.seed],
    ["Sessions", told.sessions.toLocaleString("en")],
    ["Representatives", told.representatives.length],
    ["WSDL", make("span", { class: "row" }, ...wsdl)],
  ];
  return all.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
}

function logins(told) {
  const [rep] = told.representatives.filter((one) => one.password);
  const all = told.portals.flatMap((portal) => portal.logins.map((login) => [`API of ${portal.displayName}`, login.username, login.password]));
  if (rep) all.push(["A representative", rep.email, rep.password]);
  return all.map(([whose, name, password]) => make("li", {},
    make("span", { class: "grow" }, make("code", {}, name), make("span", { class: "muted small whose" }, whose)),
    make("span", {}, make("span", { class: "hush" }, "password "), make("code", {}, password ?? "not known"))));
}

function row(board, one) {
  const isIt = one.name === board.name;
  return make("li", { "aria-current": isIt ? "true" : null },
    make("span", { class: "grow" }, make("span", { class: "name" }, one.name), make("span", { class: "muted small" }, ` seed ${one.seed} · ${one.sessions} sessions · ${shown(one.clock.now)}`)),
    isIt ? badge("looked at", "brand") : button("Look at it", () => board.choose(one.name), { "aria-label": `Look at ${one.name}` }),
    one.name === "default" || isIt ? null : button("Drop", () => board.try(() => dropped(board, one.name)), { class: "danger slim", "aria-label": `Drop ${one.name}` }));
}

function kept(board, one) {
  const path = `/snapshots/${encodeURIComponent(one.name)}`;
  return make("li", {},
    make("span", { class: "grow" }, make("span", { class: "name" }, one.name), make("span", { class: "muted small" }, ` of ${shown(one.taken)} · ${Math.ceil(one.bytes / 1000)} kB`)),
    button("Restore", () => board.try(async () => {
      await board.ask("POST", `${path}/restore`);
      await board.pick();
    }, `Back at ${one.name}.`), { "aria-label": `Restore ${one.name}` }),
    button("Forget", () => board.try(() => board.ask("DELETE", path)), { class: "danger slim", "aria-label": `Forget ${one.name}` }));
}
