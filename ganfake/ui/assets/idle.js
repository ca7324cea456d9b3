// Gradio's loader of the page counts its time in every frame, and does so for ever: it is gone, its
// clock is not, and a page that nobody touches keeps the device busy. Four times a second will do.
(() => {
  const frame = window.requestAnimationFrame.bind(window), CLOCK = /^\(\)\s*=>\s*\{\w+\(\w+,\s*\(performance\.now\(\)/;
  window.requestAnimationFrame = (act) => CLOCK.test(act) ? setTimeout(() => frame(act), 250) : frame(act);
})();
