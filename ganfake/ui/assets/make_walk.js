// The third part of the Make tab's script, in one scope with make.js: two pictures, what
// lies between them, and the way from one to the other.
function fill(name, found) {
  slots[name] = found;
  const slot = $(`.slot.${name}`), image = slot.querySelector("img"), button = slot.querySelector("button");
  slot.classList.toggle("full", Boolean(found));
  button.disabled = !found;
  if (found) { image.src = found.picture; image.alt = `Seed ${found.face.seed}`; } else image.removeAttribute("src");
  if (name === "mixed") return;
  const both = Boolean(slots.start && slots.end);
  share.disabled = !both;
  $(".walk").disabled = !both;
  if (both) mix(); else { fill("mixed", null); $(".mix-note").textContent = ""; }
}
const mix = latest(async () => {
  if (!slots.start || !slots.end) return;
  const found = await ask("mix", { start: slots.start.face, end: slots.end.face, share: Number(share.value) });
  if (!slots.start || !slots.end) return;
  fill("mixed", found.error ? null : found);
  $(".mix-note").textContent = found.error || found.note;
});
share.addEventListener("input", () => { $(".share output").textContent = percent(share.value); mix(); });
for (const name of ["start", "end"]) {
  $(`.as-${name}`).addEventListener("click", () => {
    if (!shown) return;
    fill(name, shown);
    const other = name === "start" ? "end" : "start";
    say(slots[other] ? "Start and end are chosen: mix them, or walk, below." : `It is the ${name}; now choose the ${other}.`);
  });
}
for (const name of ["start", "mixed", "end"]) {
  $(`.slot.${name} button`).addEventListener("click", () => { mark(null); show(slots[name]); detail.scrollIntoView({ block: "nearest" }); detail.focus({ preventScroll: true }); });
}

const walkSays = $(".walk-says"), bar = $(".make progress"), video = $("video");
let film = null;
function walking(on) {
  $(".walk").disabled = on || !slots.start || !slots.end;
  $(".halt").hidden = bar.hidden = !on;
}
$(".walk").addEventListener("click", () => {
  walking(true);
  bar.removeAttribute("value");
  walkSays.textContent = "Waiting for a turn.";
  walk.begin();
});
$(".halt").addEventListener("click", () => {
  walk.stop();
  walking(false);
  walkSays.textContent = "Stopped.";
  $(".walk").focus();
});
$(".save-walk").addEventListener("click", () => film && save(film.name, film.blob));
const walk = longWork("walk", "halt",
  () => ({ stops: [slots.start?.face, slots.end?.face], seconds: Number($(".seconds").value) }),
  (said) => {
    if (said.error) { walking(false); walkSays.textContent = said.error; return; }
    if (said.done !== undefined) { bar.value = said.done / said.of; walkSays.textContent = `Picture ${said.done} of ${said.of}`; }
    if (!said.content) return;
    walk.busy = false;
    walking(false);
    walkSays.textContent = "";
    film = { name: said.name, blob: new Blob([bytes(said.content)], { type: "video/mp4" }) };
    URL.revokeObjectURL(video.src);
    video.src = URL.createObjectURL(film.blob);
    $(".film-strip").hidden = false;
    video.play().catch(() => {}); // it has controls where a browser wants to be asked
  }, "The walk was not finished; try again.");

begin();
