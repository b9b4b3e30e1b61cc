// Writes and reads drawing instructions in the text form of the Guacamole protocol: each element is `<letters>.<text>`,
// commas between, a semicolon behind. Letters are Unicode characters; players count UTF-16 units, so we stay within
// characters that are one unit.

/** How what is drawn meets what is there: laid over it. */
export const OVER = 14;
/** How what is drawn meets what is there: instead of all that the layer had. */
export const REPLACE = 12;

const PIECE = 6048; // base64 characters of one blob, a multiple of four
const STREAM = 1;

/**
 * Write one instruction.
 * @param {...(string|number)} elements opcode and arguments
 * @returns {string}
 */
export function instruction(...elements) {
  return elements.map((element) => `${[...String(element)].length}.${element}`).join(",") + ";";
}

/**
 * Write a PNG picture onto a layer.
 * @param {number} mask OVER or REPLACE
 * @param {number} layer
 * @param {number} x
 * @param {number} y
 * @param {string} base64 the file
 * @returns {string}
 */
export function picture(mask, layer, x, y, base64) {
  let text = instruction("img", STREAM, mask, layer, "image/png", x, y);
  for (let at = 0; at < base64.length; at += PIECE) text += instruction("blob", STREAM, base64.slice(at, at + PIECE));
  return text + instruction("end", STREAM);
}

/**
 * Read instructions; a text that is none ends with an error.
 * @param {string} text whole instructions
 * @returns {Generator<string[]>} opcode and arguments
 */
export function* instructions(text) {
  let at = 0;
  let elements = [];
  while (at < text.length) {
    const dot = text.indexOf(".", at);
    const digits = dot < 0 ? "" : text.slice(at, dot);
    if (!/^\s*\d{1,9}$/.test(digits)) throw new Error("no instruction");
    let end = dot + 1;
    for (let left = Number(digits); left > 0 && end < text.length; left -= 1) end += text.codePointAt(end) > 0xffff ? 2 : 1;
    elements.push(text.slice(dot + 1, end));
    if (text[end] === ";") {
      yield elements;
      elements = [];
    } else if (text[end] !== ",") throw new Error("no instruction");
    at = end + 1;
  }
  if (elements.length) throw new Error("an instruction is cut off");
}

/**
 * Cut a text between instructions.
 * @param {string} text whole instructions
 * @param {number} most letters of a piece, unless one instruction alone has more
 * @returns {string[]} at least one
 */
export function pieces(text, most) {
  if (text.length <= most) return [text];
  const found = [""];
  for (const elements of instructions(text)) {
    const one = instruction(...elements);
    if (found.at(-1) && found.at(-1).length + one.length > most) found.push("");
    found[found.length - 1] += one;
  }
  return found;
}
