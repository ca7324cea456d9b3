
// How a file comes to a tab: chosen, taken, dropped, pasted or an example; and how it goes to the
// server's memory. It stands before the scripts of a tab, which have `say` and `bar`.

// -- to the server ------------------------------------------------------------------
function base64(blob) {
  return new Promise((good, bad) => {
    const reader = new FileReader();
    reader.onload = () => good(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => bad(reader.error);
    reader.readAsDataURL(blob);
  });
}
// A file in pieces, as long as it is `wanted()`; returns {token}, {error} or {stopped}. The bar
// and `tell` say how much of it is there. The server forgets what does not come whole.
async function sent(file, wanted, bar, tell) {
  const most = $("[data-picture-most]")?.dataset.pictureMost; // MB; else it would be refused only when all had come
  if (file.type.startsWith("image/") && file.size > most * 2 ** 20) return { error: `The file is over ${most} MB; save a smaller copy of it.` };
  const begun = await ask("begin", { name: file.name, size: file.size });
  if (begun.error) return begun;
  trigger("claim", { token: begun.token }); // with the page it goes, whether it is used or not
  for (let at = 0; at < file.size; at += begun.chunk) {
    const got = await sentPiece(begun.token, at, file.slice(at, at + begun.chunk));
    if (!wanted() || got.error) ask("drop", { token: begun.token });
    if (!wanted()) return { stopped: true };
    if (got.error) return got;
    const share = got.have / file.size;
    bar.value = share;
    tell(quarters(`Sending ${file.name}`, share));
  }
  return begun;
}
async function sentPiece(token, at, piece) {
  let content;
  try {
    content = await base64(piece);
  } catch {
    return { error: "Your browser cannot read this file; choose it again." };
  }
  return ask("put", { token, at, content });
}


// -- to be seen ---------------------------------------------------------------------
// {picture}, the address of a picture as the server saw it, size [width, height]; or {error}. It is
// the visitor's own file wherever the browser shows that upright. Boxes would lie beside the faces
// of a WebP that the server turned as its EXIF says: browsers do not. Only an extended one has any.
async function pictureAddress(file, token, size) {
  const trial = new Image();
  try {
    const start = await file.slice(8, 16).text();
    trial.src = URL.createObjectURL(file);
    await trial.decode();
    if (start !== "WEBPVP8X" && !/tiff|hei[cf]/.test(file.type) && shaped(trial, size)) return { picture: trial.src };
  } catch { /* a format that it does not show */ }
  URL.revokeObjectURL(trial.src);
  return ask("preview", { token });
}
// Within what rounding does where the server made a large picture smaller.
function shaped(image, [width, height]) {
  const scale = image.naturalWidth / width;
  return Math.abs(image.naturalHeight - scale * height) <= 2 * Math.max(1, scale);
}

// -- the work -----------------------------------------------------------------------
// Its bar and "Stop". Who has the focus there when they go is back where a file is chosen.
function working(on) {
  const held = $(".working").contains(document.activeElement);
  $(".working").hidden = !on;
  bar.removeAttribute("value");
  if (on) bringIntoView($(".working"));
  if (held && !on) $(".pick").focus({ preventScroll: true });
}

// -- choose, drop, paste, take ------------------------------------------------------
// By every way there is, `act(file, count)` gets a file: the first of `count` dropped together
// (a dropZone's `act` gets all of them, too).
// zones: where files may be dropped; nothing: the sentence where what is dropped is no file;
// "Take a picture" opens a phone's own camera, elsewhere the webcam.
function filesCome(act, { zones, nothing }) {
  chosenIn($(".chosen"), act);
  chosenIn($(".taken"), act);
  $(".pick").addEventListener("click", () => $(".chosen").click());
  $(".snap").addEventListener("click", () => (matchMedia("(pointer: coarse)").matches ? $(".taken").click() : openCamera()));
  for (const zone of zones) dropZone(zone, act, nothing);
  besides(act, nothing);
  document.addEventListener("paste", (event) => pasted(event, act));
  $(".close").addEventListener("click", () => { closeCamera(); $(".snap").focus(); });
  $(".shoot").addEventListener("click", () => shoot(act));
}
function chosenIn(input, act) {
  input.addEventListener("change", () => {
    if (input.files.length) act(input.files[0]);
    input.value = ""; // the same file again is a change, too
  });
}
// A zone may lie within another, which then hears nothing of what happens here.
function dropZone(zone, act, nothing) {
  zone.addEventListener("dragover", (event) => { event.preventDefault(); event.stopPropagation(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("over"); });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    const { files } = event.dataTransfer;
    if (files.length) act(files[0], files.length, files); else say(nothing, true);
  });
}
// Beside the zones a browser would open the file in the place of the page.
function besides(act, nothing) {
  const here = (event) => element.offsetParent && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => { if (here(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!here(event)) return;
    event.preventDefault();
    const { files } = event.dataTransfer;
    if (files.length) act(files[0], files.length, files); else say(nothing, true);
  });
}
function pasted(event, act) {
  const typing = event.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, [contenteditable]");
  if (typing || !element.offsetParent) return; // or another tab is open
  const files = event.clipboardData?.files ?? [];
  if (files.length) { event.preventDefault(); act(files[0], files.length, files); } else say("There is no picture on the clipboard.", true);
}

// -- the camera ---------------------------------------------------------------------
let stream = null, asked = 0;
// What the camera sees; null where the page may not see it.
async function camera() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
  } catch {
    return null;
  }
}
async function openCamera() {
  if (!navigator.mediaDevices) { $(".taken").click(); return; } // no page at a plain http address has one
  closeCamera(); // a stream that nobody holds any more could not be stopped
  const mine = asked, late = await camera();
  if (mine !== asked) { ended(late); return; } // while the visitor was asked, they turned to something else
  stream = late;
  if (!stream) { say("There is no camera that this page may use; choose a file instead.", true); return; }
  const seen = $(".webcam video");
  $(".shoot").disabled = true; // until there is something to take
  seen.onloadeddata = () => { $(".shoot").disabled = false; $(".shoot").focus(); };
  $(".webcam").hidden = false;
  seen.srcObject = stream;
}
function ended(some) {
  some?.getTracks().forEach((track) => track.stop());
}
function closeCamera() {
  const held = $(".webcam").contains(document.activeElement);
  asked += 1;
  ended(stream);
  stream = $(".webcam video").srcObject = null;
  $(".webcam").hidden = true;
  if (held) $(".stop").focus(); // the picture that was taken is on its way
}
// Nobody is filmed from behind another tab.
new ResizeObserver(() => { if (!element.offsetParent && $(".webcam")) closeCamera(); }).observe(element);
function shoot(act) {
  const seen = $(".webcam video"), canvas = node("canvas");
  canvas.width = seen.videoWidth;
  canvas.height = seen.videoHeight;
  canvas.getContext("2d").drawImage(seen, 0, 0);
  canvas.toBlob((blob) => act(new File([blob], "camera.png", { type: "image/png" })), "image/png");
}

// -- examples -----------------------------------------------------------------------
// describe(sample, words) says in the button what a sample is.
async function listSamples(act, describe) {
  const found = await ask("examples", {});
  if (found.error) return;
  for (const sample of found.examples) {
    const button = node("button", "", $(".sample-list"));
    button.type = "button";
    Object.assign(node("img", "", button), { src: sample.picture, alt: "" });
    describe(sample, node("span", "", button));
    button.addEventListener("click", () => example(sample.name, act));
  }
  $(".samples").hidden = false;
}
let fetching = 0;
async function example(name, act) {
  const mine = (fetching += 1), then = sending;
  say(`Fetching ${name}.`);
  const whole = await ask("example", { name });
  if (mine !== fetching || then !== sending) return; // another one, an own file, or "Forget" came later
  if (whole.error) say(whole.error, true); else act(new File([bytes(whole.content)], whole.name, { type: "image/png" }));
}
