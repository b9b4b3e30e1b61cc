// Opens diagnostics that were recorded under a security key: it is asked for and used in the page only.
import { open, octets } from "../replay/unseal.js";
import { unlock } from "../replay/lock.js";

const place = document.getElementById("sealed");

/** Gives the whole text of an opened file; no part of it unless all of it is what was sealed. */
async function text(source) {
  const decoder = new TextDecoder();
  let whole = "";
  for (let index = 0; index < source.records; index += 1) {
    whole += decoder.decode(await source.record(index), { stream: true });
  }
  return whole + decoder.decode();
}

async function begin() {
  const answer = await fetch(place.dataset.descriptor);
  if (!answer.ok) throw new Error("The diagnostics could not be read. Load the page anew.");
  const { kdf, kdfSalt, keyId, size, url, wrappedKey } = await answer.json();
  await unlock(place, { kdf, kdfSalt }, async (kek) => {
    const fetched = await fetch(url);
    if (!fetched.ok) throw new Error("The diagnostics could not be loaded. Load the page anew.");
    const source = await open(await fetched.blob(), { keyId, kek, size, wrappedKey: octets(wrappedKey) });
    const shown = document.createElement("pre");
    shown.className = "raw";
    shown.tabIndex = 0;
    shown.textContent = await text(source);
    place.append(shown);
    shown.focus();
  });
}

if (place) {
  begin().catch((error) => {
    const problem = document.createElement("p");
    problem.setAttribute("role", "alert");
    problem.textContent = error.message;
    place.append(problem);
  });
}
