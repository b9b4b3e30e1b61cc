// The bar of a replay: play, position, speed, what is shown.

import { SPEEDS, spelled, spoken } from "./clock.js";

const ARROW = "M7 4.5v15l13-7.5z";
const PAUSE = "M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z";
const SVG = "http://www.w3.org/2000/svg";

/** What the bar asks for. @typedef {{toggle: () => void, seek: (ms: number) => void, speed: (times: number) => void, skip: (on: boolean) => void, view: (name: string) => void, full: () => void}} Wishes */

export class Bar {
  /**
   * @param {HTMLElement} container
   * @param {number} length of the replay, in milliseconds
   * @param {{value: string, label: string}[]} views what can be shown, if there is a choice
   * @param {Wishes} wishes
   */
  constructor(container, length, views, wishes) {
    this.length = length;
    this.element = tag("div", { class: "replay-bar", role: "group", "aria-label": "Replay" });
    this.#playButton(wishes);
    this.#slider(wishes);
    const more = tag("div", { class: "replay-more" });
    more.append(choice("Speed", SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` })), "1", (value) => wishes.speed(Number(value))));
    if (views.length > 1) more.append(choice("Show", views, views[0].value, wishes.view));
    more.append(tick("Skip pauses", wishes.skip), this.#full(wishes));
    this.element.append(more);
    container.append(this.element);
    this.show(0, false);
  }

  #playButton(wishes) {
    this.play = tag("button", { type: "button", class: "replay-play" });
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: "22", height: "22", "aria-hidden": "true" })) svg.setAttribute(name, value);
    this.sign = document.createElementNS(SVG, "path");
    this.sign.setAttribute("fill", "currentColor");
    svg.append(this.sign);
    this.play.append(svg);
    this.play.addEventListener("click", wishes.toggle);
    this.element.append(this.play);
  }

  #slider(wishes) {
    this.now = tag("span", { class: "replay-time" });
    this.slider = tag("input", { type: "range", min: "0", max: String(Math.ceil(this.length / 1000) * 1000), step: "1000", "aria-label": "Position", class: "replay-position" });
    this.slider.addEventListener("input", () => wishes.seek(Math.min(this.length, Number(this.slider.value))));
    const end = tag("span", { class: "replay-time" });
    end.textContent = spelled(this.length);
    this.element.append(this.now, this.slider, end);
  }

  #full(wishes) {
    const button = tag("button", { type: "button", class: "quiet slim" });
    button.textContent = "Full screen";
    button.addEventListener("click", wishes.full);
    button.hidden = !document.fullscreenEnabled;
    return button;
  }

  /** Show where the replay is. @param {number} position in milliseconds @param {boolean} playing */
  show(position, playing) {
    const sign = playing ? PAUSE : ARROW;
    if (this.sign.getAttribute("d") !== sign) {
      this.sign.setAttribute("d", sign);
      this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    }
    const time = spelled(position);
    if (this.now.textContent === time && !this.fresh) return;
    this.fresh = false;
    this.now.textContent = time;
    this.slider.value = position >= this.length ? this.slider.max : String(position);
    this.slider.setAttribute("aria-valuetext", `${spoken(position)} of ${spoken(this.length)}`);
  }
}

function tag(name, attributes) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function choice(label, options, chosen, told) {
  const element = tag("label", {});
  const select = tag("select", {});
  for (const { value, label: text } of options) {
    const option = tag("option", { value });
    option.textContent = text;
    option.selected = value === chosen;
    select.append(option);
  }
  select.addEventListener("change", () => told(select.value));
  element.append(`${label} `, select);
  return element;
}

function tick(label, told) {
  const element = tag("label", {});
  const box = tag("input", { type: "checkbox" });
  box.addEventListener("change", () => told(box.checked));
  element.append(box, ` ${label}`);
  return element;
}
