/** The talk of the open session, and the message that is being written. */
import { createDialog } from "./dialogs.js";
import { byId, make, say, show, theirs, toast } from "./dom.js";
import { clock } from "./times.js";

const HAPPENED = {
  FileSent: (text) => ["You have sent a file: ", text],
  UrlPushed: (text) => ["You have shown a page: ", text],
  DiagnosticsTaken: () => ["You have taken the diagnostics."],
  ScreenSharingOn: () => ["You can see the customer's screen."],
  ScreenSharingOff: () => ["Screen sharing has ended."],
  Rebooted: () => ["The customer's machine restarts."],
  Reconnected: () => ["The customer's machine is back."],
};
const CANNED = [
  ["Hello", "Hello {customer}, my name is {rep}. How can I help you?"],
  ["One moment", "One moment, please. I am looking into it."],
  ["Screen", "May I have a look at your screen? You can end that at any time."],
  ["Restart", "I would like to restart your machine now. Please save your work first."],
  ["Anything else?", "Is there anything else that I can do for you?"],
  ["Goodbye", "Thank you for your time, {customer}. Goodbye!"],
];

/**
 * @param {ReturnType<import("./model.js").createDesk>} desk
 * @param {{rep: string, name: string}} who
 * @param {(text: string) => Promise<void>} sayIt sends a message
 * @param {() => void} [onTyping]
 */
export function createTalk(desk, who, sayIt, onTyping = () => {}) {
  const place = byId("talk"), scroll = byId("talk-scroll"), message = byId("message"), below = byId("to-newest");
  const kept = `helpalert canned ${who.rep}`;
  let shown = null, isSending = false, staysAtEnd = true;

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  function toEnd() { scroll.scrollTop = scroll.scrollHeight; }

  function line({ time, kind, who: by, text }) {
    const at = make("time", { dateTime: time, textContent: clock(time) });
    if (kind === "Chat") {
      const own = by === "rep";
      const name = own ? "You" : desk.session()?.customer ?? "Customer";
      return make("li", { class: own ? "said own" : "said" }, make("span", { class: "who" }, theirs(name), at), theirs(text, "span"));
    }
    const [words, what] = (HAPPENED[kind] ?? ((more) => [`${kind} `, more]))(text);
    return make("li", { class: "happened" }, words, what ? theirs(what) : null, at);
  }
  function draw() {
    const open = desk.session();
    if (!open) { shown = null; return; }
    const lines = desk.lines(), isOther = shown !== open.sessionId;
    if (isOther) staysAtEnd = true;
    if (isOther || lines.length < place.children.length) {
      place.setAttribute("aria-busy", "true"); // a talk that is opened is not read out from its beginning
      place.replaceChildren();
    }
    const fresh = lines.slice(place.children.length);
    place.append(...fresh.map(line));
    place.removeAttribute("aria-busy");
    if (isOther) {
      shown = open.sessionId;
      message.value = desk.drafts[shown] ?? "";
      problem("");
      grow();
    }
    if (staysAtEnd) toEnd();
    else if (fresh.length) show(below, true);
    show(byId("composer"), open.stage === "talking");
    const note = byId("consent");
    show(note, open.stage === "consent");
    if (open.stage === "consent") say(note, "The customer has been asked to agree. The session begins when they do.");
  }
  const problem = (text) => say(byId("message-problem"), text);
  function grow() {
    message.rows = Math.min(8, Math.max(2, message.value.split("\n").length, Math.ceil(message.value.length / 70)));
  }
  async function send() {
    const text = message.value.trim(), id = shown;
    if (!text || isSending) return;
    isSending = true;
    problem("");
    try {
      await sayIt(text);
      const now = shown === id ? message.value : desk.drafts[id] ?? "";
      if (now.trim() !== text) return; // it was written on while this waited
      desk.draft(id, "");
      if (shown === id) { message.value = ""; grow(); }
    } catch (refused) {
      if (shown === id) problem(refused.message);
      else toast(refused.message);
    } finally {
      isSending = false;
    }
  }
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  message.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") message.blur();
  });
  message.addEventListener("input", () => { desk.draft(shown, message.value); grow(); onTyping(); });
  scroll.addEventListener("scroll", () => {
    staysAtEnd = atEnd();
    if (staysAtEnd) show(below, false);
  });
  new ResizeObserver(() => { if (staysAtEnd) toEnd(); }).observe(scroll);
  below.addEventListener("click", () => { toEnd(); show(below, false); });

  // Canned replies
  const read = () => { try { return JSON.parse(localStorage.getItem(kept)) ?? CANNED; } catch { return CANNED; } };
  function use(text) {
    const filled = text.replaceAll("{customer}", desk.session()?.customer ?? "").replaceAll("{rep}", who.name);
    const [from, to] = [message.selectionStart, message.selectionEnd];
    message.setRangeText(filled, from, to, "end");
    message.dispatchEvent(new Event("input"));
    message.focus();
  }
  function drawCanned() {
    byId("canned").replaceChildren(...read().map(([name, text], place) => make("button", { type: "button", class: "slim", title: text, on: { click: () => use(text) } },
      theirs(name, "span"), place < 9 ? make("span", { class: "hush" }, ` (key ${place + 1})`) : null)));
  }
  const editing = createDialog("canned-dialog", async (form) => {
    const replies = form["canned-text"].value.split("\n").map((one) => one.trim()).filter(Boolean).slice(0, 60)
      .map((one) => { const [name, ...text] = one.split("|"); return [name.trim(), (text.join("|") || name).trim()]; });
    localStorage.setItem(kept, JSON.stringify(replies));
    drawCanned();
  });
  byId("edit-canned").addEventListener("click", () => {
    editing.open();
    byId("canned-text").value = read().map(([name, text]) => `${name} | ${text}`).join("\n");
  });
  drawCanned();

  return {
    draw,
    write() { if (!byId("composer").hidden) message.focus(); },
    useCanned(place) { const found = read()[place]; if (found && !byId("composer").hidden) use(found[1]); },
    typing(isTyping) {
      show(byId("typing"), isTyping);
      say(byId("typing"), isTyping ? "The customer is typing…" : "");
      if (isTyping && staysAtEnd) toEnd();
    },
  };
}
