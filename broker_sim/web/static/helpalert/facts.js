/** What is known of the open session: its request, its entries, its numbers and times. */
import { byId, entries, make, show, theirs } from "./dom.js";
import { moment, since, span } from "./times.js";

/** @param {ReturnType<import("./model.js").createDesk>} desk */
export function createFacts(desk) {
  const body = byId("facts-body");
  let drawn = "";

  function draw() {
    const open = desk.session();
    show(byId("facts-none"), !open);
    show(body, Boolean(open));
    const now = JSON.stringify(open);
    if (!open || now === drawn) return;
    drawn = now;
    const waited = Date.parse(open.accepted ?? open.posted) - Date.parse(open.posted);
    const rows = [
      ["Session", String(open.sessionId)],
      ["Portal", desk.portalName(open.portal)],
      ["Queue", open.subPortal],
      ["Ticket number", open.referenceId],
      ["Asked", moment(open.posted)],
      ["Waited", span(waited)],
      ["Begun", open.started && moment(open.started)],
      ["Ended", open.ended && moment(open.ended)],
      ["Lasted", open.started && open.ended && span(Date.parse(open.ended) - Date.parse(open.started))],
      ["Came by", open.mode === "Phone" ? "phone code" : "web form"],
      ["Address", open.customerIp],
      ["Language", open.locale],
      ["Handed on from", open.transferredFrom && `session ${open.transferredFrom}`],
      ["Handed on to", open.transferredTo && `session ${open.transferredTo}`],
      ["Reboot", { Successful: "came back", ReconnectFailed: "did not come back" }[open.rebootReconnect]],
      ["Resolution", open.resolution],
    ].filter(([, value]) => value).map(([label, value]) => ({ label, value }));
    body.replaceChildren(
      make("h2", {}, "Request"),
      make("p", { class: "question", dir: "auto", textContent: open.question || "(no question)" }),
      open.entries.length ? entries(open.entries) : make("p", { class: "muted small" }, "The customer has filled in nothing else."),
      make("h2", {}, "Session"), entries(rows),
      open.comment ? make("h3", {}, "Your comment") : "", open.comment ? theirs(open.comment, "p") : "");
  }
  return { draw };
}

/** For the head of the session: how long it goes on. */
export const running = (session) => (session.started && !session.ended ? since(session.started) : "");
