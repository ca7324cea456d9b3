// The third part of the Learn tab's script, in one scope with learn.js: clues with their
// sliders, the stages of a swap, and what a detector says.
const clueCache = {};
let clue = "";

function slider(pair, what, start) {
  const whole = node("div", "", null, "slider"), both = node("div", "", whole, "both");
  const under = node("img", "", both), over = node("img", "", both, "over");
  [under.src, over.src] = pair;
  under.alt = `${what}, as it is`;
  over.alt = `${what}, amplified`;
  for (const image of [over, under]) image.draggable = false;
  for (const [words, kind] of [["", "edge"], ["Amplified", "tag left"], ["As it is", "tag right"]]) {
    node("i", words, both, kind).setAttribute("aria-hidden", "true");
  }
  const label = node("label", "", whole);
  node("span", "Left of the line amplified, right of it as it is.", label);
  const range = node("input", "", label);
  Object.assign(range, { type: "range", min: 0, max: 100, step: 1, value: 100 - start });
  range.setAttribute("aria-label", `${what}: how much is shown amplified`);
  const slide = () => {
    both.style.setProperty("--share", `${range.value}%`);
    both.querySelector(".left").hidden = range.value < 25; // where its part is too narrow for it
    both.querySelector(".right").hidden = range.value > 75;
    range.setAttribute("aria-valuetext", `${100 - range.value} % as it is, ${range.value} % amplified`);
  };
  range.addEventListener("input", slide);
  const drag = (event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const { left, width } = both.getBoundingClientRect();
    range.value = 100 * Math.min(1, Math.max(0, (event.clientX - left) / width));
    slide();
  };
  for (const kind of ["pointerdown", "pointermove"]) both.addEventListener(kind, drag);
  slide();
  return whole;
}
async function showClue(name) {
  clue = name;
  const { title, look } = house.clues.find((one) => one.name === name);
  for (const b of $$(".clue-names button")) b.setAttribute("aria-pressed", String(b.dataset.clue === name));
  $(".clue-title").textContent = title;
  $(".clue-look").textContent = look;
  const box = $(".clue");
  box.querySelector(".mishap")?.remove();
  box.classList.toggle("busy", !clueCache[name]);
  const said = clueCache[name] ?? (await ask("clue", { name }));
  if (clue !== name) return;
  box.classList.remove("busy");
  if (said.error) { mishap(box, said.error, () => showClue(name)); return; }
  clueCache[name] = said;
  $(".of-fake .slot").replaceChildren(slider(said.fake, "The made face", said.start));
  $(".of-real .slot").replaceChildren(slider(said.real, "The photograph", said.start));
  $(".made-by").textContent = said.made;
  $(".clue-here").textContent = said.here;
  $(".clue-photograph").textContent = said.photograph;
  $(".clue-amplified").textContent = said.amplified;
}
opened.clues = () => { if (house.clues.length) showClue(clue || house.clues[0].name); };

once("swap", "swap", () => ({}), (said) => {
  for (const stage of said.stages) {
    const item = node("li", "", $(".stages")), image = node("img", "", item);
    image.src = stage.picture;
    image.alt = "";
    node("span", stage.words, item);
  }
});

const SIGNS = { fake: "▲", real: "●", uncertain: "◆" };
once("detector", "detector", () => ({}), (said) => {
  for (const face of said.faces) {
    const card = node("article", "", $(".checked"));
    card.dataset.verdict = face.verdict;
    node("h4", face.name, card);
    const row = node("div", "", card, "looked"), layers = node("div", "", row, "layers");
    const crop = node("img", "", layers);
    crop.src = face.crop;
    crop.alt = "The face, cut out";
    if (face.heat) {
      const heat = node("img", "", layers, "heat");
      heat.src = face.heat;
      heat.alt = "Warm colours where the large network saw signs of a fake";
    }
    const words = node("div", "", row), line = node("p", "", words, "verdict");
    node("i", SIGNS[face.verdict], line).setAttribute("aria-hidden", "true");
    node("b", face.title, line);
    if (face.percent) node("p", `Its number for fake: ${face.percent}.`, words);
    if (face.reason) node("p", face.reason, words);
    if (!face.heat) node("p", "The large network saw no sign of a fake.", words);
    node("p", face.note, words, "note");
    node("small", face.odds, words);
    const bars = node("ul", "", card, "bars");
    for (const expert of face.experts) {
      const item = node("li", "", bars);
      node("span", expert.title, item);
      const bar = node("span", "", item, "bar-of");
      bar.setAttribute("aria-hidden", "true");
      node("i", "", bar).style.width = `${100 * expert.value}%`;
      node("span", expert.percent, item);
      node("small", expert.meaning, item);
    }
  }
});

(async () => {
  goTo(0, false);
  const said = await ask("begin", { player: player() });
  if (said.error) { mishap(steps[0], said.error, () => location.reload()); return; }
  house = said;
  for (const deck of house.decks) node("option", `${deck.title} (${deck.count})`, tables.before.decks).value = deck.name;
  for (const one of house.clues) {
    const button = node("button", one.title, $(".clue-names"));
    button.type = "button";
    button.dataset.clue = one.name;
    button.addEventListener("click", () => showClue(one.name));
  }
  opened[steps[at].dataset.step]?.();
})();
