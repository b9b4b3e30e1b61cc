/** Counts down until a locked login opens, where the broker's clock goes on. */
import { span } from "./times.js";

for (const node of document.querySelectorAll("[data-left]")) {
  const ends = Date.now() + 1000 * Number(node.dataset.left);
  const show = () => {
    const left = ends - Date.now();
    node.textContent = left > 0 ? `in ${span(left + 999)}` : "now: try again";
    if (left > 0 && "ticks" in node.dataset) setTimeout(show, 500);
  };
  show();
}
