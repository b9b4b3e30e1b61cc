// Draws a chart of days anew, by uPlot, out of the table of its numbers: with a line that follows
// pointer and arrow keys and reads the day out, and with columns of the table to choose from.
// Paper, and who runs no scripts, gets the picture that the page came with.

const HEIGHT = 260; // pixels, CSS
const TONES = ["--brand", "--warn", "--good"];
const HINT = matchMedia("(hover: none)").matches ? "Tap on a day." : "Point at a day, or use the arrow keys.";
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];
const DAYS = [1, 2, 7, 14, 28];
const { uPlot } = window;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function made(name, kind, ...children) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.append(...children);
  return element;
}

/** Gives what a table says: the days, and of each column its name, its unit, its cells. */
function read(table) {
  const [, ...heads] = table.tHead.rows[0].cells;
  const rows = [...table.tBodies[0].rows];
  const days = rows.map((row) => ({ name: row.cells[0].textContent, day: row.cells[0].dataset.day }));
  const columns = heads.map((head, nth) => {
    const cells = rows.map((row) => row.cells[nth + 1]);
    const per = Number(head.dataset.per ?? 1);
    return {
      name: head.textContent,
      unit: head.dataset.unit ?? "",
      said: cells.map((cell) => cell.textContent),
      values: cells.map((cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value) / per)),
    };
  });
  return { days, columns };
}

const label = (day) => new Date(`${day}T00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Gives what an axis reaches over; one whose column is not drawn has none, and is not drawn either. */
const whole = (_, least, most) => (most === null ? [null, null] : [0, Math.max(2, most * 1.08)]);

/** Gives the axes: days below, the first column at the left, what else is chosen at the right. */
function axes({ days, columns }) {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const usual = { stroke: () => token("--muted"), font, ticks: { show: false } };
  const grid = { stroke: () => token("--line"), width: 1 };
  const below = { ...usual, size: 30, incrs: DAYS, space: 56, grid: { show: false }, values: (_, at) => at.map((n) => (days[n] ? label(days[n].day) : "")) };
  return [below, ...columns.map(({ unit }, nth) => ({
    ...usual, scale: String(nth), side: nth ? 1 : 3, size: nth ? 56 : 44, incrs: STEPS, grid: nth ? { show: false } : grid,
    values: (_, at) => at.map((value) => `${value}${unit && ` ${unit}`}`),
  }))];
}

/** Gives how each column is drawn: the first as columns, the others as lines; those that are chosen. */
function series({ columns }, chosen) {
  return [{}, ...columns.map((column, nth) => {
    const colour = () => token(TONES[nth]);
    const usual = { scale: String(nth), label: column.name, stroke: colour, show: chosen[nth] };
    if (nth) return { ...usual, width: 2, dash: nth > 1 ? [6, 4] : undefined, points: { size: 6, fill: colour } };
    return { ...usual, fill: colour, width: 0, paths: uPlot.paths.bars({ size: [0.8, 60] }), points: { show: false } };
  })];
}

/** Gives the line above the chart: the day, and for each column whether it is drawn and its number. */
function legend({ days, columns }, chosen, choose) {
  const day = made("span", "plot-day", HINT);
  const numbers = columns.map(() => made("output"));
  const choices = columns.map((column, nth) => {
    const box = made("input");
    Object.assign(box, { type: "checkbox", checked: chosen[nth] });
    box.addEventListener("change", () => choose(nth, box.checked));
    return made("label", `plot-choice tone-${nth}`, box, made("span", "plot-mark"), column.name, " ", numbers[nth]);
  });
  const tell = (at) => {
    day.textContent = at === null ? HINT : days[at].name;
    numbers.forEach((number, nth) => { number.textContent = at === null ? "" : columns[nth].said[at]; });
  };
  return { element: made("div", "row plot-legend", ...choices, day), tell };
}

/** Lets the arrow keys go from day to day, as those of a slider do. */
function steer(plot, { days, columns }, title) {
  const { over } = plot;
  let at = days.length - 1;
  const steps = { ArrowLeft: () => at - 1, ArrowDown: () => at - 1, ArrowRight: () => at + 1, ArrowUp: () => at + 1, Home: () => 0, End: () => days.length - 1 };
  const tell = () => {
    over.setAttribute("aria-valuenow", at + 1);
    over.setAttribute("aria-valuetext", [days[at].name, ...columns.map((one) => `${one.name} ${one.said[at]}`)].join(", "));
  };
  const show = () => plot.setCursor({ left: plot.valToPos(at, "x"), top: 10 });
  over.tabIndex = 0;
  const said = { role: "slider", "aria-label": `${title}, day`, "aria-valuemin": 1, "aria-valuemax": days.length };
  for (const [name, value] of Object.entries(said)) over.setAttribute(name, value);
  over.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    at = Math.max(0, Math.min(days.length - 1, step()));
    tell();
    show();
  });
  over.addEventListener("focus", () => { if (over.matches(":focus-visible")) show(); });
  over.addEventListener("blur", () => plot.setCursor({ left: -10, top: -10 }));
  tell();
}

/** Makes the plot in its place, with the columns that are chosen. */
function plotted(place, told, title, chosen, tell) {
  const scales = Object.fromEntries(told.columns.map((_, nth) => [nth, { range: whole }]));
  const plot = new uPlot({
    width: place.clientWidth, height: HEIGHT, legend: { show: false }, axes: axes(told), series: series(told, chosen),
    scales: { x: { time: false, range: [-0.5, told.days.length - 0.5] }, ...scales },
    cursor: { y: false, drag: { setScale: false, x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => tell(cursor.left < 0 ? null : cursor.idx ?? null)] },
  }, [told.days.map((_, nth) => nth), ...told.columns.map((one) => one.values)], place);
  steer(plot, told, title);
  return plot;
}

/**
 * Draw the chart of a figure.
 * @param {HTMLElement} figure with the picture, and the table of its numbers
 */
export function draw(figure) {
  const told = read(figure.querySelector("table"));
  const chosen = told.columns.map((_, nth) => nth < 2);
  const place = made("div", "plot-place");
  const line = legend(told, chosen, (nth, on) => {
    chosen[nth] = on;
    plot.setSeries(nth + 1, { show: on });
  });
  figure.prepend(made("div", "plot", line.element, place));
  figure.classList.add("drawn");
  const plot = plotted(place, told, figure.dataset.chart, chosen, line.tell);
  new ResizeObserver(() => { if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT }); }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
}

document.querySelectorAll("[data-chart]").forEach(draw);
