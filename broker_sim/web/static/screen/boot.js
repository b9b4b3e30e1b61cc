// How the simulated computer goes down and comes back.

import { HEIGHT, WIDTH } from "./desktop.js";
import { icon } from "./icons.js";
import { Painter } from "./painter.js";

const BLACK = "#000000";

/** What is seen and for how long, in milliseconds. */
export const STEPS = [
  { ms: 1100, paint: (ctx) => words(ctx, "#12202c", "Restarting …") },
  { ms: 1200, paint: (ctx) => dark(ctx) },
  ...[0, 1, 2, 3, 4, 5, 6].map((nth) => ({ ms: 420, paint: (ctx) => booting(ctx, nth) })),
  { ms: 700, paint: (ctx) => words(ctx, "#12202c", "Welcome") },
];

function dark(ctx, colour = BLACK) {
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, WIDTH, HEIGHT);
}

function words(ctx, colour, text) {
  dark(ctx, colour);
  new Painter(ctx, WIDTH, HEIGHT).text(text, WIDTH / 2, HEIGHT / 2, { size: 24, colour: "#ffffff", align: "center" });
}

function booting(ctx, step) {
  dark(ctx);
  icon(ctx, "start", WIDTH / 2 - 44, HEIGHT / 2 - 120, 88);
  for (let nth = 0; nth < 7; nth += 1) {
    ctx.fillStyle = nth <= step ? "#7cc4ff" : "#26323c";
    ctx.fillRect(WIDTH / 2 - 80 + nth * 24, HEIGHT / 2 + 40, 16, 6);
  }
}
