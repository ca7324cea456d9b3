// What Gradio's own components lack for those who use keys or a screen reader, mended as they come
// onto the page: choices are one group, so that arrows work; what folds says whether it is open; of
// the tabs one is in the Tab order and arrows go to the others. It stands in the head.
(() => {
const RADIO = 'input[type="radio"][name^="radio-"]', FOLD = "button.label-wrap", TAB = '[role="tab"]';
const names = new WeakMap();
let groups = 0;

function group(radio) { // Gradio names each by itself, and anew whenever another is chosen
  const set = radio.closest("fieldset");
  if (!set) return;
  if (!names.has(set)) names.set(set, `choice-${(groups += 1)}`);
  radio.name = names.get(set);
}
function fold(button) {
  const open = String(button.classList.contains("open"));
  if (button.getAttribute("aria-expanded") !== open) button.setAttribute("aria-expanded", open);
  button.querySelector(".icon")?.setAttribute("aria-hidden", "true");
}
function rove(tab) { tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1; }
function mend(element) {
  if (element.matches(RADIO)) group(element);
  else if (element.matches(FOLD)) fold(element);
  else if (element.matches(TAB)) rove(element);
}
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes") mend(target);
    else for (const node of addedNodes) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      mend(node);
      for (const one of node.querySelectorAll(`${RADIO}, ${FOLD}, ${TAB}`)) mend(one);
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["name", "class", "aria-selected"] });

// Arrows move the focus alone, as a tab may be slow to open; Enter opens it. On a tab they must not
// be an answer of the game, so nobody else hears them.
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.(TAB);
  if (!tab || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...tab.parentElement.querySelectorAll(TAB)], at = all.indexOf(tab);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  all[(to + all.length) % all.length].focus();
}, true);

// Past the languages and the tabs, to what the open tab shows.
document.addEventListener("click", (event) => {
  if (!event.target.closest?.(".skip")) return;
  event.preventDefault();
  const panel = [...document.querySelectorAll('[role="tabpanel"]')].find((one) => one.offsetParent);
  if (!panel) return;
  panel.tabIndex = -1;
  panel.focus();
});
})();
