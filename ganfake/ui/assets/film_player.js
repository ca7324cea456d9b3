// What plays a training film, of one model or of several together.
const number = (value) => (value === null ? "–" : value.toFixed(2));
// Moves the sprite of a film so that frame `at` shows.
function placeFrame(image, film, at) {
  image.style.width = `${film.columns * 100}%`;
  image.style.left = `${-(at % film.columns) * 100}%`;
  image.style.top = `${-Math.floor(at / film.columns) * 100}%`;
}
// A slider that a button plays to its end; draw() shows where it stands, ready() says whether
// there is a film. Returns what stops it.
function filmPlayer(slider, button, draw, ready) {
  let timer = 0;
  function show(word, playing) {
    button.textContent = word;
    button.setAttribute("aria-pressed", String(playing));
  }
  const ended = () => Number(slider.value) >= Number(slider.max);
  function stop() {
    clearInterval(timer);
    timer = 0;
    show("Play it", false);
  }
  function start() {
    if (ended()) slider.value = 0;
    draw();
    show("Pause", true);
    timer = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      draw();
      if (ended()) stop();
    }, 450);
  }
  button.addEventListener("click", () => (timer ? stop() : ready() && start()));
  slider.addEventListener("input", () => { stop(); draw(); });
  return stop;
}
