// The Make tab: the browser keeps what was chosen, the server makes the pictures. A face is
// the small object that the server described it with; it goes back as it came.
const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const grid = $(".grid"), shelf = $(".kept"), message = $(".message"), detail = $(".detail");
const modelList = $("#make-model"), seedBox = $("#make-seed"), countBox = $("#make-count");
const truncation = $("#make-truncation"), share = $("#make-share");
let models = [], about = null, shown = null, slots = { start: null, end: null, mixed: null };

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
function say(sentence, wrong = false) {
  message.textContent = sentence || "\u00a0";
  message.classList.toggle("wrong", wrong);
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
const percent = (part) => `${Math.round(100 * part)} %`;
function opinion(part) {
  if (part === null) return "Its discriminator was not kept.";
  if (part < 0.005) return `Its discriminator finds all ${about.real} more real.`;
  return `Its discriminator finds it more real than ${percent(part)} of ${about.real}.`;
}

// -- the grid -----------------------------------------------------------------------
function tile(made, list) {
  const face = node("div", "", null, "face");
  face.setAttribute("role", "option");
  face.setAttribute("aria-selected", "false");
  face.tabIndex = -1;
  face.made = made;
  const image = node("img", "", face);
  image.src = made.picture;
  image.draggable = false;
  if (made.share !== null) {
    node("i", "", node("span", "", face, "meter")).style.width = `${100 * made.share}%`;
    node("span", percent(made.share), face, "percent");
  }
  list.append(face);
  const changed = made.face.mix_seed !== null ? "Mix" : Object.keys(made.face.push).length ? "Pushed picture" : "Picture";
  image.alt = `${changed} ${list.children.length} by ${made.face.model}, seed ${made.face.seed}`;
  face.setAttribute("aria-label", `${image.alt}. ${opinion(made.share)}`);
  return face;
}
function mark(face) {
  for (const other of $$(".face")) other.setAttribute("aria-selected", String(other === face));
  if (!face) return;
  for (const other of face.parentElement.children) other.tabIndex = other === face ? 0 : -1;
}
function choose(face, byHand = true) {
  mark(face);
  look(face.made.face, byHand);
}
function columns(list) {
  return getComputedStyle(list).gridTemplateColumns.split(" ").length;
}
for (const list of [grid, shelf]) {
  list.addEventListener("click", (event) => {
    const face = event.target.closest(".face");
    if (face) { face.focus({ preventScroll: true }); choose(face); }
  });
  list.addEventListener("keydown", (event) => {
    const all = [...list.children], at = all.indexOf(event.target);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(all[at]); return; }
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns(list), ArrowDown: at + columns(list), Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    all[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

const make = latest(async () => {
  if (!about) return;
  const before = Math.max(0, [...grid.children].findIndex((f) => f.getAttribute("aria-selected") === "true"));
  grid.classList.add("busy");
  const labels = {};
  for (const list of $$(".asked select")) if (list.value) labels[list.dataset.name] = list.value;
  const made = await ask("make", {
    model: about.model, seed: seedBox.value.trim(), count: Number(countBox.value), truncation: Number(truncation.value), labels,
  });
  grid.classList.remove("busy");
  if (made.error) { say(made.error, true); return; }
  const focused = grid.contains(document.activeElement);
  grid.replaceChildren();
  for (const one of made.faces) tile(one, grid);
  const many = made.faces.length;
  say(`${many} ${about.noun}${many > 1 ? "s" : ""} by ${about.model}. Choose one to look closer.`);
  const again = grid.children[Math.min(before, many - 1)];
  choose(again, false);
  if (focused) again.focus({ preventScroll: true });
});

// -- the knobs ----------------------------------------------------------------------
async function pickModel() {
  const row = models.find((m) => m.name === modelList.value);
  $(".summary").textContent = `${row.summary[0].toUpperCase()}${row.summary.slice(1)}. ${row.facts.join("; ")}.`;
  const found = await ask("about", { model: row.name });
  if (found.error) { say(found.error, true); return; }
  about = found;
  shown = null;
  for (const name of ["start", "end"]) fill(name, null);
  $(".attributes").hidden = !about.fields.length;
  const asked = $(".asked");
  asked.replaceChildren();
  for (const field of about.fields) {
    const list = node("select", "", node("label", field.title, asked));
    list.dataset.name = field.name;
    node("option", "any", list).value = "";
    for (const [value, title] of field.values) node("option", title, list).value = value;
  }
  drawSliders();
  $(".meaning").textContent = `The bar under each ${about.noun}: the part of ${about.real}, which it has never seen, that its own discriminator finds less real. At 50 % it cannot tell them apart.`;
  window.ganfakeModel = about.model;
  document.dispatchEvent(new CustomEvent("ganfake:model", { detail: about.model }));
  await make();
}
modelList.addEventListener("change", latest(pickModel));
$(".knobs").addEventListener("submit", (event) => { event.preventDefault(); make(); });
$(".dice").addEventListener("click", () => {
  seedBox.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
  make();
});
truncation.addEventListener("input", () => { $(".knob output").textContent = Number(truncation.value).toFixed(2); make(); });
$(".asked").addEventListener("change", () => make());
for (const box of [seedBox, countBox]) box.addEventListener("change", () => make());

// -- one face in detail ---------------------------------------------------------------
const look = latest(async (face, byHand) => {
  const found = await ask("look", { face });
  if (found.error) { say(found.error, true); return; }
  show(found);
  // On a phone the details stand below the grid.
  const below = detail.getBoundingClientRect().top > innerHeight - 120;
  if (byHand && below) detail.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});
function show(found) {
  shown = found;
  const face = found.face;
  detail.hidden = false;
  const large = $(".large");
  large.src = found.picture;
  large.alt = `A ${about.noun} by ${face.model}, seed ${face.seed}`;
  $(".opinion .meter i").style.width = `${100 * (found.share ?? 0)}%`;
  $(".opinion .meter").hidden = found.share === null;
  $(".opinion .words").textContent = opinion(found.share);
  const facts = $(".how dl");
  facts.replaceChildren();
  const fact = (name, value) => { node("dt", name, facts); node("dd", value, facts); };
  fact("Model", face.model);
  fact("Seed", face.seed);
  if (found.mixed) fact("Mixed with", `seed ${face.mix_seed}, ${percent(face.mix_share)}`);
  fact("Truncation", face.truncation.toFixed(2));
  if (found.attributes.length) fact("Told", found.attributes.join(", "));
  $(".latent-line").textContent = `Its latent, ${found.latent.length} numbers that the seed stands for:`;
  const [strip, labels] = $$(".strip");
  strip.innerHTML = found.strip;
  labels.innerHTML = found.label_strip;
  $(".label-line").textContent = found.label_count ? `and ${found.label_count} numbers for its attributes; a push moves these:` : "";
  $(".numbers").textContent = found.latent.slice(0, 8).map((x) => x.toFixed(2)).join(", ") + ", …";
  $(".command").textContent = found.command;
  for (const slider of $$(".sliders input")) {
    if (slider !== document.activeElement) slider.value = face.push[slider.dataset.name] ?? 0;
    slider.nextElementSibling.textContent = Number(slider.value).toFixed(1);
  }
  $(".pushes").hidden = !about.directions.length || face.model !== about.model;
  drawHandOver();
}
function drawSliders() {
  const box = $(".sliders");
  box.replaceChildren();
  for (const direction of about.directions) {
    const row = node("label", "", box);
    node("span", direction.title, row);
    const slider = node("input", "", row);
    Object.assign(slider, { type: "range", min: -about.most_push, max: about.most_push, step: 0.1, value: 0 });
    slider.dataset.name = direction.name;
    node("output", "0.0", row);
    slider.addEventListener("input", () => {
      slider.nextElementSibling.textContent = Number(slider.value).toFixed(1);
      push();
    });
  }
}
function push() {
  if (!shown) return;
  const strengths = {};
  for (const slider of $$(".sliders input")) if (Number(slider.value)) strengths[slider.dataset.name] = Number(slider.value);
  look({ ...shown.face, push: strengths }, false);
}
$(".unpush").addEventListener("click", () => {
  for (const slider of $$(".sliders input")) slider.value = 0;
  push();
});
$(".keep").addEventListener("click", () => {
  if (!shown) return;
  const same = [...shelf.children].find((f) => JSON.stringify(f.made.face) === JSON.stringify(shown.face));
  $(".shelf").hidden = false;
  const face = same || (shelf.children.length < 64 ? tile(shown, shelf) : null);
  if (!face) { say("64 are kept; download them and reload the page.", true); return; }
  mark(face);
  say(same ? "It is kept already." : "Kept below the grid.");
});
async function copy(value, button) {
  const was = button.dataset.title ??= button.textContent;
  try {
    await navigator.clipboard.writeText(value);
  } catch { // not on https, or not allowed: the old way
    const box = node("textarea", "", element);
    box.value = value;
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = was; }, 1500);
}
$(".copy-command").addEventListener("click", (event) => copy(shown.command, event.currentTarget));
$(".copy-latent").addEventListener("click", (event) => copy(shown.latent.join(", "), event.currentTarget));

// Other tabs that take a face add {title, take(face, picture)} to this list.
window.ganfakeTakers ??= [];
function drawHandOver() {
  const box = $(".hand-over");
  box.replaceChildren();
  for (const taker of window.ganfakeTakers) {
    node("button", taker.title, box).addEventListener("click", () => taker.take(shown.face, shown.picture));
  }
}

// -- files ------------------------------------------------------------------------------
function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
function save(name, blob) {
  const link = node("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
async function download(faces) {
  say("The files are being made.");
  const found = await ask("files", { faces, kind: $(".kind").value });
  if (found.error) { say(found.error, true); return; }
  save(found.name, new Blob([bytes(found.content)]));
  say(`Saved as ${found.name}; every picture says that it is made by AI.`);
}
$(".one").addEventListener("click", () => shown && download([shown.face]));
$(".all").addEventListener("click", () => download($$(".face").map((f) => f.made.face)));

// -- between two ------------------------------------------------------------------------
function fill(name, found) {
  slots[name] = found;
  const slot = $(`.slot.${name}`), image = slot.querySelector("img"), button = slot.querySelector("button");
  slot.classList.toggle("full", Boolean(found));
  button.disabled = !found;
  if (found) { image.src = found.picture; image.alt = `Seed ${found.face.seed}`; } else image.removeAttribute("src");
  if (name === "mixed") return;
  const both = Boolean(slots.start && slots.end);
  share.disabled = !both;
  $(".walk").disabled = !both;
  if (both) mix(); else { fill("mixed", null); $(".mix-note").textContent = ""; }
}
const mix = latest(async () => {
  if (!slots.start || !slots.end) return;
  const found = await ask("mix", { start: slots.start.face, end: slots.end.face, share: Number(share.value) });
  if (!slots.start || !slots.end) return;
  fill("mixed", found.error ? null : found);
  $(".mix-note").textContent = found.error || found.note;
});
share.addEventListener("input", () => { $(".share output").textContent = percent(share.value); mix(); });
$(".as-start").addEventListener("click", () => shown && fill("start", shown));
$(".as-end").addEventListener("click", () => shown && fill("end", shown));
for (const name of ["start", "mixed", "end"]) {
  $(`.slot.${name} button`).addEventListener("click", () => { mark(null); show(slots[name]); detail.scrollIntoView({ block: "nearest" }); detail.focus({ preventScroll: true }); });
}

const walkSays = $(".walk-says"), bar = $(".make progress"), video = $("video");
let film = null;
function walking(on) {
  $(".walk").disabled = on || !slots.start || !slots.end;
  $(".halt").hidden = bar.hidden = !on;
}
$(".walk").addEventListener("click", () => {
  walking(true);
  bar.removeAttribute("value");
  walkSays.textContent = "Waiting for a turn.";
  trigger("walk");
});
$(".halt").addEventListener("click", () => {
  trigger("halt");
  walking(false);
  walkSays.textContent = "Stopped.";
  $(".walk").focus();
});
$(".save-walk").addEventListener("click", () => film && save(film.name, film.blob));
window.ganfakeWalk = {
  wish: () => JSON.stringify({ stops: [slots.start?.face, slots.end?.face], seconds: Number($(".seconds").value) }),
  heard(line) {
    if (!line || $(".halt").hidden) return;
    const said = JSON.parse(line);
    if (said.error) { walking(false); walkSays.textContent = said.error; return; }
    if (said.done !== undefined) { bar.value = said.done / said.of; walkSays.textContent = `Picture ${said.done} of ${said.of}`; }
    if (!said.content) return;
    walking(false);
    walkSays.textContent = "";
    film = { name: said.name, blob: new Blob([bytes(said.content)], { type: "video/mp4" }) };
    URL.revokeObjectURL(video.src);
    video.src = URL.createObjectURL(film.blob);
    $(".film-strip").hidden = false;
    video.play().catch(() => {}); // it has controls where a browser wants to be asked
  },
  failed() { if (!$(".halt").hidden) { walking(false); walkSays.textContent = "The walk was not finished; try again."; } },
};

(async () => {
  const found = await ask("models", {});
  if (found.error) {
    $(".works").hidden = true;
    $(".missing").hidden = false;
    $(".missing").textContent = found.error;
    return;
  }
  models = found.models;
  for (const model of models) node("option", model.name, modelList).value = model.name;
  modelList.value = found.first;
  countBox.max = found.most;
  await pickModel();
})();
