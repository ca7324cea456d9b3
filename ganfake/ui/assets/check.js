// The Check tab: a file goes to the server's memory in pieces, waits for its turn, and comes
// back as a verdict. The pictures shown are the visitor's own file wherever a browser can.
const message = $(".message"), bar = $(".working progress"), outcome = $(".outcome");
const picture = $(".stage img"), clip = $(".clip");
let number = 0, current = null, busy = false, more = "";

function say(sentence, wrong = false) {
  message.textContent = sentence || "\u00a0";
  message.classList.toggle("wrong", wrong);
}
// A verdict is never colour alone: fake is a triangle, real a circle, uncertain a diamond.
const SHAPES = {
  fake: '<path d="M10 2 19 18 1 18Z"/>', real: '<circle cx="10" cy="10" r="8.5"/>', uncertain: '<path d="M10 .5 19.5 10 10 19.5 .5 10Z"/>',
};
const SIGNS = { fake: "!", real: "✓", uncertain: "?" };
function sign(verdict, parent) {
  const made = node("span", "", parent, `sign ${verdict}`);
  made.setAttribute("aria-hidden", "true");
  made.innerHTML = `<svg viewBox="0 0 20 20">${SHAPES[verdict]}<text x="10" y="${verdict === "fake" ? 16 : 14.5}" text-anchor="middle">${SIGNS[verdict]}</text></svg>`;
  return made;
}

// -- a file comes -------------------------------------------------------------------
function working(on) {
  busy = on;
  $(".working").hidden = !on;
  element.querySelector(".check").classList.toggle("busy", on);
  bar.removeAttribute("value");
}
function base64(blob) {
  return new Promise((good, bad) => {
    const reader = new FileReader();
    reader.onload = () => good(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => bad(reader.error);
    reader.readAsDataURL(blob);
  });
}
async function sent(file, mine) {
  const begun = await ask("begin", { name: file.name, size: file.size });
  if (begun.error) return begun;
  current = { token: begun.token, file };
  for (let at = 0; at < file.size; at += begun.chunk) {
    if (mine !== number) { ask("drop", { token: begun.token }); return { stopped: true }; }
    let content;
    try {
      content = await base64(file.slice(at, at + begun.chunk));
    } catch {
      return { error: "Your browser cannot read this file; choose it again." };
    }
    const got = await ask("put", { token: begun.token, at, content });
    if (got.error) return mine === number ? got : { stopped: true };
    bar.value = got.have / file.size;
    say(`Sending ${file.name}: ${Math.round(100 * got.have / file.size)} %`);
  }
  return begun;
}
async function check(file) {
  if (!file) return;
  leave();
  const mine = number += 1;
  working(true);
  say(`Sending ${file.name}.`);
  closeCamera();
  const done = await sent(file, mine);
  if (done.stopped || mine !== number) return;
  if (done.error) { working(false); say(done.error, true); return; }
  bar.removeAttribute("value");
  say("Waiting for a turn.");
  trigger("check");
}
// Whatever is going on stops, and the server forgets what it has.
function leave() {
  if (busy) trigger("halt");
  number += 1;
  working(false);
  if (current) ask("drop", { token: current.token });
  current = null;
  more = "";
  outcome.hidden = true;
  URL.revokeObjectURL(picture.src);
  URL.revokeObjectURL(clip.src);
  picture.removeAttribute("src");
  clip.removeAttribute("src");
}
$(".stop").addEventListener("click", () => { leave(); say("Stopped; the file is forgotten."); $(".pick").focus(); });
$(".forget").addEventListener("click", () => { leave(); say("The file is forgotten."); $(".pick").focus(); });

window.ganfakeCheck = {
  wish: () => JSON.stringify({ number, token: current?.token }),
  heard(line) {
    if (!line.startsWith("{") || !busy) return;
    const said = JSON.parse(line);
    if (said.number !== null && said.number !== number) return; // of a check that was stopped
    if (said.error) { working(false); say(said.error, true); return; }
    if (said.done !== undefined) {
      if (said.done) bar.value = said.done;
      say(said.done ? `Checking: ${Math.round(100 * said.done)} %` : "Looking for faces.");
    }
    if (!said.found) return;
    working(false);
    show(said.found);
  },
  failed() { if (busy) { working(false); say("The check was not finished; try again.", true); } },
};

// -- choose, drop, paste, take ------------------------------------------------------
for (const [button, input] of [[".pick", ".chosen"], [".snap", ".taken"]]) {
  const box = $(input);
  box.addEventListener("change", () => { check(box.files[0]); box.value = ""; });
  $(button).addEventListener("click", () => (input === ".taken" && !matchMedia("(pointer: coarse)").matches ? openCamera() : box.click()));
}
const zone = $(".check");
zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("over"); });
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  several(event.dataTransfer.files);
});
function several(files) {
  if (!files.length) { say("There is no file in that; save the picture first, and drop the file.", true); return; }
  check(files[0]);
  if (files.length > 1) more = ` Only the first of ${files.length} files was checked; the command line takes many.`;
}
document.addEventListener("paste", (event) => {
  const typing = event.target.closest?.("input:not([type=range]), textarea, [contenteditable]");
  if (typing || !element.offsetParent) return; // or another tab is open
  const files = event.clipboardData?.files ?? [];
  if (files.length) { event.preventDefault(); check(files[0]); } else say("There is no picture on the clipboard.", true);
});

let stream = null;
async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) { $(".taken").click(); return; }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
  } catch {
    say("There is no camera that this page may use; choose a file instead.", true);
    return;
  }
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
  canvas.toBlob((blob) => check(new File([blob], "camera.png", { type: "image/png" })), "image/png");
});

// -- examples, and pictures from other tabs -----------------------------------------
function bytes(content) {
  return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
}
async function listSamples() {
  const found = await ask("examples", {});
  if (found.error) return;
  const list = $(".sample-list");
  list.replaceChildren();
  for (const sample of found.examples) {
    const button = node("button", "", list);
    button.type = "button";
    const image = node("img", "", button);
    image.src = sample.picture;
    image.alt = "";
    const words = node("span", "", button);
    node("b", sample.title, words);
    node("small", sample.about, words);
    button.addEventListener("click", async () => {
      say(`Fetching ${sample.name}.`);
      const whole = await ask("example", { name: sample.name });
      if (whole.error) say(whole.error, true); else check(new File([bytes(whole.content)], whole.name, { type: "image/png" }));
    });
  }
  $(".samples").hidden = false;
}
new IntersectionObserver((seen, observer) => {
  if (seen.some((one) => one.isIntersecting)) { observer.disconnect(); listSamples(); }
}).observe(element);

// A picture of another tab: the finished file that is shown there, with its mark. What hands
// it over is loop.js, which is there before this tab is.
function arrive() {
  const file = handed("check");
  if (file) check(file);
}
document.addEventListener("ganfake:handed", arrive);

