// What a screen reader is told of changes that one would else only see.

/** Say something, once. */
export function say(words) {
  document.getElementById("news").textContent = words;
}
