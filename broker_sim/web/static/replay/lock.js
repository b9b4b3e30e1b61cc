// Asks for the security key, tries it, and forgets it.

import { octets, WrongKey } from "./unseal.js";
import { KDF, wrappingKey } from "./securitykey.js";

const ASKED = "These recordings open with the portal's security key. It is used in this page only: it is not sent, and not kept.";
const WRONG = "This key does not open the recordings. Nothing is lost: check it and try again.";
const WORKING = "Opening …";
let count = 0;

/**
 * Put the form into the page until a key fits.
 * @param {HTMLElement} container
 * @param {{kdf: string, kdfSalt: string}} recording one of those that the key opens
 * @param {(kek: Uint8Array) => Promise<void>} attempt throws WrongKey if it is not the one
 * @returns {Promise<void>} when it was opened
 */
export function unlock(container, recording, attempt) {
  return new Promise((opened, failed) => {
    const { form, field, button, problem } = formed(container);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      button.disabled = true;
      button.textContent = WORKING;
      try {
        await attempt(await made(field.value, recording));
        field.value = "";
        form.remove();
        opened();
      } catch (error) {
        if (!(error instanceof WrongKey)) {
          form.remove();
          failed(error);
          return;
        }
        problem.textContent = WRONG;
        button.disabled = false;
        button.textContent = "Open";
        field.setAttribute("aria-invalid", "true");
        field.focus();
        field.select();
      }
    });
  });
}

function made(text, { kdf, kdfSalt }) {
  if (kdf !== KDF) throw new Error(`The recordings are locked in a way that this player does not know (${kdf}).`);
  return wrappingKey(text, octets(kdfSalt ?? ""));
}

function formed(container) {
  const id = `replay-key-${(count += 1)}`;
  const form = document.createElement("form");
  form.className = "replay-lock card";
  form.autocomplete = "off";
  const make = (name, text, kind = "") => {
    const element = document.createElement(name);
    element.textContent = text;
    element.className = kind;
    return element;
  };
  const label = make("label", "Security key");
  label.htmlFor = id;
  const field = document.createElement("input");
  Object.assign(field, { type: "password", id, required: true, autocomplete: "off", spellcheck: false });
  const problem = make("p", "");
  problem.setAttribute("role", "alert");
  problem.id = `${id}-problem`;
  field.setAttribute("aria-describedby", problem.id);
  const button = make("button", "Open");
  const row = make("div", "", "row");
  row.append(field, button);
  form.append(make("h2", "Locked"), make("p", ASKED), label, row, problem);
  container.append(form);
  return { form, field, button, problem };
}
