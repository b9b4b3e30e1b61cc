/** Which part of the page is to be seen: the views of a session, and on a narrow window the area. */
import { byId, say, show } from "./dom.js";

/** @param {ReturnType<import("./model.js").createDesk>} desk */
export function createViews(desk) {
  const tabs = byId("views"), areas = byId("areas"), page = byId("desk");
  const opened = {};
  let view = "talk", drawnFor = null;

  function has(name) {
    const open = desk.session();
    if (name === "screen") return Boolean(open?.sharesScreen) && open.stage === "talking";
    return name === "talk" || Boolean(open?.diagnostics);
  }
  function showView(name) {
    view = has(name) ? name : "talk";
    for (const tab of tabs.children) {
      const isShown = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      show(byId(tab.getAttribute("aria-controls")), isShown);
    }
    opened[view]?.();
  }
  tabs.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-view]");
    if (tab) showView(tab.dataset.view);
  });
  tabs.addEventListener("keydown", (event) => {
    const all = [...tabs.children].filter((tab) => !tab.hidden), here = all.indexOf(document.activeElement);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || here < 0) return;
    const next = all[(here + by + all.length) % all.length];
    showView(next.dataset.view);
    next.focus();
  });

  function showArea(name) {
    page.dataset.show = name;
    for (const button of areas.children) button.setAttribute("aria-current", String(button.dataset.area === name));
  }
  areas.addEventListener("click", (event) => {
    const button = event.target.closest("[data-area]");
    if (!button) return;
    showArea(button.dataset.area);
    if (button.dataset.area === "middle" && view === "talk") desk.look();
  });
  showArea("side");

  function mark(name, count) {
    const dot = areas.querySelector(`[data-area="${name}"] .dot-count`);
    say(dot, count ? String(count) : "");
    show(dot, count > 0);
  }
  return {
    show: showView,
    showArea,
    /** Whether the talk of the open session is to be seen. */
    showsTalk: () => view === "talk" && (getComputedStyle(areas).display === "none" || page.dataset.show === "middle"),
    /** Be told when a view comes to be seen. */
    onShow(name, does) { opened[name] = does; },
    draw() {
      for (const tab of tabs.children) show(tab, has(tab.dataset.view));
      show(tabs, [...tabs.children].filter((tab) => !tab.hidden).length > 1);
      if (drawnFor !== desk.selected || !has(view)) showView(drawnFor !== desk.selected ? "talk" : view);
      drawnFor = desk.selected;
      mark("side", desk.state.alerts.length);
      mark("middle", desk.unreadOfAll());
      const unread = desk.session() ? desk.unread(desk.session()) : 0;
      say(byId("talk-unread"), unread ? String(unread) : "");
      byId("talk-unread").setAttribute("aria-label", `${unread} unread`);
      show(byId("talk-unread"), unread > 0);
    },
  };
}
