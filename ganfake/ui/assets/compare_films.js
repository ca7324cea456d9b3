// The second part of the Compare tab's script, in one scope with compare.js: the films of all
// models of a family on one slider, by pictures seen.
const slider = $(".controls input"), reels = $(".reels");
const films = {}; // by model, once fetched
let moments = [], filmsSeen = false;

function layReel(model) {
  const card = node("article", "", reels, "reel");
  card.dataset.model = model.name;
  node("b", model.name, card);
  node("img", "", node("div", "", card, "frame"));
  node("p", "", card, "state");
  node("p", "", card, "losses");
  node("div", "", card, "plot");
}
function drawReel(card, images) {
  const film = films[card.dataset.model];
  if (!film) return;
  const past = film.frames.filter((frame) => frame.images <= images);
  const at = Math.max(0, past.length - 1), frame = film.frames[at];
  const image = card.querySelector("img");
  placeFrame(image, film, at);
  const seen = `${count(frame.images)} pictures seen`;
  image.alt = `Sixteen pictures by ${card.dataset.model}, ${seen}`;
  card.classList.toggle("ended", at === film.frames.length - 1);
  card.querySelector(".state").textContent = at === film.frames.length - 1 ? `${seen}, the end of its film` : seen;
  card.querySelector(".losses").textContent = `Loss D ${number(frame.loss_d)}, G ${number(frame.loss_g)}`;
  card.querySelector(".marker")?.setAttribute("transform", `translate(${frame.x} 0)`);
}
function drawReels() {
  const images = moments[Number(slider.value)] ?? 0, seen = `${count(images)} pictures`;
  $(".seen").textContent = seen;
  slider.setAttribute("aria-valuetext", seen);
  for (const card of reels.children) drawReel(card, images);
}
const pauseFilms = filmPlayer(slider, $(".controls .play"), drawReels, () => moments.length);
const fetchFilms = latest(async () => {
  const asked = family;
  if (!known || !filmsSeen) return;
  for (const model of voted()) {
    films[model.name] ??= await ask("reel", { model: model.name });
    if (asked !== family) return;
    const film = films[model.name], card = reels.querySelector(`[data-model="${model.name}"]`);
    if (film.none || film.error) { delete films[model.name]; card.hidden = true; continue; }
    card.querySelector("img").src = film.sprite;
    card.querySelector(".plot").innerHTML = film.plots.join("");
    card.querySelector(".plot svg").setAttribute("viewBox", "38 40 370 120"); // the curves alone: its words are too small here
  }
  const all = voted().flatMap((model) => (films[model.name]?.frames ?? []).map((frame) => frame.images));
  moments = [...new Set(all)].sort((a, b) => a - b);
  slider.max = Math.max(0, moments.length - 1);
  slider.value = slider.max;
  drawReels();
});
changed.push(() => {
  pauseFilms();
  moments = [];
  reels.replaceChildren();
  for (const model of voted()) layReel(model);
  fetchFilms();
});
new IntersectionObserver((entries) => {
  if (filmsSeen || !entries.some((one) => one.isIntersecting)) return;
  filmsSeen = true;
  fetchFilms();
}, { rootMargin: "300px" }).observe($(".learning"));
