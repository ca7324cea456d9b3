// The Check tab: a file goes to the server's memory in pieces, waits for its turn, and comes
// back as a verdict. The pictures shown are the visitor's own file wherever a browser can.
const message = $(".message"), bar = $(".working progress"), outcome = $(".outcome");
const picture = $(".stage img"), clip = $(".clip");
let sending = 0, current = null, more = "";

const say = (sentence, wrong) => sayIn(message, sentence, wrong);
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
async function check(file, count = 1) {
  leave();
  if (count > 1) more = ` Only the first of ${count} files was taken; the command line checks many.`;
  const mine = sending;
  working(true);
  say(`Sending ${file.name}.`);
  closeCamera();
  const got = await sent(file, () => mine === sending, bar, say);
  if (got.stopped || mine !== sending) return;
  if (got.error) { working(false); say(got.error + more, true); return; }
  current = { token: got.token, file };
  bar.removeAttribute("value");
  say("Waiting for a turn.");
  checking.begin();
}
// Whatever is going on stops, and the server forgets what it has.
function leave() {
  checking.stop();
  sending += 1;
  working(false);
  forgetFile();
  more = "";
  outcome.hidden = true;
  for (const shown of [picture, clip]) URL.revokeObjectURL(shown.src);
  emptied(picture, clip);
}
function forgetFile() {
  if (current) ask("drop", { token: current.token });
  current = null;
}
$(".stop").addEventListener("click", () => { leave(); say("Stopped; the file is forgotten."); $(".pick").focus(); });
$(".forget").addEventListener("click", () => { leave(); say("The file is forgotten."); $(".pick").focus(); });

const checking = longWork("check", "halt", () => ({ token: current.token }), (said) => {
  if (said.error) { working(false); forgetFile(); say(said.error + more, true); return; }
  if (said.done !== undefined) {
    if (said.done) bar.value = said.done;
    say(said.done ? quarters("Checking", said.done) : "Looking for faces.");
  }
  if (!said.found) return;
  checking.busy = false;
  working(false);
  show(said.found);
}, "The check was not finished; try again.");

// Behind a long queue nothing else asks about the file, and the server forgets what is idle.
setInterval(() => { if (checking.busy) ask("wait", { token: current.token }); }, 120000);

$(".taken").capture = "environment"; // one checks what one sees, seldom oneself
filesCome(check, {
  zones: [$(".check")],
  nothing: "There is no file in that; save the picture first, and drop the file.",
});

// -- examples, and pictures from other tabs -----------------------------------------
function describe(sample, words) {
  node("b", sample.title, words);
  node("small", sample.about, words);
}
new IntersectionObserver((seen, observer) => {
  if (seen.some((one) => one.isIntersecting)) { observer.disconnect(); listSamples(check, describe); }
}).observe(element);

// A picture of another tab: the finished file that is shown there, with its mark. What hands
// it over is loop.js, which is there before this tab is.
function arrive() {
  const file = handed("check");
  if (file) check(file);
}
document.addEventListener("ganfake:handed", arrive);

