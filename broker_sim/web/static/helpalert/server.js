/** The desk's calls to the broker: JSON over HTTP, the connection in a cookie that no script sees. */

/** What the broker does not grant. */
export class Refusal extends Error {
  constructor(status, told) {
    super(told.message ?? "That did not work.");
    this.status = status;
    this.fault = told.fault ?? "";
    this.told = told;
  }
}

/** There is no way to the broker at the moment. */
export class Unreachable extends Error {
  constructor(words = "There is no connection to the broker. Try again.") { super(words); }
}

const UNKNOWN = "There is no connection to the broker, so it is not known whether that was done. What you typed is still here: look first, then try again.";

const POLL_MS = 45_000;
const CALL_MS = 20_000;

/**
 * @param {string} root path of the desk, without a slash at its end
 * @param {string} token from the page
 * @param {(fault: string) => void} onLoggedOff told when the connection has ended
 * @param {(isKnown: boolean) => void} onDone told when something was done, and when it is not known whether it was
 */
export function createServer(root, token, onLoggedOff, onDone) {
  async function call(path, { method = "GET", body, ms = CALL_MS, signal } = {}) {
    let answer;
    const headers = { Accept: "application/json", "X-Desk-Token": token };
    if (method === "POST") headers["Content-Type"] = "application/json";
    const ends = AbortSignal.timeout(ms);
    try {
      answer = await fetch(root + path, {
        method, headers, body: body && JSON.stringify(body), cache: "no-store",
        signal: signal ? AbortSignal.any([signal, ends]) : ends,
      });
    } catch (failure) {
      if (signal?.aborted) throw failure;
      throw new Unreachable();
    }
    if (answer.status >= 502) throw new Unreachable();
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    if (answer.status === 401) onLoggedOff(told.fault);
    throw new Refusal(answer.status, told);
  }
  /** A read that was told to wait a little waits, and asks again. */
  async function read(path) {
    for (let again = 0; ; again++) {
      try {
        return await call(path);
      } catch (refused) {
        if (refused.fault !== "RateLimited" || again > 4) throw refused;
        await new Promise((go) => setTimeout(go, 1000 * (refused.told.retryAfterSeconds ?? 1)));
      }
    }
  }
  async function post(path, body = {}) {
    try {
      const told = await call(path, { method: "POST", body });
      onDone(true);
      return told;
    } catch (problem) {
      if (!(problem instanceof Unreachable)) throw problem;
      onDone(false);
      throw new Unreachable(UNKNOWN);
    }
  }
  return {
    root,
    state: (also) => read(`/state?also=${also.join(",")}`),
    talk: (id, from) => read(`/sessions/${id}?from=${from}`),
    diagnostics: (id) => read(`/sessions/${id}/diagnostics`),
    targets: (id) => read(`/sessions/${id}/targets`),
    /** What has happened since; where there is nothing it waits for something, or is answered at once. */
    events: (since, waits, signal) => call(`/events?since=${since}${waits ? "" : "&wait=0"}`, { ms: POLL_MS, signal }),
    /** Do an operation of the Agents service in a session. */
    act: (id, operation, given) => post(`/sessions/${id}/${operation}`, given),
    setAvailability: (available) => post("/setAvailability", { available }),
    startByCode: (given) => post("/startByCode", given),
    cancelCode: (code) => post("/cancelCode", { code }),
    cancelCodes: () => post("/cancelCodes"),
  };
}
