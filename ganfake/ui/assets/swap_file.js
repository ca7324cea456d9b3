
// The second part of the Swap tab's script, in one scope with swap.js: a file comes, by hand,
// by paste or from the camera, and one chooses among its faces.
const picture = $(".stage img"), clip = $(".clip"), drop = $(".drop");
let sending = 0;

async function take(file) {
  leave();
  const mine = sending;
  current = { file, token: "", clip: false, ready: false };
  working(true);
  closeCamera();
  say(`Sending ${file.name}.`);
  changed(true);
  const got = await sent(file, () => mine === sending, bar, say);
  if (got.stopped || mine !== sending) return;
  if (got.error) { refuse(got.error); return; }
  current.token = got.token;
  bar.removeAttribute("value");
  say("Looking for faces.");
  const seen = await ask("look", { token: got.token });
  if (mine !== sending) return;
  if (seen.error) { ask("drop", { token: got.token }); refuse(seen.error); return; }
  working(false);
  Object.assign(current, { clip: seen.clip, seconds: seen.seconds, faces: seen.faces });
  current.ready = true;
  drop.classList.add("small");
  drawFaces(seen.faces);
  await showSource(seen);
  const count = seen.faces.length, where = seen.clip ? "in the clip" : "in the picture";
  say(count > 1 ? `${count} faces ${where}; choose which one is swapped.` : count ? `One face ${where}.` : "No face in the first frames; the swap looks further.");
  changed(false);
}
function refuse(sentence) {
  working(false);
  current = null;
  changed(true);
  say(sentence, true);
}
// The server forgets the last file and what was made of it.
function leave() {
  swapping.stop();
  sending += 1;
  working(false);
  if (current?.token) ask("drop", { token: current.token });
  current = null;
  outcome.hidden = $(".source").hidden = true;
  for (const shown of [picture, clip]) URL.revokeObjectURL(shown.src);
  emptied(picture, clip);
  forgetResult();
  $(".picker").replaceChildren();
}
async function showSource({ faces, size }) {
  $(".source").hidden = false;
  $(".stage").hidden = current.clip;
  clip.hidden = !current.clip;
  if (current.clip) { clip.src = URL.createObjectURL(current.file); return; }
  const { file, token } = current;
  const seen = await pictureAddress(file, token, size);
  if (token !== current?.token) { URL.revokeObjectURL(seen.picture); return; }
  current.address = picture.src = seen.picture ?? "";
  picture.alt = `${file.name}, before the swap`;
  const boxes = $(".boxes");
  boxes.replaceChildren();
  for (const one of faces) {
    const [x0, y0, x1, y1] = one.box.map((part) => 100 * part);
    Object.assign(node("i", "", boxes).style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
  }
  markBox();
}
function drawFaces(faces) {
  const picker = $(".picker");
  picker.hidden = faces.length < 2;
  picker.replaceChildren();
  if (faces.length < 2) return;
  // The one that was looked into in another tab, else the largest.
  const held = ({ box }) => (current.file.box ? shared(box, current.file.box) : size({ box }));
  const first = faces.reduce((best, one, index) => (held(one) > held(faces[best]) ? index : best), 0);
  const choice = (value, words, checked) => {
    const label = node("label", "", picker, "face"), box = node("input", "", label);
    Object.assign(box, { type: "radio", name: "swap-face", value, checked });
    box.addEventListener("change", () => { markBox(); changed(true); });
    if (value !== "") Object.assign(node("img", "", label), { src: faces[value].crop, alt: "" });
    node("span", words, label);
  };
  if (current.clip) choice("", "Whoever is largest for longest", true);
  for (const { index } of faces) choice(index, `Face ${index + 1}`, !current.clip && index === first);
}
const shared = ([a, b, c, d], [x0, y0, x1, y1]) => Math.max(0, Math.min(c, x1) - Math.max(a, x0)) * Math.max(0, Math.min(d, y1) - Math.max(b, y0));
const size = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
function markBox() {
  const at = face() ?? 0;
  [...$(".boxes").children].forEach((box, index) => box.classList.toggle("chosen", index === at));
}

// What is dropped on one of the two clips of one's own person belongs there, all else here.
const nothing = "There is no file in that; save it first, and drop the file.";
filesCome(take, { zones: [drop, $(".left")], nothing });

// -- examples, and pictures from other tabs -------------------------------------------
function describe(sample, words) {
  words.textContent = sample.title;
}
// A picture of another tab in which a face is swapped, or a made face to put onto the astronaut.
async function arrive() {
  const file = handed("swap"), onto = handed("astronaut");
  if (file) take(file);
  if (!onto) return;
  const person = await ask("adopt", { file: await base64(onto) });
  if (person.error) { say(person.error, true); return; }
  card(person, true);
  changed(true);
  example("astronaut.png", take);
}
document.addEventListener("ganfake:handed", () => { if (house && !house.error) arrive(); }); // else when they are there
