// What htmx leaves to a page whose main part it swaps: focus, what a screen reader hears, filters
// that somebody has unfolded; and answers that are no page of the same kind are gone to instead.

let focused = "";
let unfolded = false;

/** Where it is said, outside of what is swapped, what a search has found. */
const said = document.createElement("p");
said.className = "hush";
said.setAttribute("role", "status");
document.body.append(said);

const details = () => document.querySelector(".filters details");
const go = (ctx) => location.assign(ctx.request.action);

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  if (raw.redirected || (status !== 200 && status !== 400)) { // 400: a filter that is none, said beside it
    event.preventDefault();
    go(ctx);
    return;
  }
  focused = document.activeElement?.id ?? "";
  unfolded = details()?.open ?? false;
});

document.addEventListener("htmx:after:swap", () => {
  const found = document.getElementById("found");
  if (!said.isConnected) document.body.append(said); // going back replaces all of the body
  said.textContent = document.querySelector(".problems") ? "" : found?.getAttribute("aria-label") ?? "";
  if (unfolded && details()) details().open = true;
  if (document.activeElement !== document.body) return;
  const before = focused ? document.getElementById(focused) : null;
  (before ?? found)?.focus({ preventScroll: true });
});

// htmx 4.0.1 takes a click from the browser even where it then leaves it alone: with a key held
// down, a link opens a tab or window of its own.
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) event.stopPropagation();
}, { capture: true });

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request) go(event.detail.ctx); // the browser says why there is no answer
});
