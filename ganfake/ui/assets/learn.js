// The Learn tab: its steps, and what its parts share. Each step is drawn when it is first seen.
const NAMES = { before: "Ten rounds before", networks: "Two networks", clues: "What gives fakes away", swap: "How a swap is made", detector: "What a detector sees", proof: "Not proof", after: "Ten rounds after", result: "Your result" };
const steps = $$(".step"), opened = {};
let at = 0, house = { clues: [], decks: [], progress: { deck: "", before: 0, after: 0, of: 10 } };

const player = () => {
  try { return window.ganfake?.player() || localStorage.getItem("ganfake.player") || ""; } catch { return ""; }
};
function keepPlayer(token) {
  try { localStorage.setItem("ganfake.player", token); } catch { /* private mode */ }
  window.ganfake?.keepPlayer(token);
}

for (const [number, step] of steps.entries()) {
  const button = node("button", "", node("li", "", $(".steps")));
  button.type = "button";
  node("span", String(number + 1), button, "number").setAttribute("aria-hidden", "true");
  node("span", NAMES[step.dataset.step], button);
  button.addEventListener("click", () => goTo(number));
}
function goTo(number, focus = true) {
  at = Math.min(steps.length - 1, Math.max(0, number));
  for (const [index, step] of steps.entries()) step.hidden = index !== at;
  for (const [index, button] of $$(".steps button").entries()) {
    if (index === at) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
    button.classList.toggle("past", index < at);
  }
  $(".where").textContent = `Step ${at + 1} of ${steps.length}`;
  $(".back").disabled = at === 0;
  $(".on").hidden = at === steps.length - 1;
  const name = steps[at].dataset.step;
  opened[name]?.();
  if (!focus) return;
  steps[at].focus({ preventScroll: true });
  if (element.getBoundingClientRect().top < 0) element.scrollIntoView({ block: "start" });
}
$(".back").addEventListener("click", () => goTo(at - 1));
$(".on").addEventListener("click", () => goTo(at + 1));

// Draws a step once, from what the server says; a mistake is shown and may be tried again.
function once(name, call, payload, draw) {
  let state = "";
  opened[name] = async () => {
    if (state) return;
    state = "asked";
    const box = steps.find((step) => step.dataset.step === name);
    box.querySelector(".mishap")?.remove();
    const wait = node("p", "One moment: the pictures are being made.", box, "about wait");
    const said = await ask(call, payload());
    wait.remove();
    if (!said.error) return draw(said);
    state = "";
    mishap(box, said.error, opened[name]);
  };
}
function mishap(box, sentence, again) {
  box.querySelector(".mishap")?.remove();
  const line = node("p", "", box, "mishap");
  line.setAttribute("role", "alert");
  node("span", sentence, line);
  const button = node("button", "Try again", line);
  button.type = "button";
  button.addEventListener("click", () => { line.remove(); again(); });
}

// -- the visitor's own GAN -----------------------------------------------------------
let wish = "look";
function askLab(act) {
  wish = act;
  $(".train").disabled = act === "run";
  gan.begin();
}
function drawGan(said) {
  $(".train").textContent = said.there ? "Train it further" : "Train one here";
  if (!said.there) {
    $(".gan-says").textContent = "You have no GAN of your own yet. Train one here, on handwritten digits; it takes about a minute.";
    return;
  }
  const digits = $(".digits");
  digits.src = said.picture;
  digits.alt = "Sixteen digits that your generator makes now";
  digits.hidden = false;
  $(".beliefs").hidden = false;
  $(".d-real").textContent = said.d_real === null ? "–" : said.d_real.toFixed(2);
  $(".d-fake").textContent = said.d_fake === null ? "–" : said.d_fake.toFixed(2);
  $(".moves").textContent = `Steps so far: discriminator ${said.moves_d}, generator ${said.moves_g}`;
  $(".gan-says").textContent = said.sentence;
}
const gan = longWork("lab", "", () => ({ act: wish }), (said) => {
  $(".train").disabled = wish === "run" && !said.error && !said.done;
  if (said.error) { $(".gan-says").textContent = said.error; return; }
  if (said.done) gan.busy = false;
  drawGan(said);
});
opened.networks = () => { if (!$(".train").disabled) askLab("look"); };
$(".train").addEventListener("click", () => askLab("run"));
$(".to-lab").addEventListener("click", () => window.ganfakeLoop.visit("lab"));
