// The second part of the Make tab's script, in one scope with make.js: one picture in
// detail, and files to keep.
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
  $(".opinion .words").textContent = found.words;
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
// The grid of a link starts with the picture; how many more there were is told where it did.
$(".copy-link").addEventListener("click", (event) => {
  const first = shown.face.seed === seedBox.value.trim() && shown.face.model === about.model;
  copy(window.ganfakeAddress("make", stateOf(shown.face, first ? Number(countBox.value) : 1)), event.currentTarget);
});
$(".copy-latent").addEventListener("click", (event) => copy(shown.latent.join(", "), event.currentTarget));

// Other tabs that take a picture, as in the list of loop.js.
function drawHandOver() {
  const box = $(".hand-over");
  box.replaceChildren();
  window.ganfakeOffer?.(box, { from: "make", of: shown.face, address: shown.picture, face: about.noun === "face" });
}

// -- files ------------------------------------------------------------------------------
async function download(faces) {
  say("The files are being made.");
  const found = await ask("files", { faces, kind: $(".kind").value });
  if (found.error) { say(found.error, true); return; }
  save(found.name, new Blob([bytes(found.content)]));
  say(`Saved as ${found.name}; every picture says that it is made by AI.`);
}
$(".one").addEventListener("click", () => shown && download([shown.face]));
$(".all").addEventListener("click", () => download($$(".face").map((f) => f.made.face)));

