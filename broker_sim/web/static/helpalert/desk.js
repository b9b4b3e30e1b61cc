/** The desk's entry: puts its parts together, and draws them when something has changed. */
import { createAfter } from "./after.js";
import { createAlerts } from "./alerts.js";
import { createAttention, sayLater } from "./attention.js";
import { createCodes } from "./codes.js";
import { createDiagnostics } from "./diagnostics.js";
import { byId, say, show, toast } from "./dom.js";
import { createFacts, running } from "./facts.js";
import { createKeys } from "./keys.js";
import { createLive } from "./live.js";
import { createDesk } from "./model.js";
import { follow } from "./news.js";
import { createServer } from "./server.js";
import { createSessions, STAGES } from "./sessions.js";
import { createTalk } from "./talk.js";
import { setTime } from "./times.js";
import { createTools } from "./tools.js";
import { createViews } from "./views.js";

const page = byId("desk");
show(byId("needs-scripts"), false);
const { root, token, rep, name, fileMost } = page.dataset;

const CHANNEL_TEXT_MOST = 20_000, NAME_MOST = 255;
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
/** What the broker would refuse goes over HTTP, which says so; a channel's recorder passes over it. */
const fits = (text, most) => text.length <= most && !FORBIDDEN.test(text);

// Other windows of this desk: what is done or heard here, the broker does not tell them again.
const windows = new BroadcastChannel(`helpalert ${root} ${rep}`);
const server = createServer(root, token, (fault) => {
  location.assign(`${root}/login${fault === "ConnectionExpired" ? "?why=expired" : ""}`);
}, (isKnown) => {
  windows.postMessage("done");
  if (!isKnown) desk.renew();
});
const desk = createDesk(server, rep);
windows.onmessage = () => desk.renew();
const attention = createAttention(document.title);
const views = createViews(desk);
const alerts = createAlerts(desk, server, open);
const sessions = createSessions(desk, open);
const codes = createCodes(desk, server, name);
const live = createLive(desk, root, (isTyping) => talk.typing(isTyping));
const talk = createTalk(desk, { rep, name }, async (text) => {
  const id = desk.selected;
  if (fits(text, CHANNEL_TEXT_MOST) && await live.send({ kind: "chat", text })) return;
  await server.act(id, "sendChat", { text });
  await desk.renew();
}, live.typing);
const diagnostics = createDiagnostics(desk, server);
views.onShow("diagnostics", diagnostics.open);
const tools = createTools(desk, server, {
  fileMost: Number(fileMost),
  async sendFile(id, called, content) {
    if (id === desk.selected && fits(called, NAME_MOST) && await live.send({ kind: "file", name: called, content })) return;
    await server.act(id, "sendFile", { name: called, content });
  },
  showView: views.show,
});
const facts = createFacts(desk);
const after = createAfter(desk, server);

async function open(id) {
  views.show("talk");
  views.showArea("middle");
  await desk.select(id).catch((problem) => toast(problem.message));
  if (desk.session()?.stage === "talking") talk.write();
  else byId("session").focus();
  desk.look();
}

const availability = byId("availability");
availability.addEventListener("click", async () => {
  const available = availability.getAttribute("aria-checked") !== "true";
  try {
    await server.setAvailability(available);
    await desk.renew();
    sayLater(available ? "You take requests." : "You take no requests.");
  } catch (refused) { toast(refused.message); }
});

function draw() {
  const { state } = desk, session = desk.session();
  setTime(state.now, state.ticks);
  availability.disabled = false;
  availability.setAttribute("aria-checked", String(state.available));
  if (!document.hidden && document.hasFocus() && views.showsTalk() && session) desk.seen[session.sessionId] = session.heard;
  show(byId("nobody"), !session);
  show(byId("session"), Boolean(session));
  if (session) {
    say(byId("session-name").firstChild, session.customer);
    const [words, colour] = STAGES[session.stage];
    const stage = byId("session-stage");
    stage.className = `badge dot ${colour}`;
    say(stage, words);
    say(byId("session-where"), `${desk.portalName(session.portal)} › ${session.subPortal}`);
    say(byId("session-time"), running(session));
  }
  for (const part of [alerts, sessions, codes, talk, tools, facts, after, views, live]) part.draw();
  attention.tell(state.alerts.length, desk.unreadOfAll());
}
desk.onChange(draw);
addEventListener("focus", () => { if (views.showsTalk()) desk.look(); });
views.onShow("talk", desk.look);
setInterval(() => {
  if (!desk.state) return;
  for (const part of [alerts, sessions, codes]) part.tick();
  const session = desk.session();
  if (session) byId("session-time").textContent = running(session);
}, 1000);

createKeys({
  a: alerts.acceptFirst, d: alerts.declineFirst, v: () => availability.click(), j: () => sessions.step(1), k: () => sessions.step(-1),
  c: talk.write, n: codes.ask, e: tools.end, m: attention.toggleSound,
  ...Object.fromEntries([..."123456789"].map((digit) => [digit, () => talk.useCanned(Number(digit) - 1)])),
});

const link = byId("link");
function onLink(isOpen) {
  link.className = `badge dot ${isOpen ? "" : "bad"}`;
  say(link, isOpen ? "" : "No connection. Trying again…");
  show(page, true);
}
async function refresh(events = []) {
  const cursor = await desk.refresh();
  if (events.length) windows.postMessage("news");
  return cursor;
}
follow({ server, refresh, onLink }).catch(() => {});
