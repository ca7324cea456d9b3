// The second part of the Check tab's script, in one scope with check.js: the picture itself.
const called = () => (found.kind === "video" ? "Person" : "Face");
// Beside a verdict a bare number would be taken for how sure that is.
const chance = (face) => (face.percent ? `${face.percent} fake` : "");

async function showPicture() {
  const { file, token } = current;
  picture.alt = `${file.name}, ${found.summary}`;
  $(".boxes").replaceChildren();
  if (found.moving && found.faces.length) return; // the frame that is looked into follows
  const seen = await (found.moving ? ask("preview", { token }) : pictureAddress(file, token, found.size));
  if (token !== current?.token) { URL.revokeObjectURL(seen.picture); return; }
  if (seen.error) { $(".stage-note").textContent = seen.error; return; }
  picture.src = seen.picture;
  drawBoxes();
}
// Of an animation no more than what was judged: a frame, with a box where its face was found.
const showFrame = latest(async (wish) => {
  const seen = await ask("still", wish);
  if (wish.token !== current?.token || wish.face !== chosen || wish.frame !== frame) return;
  if (seen.error) { $(".stage-note").textContent = seen.error; return; }
  picture.src = seen.picture;
  drawBoxes([{ ...found.faces[chosen], box: seen.box }]);
});
function drawBoxes(faces = found.faces) {
  const boxes = $(".boxes"), what = called();
  const held = boxes.contains(document.activeElement) ? document.activeElement.dataset.face : null;
  boxes.replaceChildren();
  boxes.classList.toggle("crowd", found.crowd);
  for (const face of faces) {
    const [x0, y0, x1, y1] = face.box.map((part) => 100 * Math.min(1, Math.max(0, part)));
    const box = node("button", "", boxes, `box ${face.verdict}`);
    box.type = "button";
    Object.assign(box.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
    const label = node("span", "", box, "tag");
    sign(face.verdict, label);
    node("span", found.faces.length > 1 ? `${face.index + 1}` : face.title, label);
    box.dataset.face = face.index;
    box.setAttribute("aria-label", `${what} ${face.index + 1}: ${[face.title.toLowerCase(), chance(face)].filter(Boolean).join(", ")}`);
    box.classList.toggle("low", y0 < 8);
    box.classList.toggle("right", x0 + x1 > 100); // its tag stays in the picture
    box.addEventListener("click", () => choose(face.index));
    if (box.dataset.face === held) box.focus({ preventScroll: true }); // its last drawing had it
  }
  markChosen();
}
// Below a small picture, or where no video is played, there is room for what the file says. In that
// wider column it is about 100 pixels less high.
const columns = $$(".top > .left, .top > .right");
const sized = new ResizeObserver(() => $(".top").classList.toggle("low", columns[0].offsetHeight < columns[1].offsetHeight + 100));
for (const column of columns) sized.observe(column);
function drawPicker() {
  const picker = $(".picker"), what = called();
  picker.hidden = found.faces.length < 2;
  picker.setAttribute("aria-label", `${what}s`);
  picker.replaceChildren();
  for (const face of found.faces) {
    const button = node("button", "", picker);
    button.type = "button";
    button.dataset.face = face.index;
    const image = node("img", "", button);
    image.src = face.crop;
    image.alt = "";
    sign(face.verdict, button);
    const words = node("span", "", button);
    node("b", `${what} ${face.index + 1}`, words);
    node("small", [face.title, chance(face)].filter(Boolean).join(", "), words);
    button.addEventListener("click", () => choose(face.index));
  }
}
function markChosen() {
  for (const button of $$(".boxes > *, .picker > *")) button.setAttribute("aria-pressed", String(Number(button.dataset.face) === chosen));
  const picker = $(".picker"), own = picker.children[chosen];
  // The list alone is moved: scrollIntoView would move the page as well.
  if (own) picker.scrollTop += own.getBoundingClientRect().top - picker.getBoundingClientRect().top - (picker.clientHeight - own.offsetHeight) / 2;
}
