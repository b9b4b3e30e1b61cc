// Keeps the moving part of a page as it is now: asks every two seconds while the page is seen,
// puts the answer in its place where something moved, and says when it cannot.

const EVERY = 2000; // milliseconds
const LATEST = 30000;

/**
 * Keep the children of `place` those of the page at its `data-live`.
 * @param {HTMLElement} place
 * @param {HTMLElement} state where to say how it goes
 * @param {HTMLInputElement|null} stay checked while asking is to keep the login alive
 */
export function keepLive(place, state, stay) {
  let tag = "";
  let pause = EVERY;
  let timer = 0;

  const say = (text, kind) => {
    if (state.textContent === text) return; // a screen reader hears changes only
    state.textContent = text;
    state.className = `badge dot ${kind}`;
  };

  const ask = async () => {
    const headers = { "Own-Accord": stay?.checked ? "no" : "yes", Accept: "text/html" };
    if (tag) headers["If-None-Match"] = tag;
    const answer = await fetch(place.dataset.live, { headers, cache: "no-store", redirect: "error" });
    if (answer.status === 401) return ended();
    if (answer.status === 304) return true;
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    tag = answer.headers.get("ETag") ?? "";
    put(await answer.text());
    return true;
  };

  const put = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const focused = document.activeElement?.getAttribute("aria-labelledby");
    const scrolled = [...place.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
    place.replaceChildren(...page.body.childNodes);
    place.querySelectorAll(".scroll").forEach((each, nth) => { each.scrollLeft = scrolled[nth] ?? 0; });
    if (focused) place.querySelector(`[tabindex][aria-labelledby="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };

  const ended = () => {
    say("Your login has ended", "bad");
    const link = document.createElement("a");
    link.href = `${place.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Log in again";
    state.after(link);
    return false;
  };

  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    let goesOn = true;
    try {
      goesOn = await ask();
      if (goesOn) say("Live", "good");
      pause = EVERY;
    } catch {
      say("No connection: trying again", "warn");
      pause = Math.min(LATEST, pause * 2);
    }
    if (goesOn) timer = setTimeout(look, pause);
  };

  document.addEventListener("visibilitychange", look);
  look();
}

const place = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
if (place && state) {
  const stay = document.querySelector("[data-live-stay]");
  stay?.closest("label")?.removeAttribute("hidden");
  keepLive(place, state, stay);
}
