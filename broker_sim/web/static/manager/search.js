// Lets a search go on by itself: asks for step after step, until a page of sessions is found, or
// the end, or somebody says stop. Without it, each step is a link. A step adds to the list of the
// steps before it, so the address stays that of the first.

const PAGE = 50;
let stopped = false;

/** Gives the part of an answer that shows what was found. */
async function fetched(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error("The search broke off.");
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
}

/** Puts one step's findings behind those that are there. */
function take(place, part) {
  const there = place.querySelector("tbody");
  const more = part.querySelector("tbody");
  if (there && more) {
    there.append(...more.children);
    part.querySelector(".list").replaceWith(place.querySelector(".list"));
  } else if (there) {
    part.querySelector(".empty")?.remove();
    part.prepend(place.querySelector(".list"));
  }
  place.replaceChildren(...part.childNodes);
  const rows = place.querySelectorAll("tbody tr").length;
  const label = rows === 1 ? "1 session" : `${rows || "No"} sessions`;
  place.setAttribute("aria-label", label);
  document.querySelector(".count").textContent = label;
  window.htmx?.process(place);
}

async function go(place, first) {
  stopped = false;
  let onward = first;
  while (onward && !stopped && place.querySelectorAll("tbody tr").length < PAGE) {
    onward.textContent = "Stop";
    const part = await fetched(onward.href);
    if (!place.isConnected) return; // another search has taken its place
    take(place, part);
    onward = place.querySelector("[data-search-on]");
    onward?.focus();
  }
}

document.addEventListener("click", (event) => {
  const onward = event.target.closest("[data-search-on]");
  if (!onward) return;
  event.preventDefault();
  if (onward.textContent === "Stop") stopped = true;
  else go(onward.closest("#found"), onward).catch(() => location.assign(onward.href));
});
