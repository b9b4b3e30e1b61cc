// The one drawing layer of the simulated screen: whatever it does to the visible canvas it also writes as Guacamole
// instructions, and it can do nothing that it does not write. So what the representative sees and what the recording
// holds is what the customer sees, pixel by pixel.

import { base64, fewColours, png } from "./png.js";
import { instruction, picture, OVER, REPLACE } from "./protocol.js";

/** @typedef {import("./rects.js").Rect} Rect */

/** A canvas whose pixels are read often. @param {number} width @param {number} height */
export function makeCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return { canvas, ctx: canvas.getContext("2d", { willReadFrequently: true }) };
}

const BAND = 24; // rows

const encoded = (pixels) => base64(png(pixels));

/** A picture out of sight that can be copied to the screen; a buffer of the protocol. */
export class Layer {
  constructor(surface, index, width, height) {
    Object.assign(this, makeCanvas(width, height), { surface, index, width, height });
    this.whole = null; // the PNG files that make all of it, as long as nothing changes
  }

  /**
   * Put a picture instead of all that there was. Its pixels are opaque, or black of any strength: those alone survive
   * the way through a PNG unchanged.
   * @param {HTMLCanvasElement} canvas as large as the layer
   */
  replace(canvas) {
    this.ctx.clearRect(0, 0, this.width, this.height);
    this.ctx.drawImage(canvas, 0, 0);
    this.whole = null;
    this.describe();
  }

  /** Write the layer as it is. */
  describe() {
    if (!this.surface.live) return;
    this.whole ??= [...bands(this.ctx, this.width, 0, this.height)];
    this.surface.write("size", this.index, this.width, this.height);
    // The first one clears the layer of all that it had.
    this.whole.forEach(([y, file], nth) => this.surface.add(picture(nth ? OVER : REPLACE, this.index, 0, y, file)));
  }

  /**
   * Lay pixels over the layer: opaque ones replace, transparent ones leave what is there.
   * @param {ImageData} pixels
   * @param {number} x
   * @param {number} y
   */
  paste(pixels, x, y) {
    const { surface } = this;
    this.whole = null;
    const colour = oneColour(pixels);
    if (colour) {
      this.ctx.fillStyle = `rgb(${colour.join(" ")})`;
      this.ctx.fillRect(x, y, pixels.width, pixels.height);
      if (surface.live) {
        surface.write("rect", this.index, x, y, pixels.width, pixels.height);
        surface.write("cfill", OVER, this.index, ...colour, 255);
      }
      return;
    }
    const tile = surface.tile(pixels);
    this.ctx.drawImage(tile, 0, 0, pixels.width, pixels.height, x, y, pixels.width, pixels.height);
    if (surface.live) surface.add(picture(OVER, this.index, x, y, encoded(pixels)));
  }

  /**
   * Move a part of the layer up or down within itself.
   * @param {Rect} part
   * @param {number} rows down if above 0; fewer than the part has
   */
  shift(part, rows) {
    const height = part.h - Math.abs(rows);
    const from = rows < 0 ? part.y - rows : part.y;
    const to = rows < 0 ? part.y : part.y + rows;
    this.whole = null;
    this.ctx.drawImage(this.canvas, part.x, from, part.w, height, part.x, to, part.w, height);
    this.surface.write("copy", this.index, part.x, from, part.w, height, OVER, this.index, part.x, to);
  }
}

/** The visible canvas with its layers. */
export class Surface {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    Object.assign(this, makeCanvas(width, height), { width, height });
    this.live = false; // whether somebody is to get the instructions
    this.layers = new Set();
    this.last = 0;
    this.text = "";
    this.tiles = makeCanvas(1, 1);
  }

  /** @param {number} width @param {number} height @returns {Layer} */
  layer(width, height) {
    const made = new Layer(this, (this.last -= 1), width, height);
    this.layers.add(made);
    return made;
  }

  /** @param {Layer} layer it is not used any more */
  drop(layer) {
    this.layers.delete(layer);
    this.write("dispose", layer.index);
  }

  /** Copy a part of a layer onto the screen. @param {Layer} layer @param {Rect} part @param {number} x @param {number} y */
  copy(layer, part, x, y) {
    this.ctx.drawImage(layer.canvas, part.x, part.y, part.w, part.h, x, y, part.w, part.h);
    this.write("copy", layer.index, part.x, part.y, part.w, part.h, OVER, 0, x, y);
  }

  /** Fill a part of the screen. @param {Rect} part @param {number[]} rgb */
  fill(part, rgb) {
    this.ctx.fillStyle = `rgb(${rgb.join(" ")})`;
    this.ctx.fillRect(part.x, part.y, part.w, part.h);
    this.write("rect", 0, part.x, part.y, part.w, part.h);
    this.write("cfill", OVER, 0, ...rgb, 255);
  }

  /** Write all layers and the size of the screen; the caller paints the whole screen next. */
  describe() {
    this.text = "";
    this.write("size", 0, this.width, this.height);
    for (const layer of this.layers) layer.describe();
  }

  /** @param {...(string|number)} elements */
  write(...elements) {
    if (this.live) this.text += instruction(...elements);
  }

  /** @param {string} text instructions */
  add(text) {
    if (this.live) this.text += text;
  }

  /** Give what was written since the last call. @returns {string} */
  take() {
    const { text } = this;
    this.text = "";
    return text;
  }

  /** @param {ImageData} pixels @returns {HTMLCanvasElement} a canvas that has just these pixels */
  tile(pixels) {
    const { canvas, ctx } = this.tiles;
    canvas.width = pixels.width; // this also clears it
    canvas.height = pixels.height;
    ctx.putImageData(pixels, 0, 0);
    return canvas;
  }
}

// Halves have fewer colours than the whole, and a picture of few colours is a much smaller file.
function* bands(ctx, width, y, height) {
  const pixels = ctx.getImageData(0, y, width, height);
  if (height < 2 * BAND || fewColours(pixels)) yield [y, encoded(pixels)];
  else {
    const half = height >> 1;
    yield* bands(ctx, width, y, half);
    yield* bands(ctx, width, y + half, height - half);
  }
}

function oneColour(pixels) {
  const words = new Uint32Array(pixels.data.buffer);
  if (pixels.data[3] !== 255 || words.some((word) => word !== words[0])) return null;
  return [...pixels.data.slice(0, 3)];
}
