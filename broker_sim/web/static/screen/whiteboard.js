// The representative's pen over the screen: how strokes are written, and how the customer's page shows them.

import { instruction, instructions, OVER } from "./protocol.js";
import { HEIGHT, WIDTH } from "./desktop.js";

/** The layer that strokes are on; the screen is layer 0. */
export const BOARD = 1;
const WIDE = 4;
const ROUND_ENDS = 1;
const ROUND_CORNERS = 2;
const ERASE = 2; // how ink meets what is there: it takes it away

/** Say how large the whiteboard is, before the first stroke. @returns {string} */
export const opened = () => instruction("size", BOARD, WIDTH, HEIGHT);

/** Wipe the whiteboard. @returns {string} */
export const wiped = () => opened() + instruction("rect", BOARD, 0, 0, WIDTH, HEIGHT) + instruction("cfill", ERASE, BOARD, 0, 0, 0, 255);

/**
 * Write a stroke.
 * @param {number[][]} points [x, y] of the screen, at least one
 * @param {number[]} rgb
 * @returns {string}
 */
export function stroke(points, rgb) {
  const [[x, y], ...rest] = points.map((point) => point.map(Math.round));
  let text = instruction("start", BOARD, x, y);
  for (const [toX, toY] of rest.length ? rest : [[x, y]]) text += instruction("line", BOARD, toX, toY);
  return text + instruction("cstroke", OVER, BOARD, ROUND_ENDS, ROUND_CORNERS, WIDE, ...rgb, 255);
}

/** The colour of a pen. @param {string} hex as in #1f66b5 @returns {number[]} red, green, blue */
export function colour(hex) {
  const number = /^#[0-9a-f]{6}$/i.test(hex) ? parseInt(hex.slice(1), 16) : 0xd92d20;
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** Shows strokes, and nothing else that may come. */
export class Whiteboard {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.canvas = document.createElement("canvas");
    Object.assign(this.canvas.style, { display: "block", width: "100%", height: "100%" });
    container.append(this.canvas);
    this.ctx = this.canvas.getContext("2d");
    this.clear();
  }

  /** Take instructions; what is no whiteboard is left out. @param {string} data */
  handle(data) {
    try {
      for (const [opcode, ...words] of instructions(data)) this.#do(opcode, words.map(Number));
    } catch {
      // a text that is none draws nothing further
    }
  }

  #do(opcode, numbers) {
    const { ctx } = this;
    if (numbers.some((number) => !Number.isFinite(number))) return;
    if (opcode === "cstroke" && numbers[1] === BOARD) {
      const [, , , , wide, red, green, blue, alpha] = numbers;
      Object.assign(ctx, { lineWidth: wide, lineCap: "round", lineJoin: "round", strokeStyle: `rgb(${red} ${green} ${blue} / ${alpha / 255})` });
      ctx.stroke();
      ctx.beginPath();
    } else if (opcode === "cfill" && numbers[0] === ERASE && numbers[1] === BOARD) this.clear();
    else if (numbers[0] !== BOARD) return;
    else if (opcode === "start") ctx.moveTo(numbers[1], numbers[2]);
    else if (opcode === "line") ctx.lineTo(numbers[1], numbers[2]);
  }

  /** Wipe it. */
  clear() {
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
  }
}
