// One's own photographs in Play: they go to the server's memory as one pack, see
// own_photographs.py, and become a deck for this player alone.
const own = $(".own"), message = $(".message"), bar = $("progress"), names = $(".names");
let files = [], sending = 0, token = "";

const say = (sentence, wrong) => sayIn(message, sentence, wrong);
function working(on) {
  bar.hidden = !on;
  bar.removeAttribute("value");
}
function choose(list) {
  if (!list.length) return;
  files = [...list];
  const megabytes = (files.reduce((sum, file) => sum + file.size, 0) / 2 ** 20).toFixed(1);
  const first = files.slice(0, 3).map((file) => file.name).join(", ") + (files.length > 3 ? ", …" : "");
  names.textContent = `${first} (${files.length}, ${megabytes} MB)`;
  names.dataset.verbatim = "";
  say("");
}
async function play() {
  if (!bar.hidden) return;
  if (!files.length) { say("Choose photographs or a zip first.", true); $(".pick").focus(); return; }
  const list = JSON.stringify(files.map((file) => [file.name, file.size])) + "\n";
  const pack = new File([list, ...files], "photographs");
  if (pack.size > own.dataset.most * 2 ** 20) { say(`These files are over ${own.dataset.most} MB together; choose fewer.`, true); return; }
  const mine = sending;
  working(true);
  const got = await sent(pack, () => mine === sending, bar, say);
  if (got.stopped || mine !== sending) return;
  if (got.error) { working(false); say(got.error, true); return; }
  token = got.token;
  bar.removeAttribute("value");
  say("Waiting for a turn.");
  reading.begin();
}
async function forget() {
  reading.stop();
  sending += 1;
  working(false);
  await ask("forget", { player: window.ganfake.player() });
  say("Your photographs are forgotten.");
  window.ganfake.refreshDecks("pocket");
}
const reading = longWork("read", "halt", () => ({ token, player: window.ganfake.player() }), (said) => {
  if (said.read !== undefined) { say(said.read === 1 ? "1 file read." : `${said.read} files read.`); return; }
  reading.busy = false;
  working(false);
  say(said.error || said.report, Boolean(said.error));
  if (said.error) return;
  window.ganfake.keepPlayer(said.player);
  window.ganfake.refreshDecks("own");
}, "The photographs were not read to the end; try again.");

$(".chosen").addEventListener("change", () => { choose($(".chosen").files); $(".chosen").value = ""; });
$(".pick").addEventListener("click", () => $(".chosen").click());
$(".use").addEventListener("click", play);
$(".forget").addEventListener("click", forget);
dropZone(own, (_, __, all) => choose(all), "There is no file in that; save the picture first, and drop the file.");
