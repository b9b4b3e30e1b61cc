// The page of a session: it goes from stage to stage without being loaded anew.
//
// Every stage is a whole page that works without this script. With it, the next stage is fetched
// as a page, and its <main> takes the place of the one that stands there.

import { consent } from "./consent.js";
import { say, warn } from "./news.js";
import { talking } from "./talk.js";
import { waiting } from "./waiting.js";
import { watch } from "./watch.js";

const STAGES = { waiting, consent, talking };

let watching = { stop() {} };
let here = { stop() {}, changed() {} };

/** Put a fetched page in the place of this one. */
async function show(answer) {
  if (answer.status >= 500) throw new Error(`the broker: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!main?.querySelector(".stage")) {
    // a page of another kind: gone, or a sentence that something came too late
    location.assign(answer.ok ? answer.url : document.querySelector(".stage").dataset.page);
    return;
  }
  watching.stop();
  here.stop();
  for (const plain of main.querySelectorAll("noscript")) plain.remove();
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.body.className = page.body.className;
  document.title = page.title;
  history.replaceState(null, "", answer.url);
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
  say(heading.textContent);
  begin();
}

async function refresh() {
  try {
    await show(await fetch(document.querySelector(".stage").dataset.page));
  } catch {
    setTimeout(refresh, 2000);
  }
}

/** Send a form as a browser would, and show the page that it leads to. */
async function send(form) {
  try {
    await show(await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }));
  } catch {
    warn("That could not be sent. Please try again.");
  }
}

function changed(glance) {
  const stage = document.querySelector(".stage");
  if (glance.stage === stage.dataset.stage) here.changed(glance);
  else refresh();
}

function begin() {
  const stage = document.querySelector(".stage");
  const { watch: url, mark, stage: name } = stage.dataset;
  const starts = STAGES[name];
  here = starts ? starts(stage, { refresh, send }) : { stop() {}, changed() {} };
  if (starts) watching = watch(url, mark, changed, (on) => here.connected?.(on));
  for (const form of stage.querySelectorAll("form.leave")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (here.leaving) here.leaving(form);
      else send(form);
    });
  }
}

begin();
