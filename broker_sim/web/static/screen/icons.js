// Icons as shapes on a grid of 32 by 32, back to front: [colour, shape, ...numbers].
//   r: x y width height radius    c: x y radius    p: points of a polygon    l: width, points of a line

const ICONS = {
  folder: [["#c98a1b", "r", 3, 6, 13, 8, 2], ["#e0a030", "r", 3, 9, 26, 18, 2], ["#f6c65b", "r", 3, 12, 26, 15, 2]],
  document: [["#8795a3", "r", 6, 2, 20, 28, 2], ["#ffffff", "r", 7, 3, 18, 26, 1], ["#6b9bd1", "r", 10, 9, 12, 2, 1],
    ["#6b9bd1", "r", 10, 14, 12, 2, 1], ["#6b9bd1", "r", 10, 19, 8, 2, 1]],
  picture: [["#8795a3", "r", 3, 5, 26, 22, 2], ["#bfe0f7", "r", 4, 6, 24, 20, 1], ["#f2b134", "c", 22, 12, 3],
    ["#4f9d69", "p", 4, 26, 12, 14, 20, 26], ["#357a4e", "p", 14, 26, 21, 18, 28, 26]],
  sheet: [["#2e7d4f", "r", 5, 3, 22, 26, 2], ["#ffffff", "r", 8, 9, 16, 16, 1], ["#2e7d4f", "r", 13, 9, 1, 16, 0],
    ["#2e7d4f", "r", 8, 14, 16, 1, 0], ["#2e7d4f", "r", 8, 19, 16, 1, 0]],
  package: [["#9a6b3f", "p", 16, 3, 28, 9, 28, 23, 16, 29, 4, 23, 4, 9], ["#c4935f", "p", 16, 3, 28, 9, 16, 15, 4, 9],
    ["#b07e4c", "p", 4, 9, 16, 15, 16, 29, 4, 23], ["#e7d2b3", "p", 10, 6, 22, 12, 22, 16, 19, 15, 19, 12, 8, 7]],
  globe: [["#1f6fb8", "c", 16, 16, 13], ["#7cc08b", "p", 8, 8, 15, 6, 17, 12, 12, 17, 7, 15],
    ["#7cc08b", "p", 18, 17, 26, 14, 25, 21, 20, 25], ["#cfe6f8", "l", 1.5, 3, 16, 29, 16], ["#cfe6f8", "l", 1.5, 16, 3, 16, 29]],
  gear: [["#566676", "r", 13, 2, 6, 28, 2], ["#566676", "r", 2, 13, 28, 6, 2], ["#566676", "p", 5, 9, 9, 5, 27, 23, 23, 27],
    ["#566676", "p", 23, 5, 27, 9, 9, 27, 5, 23], ["#6b7c8d", "c", 16, 16, 10], ["#eef2f6", "c", 16, 16, 4.5]],
  printer: [["#f8fafc", "r", 9, 3, 14, 10, 1], ["#4a5866", "r", 3, 11, 26, 13, 3], ["#f8fafc", "r", 8, 19, 16, 10, 1],
    ["#7dd08a", "r", 23, 14, 3, 2, 1], ["#9fb0c0", "r", 11, 22, 10, 1.5, 0], ["#9fb0c0", "r", 11, 25, 10, 1.5, 0]],
  terminal: [["#1c2733", "r", 2, 4, 28, 24, 3], ["#2c3b4a", "r", 2, 4, 28, 5, 3], ["#7dd08a", "l", 2.4, 7, 13, 12, 17, 7, 21],
    ["#dfe7ee", "r", 14, 20, 9, 2.4, 1]],
  info: [["#2f7bd0", "c", 16, 16, 13], ["#ffffff", "c", 16, 9.5, 2], ["#ffffff", "r", 14.2, 13.5, 3.6, 11, 1]],
  warning: [["#e0a020", "p", 16, 3, 30, 28, 2, 28], ["#3d2c00", "r", 14.6, 11, 2.8, 9, 1], ["#3d2c00", "c", 16, 24, 1.8]],
  note: [["#c9a22b", "r", 5, 3, 22, 26, 2], ["#fff3b8", "r", 5, 6, 22, 23, 2], ["#a88a32", "r", 9, 12, 14, 1.6, 0],
    ["#a88a32", "r", 9, 17, 14, 1.6, 0], ["#a88a32", "r", 9, 22, 9, 1.6, 0]],
  bin: [["#8795a3", "r", 12, 3, 8, 4, 1], ["#8795a3", "r", 5, 6, 22, 3, 1], ["#c3ced8", "p", 7, 10, 25, 10, 23, 29, 9, 29],
    ["#8795a3", "l", 1.6, 12.5, 13, 13.5, 26], ["#8795a3", "l", 1.6, 19.5, 13, 18.5, 26]],
  power: [["#c0392b", "c", 16, 16, 13], ["#ffffff", "c", 16, 17, 7], ["#c0392b", "c", 16, 17, 4.6], ["#c0392b", "r", 13, 6, 6, 9, 0],
    ["#ffffff", "r", 14.8, 7, 2.6, 9, 1]],
  network: [["#dfe8f0", "r", 4, 20, 4, 6, 1], ["#dfe8f0", "r", 11, 15, 4, 11, 1], ["#dfe8f0", "r", 18, 10, 4, 16, 1],
    ["#dfe8f0", "r", 25, 5, 4, 21, 1]],
  speaker: [["#dfe8f0", "p", 4, 12, 9, 12, 16, 6, 16, 26, 9, 20, 4, 20], ["#dfe8f0", "l", 2, 20, 11, 22, 16, 20, 21],
    ["#dfe8f0", "l", 2, 24, 7, 28, 16, 24, 25]],
  start: [["#7cc4ff", "r", 5, 5, 10, 10, 3], ["#ffffff", "r", 17, 5, 10, 10, 3], ["#ffffff", "r", 5, 17, 10, 10, 3],
    ["#7cc4ff", "r", 17, 17, 10, 10, 3]],
};

/** The names of all icons. */
export const NAMES = Object.keys(ICONS);

/**
 * Draw an icon.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} name
 * @param {number} x
 * @param {number} y
 * @param {number} size pixels of a side
 */
export function icon(ctx, name, x, y, size) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 32, size / 32);
  for (const [colour, kind, ...numbers] of ICONS[name] ?? ICONS.document) shape(ctx, colour, kind, numbers);
  ctx.restore();
}

function shape(ctx, colour, kind, numbers) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  if (kind === "r") ctx.roundRect(...numbers.slice(0, 4), numbers[4]);
  else if (kind === "c") ctx.arc(numbers[0], numbers[1], numbers[2], 0, 2 * Math.PI);
  else {
    const points = kind === "l" ? numbers.slice(1) : numbers;
    for (let at = 0; at < points.length; at += 2) ctx.lineTo(points[at], points[at + 1]);
    if (kind === "l") {
      ctx.strokeStyle = colour;
      ctx.lineWidth = numbers[0];
      ctx.lineJoin = ctx.lineCap = "round";
      ctx.stroke();
      return;
    }
  }
  ctx.fill();
}

/** The pointer: # is its edge, . its face; the upper left pixel is its tip. */
export const POINTER = [
  "#", "##", "#.#", "#..#", "#...#", "#....#", "#.....#", "#......#", "#.......#", "#........#", "#.....#####", "#..#..#", "#.# #..#",
  "##  #..#", "#    #..#", "     #..#", "      ##",
];

/** Draw the pointer. @returns {HTMLCanvasElement} 12 by 17 */
export function pointer() {
  const canvas = document.createElement("canvas");
  canvas.width = 12;
  canvas.height = POINTER.length;
  const ctx = canvas.getContext("2d");
  POINTER.forEach((row, y) =>
    [...row].forEach((mark, x) => {
      ctx.fillStyle = mark === "#" ? "#000" : "#fff";
      if (mark !== " ") ctx.fillRect(x, y, 1, 1);
    }),
  );
  return canvas;
}
