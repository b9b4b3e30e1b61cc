// Lets a search go on by itself: asks for step after step, until a page of sessions is found, or
// the end, or somebody says stop. Without it, each step is a link.

const PAGE = 50;
const place = document.getElementById("found");
const rows = () => place.querySelector("tbody");
let stopped = false;

/** Gives the part of an answer that shows what was found. */
async function fetched(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error("The search broke off.");
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
}

/** Puts one step's findings behind those that are there. */
function take(part) {
  const there = rows();
  const more = part.querySelector("tbody");
  if (there && more) {
    there.append(...more.children);
    part.querySelector(".list").replaceWith(place.querySelector(".list"));
  } else if (there) {
    part.querySelector(".empty")?.remove();
    part.prepend(place.querySelector(".list"));
  }
  place.replaceChildren(...part.childNodes);
}

async function go() {
  stopped = false;
  let onward = place.querySelector("[data-search-on]");
  while (onward && !stopped && (rows()?.children.length ?? 0) < PAGE) {
    onward.textContent = "Stop";
    take(await fetched(onward.href));
    onward = place.querySelector("[data-search-on]");
    onward?.focus();
  }
}

place?.addEventListener("click", (event) => {
  const onward = event.target.closest("[data-search-on]");
  if (!onward) return;
  event.preventDefault();
  if (onward.textContent === "Stop") stopped = true;
  else go().catch(() => location.assign(onward.href));
});
