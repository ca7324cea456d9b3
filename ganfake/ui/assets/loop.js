// What joins the tabs. Gradio draws a tab when it is first opened; this stands outside, so it
// is there before them: ways for a picture to other tabs, the address, and notices.
const notice = $(".notice p"), tabs = $(".loop").dataset.tabs.split(" ");
let wanted = "", until = 0, open = "play", fading = 0, toldIn = "";

function tell(sentence, wrong = false) {
  toldIn = wanted || open;
  notice.querySelector("span").textContent = sentence;
  notice.classList.toggle("wrong", wrong);
  notice.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { notice.hidden = true; }, 15000);
}
notice.querySelector("button").addEventListener("click", () => { notice.hidden = true; });
window.ganfakeTell = tell;

function visit(tab) {
  wanted = tab;
  until = performance.now() + 5000;
  trigger("visit");
}

// -- pictures -----------------------------------------------------------------------
// Who takes a picture: {title, take(face, address)}. face: what Make says of a face, or
// {name}; address: the finished file as a data address, with its marks. wants(what), where
// there is one, says of which pictures; see ganfakeOffer.
function to(tab, how = tab) {
  return (face, address) => {
    window.ganfakeHanded = { to: how, face, address };
    visit(tab);
    document.dispatchEvent(new Event("ganfake:handed"));
  };
}
async function putIn(face, address) {
  let player = "";
  try { player = localStorage.getItem("ganfake.player") || ""; } catch { /* private mode */ }
  player = window.ganfake?.player() || player;
  tell("The picture is made again from what its file says.");
  const said = await ask("put", { player, file: address });
  if (!player && said.player) {
    try { localStorage.setItem("ganfake.player", said.player); } catch { /* private mode */ }
    window.ganfake?.keepPlayer(said.player);
  }
  tell(said.error ?? said.said, Boolean(said.error));
}
window.ganfakeTakers ??= [];
window.ganfakeTakers.push(
  { title: "Check this face", clip: "Check this clip", other: "Check this picture", take: to("check"), wants: (what) => what.from !== "check" },
  { title: "Swap this face", clip: "Swap this clip", take: to("swap"), wants: (what) => what.from !== "swap" && what.face !== false && !what.photograph },
  { title: "Put it onto the astronaut", take: to("swap", "astronaut"), wants: (what) => what.of?.model && what.face !== false },
  { title: "Put it into tomorrow's quiz", take: putIn, wants: (what) => !what.clip && what.face !== false && what.ours !== false && !what.photograph && what.from !== "play" },
);
// Draws a button in `box` for everybody who takes a picture. what: {from: the tab it is in, of:
// as `face` above, address: or a function that makes it, where: "left" of two, clip: true of
// one, face: false where there is none, ours: false where no mark of ours tells how to make it again, photograph: true of somebody
// nobody has asked}.
window.ganfakeOffer = (box, what) => {
  for (const taker of window.ganfakeTakers) {
    if (taker.wants && !taker.wants(what)) continue;
    const title = (what.clip && taker.clip) || (what.face === false && taker.other) || taker.title;
    const button = node("button", what.where ? `${title} (${what.where})` : title, box);
    button.type = "button";
    button.addEventListener("click", async () => {
      taker.take(what.of, typeof what.address === "function" ? await what.address() : what.address);
    });
  }
};

// -- the address --------------------------------------------------------------------
// Which parameters belong to which tab; all others (room, lang, Gradio's own) stay.
const OWN = { play: ["mode"], make: ["model", "seed", "count", "truncation", "set", "push", "mix"], swap: ["person"] };
let link = new URLSearchParams(location.search);

function address(tab, values, kept) {
  for (const name of ["tab", ...Object.values(OWN).flat()]) kept.delete(name);
  kept.set("tab", tab);
  for (const [name, value] of Object.entries(values)) for (const one of [value].flat()) kept.append(name, one);
  return `${location.pathname}?${kept.toString().replaceAll("%3A", ":")}`;
}
const now = () => new URLSearchParams(location.search);
const stated = {}; // what each tab last said of its address
// A tab says what its address is from now on.
window.ganfakeAt = (tab, values) => {
  stated[tab] = values;
  if (tab !== open || wanted) return;
  history.replaceState(history.state, "", address(tab, values, now()) + location.hash);
};
// Back and Forward go from tab to tab.
window.addEventListener("popstate", () => {
  const tab = now().get("tab") ?? "play";
  if (tabs.includes(tab) && tab !== (wanted || open)) visit(tab);
});
// The full address of a state, to be copied.
window.ganfakeAddress = (tab, values) => location.origin + address(tab, values, new URLSearchParams());
// What a link said to a tab, once; null where it said nothing.
window.ganfakeLink = (tab) => {
  const said = link;
  if (!said || said.get("tab") !== tab || !OWN[tab]?.some((name) => said.has(name))) return null;
  link = null;
  return said;
};
window.ganfakeLoop = {
  visit,
  wanted: () => wanted,
  opened(tab) {
    if (wanted && wanted !== tab && performance.now() < until) return; // on the way to another
    const other = tab !== open;
    wanted = "";
    open = tab;
    if (other && tab !== toldIn) notice.hidden = true; // what a link said to this tab stays
    if ((now().get("tab") ?? "play") !== tab) { // not by a link, nor by Back
      const to = address(tab, stated[tab] ?? {}, now()) + location.hash;
      if (other) history.pushState(null, "", to); else history.replaceState(history.state, "", to);
    } else if (other && stated[tab]) window.ganfakeAt(tab, stated[tab]);
  },
};
const first = link.get("tab");
if (first && !tabs.includes(first)) tell(`There is no tab “${first.slice(0, 20)}”; this is Play.`, true);
else if (first && first !== open) visit(first);
if (window.ganfakeSaid) tell(window.ganfakeSaid, true);
