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
async function ask(name, payload) {
  try {
    return await server[name](payload);
  } catch {
    return { error: "The server does not answer; wait a moment and try again." };
  }
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
// Long work that is stopped fails a moment later, twice; what is begun before that, Gradio stops
// as well. `over()` waits for it, and `isOld()` tells whether a failure is of that work.
function endings() {
  let end = () => {}, since = -Infinity, over = Promise.resolve();
  return {
    stopped() {
      since = performance.now();
      over = new Promise((done) => { end = done; setTimeout(done, 3000); }); // it may just have ended
    },
    isOld() { end(); return performance.now() - since < 5000; },
    over: () => over,
  };
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
  return new File([bytes(content)], `${name}.${ending}`, { type });
}
