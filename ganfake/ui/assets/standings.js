// The leaderboard follows what others play, in one scope with board.js: that of a class every few
// seconds, everybody's now and then. It asks only while somebody can see it, and for an hour after
// the page was last touched: one that is left alone rests in the end.
const LONGEST = 3600_000, PACE = { "My room": 5_000, other: 30_000 };
let touched = performance.now(), renewed = touched;

for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
}
function boardSeen() {
  const shown = document.querySelector("#standings");
  if (document.hidden || !shown?.offsetParent) return false; // another tab, or the board is shut
  const { top, bottom } = shown.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
setInterval(() => {
  const now = performance.now(), pace = PACE[document.querySelector("#scope input:checked")?.value] ?? PACE.other;
  if (now - touched > LONGEST || now - renewed < pace || !boardSeen()) return;
  renewed = now;
  trigger("submit");
}, 1000);

// A link to this very computer is of no use to a class; a sentence beside it says so.
document.body.classList.toggle("alone", /^(localhost|127\..*|\[::1\])$/.test(location.hostname));
