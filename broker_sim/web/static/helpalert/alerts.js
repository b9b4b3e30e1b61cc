/** Requests that wait: a card each, with all that the customer has filled in. */
import { sayNow } from "./attention.js";
import { byId, entries, list, make, say, show, theirs, toast } from "./dom.js";
import { since } from "./times.js";

/** @param {ReturnType<import("./model.js").createDesk>} desk @param server @param {(id: number) => void} onAccepted */
export function createAlerts(desk, server, onAccepted) {
  const place = byId("alerts");
  let known = new Set();

  async function accept(id) {
    await decide(id, "acceptRequest", "You have accepted the request.");
    onAccepted(id);
  }
  async function decline(id) {
    await decide(id, "declineRequest", "You have declined the request.");
    (place.querySelector("button") ?? byId("availability")).focus();
  }
  async function decide(id, operation, done) {
    const card = place.querySelector(`[data-key="${id}"]`);
    card?.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    try {
      await server.act(id, operation);
      sayNow(done);
    } catch (refused) {
      toast(refused.fault === "OutOfTurn" || refused.fault === "NoSuchSession" ? "Somebody was quicker, or the customer has left." : refused.message);
      card?.querySelectorAll("button").forEach((button) => { button.disabled = false; });
      await desk.renew();
      throw refused;
    }
    await desk.renew();
  }
  function card(request) {
    const id = request.sessionId;
    const extra = request.entries.filter((one) => one.label !== "Name");
    return make("li", { class: "card alert-card" },
      make("h3", {}, theirs(request.customer), make("span", { class: "waits", title: "Waiting time" })),
      make("div", { class: "row small muted" }, make("span", {}, `${desk.portalName(request.portal)} › ${request.subPortal}`),
        request.transferredFrom ? make("span", { class: "badge brand" }, "handed on") : null,
        request.mode === "Phone" ? make("span", { class: "badge" }, "phone") : null),
      make("p", { class: "question", dir: "auto", textContent: request.question || "(no question)" }),
      extra.length || request.question.length > 140 || request.referenceId
        ? make("details", {}, make("summary", {}, extra.length ? `${extra.length} more ${extra.length > 1 ? "entries" : "entry"}` : "More"),
          request.question.length > 140 ? make("p", { dir: "auto", textContent: request.question }) : null,
          entries([...extra, ...(request.referenceId ? [{ label: "Ticket number", value: request.referenceId }] : [])]))
        : null,
      make("div", { class: "row" },
        make("button", { type: "button", class: "slim", on: { click: () => accept(id).catch(() => {}) } }, "Accept", make("span", { class: "hush" }, " the request of ", theirs(request.customer))),
        make("button", { type: "button", class: "slim quiet", on: { click: () => decline(id).catch(() => {}) } }, "Decline", make("span", { class: "hush" }, " the request of ", theirs(request.customer)))));
  }
  function draw() {
    const { alerts, available } = desk.state;
    list(place, alerts, (one) => one.sessionId, card, (node, one) => say(node.querySelector(".waits"), since(one.posted)));
    say(byId("alerts-count"), alerts.length ? String(alerts.length) : "");
    show(byId("alerts-none"), !alerts.length);
    say(byId("alerts-none"), available ? "Nobody waits." : "You take no requests at the moment.");
    const fresh = alerts.filter((one) => !known.has(one.sessionId));
    known = new Set(alerts.map((one) => one.sessionId));
    if (fresh.length) sayNow(fresh.length > 1 ? `${fresh.length} new requests` : `New request from ${fresh[0].customer}: ${fresh[0].question}`);
  }
  function tick() {
    for (const one of desk.state?.alerts ?? []) {
      const node = place.querySelector(`[data-key="${one.sessionId}"] .waits`);
      if (node) node.textContent = since(one.posted); // no live region: it changes every second
    }
  }
  const first = () => desk.state?.alerts[0]?.sessionId;
  return {
    draw, tick,
    acceptFirst: () => first() && accept(first()).catch(() => {}),
    declineFirst: () => first() && decline(first()).catch(() => {}),
  };
}
