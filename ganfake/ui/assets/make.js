// The Make tab: the browser keeps what was chosen, the server makes the pictures. A face is
// the small object that the server described it with; it goes back as it came.
const grid = $(".grid"), shelf = $(".kept"), message = $(".message"), detail = $(".detail");
const modelList = $("#make-model"), seedBox = $("#make-seed"), countBox = $("#make-count");
const truncation = $("#make-truncation"), share = $("#make-share");
let models = [], about = null, shown = null;
const slots = { start: null, end: null, mixed: null };

const say = (sentence, wrong) => sayIn(message, sentence, wrong);
const percent = (part) => `${Math.round(100 * part)} %`;

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
  face.setAttribute("aria-label", `${image.alt}. ${made.words}`);
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

// A state as the address tells it; face: as the server describes one, or a wish.
function stateOf(face, count) {
  const pairs = (named) => Object.entries(named).map(([name, value]) => `${name}:${value}`);
  const state = { model: face.model, seed: face.seed, count };
  if (face.truncation !== 1) state.truncation = face.truncation;
  if (Object.keys(face.labels).length) state.set = pairs(face.labels);
  if (Object.keys(face.push).length) state.push = pairs(face.push);
  if (face.mix_seed !== null) state.mix = `${face.mix_seed}:${face.mix_share}`;
  return state;
}
let begun = false; // what stands there at first needs no address of its own
let wished = ""; // what the grid shows: Enter in a field is heard twice, and made once
const make = latest(async () => {
  if (!about) return;
  const labels = {};
  for (const list of $$(".asked select")) if (list.value) labels[list.dataset.name] = list.value;
  const wish = {
    model: about.model, seed: seedBox.value.trim(), count: Number(countBox.value), truncation: Number(truncation.value), labels,
  };
  if (JSON.stringify(wish) === wished) return;
  grid.classList.add("busy");
  const made = await ask("make", wish);
  grid.classList.remove("busy");
  if (made.error) { wished = ""; say(made.error, true); return; }
  wished = JSON.stringify(wish);
  if (begun) window.ganfakeAt?.("make", stateOf({ ...wish, push: {}, mix_seed: null }, wish.count));
  const before = Math.max(0, [...grid.children].findIndex((f) => f.getAttribute("aria-selected") === "true"));
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
async function pickModel(labels = {}) {
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
    list.value = labels[field.name] ?? "";
  }
  drawSliders();
  $(".meaning").textContent = `The bar under each ${about.noun}: the part of ${about.real}, which it has never seen, that its own discriminator finds less real. At 50 % it cannot tell them apart.`;
  window.ganfakeModel = about.model;
  document.dispatchEvent(new CustomEvent("ganfake:model", { detail: about.model }));
  await make();
}
modelList.addEventListener("change", latest(() => pickModel()));
$(".knobs").addEventListener("submit", (event) => { event.preventDefault(); make(); });
$(".dice").addEventListener("click", () => {
  seedBox.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
  make();
});
truncation.addEventListener("input", () => { $(".knob output").textContent = Number(truncation.value).toFixed(2); make(); });
$(".asked").addEventListener("change", () => make());
for (const box of [seedBox, countBox]) box.addEventListener("change", () => make());

// -- the beginning -------------------------------------------------------------------
// The state that a link tells of, in the knobs; null without one, or where it is nonsense.
async function linked(usual) {
  const said = window.ganfakeLink?.("make");
  if (!said) return null;
  const told = Object.fromEntries([["model", [usual]], ...[...said.keys()].map((name) => [name, said.getAll(name)])]);
  const link = await ask("linked", told);
  if (link.error) { window.ganfakeTell(link.error, true); return null; }
  modelList.value = link.face.model;
  seedBox.value = link.face.seed;
  countBox.value = link.count;
  truncation.value = link.face.truncation;
  $(".knob output").textContent = link.face.truncation.toFixed(2);
  return link;
}
async function begin() {
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
  const link = await linked(found.first);
  await pickModel(link?.face.labels);
  begun = true;
  if (link?.changed) await look(link.face, false);
}

