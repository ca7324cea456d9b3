// The Compare tab: the family that is chosen, and the same latents through all its models.
const message = $(".message"), seedBox = $("#compare-seed"), rowsBox = $(".rows");
let known = null, family = "faces";
const models = () => known.families[family];
const voted = () => models().filter((model) => !model.snapshot);
const count = (number) => number.toLocaleString("en");

function say(sentence) { message.textContent = sentence; }
function player() {
  let kept = "";
  try { kept = localStorage.getItem("ganfake.player") || ""; } catch { /* private mode */ }
  return window.ganfake?.player() || kept || player.own || "";
}
function keepPlayer(token) {
  player.own = token;
  try { localStorage.setItem("ganfake.player", token); } catch { /* private mode */ }
  window.ganfake?.keepPlayer(token);
}

// -- the same latents ------------------------------------------------------------------
function layRow(model) {
  const row = node("div", "", rowsBox, "row");
  row.dataset.model = model.name;
  const head = node("div", "", row, "name");
  node("b", model.name, head);
  node("small", model.summary, head);
  node("small", `${count(model.images)} training pictures`, head);
  node("small", `${model.side} × ${model.side} pixels`, head);
  const line = node("div", "", row, "line");
  for (let at = 0; at < known.columns; at += 1) {
    const tile = node("button", "", line, "tile");
    tile.type = "button";
    tile.disabled = true;
    tile.tabIndex = rowsBox.querySelector(".tile") === tile ? 0 : -1; // one for all: arrows go on
    node("img", "", tile).alt = "";
  }
  return row;
}
const fillRows = latest(async () => {
  const asked = family, seed = seedBox.value.trim();
  $(".detail").hidden = true;
  for (const model of models()) {
    const made = await ask("row", { family: asked, model: model.name, seed });
    if (asked !== family) return;
    say(made.error || "");
    if (made.error) return;
    const tiles = rowsBox.querySelectorAll(`.row[data-model="${model.name}"] .tile`);
    made.pictures.forEach((one, at) => {
      const image = tiles[at].querySelector("img");
      image.src = one.picture;
      image.alt = `Picture by ${one.face.model}, seed ${one.face.seed}`;
      tiles[at].disabled = false;
      tiles[at].onclick = () => look(tiles[at], one);
    });
  }
});
rowsBox.addEventListener("keydown", (event) => {
  const tiles = [...rowsBox.querySelectorAll(".tile")], at = tiles.indexOf(event.target), wide = known?.columns;
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - wide, ArrowDown: at + wide, Home: 0, End: tiles.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation(); // else it might be a vote
  const next = tiles[to];
  if (!next || next.disabled) return;
  next.focus();
});
rowsBox.addEventListener("focusin", (event) => {
  for (const tile of rowsBox.querySelectorAll(".tile")) tile.tabIndex = tile === event.target ? 0 : -1;
});
function look(tile, one) {
  for (const other of $$(".tile")) other.setAttribute("aria-pressed", String(other === tile));
  const box = $(".detail .hand-over"), image = $(".detail .large");
  image.src = one.picture;
  image.alt = `Picture by ${one.face.model}, seed ${one.face.seed}`;
  $(".detail .chosen").textContent = `Made by ${one.face.model}, seed ${one.face.seed}.`;
  box.replaceChildren();
  offer(box, one);
  $(".detail").hidden = false;
  $(".detail").scrollIntoView({ block: "nearest" });
}
// Other tabs take a picture whose model is known; they are listed in loop.js.
function offer(box, one, where = "") {
  window.ganfakeOffer?.(box, { from: "compare", of: one.face, address: one.picture, face: family === "faces", where });
}
$(".seed").addEventListener("submit", (event) => { event.preventDefault(); fillRows(); });
seedBox.addEventListener("change", () => fillRows());
$(".dice").addEventListener("click", () => {
  seedBox.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
  fillRows();
});

// -- the family --------------------------------------------------------------------------
const changed = []; // what the other parts of the tab do when another family is chosen
function chooseFamily(name) {
  family = name;
  for (const button of $$(".families button")) button.setAttribute("aria-pressed", String(button.dataset.family === name));
  rowsBox.replaceChildren();
  for (const model of models()) layRow(model);
  for (const act of changed) act();
  fillRows();
}
for (const button of $$(".families button")) button.addEventListener("click", () => known && chooseFamily(button.dataset.family));
setTimeout(async () => { // when all parts of the script have run
  known = await ask("families", {});
  if (known.error) { say(known.error); known = null; return; }
  chooseFamily(family);
});
