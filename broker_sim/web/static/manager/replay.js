// The page of a replay: fetches what there is to play and hands it to the player.
import { createPlayer } from "../replay/player.js";

const place = document.getElementById("player");
const problem = document.getElementById("problem");

/** Gives the bytes of a base64 text. */
function octets(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

async function begin() {
  const answer = await fetch(place.dataset.descriptor, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The recordings could not be read. Load the page anew.");
  const told = await answer.json();
  const keys = new Map(told.recordings.map((one) => [one.name, one.contentKey && octets(one.contentKey)]));
  for (const one of told.recordings) delete one.contentKey;
  await createPlayer({
    container: place,
    recordings: told.recordings,
    chat: told.chat,
    started: told.started ?? undefined,
    getKey: (recording) => keys.get(recording.name) ?? null,
  });
}

if (place) {
  begin().catch((error) => {
    problem.textContent = error.message;
  });
}
