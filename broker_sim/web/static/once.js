// A form goes once. A second click, while the answer to the first is awaited, would have it done twice, and show only
// what became of the second: "it is taken", "this code does not work". Forms that a script sends are that script's affair.

const AWAITED_MS = 15_000; // longer than anybody clicks in vain; who has stopped the browser may send again
let sent = new WeakMap();

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (performance.now() - (sent.get(form) ?? -AWAITED_MS) < AWAITED_MS) event.preventDefault();
  else sent.set(form, performance.now());
});

// Gone back to, a page may come as it was left: what is sent now is meant.
addEventListener("pageshow", () => { sent = new WeakMap(); });
