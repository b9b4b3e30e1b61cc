// What takes the keys for a screen: a text field that nobody sees, since phones show their keyboard for one, and letters
// may be composed in it or come without a key.

// Keys that stay with the browser.
const NOT_OURS = new Set(["Tab", "F5", "F11", "F12", "Process", "Unidentified", "Dead"]);
const STYLE = {
  position: "absolute", left: "0", top: "0", width: "100%", height: "100%", pointerEvents: "none", opacity: "0", resize: "none", border: "0", padding: "0",
  minHeight: "0", fontSize: "16px", // with smaller letters phones zoom in
};
const ATTRIBUTES = { tabindex: "0", autocomplete: "off", autocapitalize: "off", spellcheck: "false", inputmode: "none" };

export class KeyField {
  /**
   * @param {HTMLElement} frame gets the field, and an outline while it has the focus
   * @param {Record<string, string>} names attributes that say what it is
   * @param {(key: string, pressed: boolean) => boolean} take whether the key was taken; else the browser has it
   */
  constructor(frame, names, take) {
    this.take = take;
    this.field = document.createElement("textarea");
    Object.assign(this.field.style, STYLE);
    for (const [name, value] of Object.entries({ ...ATTRIBUTES, ...names })) this.field.setAttribute(name, value);
    frame.append(this.field);
    this.field.addEventListener("keydown", (event) => this.#down(event));
    this.field.addEventListener("keyup", (event) => NOT_OURS.has(event.key) || take(event.key, false));
    this.field.addEventListener("input", (event) => event.isComposing || this.#typed());
    this.field.addEventListener("compositionend", () => this.#typed());
    this.field.addEventListener("focus", () => (frame.style.outline = this.field.matches(":focus-visible") ? "3px solid var(--focus, #d97706)" : "none"));
    this.field.addEventListener("blur", () => {
      frame.style.outline = "none";
      for (const key of ["Control", "Shift"]) take(key, false);
    });
  }

  /** Take the keys. @param {boolean} text whether a text is to be written, for which phones show their keyboard */
  focus(text) {
    this.field.inputMode = text ? "text" : "none";
    this.field.focus({ preventScroll: true });
  }

  /** Say anew what it is. @param {string} label */
  name(label) {
    this.field.setAttribute("aria-label", label);
  }

  #down(event) {
    const { key } = event;
    const shortcut = (event.ctrlKey && !event.altKey) || event.metaKey;
    if (event.isComposing || NOT_OURS.has(key) || (shortcut && key.length === 1 && key.toLowerCase() !== "s")) return;
    if (!this.take(key, true)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #typed() {
    const typed = this.field.value;
    this.field.value = "";
    for (const letter of typed) for (const pressed of [true, false]) this.take(letter === "\n" ? "Enter" : letter, pressed);
  }
}
