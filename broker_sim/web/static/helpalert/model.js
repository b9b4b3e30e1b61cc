/** What the desk knows: the broker's state as read last, which session is open, what is unread. */

const MOST_LINES_AT_ONCE = 2000, AGAIN_MS = 1000, LATEST_MS = 15_000;

/** A little memory of this tab, so that a reload shows what was shown. */
function remembered(name, empty) {
  try { return JSON.parse(sessionStorage.getItem(name)) ?? empty; } catch { return empty; }
}
function remember(name, value) {
  try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* a full or forbidden memory costs only this */ }
}

/**
 * @param {ReturnType<import("./server.js").createServer>} server
 * @param {string} rep whose desk it is; another login in this tab begins empty
 */
export function createDesk(server, rep) {
  const key = `helpalert ${server.root} ${rep}`;
  const kept = remembered(key, { shown: [], seen: {}, selected: null, drafts: {} });
  const listeners = new Set();
  const desk = {
    state: null,
    selected: kept.selected,
    seen: kept.seen,
    drafts: kept.drafts,
    talks: new Map(), // session id -> its lines as far as they were read
    shown: new Set(kept.shown),
    /** Be told whenever something has changed. */
    onChange(listener) { listeners.add(listener); },
    session: (id = desk.selected) => desk.state?.sessions.find((one) => one.sessionId === id) ?? null,
    /** What a portal is called. */
    portalName: (name) => desk.state?.portals.find((one) => one.name === name)?.displayName ?? name,
    /** How many of the customer's messages in a session were not looked at yet. */
    unread: (session) => Math.max(0, session.heard - (desk.seen[session.sessionId] ?? 0)),
    unreadOfAll: () => (desk.state?.sessions ?? []).reduce((sum, one) => sum + desk.unread(one), 0),
    lines: (id = desk.selected) => desk.talks.get(id) ?? [],
    changed,
    refresh,
    renew,
    select,
    look,
    close,
    draft(id, text) { if (text) desk.drafts[id] = text; else delete desk.drafts[id]; keep(); },
    /** Told by the channel: the talk of a session as it goes on there. */
    setTalk(id, lines) { desk.talks.set(id, lines); changed(); },
    channelOf: null, // the session whose talk comes over its channel
  };

  function changed() {
    listeners.forEach((listener) => listener(desk));
    keep();
  }
  function keep() {
    remember(key, { shown: [...desk.shown], seen: desk.seen, selected: desk.selected, drafts: desk.drafts });
  }

  let reading = Promise.resolve();
  /** Read the desk anew, one read after the other; give its cursor. */
  function refresh() {
    reading = reading.catch(() => {}).then(read);
    return reading;
  }
  let owed = 0, failures = 0;
  /**
   * Read the desk anew because of what was done, or may have been. That this fails is no failure of what was done, which
   * must not be done again: it is tried again, until it works or the connection has ended.
   */
  async function renew() {
    clearTimeout(owed);
    try {
      await refresh();
      failures = 0;
    } catch (problem) {
      if (problem.status !== 401) owed = setTimeout(renew, Math.min(LATEST_MS, AGAIN_MS * 2 ** failures++));
    }
  }
  async function read() {
    const known = desk.state?.sessions.map((one) => one.sessionId) ?? [];
    const state = await server.state([...new Set([...desk.shown, ...known])].slice(-50));
    if (state.elsewhere) { // this tab remembers drafts and what is open
      location.reload();
      return new Promise(() => {});
    }
    const isFirst = desk.state === null;
    desk.state = state;
    desk.shown = new Set(state.sessions.map((one) => one.sessionId));
    for (const one of state.sessions) if (isFirst || one.ended) desk.seen[one.sessionId] ??= one.heard;
    if (!desk.shown.has(desk.selected)) desk.selected = state.sessions[0]?.sessionId ?? null;
    await catchUp();
    changed();
    return state.cursor;
  }
  /** Read what was said in the open session since. */
  async function catchUp() {
    const open = desk.session();
    if (!open || desk.channelOf === open.sessionId) return;
    const lines = desk.lines();
    if (lines.length >= open.lines) return;
    const told = await server.talk(open.sessionId, lines.length);
    desk.talks.set(open.sessionId, [...lines, ...told.talk].slice(0, MOST_LINES_AT_ONCE));
  }
  /** Open a session. */
  async function select(id) {
    desk.selected = id;
    changed();
    await catchUp();
    changed();
  }
  /** The person looks at the open session: nothing in it is unread. */
  function look() {
    const open = desk.session();
    if (open && desk.unread(open)) {
      desk.seen[open.sessionId] = open.heard;
      changed();
    }
  }
  /** Show a session that is over no longer. */
  async function close(id) {
    desk.shown.delete(id);
    desk.state.sessions = desk.state.sessions.filter((one) => one.sessionId !== id);
    delete desk.seen[id];
    delete desk.drafts[id];
    desk.talks.delete(id);
    await select(desk.state.sessions.at(-1)?.sessionId ?? null);
  }
  return desk;
}
