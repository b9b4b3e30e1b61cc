// The lines of a talk. What somebody else wrote becomes text, and a link only where it is a web address.

/** What shows in the talk besides chat; others are for the page only. */
const HAPPENED = {
  DiagnosticsTaken: (rep) => [rep, " has read the diagnostics of your computer."],
  ScreenSharingOn: (rep) => [rep, " can see your screen."],
  ScreenSharingOff: () => ["Screen sharing has ended."],
  Rebooted: () => ["Your computer restarts."],
  Reconnected: () => ["Your computer is back."],
};

function element(name, properties, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

const person = (name) => element("bdi", {}, name);

function time(line) {
  const at = new Date(line.time);
  if (Number.isNaN(at.getTime())) return "";
  const written = at.toISOString();
  return element("time", { dateTime: written }, written.slice(11, 19));
}

function pushed(line) {
  const isPage = /^https?:\/\/[^\s<>"]+$/.test(line.text);
  return isPage ? element("a", { href: line.text, target: "_blank", rel: "noopener noreferrer" }, line.text) : person(line.text);
}

function sent(line) {
  return line.file ? element("a", { href: line.file, download: line.name ?? "", dir: "auto" }, line.text) : person(line.text);
}

function happened(line, rep) {
  if (line.kind === "FileSent") return [person(rep), " has sent a file: ", sent(line)];
  if (line.kind === "UrlPushed") return [person(rep), " shows you a page: ", pushed(line)];
  return HAPPENED[line.kind]?.(person(rep));
}

/**
 * Make a line of the talk.
 *
 * @param {{time: string|Date, kind: string, speaker: string|null, who: string|null, text: string, file?: string}} line
 *   as the page's JSON has it
 * @param {string} rep the representative's name
 * @returns {HTMLLIElement|null} null for what shows nothing
 */
export function made(line, rep) {
  if (line.kind === "Chat") {
    const own = line.who === "customer" ? " own" : "";
    const who = element("b", { className: "who" }, person(line.speaker || rep), " ", time(line));
    return element("li", { className: `said${own}` }, who, element("span", { dir: "auto" }, line.text));
  }
  const inside = happened(line, rep);
  return inside ? element("li", { className: "happened" }, time(line), " ", ...inside) : null;
}
