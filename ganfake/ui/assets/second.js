// The second look, in one scope with board.js: answer, see what Check says, answer again. Until
// the second answer the server tells nothing but the machine's opinion.
const opinion = $(".opinion");
let looked = ""; // the first answer, once the server has it

const looksFirst = () => round.mode === "second" && !looked;
async function beginLook(dealt) {
  looked = "";
  opinion.hidden = true;
  opinion.replaceChildren();
  pressSaid();
  if (dealt.mode !== "second") return;
  text(verdict, "Say what you see. Then Check says what it sees, and you answer again.");
  if (dealt.first) await firstAnswer(dealt.first);
}
function pressSaid() {
  for (const b of $$(".say")) b.classList.toggle("chosen", b.dataset.say === looked);
}
async function firstAnswer(choice) {
  busy = true;
  const shown = round;
  text(verdict, "Check is looking at the picture.");
  for (const b of $$(".say")) b.disabled = true;
  const said = await ask("second_look", { round: shown.round, choice });
  busy = false;
  if (round !== shown) return;
  for (const b of $$(".say")) b.disabled = false;
  if (said.error) { text(verdict, said.error); round = null; next.disabled = false; next.focus({ preventScroll: true }); return; }
  looked = said.first;
  pressSaid();
  drawOpinion(said);
  text(verdict, "Now answer again: the same, or the other one.");
  $(`.say[data-say="${looked}"]`).focus({ preventScroll: true });
  opinion.scrollIntoView({ block: "nearest" });
}
const signs = { fake: "▲", real: "●", uncertain: "◆" };
function drawOpinion(said) {
  opinion.replaceChildren();
  opinion.dataset.verdict = said.verdict;
  node("p", looked === "real" ? "You said: real." : "You said: fake.", opinion);
  const line = node("p", "", opinion);
  line.className = "says-check";
  const sign = node("i", signs[said.verdict], line);
  sign.setAttribute("aria-hidden", "true");
  node("b", `Check: ${said.title.toLowerCase()}.`, line);
  if (said.percent) node("span", `Its number for fake: ${said.percent}.`, line);
  if (said.reason) node("p", said.reason, opinion);
  if (said.odds) node("small", said.odds, opinion);
  if (said.experts.length) {
    node("small", "Each expert by itself, from real on the left to fake on the right:", opinion);
    const bars = node("ul", "", opinion);
    for (const expert of said.experts) {
      const row = node("li", "", bars);
      node("span", expert.title, row);
      const bar = node("span", "", row);
      bar.className = "bar-of";
      bar.setAttribute("aria-hidden", "true");
      node("i", "", bar).style.width = `${100 * expert.value}%`;
      node("span", expert.percent, row);
    }
  }
  opinion.hidden = false;
}

function drawHelped(helped) {
  node("h3", "You and the machine", result);
  node("p", helped.sentence, result);
  const list = node("ul", "", result);
  const share = (x) => [x.correct, x.of, (100 * x.low).toFixed(0), (100 * x.high).toFixed(0)];
  for (const [key, write] of Object.entries({
    alone: (k, n, low, high) => `You alone, first answers: ${k} of ${n} right (95 % interval: ${low} to ${high} %).`,
    machine: (k, n, low, high) => `The machine alone: ${k} of ${n} right (95 % interval: ${low} to ${high} %).`,
    together: (k, n, low, high) => `Together, second answers: ${k} of ${n} right (95 % interval: ${low} to ${high} %).`,
  })) node("li", write(...share(helped[key])), list);
  node("li", `Answers that you changed to right: ${helped.to_right}; to wrong: ${helped.to_wrong} (McNemar's exact test: p ${helped.p < 0.01 ? "< 0.01" : `= ${helped.p.toFixed(2)}`}).`, list);
  node("li", `The machine was uncertain in ${helped.uncertain} rounds; there the side to which its number leans is counted, and a picture without a face as wrong.`, list);
  node("small", "Small pictures are hard for the machine as well: with the pocket deck it is uncertain nearly always.", result);
}
