// The board draws what the server says and sends what the player does. It never holds
// the answer: `round` has an id, pictures and nothing that differs between real and fake.
const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const memory = {};
const store = {
  get(key) { try { return localStorage.getItem("ganfake." + key) || ""; } catch { return memory[key] || ""; } },
  set(key, value) { memory[key] = value; try { localStorage.setItem("ganfake." + key, value); } catch { /* private mode */ } },
};
const game = $(".game"), cards = $$(".card"), verdict = $(".verdict"), next = $(".next");
const deckList = $(".deck select"), result = $(".result");
let round = null, busy = false, finished = 0, clock = 0, decks = [];

const text = (node, value) => { node.textContent = value; };
const node = (tag, value, parent) => {
  const made = document.createElement(tag);
  if (value) text(made, value);
  if (parent) parent.append(made);
  return made;
};
async function ask(name, payload) {
  try {
    return await server[name]({ player: store.get("player"), ...payload });
  } catch {
    return { error: "The server does not answer; wait a moment and try again." };
  }
}

function showScore(at) {
  text($(".score"), `Round ${at.number} of ${at.of} · Score ${at.score} · Streak ${at.streak}`);
}
function pressSure(value) {
  for (const b of $$(".sure button")) b.setAttribute("aria-pressed", String(b.dataset.sure === value));
}
// How sure one is counts only before the answer.
function letSure(may) { for (const b of $$(".sure button")) b.disabled = !may; }
function showRoom(code) {
  $(".in-room").hidden = !code;
  text($(".in-room"), code ? `Room ${code}` : "");
}
function stopClock() { cancelAnimationFrame(clock); }
function startClock(left) {
  stopClock();
  const end = performance.now() + left * 1000;
  const tick = () => {
    const rest = Math.max(0, end - performance.now());
    $(".clock span").style.transform = `scaleX(${rest / 10000})`;
    if (rest <= 0) return send("");
    clock = requestAnimationFrame(tick);
  };
  tick();
}

async function deal() {
  if (busy) return;
  busy = true;
  stopClock();
  const mode = store.get("mode") || "pair";
  const dealt = await ask("new_round", { mode, deck: deckList.value, room: store.get("room") });
  busy = false;
  for (const b of $$(".modes button")) b.setAttribute("aria-pressed", String(b.dataset.mode === mode));
  // A button that is disabled loses the focus, and who plays by keys their place.
  const goesOn = document.activeElement === next, question = $(".question");
  next.disabled = true;
  if (goesOn) question.focus({ preventScroll: true });
  if (dealt.error) {
    round = null;
    await beginLook({});
    text(verdict, dealt.error);
    for (const c of cards) { c.disabled = true; c.querySelector("img").removeAttribute("src"); }
    for (const b of $$(".say")) b.disabled = true;
    letSure(false);
    if (dealt.gone === "room") { store.set("room", ""); showRoom(""); }
    if (dealt.gone) await listDecks();
    next.disabled = false;
    if (goesOn) next.focus({ preventScroll: true });
    next.firstChild.textContent = "Try again ";
    return;
  }
  round = dealt;
  finished = 0;
  result.hidden = true;
  store.set("player", dealt.player);
  const one = dealt.pictures.length === 1;
  game.classList.toggle("one", one);
  game.classList.toggle("timed", dealt.seconds_left !== null);
  text($(".question"), one ? "Is this face real or fake?" : "Which face is real?");
  cards.forEach((card, slot) => {
    const image = card.querySelector("img");
    card.className = "card";
    card.disabled = one || !dealt.pictures[slot];
    text(card.querySelector(".label"), one ? "\u00a0" : ["Left", "Right"][slot]);
    if (dealt.pictures[slot]) image.src = dealt.pictures[slot]; else image.removeAttribute("src");
    image.alt = one ? "The face" : ["The face on the left", "The face on the right"][slot];
  });
  for (const b of $$(".say")) b.disabled = !one;
  text(verdict, "\u00a0");
  $(".hand-over").replaceChildren();
  pressSure("");
  letSure(true);
  next.firstChild.textContent = "Next ";
  showScore(dealt);
  showRoom(dealt.room);
  if (dealt.seconds_left !== null) startClock(dealt.seconds_left);
  if (goesOn) question.scrollIntoView({ block: "nearest" });
  await beginLook(dealt);
}

async function send(choice) {
  if (!round || busy) return;
  if (looksFirst()) return firstAnswer(choice);
  busy = true;
  stopClock();
  const sure = $(".sure button[aria-pressed=true]")?.dataset.sure || "";
  letSure(false);
  const shown = round;
  const said = await ask("answer", { round: shown.round, choice, sure });
  busy = false;
  round = null;
  for (const c of cards) c.disabled = true;
  for (const b of $$(".say")) b.disabled = true;
  next.disabled = false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" }); // at once, whatever motion one wants
  if (said.error) { text(verdict, said.error); return; }
  reveal(shown, choice, said);
  showScore(said);
  finished = said.finished ? said.set : 0;
  next.firstChild.textContent = finished ? "See your result " : "Next ";
  if (finished) trigger("submit");
}

function reveal(shown, choice, said) {
  shown.choices.forEach((name, slot) => {
    const card = cards[shown.pictures.length === 1 ? 0 : slot];
    if (shown.pictures.length === 1 && slot) return;
    const real = shown.pictures.length === 1 ? said.truth === "real" : name === said.truth;
    card.classList.add(real ? "real" : "fake");
    if (!real && said.fake) card.querySelector("img").src = said.fake; // the same, and says so
    card.classList.toggle("chosen", name === choice && shown.pictures.length === 2);
    text(card.querySelector(".label"), real ? "Photograph" : "Made by a GAN");
  });
  verdict.replaceChildren();
  const word = node("b", said.correct ? "Right." : said.in_time ? "Wrong." : "Time is up.", verdict);
  word.className = said.correct ? "yes" : "no";
  const made = said.put_by ? `Put in by ${said.put_by}, made by ${said.made_by}.` : said.made_by ? `The fake was made by ${said.made_by}.` : "It is a photograph.";
  verdict.append(` ${made}`);
  drawHandOver(shown.pictures.length, said.made_by);
}
// Other tabs take a face once its truth is known; they are listed in loop.js.
function drawHandOver(count, maker) {
  for (let slot = 0; slot < count; slot += 1) {
    const fake = cards[slot].classList.contains("fake"), image = cards[slot].querySelector("img");
    window.ganfakeOffer?.($(".hand-over"), {
      from: "play", of: { name: fake ? maker.replace(/, seed /, "-seed").replaceAll(", ", "-") : "photograph" }, address: image.src,
      photograph: !fake, where: count > 1 ? ["left", "right"][slot] : "",
    });
  }
}

async function showResult() {
  const report = await ask("result", { set: finished });
  if (report.error) { text(verdict, report.error); return; }
  result.replaceChildren();
  node("h3", `${report.correct} of ${report.rounds} right`, result);
  const percent = (x) => `${(100 * x).toFixed(0)} %`;
  const list = node("ul", "", result);
  node("li", `Accuracy ${percent(report.accuracy)}; with ten rounds the truth lies between ${percent(report.low)} and ${percent(report.high)} (95 % Wilson interval).`, list);
  node("li", `Sensitivity d′ ${report.d_prime.toFixed(2)} (0 is guessing); bias c ${report.criterion.toFixed(2)}: ${report.bias}.`, list);
  for (const line of report.compared) node("li", line + ".", list);
  if (report.calibration) node("li", report.calibration, list);
  if (report.helped) drawHelped(report.helped);
  const plot = node("div", "", result);
  plot.innerHTML = report.plot;
  if (report.fooled.length) {
    node("p", "These fakes fooled you:", result);
    const row = node("div", "", result);
    row.className = "fooled";
    for (const fake of report.fooled) {
      const figure = node("figure", "", row);
      const image = node("img", "", figure);
      image.src = fake.picture;
      image.alt = `The fake of round ${fake.number}`;
      node("figcaption", `Round ${fake.number}: ${fake.made_by}`, figure);
    }
  }
  node("p", "Published: Nightingale & Farid 2022, StyleGAN2 faces at full size, one at a time; these faces are smaller and made by a simpler network, so compare with care.", result);
  result.hidden = false;
  result.focus();
  finished = 0;
  next.firstChild.textContent = "Play again ";
}

async function listDecks() {
  const found = await ask("decks", {});
  if (found.error) return;
  decks = found.decks;
  const wanted = store.get("deck");
  deckList.replaceChildren();
  for (const deck of decks) node("option", `${deck.title} (${deck.count})`, deckList).value = deck.name;
  if (decks.some((d) => d.name === wanted)) deckList.value = wanted;
  describe();
}
function describe() {
  text($(".about"), decks.find((d) => d.name === deckList.value)?.about || "");
}
const go = () => (finished ? showResult() : deal());

for (const card of cards) card.addEventListener("click", () => send(["left", "right"][card.dataset.slot]));
for (const b of $$(".say")) b.addEventListener("click", () => send(b.dataset.say));
for (const b of $$(".sure button")) b.addEventListener("click", () => pressSure(b.getAttribute("aria-pressed") === "true" ? "" : b.dataset.sure));
for (const b of $$(".modes button")) b.addEventListener("click", () => { store.set("mode", b.dataset.mode); window.ganfakeAt?.("play", { mode: b.dataset.mode }); deal(); });
deckList.addEventListener("change", () => { store.set("deck", deckList.value); describe(); deal(); });
next.addEventListener("click", go);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !element.offsetParent) return; // or another tab is open
  const slot = { ArrowLeft: 0, 1: 0, ArrowRight: 1, 2: 1 }[event.key];
  if (slot !== undefined && round) { event.preventDefault(); send(round.choices[slot]); }
  if (event.key === "Enter" && !round && !next.disabled && event.target !== next && !event.target.closest?.("button, a")) go();
});
window.ganfake = {
  player: () => store.get("player"),
  room: () => store.get("room"),
  keepPlayer(token) { if (token) store.set("player", token); },
  async enterRoom(code) { store.set("room", code); showRoom(code); await deal(); },
  async refreshDecks(pick) { if (pick) store.set("deck", pick); await listDecks(); if (pick) deal(); },
};
(async () => {
  const link = new URLSearchParams(location.search), invited = link.get("room"), mode = link.get("tab") === "play" && link.get("mode");
  if (invited) store.set("room", invited);
  if ($$(".modes button").some((b) => b.dataset.mode === mode)) store.set("mode", mode);
  else if (mode) (window.ganfakeTell ?? ((sentence) => { window.ganfakeSaid = sentence; }))(`There is no mode “${mode.slice(0, 20)}”; choose one of those shown.`, true);
  await listDecks();
  await deal();
})();
