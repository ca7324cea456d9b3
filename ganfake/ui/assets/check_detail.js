// The third part of the Check tab's script, in one scope with check.js: what was found.
let found = null, chosen = 0, frame = 0, curve = null;
let handing = {}; // what other tabs hear of the picture, and which face was looked into

function judged(parent, one, heading) {
  parent.replaceChildren();
  parent.className = `${parent.className.split(" ")[0]} verdict-box ${one.verdict}`;
  const head = node("p", "", parent, "head");
  sign(one.verdict, head);
  node(heading, one.title, head);
  if (one.percent) node("p", `${one.percent} probability of being fake`, parent, "number");
  if (one.reason) node("p", one.reason, parent, "reason");
  if (one.odds) node("p", one.odds, parent, "odds");
}

function show(what) {
  found = what;
  say(found.summary + more);
  outcome.hidden = false;
  const film = found.kind === "video" && !found.moving;
  clip.hidden = !film;
  $(".stage").hidden = film;
  if (film) clip.src = URL.createObjectURL(current.file); else showPicture();
  const whole = $(".whole");
  judged(whole, found.whole, "h2");
  $(".named").textContent = current.file.name;
  sayIn($(".saved"), "");
  $(".stage-note").textContent = found.note;
  const claims = $(".claims dl");
  claims.replaceChildren();
  for (const [label, words] of found.file) { node("dt", label, claims); node("dd", words, claims); }
  $(".claims .counted").hidden = !found.counts;
  drawHandOver();
  $(".person").hidden = !found.faces.length;
  drawPicker();
  if (found.faces.length) choose(found.first, false);
  outcome.focus({ preventScroll: true });
  const behaviour = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (outcome.getBoundingClientRect().top > innerHeight - 300) outcome.scrollIntoView({ block: "start", behavior: behaviour });
}

// The server reads more kinds of video than browsers play; of some they play the sound alone.
function notPlayed() {
  if (!clip.error && clip.videoWidth) return;
  emptied(clip);
  clip.hidden = true;
  const frames = found.faces.length ? " The frames that tell most stand below." : "";
  $(".stage-note").textContent = `This browser cannot play this video.${frames} ${found.note}`;
}
for (const event of ["error", "loadedmetadata"]) clip.addEventListener(event, notPlayed);

// Other tabs that take a picture, as in the list of loop.js.
function drawHandOver() {
  const { file } = current, box = $(".hand-over");
  handing = { name: file.name.replace(/[.]\w+$/, "") };
  box.replaceChildren();
  window.ganfakeOffer?.(box, {
    from: "check", of: handing, clip: found.kind === "video" && !found.moving, face: found.faces.length > 0, ours: found.ours,
    address: async () => `data:${file.type || "image/png"};base64,${await base64(file)}`,
  });
}

// -- one face -----------------------------------------------------------------------
function choose(index, byHand = true) {
  chosen = index;
  frame = 0;
  handing.box = found.faces[index].box;
  markChosen();
  const face = found.faces[index], panel = $(".person"), what = called();
  $(".judged").hidden = found.faces.length === 1; // it stands beside the picture already
  judged($(".judged"), { ...face, title: found.faces.length > 1 ? `${what} ${index + 1}: ${face.title.toLowerCase()}` : face.title }, "h3");
  for (const part of $$(".why, .dial")) part.hidden = !face.judged;
  $(".origin").hidden = !face.generator;
  $(".origin-words").textContent = face.generator;
  const families = $(".origin ul");
  families.replaceChildren();
  for (const family of face.families) {
    const row = node("li", "", families);
    node("span", family.name, row);
    node("i", "", node("span", "", row, "rail")).style.width = `${100 * family.share}%`;
    node("span", family.percent, row, "value");
  }
  drawTimeline(face);
  drawExperts(face);
  lookInto();
  if (byHand && panel.getBoundingClientRect().top > innerHeight - 120) {
    // With the picker in sight the next face is one step away.
    const picker = $(".picker");
    (picker.hidden ? panel : picker).scrollIntoView({ block: "start" });
  }
}
// Of a person in a video over all frames, with what each says of the chosen one beside it.
function drawExperts(face) {
  const list = $(".experts ul"), there = face.frames?.[frame].experts;
  list.replaceChildren();
  $(".of-frames").hidden = !there;
  for (const one of face.experts) {
    const row = node("li", "", list);
    const head = node("p", "", row, "head");
    node("b", one.title, head);
    node("span", one.leans === "cannot say" ? `${one.percent}, cannot say` : `${one.percent}, leans to ${one.leans}`, head);
    // From the middle to the left for real, to the right for fake.
    const rail = node("span", "", row, "rail"), fill = node("i", "", rail, one.leans === "cannot say" ? "uncertain" : one.leans);
    rail.setAttribute("aria-hidden", "true");
    Object.assign(fill.style, { left: `${100 * Math.min(one.value, 0.5)}%`, width: `${100 * Math.abs(one.value - 0.5)}%` });
    node("small", one.meaning, row);
    if (!there) continue;
    node("b", "", rail).style.left = there[one.name].replace(/\s/, "");
    node("small", `In the chosen frame: ${there[one.name]}.`, row, "there");
  }
}
function drawTimeline(face) {
  $(".timeline").hidden = !face.timeline;
  if (!face.timeline) return;
  $(".timeline .plot").innerHTML = face.timeline;
  const frames = $(".frames");
  frames.replaceChildren();
  face.frames.forEach((one, index) => {
    const button = node("button", "", frames);
    button.type = "button";
    const image = node("img", "", button);
    image.src = one.crop;
    image.alt = "";
    const words = node("span", "", button, "head");
    sign(one.verdict, words);
    node("span", one.words, words);
    button.setAttribute("aria-pressed", String(!index));
    button.addEventListener("click", () => {
      frame = index;
      [...frames.children].forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      clip.currentTime = one.time;
      drawExperts(face);
      lookInto();
    });
  });
}

const look = latest(async (wish) => {
  const seen = await ask("look", wish);
  if (wish.token !== current?.token || wish.face !== chosen || wish.frame !== frame) return;
  $(".heated").classList.remove("waiting");
  $(".spectrum").classList.remove("waiting");
  if (seen.error) { $(".heat-words").textContent = seen.error; $(".spectrum-words").textContent = ""; return; }
  $(".layers .crop").src = seen.crop;
  $(".heat").src = seen.heat;
  $(".heat").hidden = seen.cold;
  $(".heat-words").textContent = seen.cold
    ? "Nothing on this face spoke for a fake, so the map is empty."
    : "Bright is where the picture made it think of a fake. It shows where, not why; the map is coarse.";
  $(".spectrum .plot").innerHTML = seen.spectrum;
  $(".spectrum-words").textContent = seen.spectrum_words;
});
function lookInto() {
  const face = found.faces[chosen];
  $(".layers .crop").src = (face.frames ?? [face])[frame].crop;
  $(".layers .crop").alt = `Face ${chosen + 1} as the experts see it`;
  $(".heat").hidden = true;
  $(".heat").alt = "Heat map over the face";
  $(".heat-words").textContent = "The heat map is being made.";
  $(".spectrum .plot").replaceChildren();
  $(".spectrum-words").textContent = "The spectrum is being measured.";
  curve = null;
  $(".turned").hidden = true;
  $(".dial-says").textContent = "";
  for (const button of $$(".kinds button")) button.setAttribute("aria-pressed", "false");
  look({ token: current.token, face: chosen, frame });
  if (found.moving) showFrame({ token: current.token, face: chosen, frame });
}
$(".opacity").addEventListener("input", (event) => { $(".heat").style.opacity = event.target.value; });

// -- robustness ---------------------------------------------------------------------
const treat = latest(async (wish) => {
  const seen = await ask("treat", wish);
  if (wish.token !== current?.token || wish.face !== chosen || wish.frame !== frame) return;
  $(".dial-says").textContent = seen.error || seen.says;
  if (seen.error) return;
  curve = seen;
  $(".turned").hidden = false;
  $(".curve .plot").innerHTML = seen.plot;
  const slider = $(".strength");
  slider.max = seen.points.length - 1;
  slider.value = 0;
  turn();
});
for (const button of $$(".kinds button")) {
  button.addEventListener("click", () => {
    for (const other of $$(".kinds button")) other.setAttribute("aria-pressed", String(other === button));
    $(".dial-says").textContent = "The face is being changed and judged again, eight times.";
    treat({ token: current.token, face: chosen, frame, kind: button.dataset.kind });
  });
}
function turn() {
  if (!curve) return;
  const at = Number($(".strength").value), point = curve.points[at];
  $(".strength").setAttribute("aria-valuetext", point.strength);
  $(".curve .marker").setAttribute("transform", `translate(${curve.places[at]} 0)`);
  const image = $(".changed img");
  image.src = point.crop;
  image.alt = at ? `The face at ${point.strength}` : "The face as it is";
  const words = $(".changed-words");
  words.replaceChildren();
  const head = node("p", "", words, "head");
  sign(point.verdict, head);
  node("b", point.title, head);
  const before = at ? `At ${point.strength}` : "As it is";
  if (point.percent) node("p", `${before}: ${point.percent} probability of being fake.`, words);
  else node("p", `${before} it cannot be judged.`, words);
  if (point.reason) node("p", point.reason, words, "about");
}
$(".strength").addEventListener("input", turn);

// -- the report ---------------------------------------------------------------------
for (const button of $$(".send")) {
  button.addEventListener("click", async () => {
    if (!current) return;
    const tell = (sentence, wrong) => sayIn($(".saved"), sentence, wrong);
    tell("The report is being written.");
    const file = await ask("send_back", { token: current.token, kind: button.dataset.kind, lang: window.ganfakeWords?.lang() });
    if (file.error) { tell(file.error, true); return; }
    save(file.name, new Blob([bytes(file.content)]));
    tell(`Saved as ${file.name}.`);
  });
}

arrive();
