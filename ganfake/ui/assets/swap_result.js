
// The third part of the Swap tab's script, in one scope with swap.js: the finished file, before
// and after, and the stages on the way.
const before = $(".before"), after = $(".after"), made = $(".made"), wipe = $(".wipe");
let result = null;

async function show(swapped) {
  const { token } = current, pieces = [];
  say("Fetching the result.");
  for (let at = 0; at < swapped.size; at += pieces.at(-1).length) {
    const got = await ask("piece", { token, at });
    if (token !== current?.token || swapping.busy) return;
    if (got.error) { working(false); say(got.error, true); return; }
    pieces.push(bytes(got.content));
  }
  working(false);
  forgetResult();
  const blob = new Blob(pieces, { type: swapped.kind });
  result = { name: swapped.name, blob, address: URL.createObjectURL(blob) };
  $(".compare").hidden = swapped.clip;
  made.hidden = !swapped.clip;
  if (swapped.clip) made.src = result.address;
  else {
    after.src = result.address;
    after.alt = "The picture with the face swapped; a mark in a corner says so";
    before.src = current.address;
    before.alt = "The picture before";
    if (outcome.hidden) wipe.value = middle(); // the same in another look stays where it was put
    slide();
  }
  $(".left-out").textContent = swapped.note;
  $(".left-out").hidden = !swapped.note;
  drawStages(swapped.stages);
  drawHandOver(swapped);
  outcome.hidden = false;
  say(swapped.clip ? "The clip is swapped; every frame is marked." : "The picture is swapped and marked.");
  changed(false);
  outcome.focus({ preventScroll: true });
  const behaviour = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (outcome.getBoundingClientRect().top > innerHeight - 300) outcome.scrollIntoView({ block: "start", behavior: behaviour });
}
function forgetResult() {
  if (result) URL.revokeObjectURL(result.address);
  result = null;
  emptied(before, after, made);
}
// The middle of the swapped face, in hundredths from the left: there both halves tell.
function middle() {
  const { box } = current.faces[face() ?? 0] ?? { box: [0, 0, 1, 1] };
  return Math.round(50 * (box[0] + box[2]));
}
function slide() {
  $(".both").style.setProperty("--share", `${wipe.value}%`);
  wipe.setAttribute("aria-valuetext", `${wipe.value} % before, ${100 - wipe.value} % after`);
}
wipe.addEventListener("input", slide);
function drag(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  const { left, width } = $(".both").getBoundingClientRect();
  wipe.value = 100 * Math.min(1, Math.max(0, (event.clientX - left) / width));
  slide();
}
for (const kind of ["pointerdown", "pointermove"]) $(".both").addEventListener(kind, drag);
$(".both").addEventListener("dragstart", (event) => event.preventDefault());

function drawStages(stages) {
  $(".stages").hidden = !stages.length;
  const strip = $(".strip");
  strip.replaceChildren();
  for (const stage of stages) {
    const step = node("li", "", strip), image = node("img", "", step);
    image.src = stage.picture;
    image.alt = "";
    const [title, words] = stage.words.split(": ");
    node("b", `${strip.children.length}. ${title}: `, step);
    node("span", words, step);
  }
}
// Other tabs that take a picture or a clip, as in the list of loop.js.
function drawHandOver({ clip: isClip, ours }) {
  const box = $(".hand-over"), { name, blob } = result;
  box.replaceChildren();
  window.ganfakeOffer?.(box, {
    from: "swap", of: { name: name.replace(/[.]\w+$/, "") }, clip: isClip, ours,
    address: async () => `data:${blob.type};base64,${await base64(blob)}`,
  });
}
$(".save").addEventListener("click", () => {
  if (!result) return;
  save(result.name, result.blob);
  say(`Saved as ${result.name}, with its marks.`);
});
$(".forget").addEventListener("click", () => {
  leave();
  drop.classList.remove("small");
  changed(true);
  say("The file and its result are forgotten.");
  $(".pick").focus();
});
