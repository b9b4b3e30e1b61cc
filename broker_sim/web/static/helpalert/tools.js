/** What a representative does in the open session besides talking: the toolbar and its dialogs. */
import { createDialog } from "./dialogs.js";
import { byId, make, show, theirs, toast } from "./dom.js";

const base64 = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};
const size = (bytes) => `${bytes.toLocaleString()} ${bytes === 1 ? "byte" : "bytes"}`;

/**
 * @param {ReturnType<import("./model.js").createDesk>} desk
 * @param server
 * @param {{fileMost: number, sendFile: (id: number, name: string, content: string) => Promise<void>, showView: (view: string) => void}} given
 */
export function createTools(desk, server, { fileMost, sendFile, showView }) {
  let about = null; // the session that a dialog was opened in: a request that was accepted meanwhile may open another one
  const act = async (operation, arguments_ = {}, id = about) => {
    const told = await server.act(id, operation, arguments_);
    await desk.renew();
    return told;
  };
  const page = createDialog("page-dialog", async (form) => {
    const url = form.url.value.trim();
    await act("pushUrl", { url: /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}` });
  });

  const said = byId("file-said"), pick = byId("file-pick");
  const file = createDialog("file-dialog", async () => {
    const chosen = pick.files[0];
    if (!chosen) throw new Error("Choose a file.");
    if (chosen.size > fileMost) throw new Error(`It has ${size(chosen.size)}; at most ${size(fileMost)} can be sent.`);
    await sendFile(about, chosen.name, base64(new Uint8Array(await chosen.arrayBuffer())));
    await desk.renew();
  });
  pick.addEventListener("click", () => { pick.value = ""; }); // the same file, changed meanwhile, is a new choice
  pick.addEventListener("change", () => {
    const chosen = pick.files[0];
    show(said, Boolean(chosen));
    if (!chosen) return;
    const fits = chosen.size <= fileMost;
    said.className = `notice small ${fits ? "good" : "bad"}`;
    said.replaceChildren(theirs(chosen.name), ` has ${size(chosen.size)}${fits ? "." : `; at most ${size(fileMost)} can be sent.`}`);
  });

  const reboot = createDialog("reboot-dialog", async (form) => {
    const reconnected = form.comes.value === "back";
    await act("rebootReconnect", { reconnected });
    toast(reconnected ? "The machine has restarted and is back." : "The machine has restarted and did not come back.");
  });

  const choices = byId("transfer-list");
  const transfer = createDialog("transfer-dialog", async () => {
    const chosen = choices.querySelector(":checked");
    if (!chosen) throw new Error("Choose a queue or a colleague.");
    const told = await act("transferSession", { [chosen.dataset.kind]: chosen.value });
    toast(`The customer goes on in session ${told.transferredTo}.`);
  });
  function choice(kind, value, name, more, isOff) {
    return make("label", { class: isOff ? "pick off" : "pick" },
      make("input", { type: "radio", name: "to", value, disabled: isOff, data: { kind } }), theirs(name), make("span", { class: "small muted" }, more));
  }
  async function openTransfer() {
    transfer.open();
    choices.replaceChildren(make("p", { class: "empty small" }, "Reading…"));
    try {
      const told = await server.targets(about);
      choices.replaceChildren(
        ...told.subPortals.map((one) => choice("subPortal", one.name, one.name, `Queue · ${one.available} available, ${one.waiting} waiting`, false)),
        ...told.representatives.map((one) => choice("representative", one.email, one.name,
          `${one.team} · ${one.available ? `available${one.sessions ? `, ${one.sessions} open` : ""}` : "not available"}`, !one.available)));
    } catch (refused) {
      choices.replaceChildren(make("p", { class: "empty small" }, refused.message));
    }
  }
  byId("transfer-search").addEventListener("input", (event) => {
    const words = event.target.value.trim().toLowerCase();
    for (const one of choices.children) one.hidden = !one.textContent.toLowerCase().includes(words);
  });

  const end = createDialog("end-dialog", async (form) => {
    const given = { resolution: form.resolution.value };
    for (const name of ["comment", "sessionEndLabel", "sessionEndData"]) if (form[name].value.trim()) given[name] = form[name].value;
    await act("endSession", given);
  });

  async function quick(operation, given, view) {
    try {
      const id = desk.selected;
      await act(operation, given, id);
      if (view && desk.selected === id) showView(view);
    } catch (refused) { toast(refused.message); }
  }
  const does = {
    screen: () => (desk.session()?.sharesScreen ? showView("screen") : quick("setScreenSharing", { on: true }, "screen")),
    page: page.open,
    file() { file.open(); show(said, false); },
    diagnostics: () => (desk.session()?.diagnostics ? showView("diagnostics") : quick("requestDiagnostics", {}, "diagnostics")),
    reboot() {
      reboot.open();
      byId("reboot-dialog").querySelector("[data-customer]").textContent = desk.session()?.customer ?? "";
    },
    transfer: openTransfer,
    end: end.open,
  };
  const bar = byId("tools");
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-tool]")?.dataset.tool;
    about = desk.selected;
    if (name) does[name]();
  });
  bar.addEventListener("keydown", (event) => {
    const all = [...bar.querySelectorAll("button")], here = all.indexOf(document.activeElement);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by && here >= 0) all[(here + by + all.length) % all.length].focus();
  });
  byId("stop-screen").addEventListener("click", () => quick("setScreenSharing", { on: false }, "talk"));

  function draw() {
    const open = desk.session();
    for (const button of bar.querySelectorAll("button")) button.disabled = open?.stage !== "talking";
    bar.querySelector('[data-tool="screen"]').setAttribute("aria-pressed", String(Boolean(open?.sharesScreen)));
    show(bar, open?.stage === "talking" || open?.stage === "consent");
  }
  return {
    draw,
    end() {
      if (desk.session()?.stage !== "talking") return;
      about = desk.selected;
      end.open();
    },
  };
}
