// What the scripts of several tabs share; it stands before each of them.
const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const node = (tag, value, parent, className) => {
  const made = document.createElement(tag);
  if (value) made.textContent = value;
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
};
// A sentence where a screen reader hears it; the same one again is not read again.
const saidIn = new Map(); // the element itself may hold its translation
function sayIn(where, sentence, wrong = false) {
  const words = sentence || "\u00a0";
  if (saidIn.get(where) !== words) where.textContent = words;
  saidIn.set(where, words);
  where.classList.toggle("wrong", wrong);
  if (wrong) bringIntoView(where);
}
// On a phone much of a tab is out of sight: what matters now is not.
function bringIntoView(shown) {
  if (shown.offsetParent) shown.scrollIntoView({ block: "nearest" });
}
// How far work is, in quarters: the bar tells every step, and a screen reader would never rest.
function quarters(what, share) {
  const quarter = Math.floor(4 * share);
  return quarter ? `${what}: ${25 * quarter} %` : `${what}.`;
}
// Where the server does not answer, Gradio's call ends without a word, or with an error.
async function ask(name, payload) {
  const said = await Promise.resolve(server[name](payload)).catch(() => null);
  return said ?? { error: "The server does not answer; wait a moment and try again." };
}
// Only the latest wish counts: while one is on its way, newer ones replace each other.
function latest(act) {
  let running = false, next = null;
  return async function run(...wish) {
    if (running) { next = wish; return; }
    running = true;
    try { await act(...wish); } finally { running = false; }
    if (next) { const wish = next; next = null; await run(...wish); }
  };
}
// Long work: an event that the server answers line by line, and another that stops it, see
// long_work.py. The number goes with the event and comes back in every line, also in the one that
// says that it failed: the next may begin while what was stopped is still ending.
function longWork(name, halt, wish, hear, unfinished = "It was not finished; try again.") {
  const work = { busy: false };
  let number = 0;
  const send = (event, more) => trigger(event, { wish: JSON.stringify({ number, ...more }) });
  const told = (said) => { if (said.error) work.busy = false; hear(said); };
  work.begin = () => { number += 1; work.busy = true; send(name, wish()); };
  work.stop = () => { if (work.busy) send(halt); work.busy = false; };
  (window.ganfakeWork ??= {})[name] = {
    heard(line) {
      if (!line.startsWith("{") || !work.busy) return;
      const said = JSON.parse(line);
      if (said.number !== null && said.number !== number) return; // of work that was stopped
      told(said.failed ? { error: unfinished } : said);
    },
    // What never became work, as where the queue is full. Of these Gradio does not say which event
    // it was: one that was stopped on its way, and is refused only after the next has begun, ends
    // the next here. So a failure may be shown to the wrong work, but none is passed over.
    failed() { if (work.busy) told({ error: unfinished }); },
  };
  return work;
}
// Shown no longer: a clip that has lost its address would play on, and be heard.
function emptied(...shown) {
  for (const one of shown) { one.removeAttribute("src"); one.load?.(); }
}
// A file's content, which comes in base64, and a file for the visitor to keep.
function bytes(content) {
  return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
}
function save(name, blob) {
  const link = node("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
// The picture that another tab hands to this one, as a file; null where there is none.
function handed(tab) {
  const it = window.ganfakeHanded;
  if (it?.to !== tab) return null;
  window.ganfakeHanded = null;
  const [head, content] = it.address.split(";base64,"), type = head.slice(5);
  const name = it.face?.model ? `${it.face.model}-seed${it.face.seed}` : it.face?.name || "picture";
  const ending = type.split("/")[1].replace("jpeg", "jpg");
  return Object.assign(new File([bytes(content)], `${name}.${ending}`, { type }), { box: it.face?.box });
}
