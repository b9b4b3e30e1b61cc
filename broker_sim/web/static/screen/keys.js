// Keys as X keysyms, which is how `input` messages name them, and as the names that browsers give them.

const NAMED = {
  Backspace: 0xff08, Tab: 0xff09, Enter: 0xff0d, Escape: 0xff1b, Home: 0xff50, ArrowLeft: 0xff51, ArrowUp: 0xff52, ArrowRight: 0xff53,
  ArrowDown: 0xff54, PageUp: 0xff55, PageDown: 0xff56, End: 0xff57, Insert: 0xff63, ContextMenu: 0xff67, Delete: 0xffff,
  Shift: 0xffe1, Control: 0xffe3, CapsLock: 0xffe5, Meta: 0xffe7, Alt: 0xffe9,
  F1: 0xffbe, F2: 0xffbf, F3: 0xffc0, F4: 0xffc1, F5: 0xffc2, F6: 0xffc3, F7: 0xffc4, F8: 0xffc5, F9: 0xffc6, F10: 0xffc7, F11: 0xffc8,
  F12: 0xffc9,
};
const NAMES = new Map(Object.entries(NAMED).map(([name, keysym]) => [keysym, name]));
const UNICODE = 0x1000000;

/**
 * Give the keysym of a key, as `KeyboardEvent.key` names it.
 * @param {string} key
 * @returns {number | null} null where there is none, as for a dead key
 */
export function keysym(key) {
  if (key in NAMED) return NAMED[key];
  const letters = [...key];
  if (letters.length !== 1) return null;
  const code = letters[0].codePointAt(0);
  return (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff) ? code : UNICODE | code;
}

/**
 * Give a key's name, as browsers name it.
 * @param {number} sym
 * @returns {string | null} null where we know none
 */
export function keyName(sym) {
  if (NAMES.has(sym)) return NAMES.get(sym);
  const code = sym >= UNICODE && sym <= UNICODE + 0x10ffff ? sym - UNICODE : sym;
  const plain = (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0x10ffff && code === sym - UNICODE) || (code >= 0xa0 && code <= 0xff);
  return plain && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : null;
}
