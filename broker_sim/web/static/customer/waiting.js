// The waiting page: the place in the queue, kept up to date without a new page.

import { say } from "./news.js";

/** Say how many are before somebody at a place, as the page itself does. */
export function before(place) {
  if (place === 1) return "You are next.";
  return place === 2 ? "1 person is before you." : `${place - 1} people are before you.`;
}

/** Follow the queue; what else happens to the session is the page's affair. */
export function waiting(stage) {
  return {
    changed(glance) {
      stage.querySelector("[data-place]").textContent = glance.place;
      stage.querySelector("[data-before]").textContent = before(glance.place);
      say(`Your place in the queue is now ${glance.place}. ${before(glance.place)}`);
    },
    stop() {},
  };
}
