/** Shortcuts: single keys, outside text fields, and only if the person wants them. */
import { byId } from "./dom.js";

const KEPT = "helpalert keys";
const TYPED_IN = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable], .viewer";

/** @param {Record<string, () => void>} does by key */
export function createKeys(does) {
  const dialog = byId("keys-dialog"), on = byId("keys-on");
  on.checked = localStorage.getItem(KEPT) !== "off";
  on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "on" : "off"));
  const help = () => dialog.showModal();
  byId("show-keys").addEventListener("click", help);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPED_IN) || document.querySelector("dialog[open]")) return;
    const act = event.key === "?" ? help : on.checked ? does[event.key.toLowerCase()] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
}
