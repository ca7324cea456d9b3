
// The last part of the Swap tab's script, in one scope with swap.js: a person of one's own.
const ownMessage = $(".own-message"), learnButton = $(".learn"), enough = $(".enough");
let visit = "", role = "", gatherToken = "", gatherCount = 0, ownPerson = null;
const tell = (sentence, wrong = false) => say(sentence, wrong, ownMessage);
const box = (name) => $(`.clip-box[data-role="${name}"]`);
const has = { A: false, B: false };

// -- clips of A and B, and files of persons -------------------------------------------
const gathering = longWork("gather", "halt_gather", () => ({ token: gatherToken, role }), (said) => {
  const bar = $(".gathering progress");
  if (said.error) { gathered(); tell(said.error, true); return; }
  if (said.place) tell(place(said.place));
  if (said.done !== undefined) {
    if (said.done) bar.value = said.done;
    tell(quarters("Looking for faces", said.done));
  }
  if (said.person) { gathered(); own(said.person, "The person is loaded, and chosen above."); }
  if (said.gathered) { gathered(); drawGathered(said.gathered); }
});
function gathered() {
  gathering.busy = false;
  $(".gathering").hidden = true;
  ready();
}
async function gather(file, forWhat) {
  if (learning.busy) { tell("Stop learning before you choose another file.", true); return; }
  gathering.stop();
  const mine = gatherCount += 1, bar = $(".gathering progress");
  role = forWhat;
  if (forWhat in has) has[forWhat] = false;
  ready();
  $(".gathering").hidden = false;
  bar.removeAttribute("value");
  const got = await sent(file, () => mine === gatherCount, bar, tell);
  if (got.stopped || mine !== gatherCount) return;
  if (got.error) { gathered(); tell(got.error, true); return; }
  gatherToken = got.token;
  bar.removeAttribute("value");
  gathering.begin();
}
function drawGathered(found) {
  visit = found.visit;
  has[found.role] = true;
  const where = box(found.role), sheet = where.querySelector(".sheet"), report = where.querySelector(".report");
  where.querySelector(".box-says").textContent = `${found.count} faces to learn from.`;
  sheet.src = found.sheet;
  sheet.alt = `Faces of ${found.role}`;
  sheet.hidden = false;
  report.replaceChildren();
  for (const words of found.report) node("li", words, report);
  $(".lesson").hidden = true;
  ready();
  tell(has.A && has.B ? "Both are there; agree to the statement, and watch it learn." : `Faces of ${found.role} are there; now the other clip.`);
}
$(".stop-gather").addEventListener("click", () => {
  gathering.stop();
  gatherCount += 1;
  gathered();
  tell("Stopped.");
});
for (const name of ["A", "B"]) {
  const where = box(name), ways = where.querySelector(".ways"), input = node("input", "", where);
  Object.assign(input, { type: "file", accept: "video/*,image/*", hidden: true, className: "own-clip", tabIndex: -1 });
  input.setAttribute("aria-label", `A clip of ${name}`);
  chosenIn(input, (file) => gather(file, name));
  const pick = node("button", "Choose a clip", ways), record = node("button", "Record ten seconds", ways);
  pick.type = record.type = "button";
  pick.setAttribute("aria-label", `Choose a clip of ${name}`);
  record.setAttribute("aria-label", `Record ten seconds of ${name}`);
  pick.addEventListener("click", () => input.click());
  record.addEventListener("click", () => recordClip(name, record));
  dropZone(where, (file) => gather(file, name), nothing);
}
async function recordClip(name, button) {
  button.disabled = true; // before the visitor is asked for the camera: a second click would ask again
  const seen = window.MediaRecorder ? await camera() : null;
  if (!seen) {
    button.disabled = false;
    tell("There is no camera that this page may use; choose a clip instead.", true);
    return;
  }
  const video = $(".recorder"), recorder = new MediaRecorder(seen), parts = [];
  video.srcObject = seen;
  video.hidden = false;
  video.play();
  tell("Recording ten seconds: talk, and turn your head slowly.");
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    seen.getTracks().forEach((track) => track.stop());
    video.hidden = true;
    button.disabled = false;
    gather(new File(parts, `camera-${name}.webm`, { type: "video/webm" }), name);
  };
  recorder.start();
  setTimeout(() => recorder.stop(), 10000);
}

// -- the lesson -------------------------------------------------------------------------
function ready() {
  learnButton.disabled = !(has.A && has.B && $(".agree-own").checked) || learning.busy || gathering.busy;
  learnButton.hidden = learning.busy;
  enough.hidden = !learning.busy;
}
$(".agree-own").addEventListener("change", ready);
const learning = longWork("learn", "halt_learn",
  () => ({ minutes: Number($(".minutes").value), name: $(".own-name").value, consent: learning.agreed ? house.consent : "" }),
  (said) => {
    if (said.error) { ready(); tell(said.error, true); return; }
    if (said.place) tell(`It learns by turns with others: ${said.place === 1 ? "yours is next." : `${said.place} come before yours.`}`);
    if (said.board) drawBoard(said.board);
    if (!said.person) return;
    learning.busy = false;
    learning.agreed = false;
    ready();
    own(said.person, "Your person is ready and chosen above; go on learning, keep it as a file, or swap.");
    learnButton.textContent = "Go on learning";
  });
function drawBoard(board) {
  $(".lesson").hidden = false;
  $(".learned").value = board.done;
  $(".preview").src = board.preview;
  $(".plot").innerHTML = board.plot;
  $(".facts").textContent = `${board.images}, ${board.left}.`;
  tell("It is learning.");
}
learnButton.addEventListener("click", () => {
  learning.agreed = true;
  $(".agree-own").checked = false; // it counts for this lesson
  learning.begin();
  ready();
  tell("Waiting for a turn.");
  enough.focus();
});
enough.addEventListener("click", async () => {
  tell("It stops with the step that goes on.");
  const got = await ask("stop", { visit });
  if (got.error) tell(got.error, true);
});

// -- the person -------------------------------------------------------------------------
function own(person, sentence) {
  ownPerson = person;
  card(person, true);
  $(".keep-file").hidden = false;
  changed(true);
  tell(sentence);
}
$(".keep-file").addEventListener("click", async () => {
  const file = await ask("keep", { person: ownPerson.id });
  if (file.error) { tell(file.error, true); return; }
  save(file.name, new Blob([bytes(file.content)]));
  tell(`Saved as ${file.name}; load it here again whenever you like.`);
});
$(".load-file").addEventListener("click", () => $(".person-file").click());
chosenIn($(".person-file"), (file) => gather(file, "person"));
