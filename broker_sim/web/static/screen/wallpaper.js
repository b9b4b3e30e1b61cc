// Wallpapers: flat bands with soft edges, so that they are calm to look at and small as a picture.

const STYLES = {
  Harbour: ["#2f6f9f", "#3b82b4", "#4f97c4", "#1f4f78", "#173d60", "#102d49", "#f4d9a0"],
  Meadow: ["#5a9a7d", "#6fae8c", "#8cc39f", "#2f6d58", "#245747", "#1a4337", "#f3e7ad"],
  Dusk: ["#6d5a8e", "#86699b", "#a67ea6", "#463a6a", "#352c55", "#272042", "#f0b7a0"],
  Plain: ["#43556a", "#43556a", "#43556a", "#43556a", "#43556a", "#43556a", "#43556a"],
};

/** The names of all wallpapers. */
export const WALLPAPERS = Object.keys(STYLES);

/**
 * Paint one.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} width
 * @param {number} height
 * @param {string} name
 */
export function wallpaper(ctx, width, height, name) {
  const [sky, glow, haze, ...rest] = STYLES[name] ?? STYLES.Harbour;
  const [far, middle, near, sun] = rest;
  const size = height / 768;
  ctx.fillStyle = sky;
  ctx.fillRect(0, 0, width, height);
  for (const [radius, colour] of [[430, glow], [270, haze]]) disc(ctx, width * 0.7, height * 0.42, radius * size, colour);
  disc(ctx, width * 0.7, height * 0.42, 74 * size, sun);
  hill(ctx, width, height, far, 0.62, 46 * size, 0.4);
  hill(ctx, width, height, middle, 0.74, 58 * size, 2.6);
  hill(ctx, width, height, near, 0.86, 40 * size, 4.4);
}

function disc(ctx, x, y, radius, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

function hill(ctx, width, height, colour, level, rise, shift) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(0, height);
  for (let x = 0; x <= width; x += 2) ctx.lineTo(x, height * level + rise * Math.sin((x / width) * 5 + shift));
  ctx.lineTo(width, height);
  ctx.fill();
}
