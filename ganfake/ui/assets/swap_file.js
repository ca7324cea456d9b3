
// The second part of the Swap tab's script, in one scope with swap.js: a file comes, by hand,
// by paste or from the camera, and one chooses among its faces.
const picture = $(".stage img"), clip = $(".clip"), drop = $(".drop");
let sending = 0;

async function take(file) {
  if (!file) return;
  leave();
  const mine = sending;
  current = { file, token: "", clip: false, ready: false };
  closeCamera();
  working(true);
  say(`Sending ${file.name}.`);
  changed(true);
  const got = await sent(file, () => mine === sending, (share) => { bar.value = share; say(`Sending ${file.name}: ${Math.round(100 * share)} %`); });
  if (got.stopped || mine !== sending) return;
  if (got.error) { refuse(got.error); return; }
  current.token = got.token;
  bar.removeAttribute("value");
  say("Looking for faces.");
  const seen = await ask("look", { token: got.token });
  if (mine !== sending) return;
  if (seen.error) { ask("drop", { token: got.token }); refuse(seen.error); return; }
  working(false);
  current.clip = seen.clip;
  current.ready = true;
  drop.classList.add("small");
  drawFaces(seen.faces);
  await showSource(seen.faces);
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
  for (const shown of [picture, clip]) { URL.revokeObjectURL(shown.src); shown.removeAttribute("src"); }
  forgetResult();
  $(".picker").replaceChildren();
}
// A browser that cannot show the format gets a copy from the server.
async function address(file, token) {
  const own = URL.createObjectURL(file), trial = new Image();
  trial.src = own;
  try { await trial.decode(); return own; } catch { URL.revokeObjectURL(own); }
  const seen = await ask("preview", { token });
  return seen.picture ?? "";
}
async function showSource(faces) {
  $(".source").hidden = false;
  $(".stage").hidden = current.clip;
  clip.hidden = !current.clip;
  if (current.clip) { clip.src = URL.createObjectURL(current.file); return; }
  const { file, token } = current;
  const source = await address(file, token);
  if (token !== current?.token) return;
  current.address = picture.src = source;
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
  const largest = faces.reduce((best, one, index) => (size(one) > size(faces[best]) ? index : best), 0);
  const choice = (value, words, checked) => {
    const label = node("label", "", picker, "face"), box = node("input", "", label);
    Object.assign(box, { type: "radio", name: "swap-face", value, checked });
    box.addEventListener("change", () => { markBox(); changed(true); });
    if (value !== "") Object.assign(node("img", "", label), { src: faces[value].crop, alt: "" });
    node("span", words, label);
  };
  if (current.clip) choice("", "Whoever is largest for longest", true);
  for (const { index } of faces) choice(index, `Face ${index + 1}`, !current.clip && index === largest);
}
const size = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
function markBox() {
  const at = face() ?? 0;
  [...$(".boxes").children].forEach((box, index) => box.classList.toggle("chosen", index === at));
}

// -- by hand, paste, camera -----------------------------------------------------------
for (const [button, input] of [[".pick", ".chosen"], [".snap", ".taken"]]) {
  const box = $(input);
  box.addEventListener("change", () => { take(box.files[0]); box.value = ""; });
  $(button).addEventListener("click", () => (input === ".taken" && !matchMedia("(pointer: coarse)").matches ? openCamera() : box.click()));
}
// What is dropped on one of the two clips of one's own person belongs there, all else here.
function dropZone(zone, act) {
  zone.addEventListener("dragover", (event) => { event.preventDefault(); event.stopPropagation(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("over"); });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) act(event.dataTransfer.files[0]);
    else say("There is no file in that; save it first, and drop the file.", true);
  });
}
dropZone(drop, take);
dropZone($(".left"), take);
document.addEventListener("paste", (event) => {
  const typing = event.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, [contenteditable]");
  if (typing || !element.offsetParent) return; // or another tab is open
  const files = event.clipboardData?.files ?? [];
  if (files.length) { event.preventDefault(); take(files[0]); } else say("There is no picture on the clipboard.", true);
});

let stream = null;
async function camera() {
  if (!navigator.mediaDevices?.getUserMedia) return null;
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
  } catch {
    return null;
  }
}
async function openCamera() {
  stream = await camera();
  if (!stream) { say("There is no camera that this page may use; choose a file instead.", true); return; }
  $(".webcam").hidden = false;
  $(".webcam video").srcObject = stream;
  $(".shoot").focus();
}
function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  $(".webcam").hidden = true;
}
$(".close").addEventListener("click", () => { closeCamera(); $(".snap").focus(); });
$(".shoot").addEventListener("click", () => {
  const seen = $(".webcam video"), canvas = node("canvas");
  if (!seen.videoWidth) return;
  canvas.width = seen.videoWidth;
  canvas.height = seen.videoHeight;
  canvas.getContext("2d").drawImage(seen, 0, 0);
  canvas.toBlob((blob) => take(new File([blob], "camera.png", { type: "image/png" })), "image/png");
});

// -- examples, and pictures from other tabs -------------------------------------------
async function listSamples() {
  const found = await ask("examples", {});
  if (found.error) return;
  for (const sample of found.examples) {
    const button = node("button", "", $(".sample-list"));
    button.type = "button";
    Object.assign(node("img", "", button), { src: sample.picture, alt: "" });
    node("span", sample.title, button);
    button.addEventListener("click", () => example(sample.name));
  }
  $(".samples").hidden = false;
}
async function example(name) {
  say(`Fetching ${name}.`);
  const whole = await ask("example", { name });
  if (whole.error) say(whole.error, true); else take(new File([bytes(whole.content)], whole.name, { type: "image/png" }));
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
  example("astronaut.png");
}
document.addEventListener("ganfake:handed", () => { if (house && !house.error) arrive(); }); // else when they are there
