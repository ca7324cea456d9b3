// The Swap tab: what its parts share, whom to become, the statement, and the swap itself.
const message = $(".message"), bar = $(".working progress"), outcome = $(".outcome"), go = $(".go");
let house = null, current = null, agreed = null;

const say = (sentence, wrong, where = message) => sayIn(where, sentence, wrong);
function place(count) {
  return count === 1 ? "You are next: one other visitor is before you." : `Waiting: ${count} other visitors are before you.`;
}

// -- whom to become, and how ----------------------------------------------------------
const NAMES = { mask: "Mask", colour: "Colour", blend: "Blend", corner: "Corner of the visible mark" };
function card(person, chosen) {
  const list = $(".cards"), known = [...list.children].find((one) => one.querySelector("input").value === person.id);
  const label = node("label", "", null, "card"), box = node("input", "", label);
  Object.assign(box, { type: "radio", name: "swap-person", value: person.id, checked: chosen });
  box.dataset.own = person.own ? "1" : "";
  const face = node("img", "", label);
  face.src = person.portrait;
  face.alt = "";
  const title = node("span", person.title, label);
  if (person.own && person.title !== "My Person") title.dataset.verbatim = ""; // somebody's own words
  if (person.own) node("small", person.made ? "made" : "yours", label);
  box.addEventListener("change", () => { changed(true); window.ganfakeAt?.("swap", person.own ? {} : { person: person.id }); });
  if (known) known.replaceWith(label); else list.append(label);
}
async function open() {
  house = await ask("house", {});
  if (house.error) { say(house.error, true); return; }
  for (const words of $$(".statement")) words.textContent = house.consent;
  const asked = window.ganfakeLink?.("swap")?.get("person"), known = house.persons.some((person) => person.id === asked);
  if (asked && !known) window.ganfakeTell("There is no such person; choose one of those shown.", true);
  house.persons.forEach((person, index) => card(person, known ? person.id === asked : !index));
  $(".missing").hidden = !house.missing;
  $(".missing").textContent = house.missing;
  for (const [name, { all, usual }] of Object.entries(house.choices)) {
    const label = node("label", NAMES[name], $(".choices")), select = node("select", "", label);
    select.name = name;
    for (const value of all) node("option", value[0].toUpperCase() + value.slice(1), select).value = value;
    select.value = usual;
    select.addEventListener("change", () => { changed(false); again(); });
  }
  changed(false);
}
const person = () => $(".cards input:checked")?.value;
const face = () => { const box = $(".picker input:checked"); return box?.value ? Number(box.value) : null; };
// Of a clip, when and where the face was shown: counted anew it could be another one.
function chosenFace() {
  if (!current?.clip || face() === null) return { face: face() };
  return { place: { seconds: current.seconds, box: current.faces[face()].box } };
}
function chosenLooks() {
  return Object.fromEntries($$(".choices select").map((select) => [select.name, select.value]));
}
// Another picture, person or face is another swap, before which the statement stands again.
function changed(another) {
  if (another) { $(".agree").checked = false; agreed = null; }
  const why = !current ? "Choose a picture or a clip first." : !current.ready ? "Wait until the file has been looked at."
    : !person() ? "Choose whom to become." : !$(".agree").checked ? "Agree to the statement above, for every swap anew." : "";
  go.disabled = Boolean(why) || swapping.busy;
  $(".why-not").textContent = swapping.busy ? "" : why;
}
$(".agree").addEventListener("change", () => changed(false));

// -- the swap -------------------------------------------------------------------------
const swapping = longWork("swap", "halt_swap",
  () => ({ token: current?.token, person: person(), consent: agreed ? house.consent : "", options: { ...chosenLooks(), ...chosenFace() } }),
  (said) => {
    if (said.error) { working(false); say(said.error, true); changed(false); return; }
    if (said.place) say(place(said.place));
    if (said.done !== undefined) {
      if (said.done) bar.value = said.done;
      say(quarters("Swapping", said.done));
    }
    if (!said.swapped) return;
    swapping.busy = false;
    show(said.swapped);
  });
function swap() {
  working(true);
  say("Waiting for a turn.");
  swapping.begin();
  $(".agree").checked = false; // it counts for this swap
  changed(false);
}
go.addEventListener("click", () => { agreed = { token: current.token }; outcome.hidden = true; swap(); });
// The same swap in another look: the consent to it stands. A clip would take too long.
function again() {
  if (agreed && agreed.token === current?.token && !outcome.hidden && !current.clip) { swapping.stop(); swap(); }
}
$(".stop").addEventListener("click", () => {
  if (!current?.ready) { // still on its way
    leave();
    changed(true);
    say("Stopped; the file is forgotten.");
    $(".pick").focus();
    return;
  }
  swapping.stop();
  working(false);
  changed(true);
  say("Stopped.");
  $(".agree").focus();
});

new IntersectionObserver((seen, observer) => {
  if (seen.some((one) => one.isIntersecting)) { observer.disconnect(); open().then(arrive); listSamples(take, describe); }
}).observe(element);
