/** The long poll: what happens reaches the desk at once, over lost networks and sleeping laptops. */

const LONGEST_MS = 15_000;

/**
 * Follow what happens from the desk's cursor on, until the page goes or the connection ends.
 * @param {object} given
 * @param {ReturnType<import("./server.js").createServer>} given.server
 * @param {() => Promise<number>} given.refresh reads the desk anew; gives the cursor of what was read
 * @param {(open: boolean) => void} given.onLink told when the way to the broker is lost, and found again
 */
export async function follow({ server, refresh, onLink }) {
  let cursor = await patiently(refresh, onLink);
  let failures = 0;
  let leaving = new AbortController();
  // Logging off refuses the poll that waits: it is given up before.
  document.addEventListener("submit", ({ target }) => target.getAttribute("action")?.endsWith("/logoff") && leaving.abort());
  for (;;) {
    try {
      // After a failure it is asked without waiting: what is back is said to be back at once.
      const told = await server.events(cursor, failures === 0, leaving.signal);
      onLink(true);
      failures = 0;
      // What is read anew holds these events, and maybe more: its cursor says so.
      if (told.missed || told.events.length) cursor = await refresh(told.events);
    } catch (problem) {
      if (problem.status === 401) return;
      if (leaving.signal.aborted) {
        await pause(LONGEST_MS); // whoever is still here then has not left
        leaving = new AbortController();
        continue;
      }
      if (problem.fault !== "RateLimited") onLink(false);
      await pause(problem.told?.retryAfterSeconds * 1000 || wait(failures++));
    }
  }
}

async function patiently(refresh, onLink) {
  for (let failures = 0; ; failures++) {
    try {
      const cursor = await refresh([]);
      onLink(true);
      return cursor;
    } catch (problem) {
      if (problem.status === 401) throw problem;
      onLink(false);
      await pause(wait(failures));
    }
  }
}

/** Longer from failure to failure, and not the same for all desks of a house. */
const wait = (failures) => Math.min(LONGEST_MS, 500 * 2 ** failures) * (0.75 + Math.random() / 2);

/** Wait, but not longer than until the network or the person is back. */
function pause(ms) {
  return new Promise((go) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      go();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
  });
}
