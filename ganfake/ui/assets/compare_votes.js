// The third part of the Compare tab's script, in one scope with compare.js: blind votes, and
// the ranking that they give. It holds no names before the server tells them.
const blind = $(".blind"), cards = $$(".blind .card"), verdict = $(".blind .verdict");
const nextPair = $(".blind .next"), firstList = $(".picks .first"), secondList = $(".picks .second");
const handOvers = $$(".voted .hand-over");
let shownPair = null, shownFor = "", voter = "", dealing = false, mine = false, inView = false;

function open(yes) {
  for (const card of cards) card.disabled = !yes;
}
const deal = latest(async () => {
  if (!known || !inView) return;
  const asked = family, wish = [asked, firstList.value, secondList.value].join();
  if (shownPair && shownFor === wish) return; // a pair waits; it would come again
  open(false);
  if (document.activeElement === nextPair) $(".blind .table").focus({ preventScroll: true });
  nextPair.disabled = true;
  dealing = true;
  // Who comes to this tab first is given a secret by the Play tab at the same time: one is enough.
  for (let tries = 0; !player() && tries < 20; tries += 1) await new Promise((done) => setTimeout(done, 150));
  const dealt = await ask("pair", { player: player(), family: asked, first: firstList.value, second: secondList.value });
  dealing = false;
  if (asked !== family) return;
  shownPair = null;
  for (const box of handOvers) box.replaceChildren();
  if (dealt.error) { verdict.textContent = dealt.error; nextPair.disabled = false; return; }
  voter = dealt.player; // whose pair it is, whatever other tabs do meanwhile
  if (!player()) keepPlayer(voter);
  shownPair = dealt.pair;
  shownFor = wish;
  cards.forEach((card, slot) => {
    card.classList.remove("chosen");
    card.querySelector("img").src = dealt.pictures[slot];
    card.querySelector(".label").textContent = slot ? "Right" : "Left";
  });
  verdict.textContent = "The names come after your vote.";
  open(true);
});
async function vote(choice) {
  if (!shownPair || cards[0].disabled) return;
  open(false);
  const said = await ask("vote", { player: voter, pair: shownPair, choice });
  shownPair = null;
  nextPair.disabled = false;
  if (said.error) { verdict.textContent = said.error; return; }
  cards.forEach((card, slot) => {
    const { face, picture } = said.shown[slot];
    card.classList.toggle("chosen", card.dataset.choice === choice);
    card.querySelector("img").src = picture; // the same, in its own size, and marked
    card.querySelector(".label").textContent = face.model;
    offer(handOvers[slot], said.shown[slot], slot ? "right" : "left");
  });
  const chosen = said.shown[choice === "left" ? 0 : 1].face, other = said.shown[choice === "left" ? 1 : 0].face;
  verdict.textContent = `You prefer ${chosen.model} to ${other.model}.`;
  nextPair.focus({ preventScroll: true });
  drawRanking();
}
for (const card of cards) card.addEventListener("click", () => vote(card.dataset.choice));
nextPair.addEventListener("click", () => deal());
for (const list of [firstList, secondList]) list.addEventListener("change", () => deal());
document.addEventListener("keydown", (event) => {
  if (!inView || !element.offsetParent || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input, select, textarea, [role=tab]");
  if (field && !(field === slider && /^[12]$/.test(event.key))) return; // the slider takes arrows only
  const choice = { 1: "left", ArrowLeft: "left", 2: "right", ArrowRight: "right" }[event.key];
  if (!choice || !shownPair) return;
  event.preventDefault();
  vote(choice);
});

// -- the ranking -------------------------------------------------------------------------
const MARK = "http://www.w3.org/2000/svg";
function draw(name, values, parent) {
  const made = document.createElementNS(MARK, name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}
// A point with its interval on an axis from -reach to reach, 100 units wide.
function interval(row, reach, cell) {
  const x = (value) => 50 + (50 * Math.max(-reach, Math.min(reach, value))) / reach;
  const label = `Strength ${row.strength.toFixed(2)}, 95 %: ${row.low.toFixed(2)} to ${row.high.toFixed(2)}`;
  const plot = draw("svg", { viewBox: "0 0 100 16", preserveAspectRatio: "none", role: "img", "aria-label": label }, cell);
  draw("line", { x1: 50, x2: 50, y1: 0, y2: 16, class: "zero" }, plot);
  draw("line", { x1: x(row.low), x2: x(row.high), y1: 8, y2: 8, class: "range" }, plot);
  draw("line", { x1: x(row.strength), x2: x(row.strength), y1: 8, y2: 8, class: "point" }, plot);
}
// A cell with its column's title, which a phone shows in place of the table's head.
function value(title, words, line) {
  const cell = node("td", "", line);
  node("span", title, cell, "of");
  node("span", words, cell);
}
const drawRanking = latest(async () => {
  if (!known) return;
  const asked = family;
  const found = await ask("ranking", { player: voter || player(), family: asked, mine });
  if (asked !== family) return;
  const box = $(".standing");
  box.replaceChildren();
  if (found.error) { $(".count").textContent = found.error; return; }
  $(".count").textContent = found.votes === 1 ? "1 vote so far." : `${count(found.votes)} votes so far.`;
  $(".agrees").textContent = found.sentence;
  const table = node("table", "", box), head = node("tr", "", node("thead", "", table)), body = node("tbody", "", table);
  for (const title of ["Model", "Place by votes", "Strength, 95 %", "Preferred", "Place by numbers", "Fréchet distance"]) node("th", title, head).scope = "col";
  const reach = Math.max(1, ...found.rows.flatMap((row) => (row.place ? [Math.abs(row.low), Math.abs(row.high)] : [])));
  for (const row of found.rows) {
    const line = node("tr", "", body);
    node("th", row.model, line).scope = "row";
    value("Place by votes", row.place ? String(row.place) : "–", line);
    const cell = node("td", "", line, "strength");
    if (row.place) {
      interval(row, reach, cell);
      node("small", `${row.strength.toFixed(2)} (${row.low.toFixed(2)} to ${row.high.toFixed(2)})`, cell);
    } else node("small", "no votes yet", cell);
    value("Preferred", row.shown ? `${row.won} of ${row.shown}` : "–", line);
    value("Place by numbers", row.number_place ? String(row.number_place) : "–", line);
    const distance = row.number ? `${row.number[0].toFixed(0)} (${row.number[1].toFixed(0)} to ${row.number[2].toFixed(0)})` : "–";
    value("Fréchet distance", distance, line);
  }
});
for (const button of $$(".whose button")) button.addEventListener("click", () => {
  mine = Boolean(button.dataset.mine);
  for (const other of $$(".whose button")) other.setAttribute("aria-pressed", String(other === button));
  drawRanking();
});
changed.push(() => {
  for (const list of [firstList, secondList]) {
    list.replaceChildren();
    node("option", "any", list).value = "any";
    for (const model of voted()) node("option", model.name, list).value = model.name;
  }
  const side = known.sides[family];
  $(".rule").textContent = `Two pictures by two models, sides by chance, names hidden. All are shown at ${side} × ${side} pixels, so sharpness beyond that does not count here.`;
  shownPair = null;
  open(false); // the pair of the other family, when this one is dealt only once it is in view
  for (const card of cards) card.querySelector("img").removeAttribute("src");
  nextPair.disabled = true;
  deal();
  drawRanking();
});
new IntersectionObserver((entries) => {
  inView = entries[entries.length - 1].isIntersecting;
  if (inView && !shownPair && !dealing && nextPair.disabled) deal();
}).observe($(".blind .table"));
