"use strict";
// Pairs of images with a divider that a range input moves, so that fingers, mice and arrow keys all do.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const pair = (item) => {
    const image = (kind, source) => make("img", { class: kind, src: source, alt: "", decoding: "async", draggable: "false" });
    const range = make("input", {
      type: "range", min: "0", max: "100", step: "0.5", value: "50",
      "aria-label": `${item.name}: part that is shown as it was before`,
    });
    const frame = make("div", { class: "frame" },
      image("before", item.before), image("after", item.after), make("div", { class: "divider" }),
      make("span", { class: "word before" }, "before"), make("span", { class: "word after" }, "after"), range);
    frame.style.aspectRatio = `${item.width} / ${item.height}`;
    range.addEventListener("input", () => frame.style.setProperty("--at", `${range.value}%`));
    return make("figure", { class: "pair" }, frame, make("figcaption", {}, make("a", { href: item.file }, item.name)));
  };

  const words = [`${data.pairs.length} pairs, translated with ${data.model}`];
  if (data.leftOut > 0) words.push(`${data.leftOut} more are not shown`);
  document.querySelector("main").append(
    make("header", { class: "top" }, make("h1", {}, data.title), make("span", { class: "soft" }, words.join("; "))),
    make("section", { class: "pairs" }, ...data.pairs.map(pair)));
})();
