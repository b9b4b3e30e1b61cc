/** Dialogs: opened, sent, and what the broker does not grant said inside them. */
import { byId } from "./dom.js";

/**
 * Wire a dialog with a form.
 * @param {string} id
 * @param {(form: HTMLFormElement["elements"]) => Promise<void>} send what its main button does; what it throws is shown
 */
export function createDialog(id, send) {
  const dialog = byId(id), form = dialog.querySelector("form"), problem = dialog.querySelector(".problem-line");
  const main = form.querySelector('[type="submit"]');
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    main.disabled = true;
    try {
      await send(form.elements);
      dialog.close();
    } catch (refused) {
      problem.textContent = refused.message;
    } finally {
      main.disabled = false;
    }
  });
  dialog.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
  return {
    open() {
      form.reset();
      problem.textContent = "";
      dialog.showModal();
    },
    close: () => dialog.close(),
    get isOpen() { return dialog.open; },
  };
}
