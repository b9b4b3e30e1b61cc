/** Phone codes: big digits, the time that is left, a text for an e-mail. */
import { createDialog } from "./dialogs.js";
import { byId, list, make, say, show, theirs, toast } from "./dom.js";
import { brokerNow, moment, span } from "./times.js";

const KEPT = "helpalert mail";
const TEMPLATE = "Hello $CUSTOMER$,\n\nplease open this page, so that we can look at your question together:\n\n$URL$\n\nIf it asks for a code, it is $CODE$.\n\nKind regards\n$NAME$";
const ROUND = 2 * Math.PI * 19;
const digits = (code) => code.replace(/(\d{3})(?=\d)/g, "$1 ");

function ring() {
  const svg = (tag, given) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(given).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  };
  const drawn = svg("svg", { class: "ring", viewBox: "0 0 44 44", role: "timer", "aria-live": "off" });
  drawn.append(svg("circle", { cx: 22, cy: 22, r: 19 }), svg("circle", { class: "left", cx: 22, cy: 22, r: 19, "stroke-dasharray": ROUND }), svg("text", { x: 22, y: 22.5 }));
  return drawn;
}
function turn(node, code) {
  const left = Date.parse(code.expires) - brokerNow(), lives = Date.parse(code.expires) - Date.parse(code.created);
  node.querySelector(".left").setAttribute("stroke-dashoffset", String(ROUND * (1 - Math.max(0, Math.min(1, left / lives)))));
  node.querySelector("text").textContent = span(left);
  node.setAttribute("aria-label", `${span(left)} left`);
  node.classList.toggle("soon", left < 60_000);
  return left;
}

/** @param {ReturnType<import("./model.js").createDesk>} desk @param server @param {string} screenName */
export function createCodes(desk, server, screenName) {
  const place = byId("codes"), mail = byId("mail-dialog"), template = byId("mail-template");
  let mailed = null;

  const asking = createDialog("code-dialog", async (form) => {
    const [customerName, referenceId] = [form.customerName.value.trim(), form.referenceId.value.trim()];
    if (!customerName) throw new Error("Say who calls.");
    const made = await server.startByCode({ portal: form.portal.value, customerName, ...(referenceId && { referenceId }) });
    await desk.renew();
    place.querySelector(`[data-key="${made.code}"] button`)?.focus();
    toast(`The code is ${digits(made.code).replaceAll(" ", "\u00a0")}`);
  });
  function ask() {
    const portals = desk.state.portals;
    byId("code-portal").replaceChildren(...portals.map((one) => make("option", { value: one.name, textContent: one.displayName })));
    asking.open();
  }
  async function cancel(code) {
    await server.cancelCode(code).catch((refused) => toast(refused.message));
    await desk.renew();
    byId("new-code").focus();
  }
  async function cancelAll() {
    const told = await server.cancelCodes().catch((refused) => { toast(refused.message); return null; });
    await desk.renew();
    if (told) toast(told.cancelled === 1 ? "One code is cancelled." : `${told.cancelled} codes are cancelled.`);
    byId("new-code").focus();
  }

  function card(code) {
    return make("li", { class: "card code-card" },
      make("p", { class: "code-digits", dir: "ltr", textContent: digits(code.code), "aria-label": code.code.split("").join(" ") }), ring(),
      make("span", { class: "for" }, theirs(code.customerName), code.referenceId ? " · " : null, code.referenceId ? theirs(code.referenceId) : null),
      make("div", { class: "row" },
        make("button", { type: "button", class: "plain slim", on: { click: () => copy(code.code, "The code is copied.") } }, "Copy"),
        make("button", { type: "button", class: "plain slim", on: { click: () => write(code) } }, "E-mail"),
        make("button", { type: "button", class: "plain slim", on: { click: () => cancel(code.code) } }, "Cancel", make("span", { class: "hush" }, ` the code for ${code.customerName}`))));
  }
  function draw() {
    const { codes } = desk.state;
    list(place, codes, (one) => one.code, card, (node, one) => turn(node.querySelector(".ring"), one));
    say(byId("codes-count"), codes.length ? String(codes.length) : "");
    show(byId("codes-none"), !codes.length);
    show(byId("cancel-codes"), codes.length > 1);
  }
  function tick() {
    const gone = (desk.state?.codes ?? []).filter((one) => {
      const node = place.querySelector(`[data-key="${one.code}"] .ring`);
      return node && turn(node, one) <= 0;
    });
    if (gone.length) {
      desk.state.codes = desk.state.codes.filter((one) => !gone.includes(one));
      desk.changed();
    }
  }

  function write(code) {
    mailed = code;
    say(byId("mail-code"), digits(code.code));
    template.value = localStorage.getItem(KEPT) ?? TEMPLATE;
    fill();
    mail.showModal();
    byId("mail-text").setSelectionRange(0, 0);
    byId("mail-text").scrollTop = 0;
  }
  function fill() {
    const words = { URL: mailed.url, CODE: digits(mailed.code), CUSTOMER: mailed.customerName, NAME: screenName, EXPIRES: moment(mailed.expires) };
    const text = template.value.replace(/\$(URL|CODE|CUSTOMER|NAME|EXPIRES)\$/g, (_all, word) => words[word]);
    byId("mail-text").value = text;
    byId("mail-link").href = `mailto:?subject=${encodeURIComponent("Your support session")}&body=${encodeURIComponent(text)}`;
  }
  template.addEventListener("input", () => {
    localStorage.setItem(KEPT, template.value);
    fill();
  });
  mail.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    copy(byId("mail-text").value, "The text is copied.");
  });
  mail.querySelector("[data-close]").addEventListener("click", () => mail.close());
  byId("new-code").addEventListener("click", ask);
  byId("cancel-codes").addEventListener("click", cancelAll);
  return { draw, tick, ask };
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not on https: the old way
    const area = make("textarea", { value: text, class: "hush" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(done);
}
