// The film of the model that the Make tab shows; fetched when it comes into view.
const section = $(".film"), sprite = $(".frame img"), slider = $("input");
let model = "", loaded = "", film = null, visible = false;

function draw() {
  if (!film) return;
  const at = Number(slider.value), frame = film.frames[at];
  placeFrame(sprite, film, at);
  const seen = `${frame.images.toLocaleString("en")} images seen`;
  sprite.alt = `Sixteen pictures by ${model} after ${seen}`;
  $(".seen").textContent = seen;
  slider.setAttribute("aria-valuetext", seen);
  for (const marker of element.querySelectorAll(".marker")) marker.setAttribute("transform", `translate(${frame.x} 0)`);
  $(".values").textContent = `Loss of the discriminator ${number(frame.loss_d)}, of the generator ${number(frame.loss_g)}. `
    + `D of photographs ${number(frame.d_real)}, of fakes ${number(frame.d_fake)}.`;
}
const stop = filmPlayer(slider, $(".play"), draw, () => film);

async function fetchFilm() {
  if (!model || model === loaded || !visible) return;
  const asked = loaded = model;
  stop();
  let found;
  try { found = await server.show_film({ model: asked }); } catch { found = { none: true }; loaded = ""; }
  if (asked !== model) return;
  film = found.none || found.error ? null : found;
  section.hidden = !film;
  if (!film) return;
  sprite.src = film.sprite;
  $(".plots").innerHTML = film.plots.join("");
  slider.max = film.frames.length - 1;
  slider.value = film.frames.length - 1;
  draw();
}

document.addEventListener("ganfake:model", (event) => { model = event.detail; fetchFilm(); });
model = window.ganfakeModel || "";
new IntersectionObserver((seen) => {
  visible = seen.some((one) => one.isIntersecting) || visible;
  fetchFilm();
}, { rootMargin: "300px" }).observe(element);
