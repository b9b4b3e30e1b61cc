/** The sessions of the desk, as tabs with marks for what is unread. */
import { byId, list, make, say, show, theirs } from "./dom.js";
import { since } from "./times.js";

export const STAGES = {
  consent: ["waits for consent", "warn"],
  talking: ["in session", "good"],
  finished: ["ended", ""],
  failed: ["came to nothing", "bad"],
};

/** @param {ReturnType<import("./model.js").createDesk>} desk @param {(id: number) => void} onOpen */
export function createSessions(desk, onOpen) {
  const place = byId("sessions");

  place.addEventListener("keydown", (event) => {
    const tabs = [...place.children];
    const here = tabs.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    tabs[(to + tabs.length) % tabs.length].focus();
  });

  function tab(session) {
    return make("button", { type: "button", class: "session-tab", role: "tab", "aria-controls": "session", on: { click: () => onOpen(session.sessionId) } },
      theirs(session.customer, "span"), make("b", { class: "unread" }), make("span", { class: "last" }));
  }
  function update(node, session) {
    const [name, unread, last] = node.children;
    name.className = "name";
    const isOpen = session.sessionId === desk.selected;
    node.setAttribute("aria-selected", String(isOpen));
    node.tabIndex = isOpen || (desk.selected === null && node === place.firstElementChild) ? 0 : -1;
    node.classList.toggle("over", Boolean(session.ended));
    say(last, where(session));
    const count = desk.unread(session);
    say(unread, count ? String(count) : "");
    unread.setAttribute("aria-label", count ? `${count} unread` : "");
    show(unread, count > 0);
  }
  const where = (session) => {
    const running = session.stage === "talking" ? ` · ${since(session.started)}` : "";
    return `${session.subPortal} · ${STAGES[session.stage][0]}${running}`;
  };
  function draw() {
    const { sessions } = desk.state;
    list(place, sessions, (one) => one.sessionId, tab, update);
    show(byId("sessions-none"), !sessions.length);
    const open = sessions.filter((one) => !one.ended).length;
    say(byId("sessions-count"), open ? String(open) : "");
  }
  function tick() {
    for (const one of desk.state?.sessions ?? []) {
      if (one.stage === "talking") say(place.querySelector(`[data-key="${one.sessionId}"] .last`), where(one));
    }
  }
  /** Open the next session, or the one before. */
  function step(by) {
    const ids = desk.state?.sessions.map((one) => one.sessionId) ?? [];
    if (ids.length) onOpen(ids[(ids.indexOf(desk.selected) + by + ids.length) % ids.length]);
  }
  return { draw, tick, step };
}
