// Watches a session by long poll: the broker answers when there is something else to show.

const AGAIN_MS = [1000, 2000, 4000, 8000, 15000];

/**
 * Watch until `stop` is called.
 *
 * @param {string} url where to ask
 * @param {string} mark of what the page shows now
 * @param {(glance: {mark: string, stage: string, place: number|null}) => void} onChange
 *   told of each change; of stage "gone" when the session's page is no more
 * @param {(connected: boolean) => void} onState told when asking fails, and when it works again
 * @returns {{stop(): void}}
 */
export function watch(url, mark, onChange, onState = () => {}) {
  const stopping = new AbortController();
  let failures = 0;
  let seen = mark;

  async function look() {
    // Having seen nothing it is answered at once: whether asking works again is not waited for.
    const known = failures ? "" : encodeURIComponent(seen);
    const answer = await fetch(`${url}?seen=${known}`, { signal: stopping.signal });
    if (answer.status === 404 || answer.status === 410) {
      stopping.abort();
      onChange({ mark: "", stage: "gone", place: null });
      return;
    }
    if (!answer.ok) throw new Error(`watching: ${answer.status}`);
    const glance = await answer.json();
    if (failures) onState(true);
    failures = 0;
    if (glance.mark !== seen && !stopping.signal.aborted) {
      seen = glance.mark;
      onChange(glance);
    }
  }

  async function go() {
    while (!stopping.signal.aborted) {
      try {
        await look();
      } catch {
        if (stopping.signal.aborted) return;
        if (failures === 0) onState(false);
        await new Promise((done) => setTimeout(done, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]));
        failures += 1;
      }
    }
  }

  go();
  return { stop: () => stopping.abort() };
}
