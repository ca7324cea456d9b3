// The page in another language. It stands in the head, before Gradio begins: it says which
// language that begins in, and turns every text that comes onto the page by the table, keyed by
// the English text. ganfake/ui/words.py does the same for files and tells what placeholders mean.
(() => {
const rows = TABLE;
const HTML = { en: "en", zh: "zh-CN" }, PLACEHOLDER = /\{([a-z]+\d*)\}/g, LETTER = /[A-Za-z]/, CHINESE = /[\u4e00-\u9fff]/;
const DEEPEST = 4, MOST_PIECES = 12, MOST_CACHED = 5000;
const has = (key) => Object.hasOwn(rows, key);

// -- one text -----------------------------------------------------------------------
const bare = (key) => key.replace(PLACEHOLDER, "");
const order = (a, b) => bare(b).length - bare(a).length || (a < b ? -1 : 1);
const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const patterns = Object.keys(rows).filter((key) => bare(key) !== key).sort(order).map((key) => {
  const names = [...key.matchAll(PLACEHOLDER)].map((hole) => hole[1]);
  const parts = key.split(PLACEHOLDER).map((part, at) => (at % 2 ? (/^n\d*$/.test(part) ? "([-+−]?[0-9][0-9.,]*)" : "(.+?)") : escaped(part)));
  return { fits: new RegExp(`^${parts.join("")}$`, "s"), names, value: rows[key] };
});
function fitting(text, depth) {
  for (const { fits, names, value } of patterns) {
    const match = fits.exec(text);
    if (!match) continue;
    const parts = Object.fromEntries(names.map((name, at) => [name, match[at + 1]]));
    return value.replace(PLACEHOLDER, (_, name) => part(name, parts[name], depth));
  }
  return null;
}
function part(name, text, depth) {
  if (!/^t\d*$/.test(name) || depth >= DEEPEST) return text;
  return whole(text, depth + 1) ?? text;
}
function sentence(text, depth) {
  if (has(text)) return rows[text];
  return LETTER.test(text) ? fitting(text, depth) : text;
}
// A number before its words keeps its space; a Chinese full stop needs none.
const joined = (first, rest) => (/[!-~]$/.test(first) ? `${first} ${rest}` : first + rest);
// Sentences in a row from the first cut on, the shortest that are known first.
function row(text, cuts, depth) {
  for (let end = 1; end < cuts.length; end += 1) {
    const found = sentence(text.slice(cuts[0], cuts[end]).trim(), depth);
    if (found === null) continue;
    if (end === cuts.length - 1) return found;
    const rest = row(text, cuts.slice(end), depth);
    if (rest !== null) return joined(found, rest);
  }
  return null;
}
function whole(text, depth) {
  if (has(text)) return rows[text];
  const cuts = [];
  for (let at = 0; at < text.length - 1; at += 1) if (".!?".includes(text[at]) && text[at + 1] === " ") cuts.push(at + 1);
  return cuts.length >= MOST_PIECES ? fitting(text, depth) : (row(text, [0, ...cuts, text.length], depth) ?? listed(text, depth));
}
// Parts in a list, all of them known: "a; b, c".
function listed(text, depth) {
  for (const [mark, sign] of [["; ", "；"], [", ", "、"]]) {
    const parts = text.split(mark);
    if (parts.length === 1 || parts.length > MOST_PIECES || depth >= DEEPEST) continue;
    const found = parts.map((one) => whole(one, depth + 1));
    return found.includes(null) ? null : found.filter(Boolean).join(sign);
  }
  return null;
}
const cache = new Map();
function translate(text) {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const plain = text.replace(/\s+/g, " ").trim();
  const found = LETTER.test(plain) ? whole(plain, 0) : null;
  const shown = found === null ? text : text.match(/^\s*/)[0] + found + text.match(/\s*$/)[0];
  if (cache.size >= MOST_CACHED) cache.clear();
  cache.set(text, shown);
  return shown;
}
// What Gradio's own I18n has put there in Chinese, back in English; of two rows the first.
const back = new Map(Object.entries(rows).filter(([key]) => bare(key) === key).map(([key, value]) => [value, key]).reverse());
function english(text) {
  if (!CHINESE.test(text)) return text;
  const plain = text.trim();
  return back.has(plain) ? text.replace(plain, () => back.get(plain)) : text;
}

// -- which language -----------------------------------------------------------------
const asked = new URLSearchParams(location.search).get("lang");
function remembered() {
  try { return localStorage.getItem("ganfake.lang"); } catch { return null; /* private mode */ }
}
const usual = () => (/^zh\b/i.test(navigator.language || "") ? "zh" : "en");
let lang = [asked, remembered(), usual()].find((one) => Object.hasOwn(HTML, one ?? ""));
for (const [name, value] of [["language", HTML[lang]], ["languages", [HTML[lang]]]]) {
  Object.defineProperty(navigator, name, { configurable: true, get: () => value });
}

// -- the document -------------------------------------------------------------------
// What stays as it is: scripts, commands, keys, and what people typed.
const KEPT = "script, style, noscript, code, pre, kbd, textarea, [contenteditable=true], [data-verbatim]";
const ATTRIBUTES = ["alt", "title", "aria-label", "aria-valuetext", "placeholder", "data-title"]; // the last is shown by compare.css
const texts = new WeakMap(), attributes = new WeakMap();

// The text that is to be shown, and what is remembered of it; seen: what stands there now.
function turned(record, seen) {
  if (!record || record.shown !== seen) record = { english: english(seen), shown: seen };
  record.shown = lang === "zh" ? translate(record.english) : record.english;
  return record;
}
function turnText(node) {
  const seen = node.data;
  if (!LETTER.test(seen) && !CHINESE.test(seen) && !texts.has(node)) return;
  const record = turned(texts.get(node), seen);
  texts.set(node, record);
  if (record.shown !== seen) node.data = record.shown;
}
function turnAttribute(element, name) {
  const seen = element.getAttribute(name);
  if (!seen) return;
  const records = attributes.get(element) ?? {};
  records[name] = turned(records[name], seen);
  attributes.set(element, records);
  if (records[name].shown !== seen) element.setAttribute(name, records[name].shown);
}
function turnElement(element) {
  for (const name of ATTRIBUTES) if (element.hasAttribute(name)) turnAttribute(element, name);
  if (element.classList.contains("languages")) press(element);
}
const walked = {
  acceptNode(node) {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    if (!node.matches(KEPT)) return NodeFilter.FILTER_ACCEPT;
    if (node.matches("textarea")) turnElement(node); // what it asks for, not what it holds
    return NodeFilter.FILTER_REJECT;
  },
};
function turnAll(root) {
  if (root.nodeType === Node.TEXT_NODE) { turnText(root); return; }
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  if (walked.acceptNode(root) === NodeFilter.FILTER_REJECT) return;
  turnElement(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, walked);
  while (walker.nextNode()) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) turnText(walker.currentNode); else turnElement(walker.currentNode);
  }
}
const kept = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(KEPT);
function heard(changes) {
  for (const change of changes) {
    const { target } = change;
    if (change.type === "attributes") {
      if (change.attributeName === "lang") speak();
      else if (target.matches("textarea") || !kept(target)) turnAttribute(target, change.attributeName);
    } else if (change.type === "characterData") {
      if (!kept(target)) turnText(target);
    } else if (!kept(target)) {
      for (const node of change.addedNodes) if (node.isConnected) turnAll(node);
    }
  }
  observer.takeRecords(); // of what was done just now
}
const observer = new MutationObserver(heard);
observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [...ATTRIBUTES, "lang"] });

// -- the switch ---------------------------------------------------------------------
function press(group) {
  for (const button of group.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.lang === HTML[lang]));
}
function speak() {
  if (document.documentElement.lang !== HTML[lang]) document.documentElement.lang = HTML[lang];
}
// An address that names a language names the one that is seen, after Back as well.
function inAddress() {
  const here = new URL(location.href);
  if ((here.searchParams.get("lang") ?? lang) === lang) return;
  here.searchParams.set("lang", lang);
  history.replaceState(history.state, "", here);
}
window.addEventListener("popstate", inAddress);
function choose(wanted) {
  lang = wanted;
  try { localStorage.setItem("ganfake.lang", lang); } catch { /* private mode */ }
  inAddress();
  speak();
  turnAll(document.documentElement);
  observer.takeRecords();
  document.dispatchEvent(new CustomEvent("ganfake:lang", { detail: lang }));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".languages button");
  if (button) choose(button.lang === HTML.zh ? "zh" : "en");
});
speak();
const confirmed = window.confirm.bind(window);
window.confirm = (words) => confirmed(lang === "zh" ? translate(String(words)) : words);
window.ganfakeWords = { lang: () => lang, translate };
})();
