// The second part of the Learn tab's script, in one scope with learn.js: ten rounds before and
// after, and the result. Nothing here depends on an answer before the result.
const tables = Object.fromEntries($$(".rounds").map((box) => [box.dataset.part, layRounds(box)]));

const seen = new Map(); // the pictures of this visit, by set and number
const placeOf = ({ set, number }) => `${set}/${number}`;

function layRounds(box) {
  const table = { part: box.dataset.part, round: null, busy: false };
  table.choice = node("p", "", box, "deck-choice");
  if (table.part === "before") {
    const label = node("label", "Photographs ", table.choice);
    table.decks = node("select", "", label);
    table.decks.addEventListener("change", () => drawRounds(table));
  }
  table.start = node("button", "Begin", table.choice, "main");
  table.start.type = "button";
  table.start.addEventListener("click", () => deal(table));
  table.small = node("p", "The pocket deck is grey and 25 pixels wide, so clues of colour and fine texture do not show in it. For a sharper deck open “Better photographs” in the Play tab.", box, "about");
  table.frame = node("div", "", box, "face-frame");
  table.image = node("img", "", table.frame);
  table.image.alt = "The face";
  table.frame.hidden = true;
  table.says = node("p", "", box, "says");
  for (const [value, title, key] of [["real", "Real", "1"], ["fake", "Fake", "2"]]) {
    const button = node("button", "", table.says);
    button.type = "button";
    button.dataset.say = value;
    node("span", title, button);
    node("kbd", key, button);
    button.addEventListener("click", () => answer(table, value));
  }
  table.says.hidden = true;
  table.status = node("p", "", box, "status");
  table.status.setAttribute("role", "status");
  table.bar = node("progress", "", box);
  table.bar.max = 10;
  table.bar.setAttribute("aria-label", "Rounds answered");
  return table;
}
const done = (part) => house.progress[part] >= house.progress.of;

async function deal(table) {
  if (table.busy) return;
  table.busy = true;
  const deck = table.part === "before" ? table.decks.value : house.progress.deck;
  const dealt = await ask("deal", { player: player(), part: table.part, deck });
  table.busy = false;
  if (dealt.error) { table.round = null; drawRounds(table); table.status.textContent = dealt.error; return; }
  if (dealt.player !== player()) keepPlayer(dealt.player);
  house.progress = dealt.progress;
  table.round = dealt;
  table.image.src = dealt.picture;
  seen.set(placeOf(dealt), dealt.picture);
  drawRounds(table);
}
async function answer(table, choice) {
  if (!table.round || table.busy) return;
  table.busy = true;
  const said = await ask("answer", { player: player(), round: table.round.round, choice });
  table.busy = false;
  table.round = null;
  if (said.error) { drawRounds(table); table.status.textContent = said.error; return; }
  house.progress = said.progress;
  if (!done(table.part)) return deal(table);
  drawRounds(table);
  $(".on").focus({ preventScroll: true });
}
function drawRounds(table) {
  const { progress } = house, count = progress[table.part], playing = Boolean(table.round);
  table.bar.value = count;
  table.frame.hidden = table.says.hidden = !playing;
  table.choice.hidden = playing;
  if (table.decks) table.decks.parentElement.hidden = count > 0 && !done("before");
  table.small.hidden = playing || table.decks?.value !== "pocket" || table.decks.parentElement.hidden;
  table.start.hidden = false;
  if (playing) {
    table.status.textContent = `Round ${table.round.number} of ${progress.of}`;
    return;
  }
  table.start.textContent = count && !done(table.part) ? "Go on" : "Begin";
  table.status.textContent = count ? `${count} of ${progress.of} rounds answered.` : "";
  if (table.part === "before" && done("before")) {
    table.start.textContent = "Begin the lesson again";
    table.status.textContent = "The ten rounds before are done. Go on to the lesson.";
  }
  if (table.part === "after") {
    table.start.hidden = !done("before") || done("after");
    if (!done("before")) table.status.textContent = "There is nothing to compare with yet: play the ten rounds before first.";
    else if (done("after")) table.status.textContent = "The ten rounds after are done. Go on to your result.";
  }
}
opened.before = () => drawRounds(tables.before);
opened.after = () => drawRounds(tables.after);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const table = tables[steps[at].dataset.step];
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !table?.round || !element.offsetParent) return;
  const choice = { ArrowLeft: "real", 1: "real", ArrowRight: "fake", 2: "fake" }[event.key];
  if (choice) { event.preventDefault(); answer(table, choice); }
});

opened.result = async () => {
  const box = $(".effect");
  if (!done("before") || !done("after")) {
    box.replaceChildren();
    node("p", "The result needs the ten rounds before and the ten after.", box);
    const button = node("button", "Go to the missing rounds", box, "main");
    button.type = "button";
    const missing = done("before") ? "after" : "before";
    button.addEventListener("click", () => goTo(steps.findIndex((step) => step.dataset.step === missing)));
    return;
  }
  const found = await ask("result", { player: player() });
  box.replaceChildren();
  if (found.error) mishap(box, found.error, opened.result); else drawEffect(box, found);
};
function drawEffect(box, found) {
  const percent = (share) => (100 * share).toFixed(0), points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(0)}`;
  const set = { before: (k, n, low, high, d) => `Before: ${k} of ${n} right (95 % Wilson interval: ${low} to ${high} %), d′ ${d}.`, after: (k, n, low, high, d) => `After: ${k} of ${n} right (95 % Wilson interval: ${low} to ${high} %), d′ ${d}.` };
  node("p", found.sentence, box, "verdict");
  const list = node("ul", "", box, "points");
  for (const name of ["before", "after"]) {
    const x = found[name];
    node("li", set[name](x.correct, x.of, percent(x.low), percent(x.high), x.d_prime.toFixed(2).replace("-", "−")), list);
  }
  const c = found.change;
  node("li", `Difference: ${points(c.difference)} points (95 % interval after Newcombe: ${points(c.low)} to ${points(c.high)}; Boschloo's exact test: p ${c.p < 0.01 ? "< 0.01" : `= ${c.p.toFixed(2)}`}).`, list);
  node("li", `Published: untrained people ${(100 * found.published[0]).toFixed(1)} %, people trained with feedback ${(100 * found.published[1]).toFixed(1)} %, each over many more rounds.`, list);
  const plot = node("div", "", box, "plot");
  plot.innerHTML = found.plot;
  drawWrong(box, found.wrong);
  node("p", "d′ says how well you tell fakes from photographs, whatever you lean to; 0 is guessing. From ten rounds it is a rough guess.", box, "about");
  node("p", "If there is no difference, ten rounds before and after claim one at most 5 times in 100. In return they miss small ones: play more in the Play tab to learn more about yourself.", box, "about");
  node("p", "Nightingale & Farid 2022 showed StyleGAN2 faces at full size, one at a time. These faces are smaller and made by a simpler network, so compare with care.", box, "about");
  const again = node("button", "Go to the Play tab", box);
  again.type = "button";
  again.addEventListener("click", () => window.ganfakeLoop.visit("play"));
}
// A fake comes from the server, with its mark; a photograph only this page remembers.
function drawWrong(box, wrong) {
  node("h4", wrong.length ? "The faces you got wrong" : "You got every face right.", box);
  const row = node("div", "", box, "fooled");
  for (const one of wrong) {
    const figure = node("figure", "", row), fake = one.truth === "fake", picture = one.picture || seen.get(placeOf(one));
    if (picture) {
      const image = node("img", "", figure);
      image.src = picture;
      image.alt = fake ? "A fake that you took for a photograph" : "A photograph that you took for a fake";
    } else node("p", "Photographs are not kept.", figure, "no-picture");
    const words = node("figcaption", "", figure);
    node("b", one.part === "before" ? `Before, round ${one.number}` : `After, round ${one.number}`, words);
    node("span", fake ? `You said: real. The fake was made by ${one.made_by}.` : "You said: fake. It is a photograph.", words);
  }
}
