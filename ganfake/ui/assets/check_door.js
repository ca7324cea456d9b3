// Gradio draws a tab when it is first opened; this stands outside, so that Make and Play can
// hand over a face before that.
window.ganfakeTakers ??= [];
window.ganfakeTakers.push({
  title: "Check this face",
  take(face, address) {
    window.ganfakeHanded = { face, address };
    trigger("arrive");
    document.dispatchEvent(new Event("ganfake:handed"));
  },
});
