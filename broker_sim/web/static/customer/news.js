// What a screen reader is told of changes that one would else only see; and what everybody is told to do.

const SHOWN_MS = 15_000;
let hides = 0;

/** Say something, once, to who cannot see it. */
export function say(words) {
  tell(words, "hush");
}

/** Say what has not worked, and what to do, to everybody; for a while. */
export function warn(words) {
  const news = tell(words, "notice bad warned");
  hides = setTimeout(() => { news.className = "hush"; }, SHOWN_MS);
}

function tell(words, kind) {
  clearTimeout(hides);
  return Object.assign(document.getElementById("news"), { textContent: words, className: kind });
}
