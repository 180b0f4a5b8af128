"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const runs = data.runs;
const isSeveral = runs.length > 1;

// What a reload keeps, where the browser lets a page keep anything.
const kept = {
  get(key, otherwise) {
    try { return JSON.parse(sessionStorage.getItem(location.pathname + key)) ?? otherwise; } catch { return otherwise; }
  },
  set(key, value) {
    try { sessionStorage.setItem(location.pathname + key, JSON.stringify(value)); } catch { /* as it is */ }
  },
};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function duration(seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "unknown";
  const total = Math.round(seconds);
  const days = Math.floor(total / 86400), hours = Math.floor(total / 3600) % 24, minutes = Math.floor(total / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${total % 60} s` : `${total} s`;
}

function number(value) {
  if (value === null || value === undefined || !isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

// Exponential smoothing whose weights are divided by their sum, so that it begins at the first value; over a
// twentieth of the curve, so that a short one stays as it is.
function smoothed(values) {
  const decay = 1 - 1 / Math.max(values.length / 20, 1);
  let sum = 0, weight = 0;
  return values.map(value => {
    if (value === null) return null;
    sum = sum * decay + value;
    weight = weight * decay + 1;
    return sum / weight;
  });
}

// The columns of a run's log. Rates follow from the others.
function columns(run) {
  const found = {};
  run.metrics.columns.forEach((name, index) => { found[name] = run.metrics.rows.map(row => row[index]); });
  const { images, step } = found, seconds = found.seconds_per_step;
  if (images && seconds && step) {
    found["images/s"] = images.map((count, i) => {
      const perStep = i === 0 ? count / step[0] : (count - images[i - 1]) / (step[i] - step[i - 1]);
      return seconds[i] > 0 ? perStep / seconds[i] : null;
    });
  }
  return found;
}

const unplotted = new Set([
  "step", "epoch", "images", "seconds_per_step", "seconds_waiting_for_data", "seconds_elapsed", "seconds_left"]);
const groupTitles = {
  cycle: "Cycle loss", idt: "Identity loss", G: "Generators' loss", D: "Discriminators' loss", lr: "Learning rate",
  "images/s": "Images a second", "memory/MB": "Memory, MB",
};

// Charts in order: what tells most about a translation comes first.
function groups(names) {
  const order = ["cycle", "G", "D", "idt"], last = ["lr", "images/s", "memory/MB"];
  const found = new Map();
  for (const name of names) {
    const key = /^(cycle|idt|G|D|lr)(_[A-Z]+)?$/.test(name) ? name.split("_")[0] : name.startsWith("D(") ? "D(...)" : name;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(name);
  }
  const place = key => order.includes(key) ? order.indexOf(key) : last.includes(key) ? 100 + last.indexOf(key) : 50;
  return [...found].sort((a, b) => place(a[0]) - place(b[0]))
    .map(([key, members]) => ({ title: groupTitles[key] ?? (key === "D(...)" ? "Discriminator's judgement" : key), members }));
}

// Round numbers from low to high, three to seven of them.
function levels(low, high) {
  const rough = (high - low) / 4, size = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map(factor => factor * size).find(candidate => candidate >= rough);
  const found = [];
  for (let i = Math.ceil(low / gap - 1e-9); i * gap <= high + gap * 1e-9; i++) found.push(Number((i * gap).toPrecision(12)));
  return found;
}

// One chart: series of {label, steps, values}, with hover, keyboard and a legend that hides.
class Chart {
  constructor(title, series, best) {
    this.title = title;
    this.best = best;
    this.series = series.map((one, index) => ({ ...one, smooth: smoothed(one.values), color: `var(--c${index % 8})`, isShown: true }));
    this.cursor = null;
    this.svg = shape("svg", { tabindex: 0, role: "img", "aria-label": `${title}; left and right move the cursor` });
    this.legend = element("div", { class: "legend", "aria-live": "polite" });
    this.figure = element("figure", { class: "chart", "data-title": title },
      element("header", {}, element("h3", {}, title)), this.svg, this.legend);
    this.steps = [...new Set(this.series.flatMap(one => one.steps))].sort((a, b) => a - b);
    const move = event => {
      const box = this.svg.getBoundingClientRect();
      this.point(this.stepAt((event.clientX - box.left) / box.width * this.width));
    };
    this.svg.addEventListener("pointermove", move);
    this.svg.addEventListener("pointerdown", move);
    this.svg.addEventListener("pointerleave", () => this.point(null));
    this.svg.addEventListener("blur", () => this.point(null));
    this.svg.addEventListener("keydown", event => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined || this.steps.length === 0) return;
      event.preventDefault();
      const now = this.cursor === null ? (by < 0 ? this.steps.length : -1) : this.steps.indexOf(this.cursor);
      this.point(this.steps[Math.min(Math.max(now + by, 0), this.steps.length - 1)]);
    });
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  stepAt(x) {
    const wanted = this.first + (x - 46) / (this.width - 56) * (this.last - this.first);
    return this.steps.reduce((near, step) => Math.abs(step - wanted) < Math.abs(near - wanted) ? step : near, this.steps[0]);
  }

  point(step) {
    this.cursor = step ?? null;
    this.draw();
  }

  draw() {
    const width = this.width = Math.max(this.svg.clientWidth, 160), height = 220;
    const left = 46, right = 10, top = 8, bottom = 22;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const shown = this.series.filter(one => one.isShown);
    const values = shown.flatMap(one => one.values).filter(value => value !== null && (!isLogarithmic || value > 0));
    this.first = this.steps[0] ?? 0;
    this.last = this.steps[this.steps.length - 1] ?? 1;
    if (this.last === this.first) this.last = this.first + 1;
    const scale = value => isLogarithmic ? Math.log10(value) : value;
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, scale(value)); high = Math.max(high, scale(value)); }
    if (!isFinite(low)) { low = 0; high = 1; }
    if (!isLogarithmic && low > 0 && low < high / 2) low = 0;
    if (high - low < 1e-12) { high += Math.abs(high) * 0.1 + 1e-6; low -= Math.abs(low) * 0.1; }
    const x = step => left + (step - this.first) / (this.last - this.first) * (width - left - right);
    const y = value => top + (high - scale(value)) / (high - low) * (height - top - bottom);
    for (const level of levels(low, high)) {
      const at = top + (high - level) / (high - low) * (height - top - bottom);
      this.svg.append(shape("line", { class: "axis", x1: left, x2: width - right, y1: at, y2: at }));
      this.svg.append(shape("text", { class: "tick", x: left - 6, y: at + 4, "text-anchor": "end" },
        number(isLogarithmic ? 10 ** level : level)));
    }
    for (let i = 0; i <= 2; i++) {
      const step = Math.round(this.first + (this.last - this.first) * i / 2);
      this.svg.append(shape("text", { class: "tick", x: x(step), y: height - 6, "text-anchor": ["start", "middle", "end"][i] },
        i === 0 ? `step ${step}` : String(step)));
    }
    const path = (one, points) => {
      let text = "", isUp = true;
      points.forEach((value, index) => {
        if (value === null || (isLogarithmic && value <= 0)) { isUp = true; return; }
        text += `${isUp ? "M" : "L"}${x(one.steps[index]).toFixed(1)} ${y(value).toFixed(1)}`;
        isUp = false;
      });
      return text;
    };
    for (const one of shown) {
      this.svg.append(shape("path", { class: "raw", stroke: one.color, d: path(one, one.values), "data-series": one.label,
        "data-points": one.values.length }));
      this.svg.append(shape("path", { class: "smooth", stroke: one.color, d: path(one, one.smooth) }));
      if (one.values.length === 1 && values.length > 0) {
        this.svg.append(shape("circle", { cx: x(one.steps[0]), cy: y(one.values[0]), r: 3, fill: one.color }));
      }
    }
    if (this.best !== undefined) {
      this.svg.append(shape("line", { class: "best", x1: x(this.best), x2: x(this.best), y1: top, y2: height - bottom }));
    }
    if (this.cursor !== null) {
      this.svg.append(shape("line", { class: "cursor", x1: x(this.cursor), x2: x(this.cursor), y1: top, y2: height - bottom }));
      for (const one of shown) {
        const value = one.values[one.steps.indexOf(this.cursor)];
        if (value === undefined || value === null || (isLogarithmic && value <= 0)) continue;
        this.svg.append(shape("circle", { cx: x(this.cursor), cy: y(value), r: 3.5, fill: one.color }));
      }
    }
    this.drawLegend();
  }

  // The values at the cursor, or the last ones.
  drawLegend() {
    const at = one => this.cursor === null ? one.values.length - 1 : one.steps.indexOf(this.cursor);
    const buttons = this.series.map(one => element("button", {
      "aria-pressed": String(one.isShown), title: "show or hide",
      onclick: () => { one.isShown = !one.isShown; this.draw(); },
    }, element("i", { style: `background:${one.color}` }), `${one.label} ${number(one.values[at(one)])}`));
    const where = element("span", { class: "soft" }, this.cursor === null ? "" : `step ${this.cursor}`);
    // A button that is in use stays: it would lose the focus.
    if (this.legend.children.length === buttons.length + 1) {
      buttons.forEach((button, index) => {
        const old = this.legend.children[index];
        old.setAttribute("aria-pressed", button.getAttribute("aria-pressed"));
        old.lastChild.textContent = button.lastChild.textContent;
      });
      this.legend.lastChild.textContent = where.textContent;
    } else {
      this.legend.replaceChildren(...buttons, where);
    }
  }
}

let isLogarithmic = kept.get("log", false);

function charts() {
  const all = runs.map(columns);
  const names = [...new Set(all.flatMap(found => Object.keys(found)))].filter(name =>
    !unplotted.has(name) && all.some(found => found[name]?.some(value => typeof value === "number")));
  const made = [];
  const series = (index, name, label) => ({ label, steps: all[index].step, values: all[index][name] });
  for (const group of groups(names)) {
    if (isSeveral) {
      for (const name of group.members) {
        const of = runs.map((run, index) => [run, index]).filter(([, index]) => all[index][name]);
        made.push(new Chart(name, of.map(([run, index]) => series(index, name, run.name))));
      }
    } else {
      made.push(new Chart(group.title, group.members.map(name => series(0, name, name))));
    }
  }
  return made;
}

// What validation measures, by the beginnings of the names.
const measures = { distance: "Distance to the other domain", edges: "Edges kept", cycle: "Left after there and back", change: "What changes" };

function validationCharts() {
  const names = [...new Set(runs.flatMap(run => run.validation.columns))].filter(name => name !== "step" && name !== "epoch");
  const series = (run, name, label) => {
    const step = run.validation.columns.indexOf("step"), place = run.validation.columns.indexOf(name);
    return { label, steps: run.validation.rows.map(row => row[step]), values: run.validation.rows.map(row => row[place]) };
  };
  if (isSeveral) {
    return names.map(name => new Chart(`Validation: ${name}`,
      runs.filter(run => run.validation.columns.includes(name)).map(run => series(run, name, run.name))));
  }
  const kinds = Object.keys(measures).filter(kind => names.some(name => name.startsWith(`${kind}_`)));
  return kinds.map(kind => new Chart(measures[kind],
    names.filter(name => name.startsWith(`${kind}_`)).map(name => series(runs[0], name, name)), runs[0].bestStep ?? undefined));
}

function state(run) {
  if (run.isRunning) return "training";
  if (run.isComplete) return "complete";
  return "stopped";
}

function overview(run) {
  const done = run.totalEpochs > 0 ? Math.min(run.epochsDone / run.totalEpochs, 1) : 0;
  const facts = [
    ["State", state(run)], ["Epoch", `${number(Math.floor(run.epochsDone))} of ${run.totalEpochs} done`], ["Steps", String(run.step)],
    ["Time so far", run.secondsElapsed === null ? "–" : duration(run.secondsElapsed)],
    run.isRunning && run.secondsLeft !== null ? ["Time left", duration(run.secondsLeft)] : null, ...run.facts,
  ].filter(fact => fact !== null);
  return element("section", { class: "card" },
    element("header", { class: "top" }, isSeveral ? element("h2", {}, run.name) : element("h1", {}, run.name),
      element("span", { class: "soft" }, run.summary)),
    element("div", { class: "bar", role: "progressbar", "aria-valuenow": Math.round(done * 100), "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-label": "epochs done" }, element("i", { style: `width:${(done * 100).toFixed(2)}%` })),
    element("dl", { class: "facts" }, ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    ...run.alarms.map(alarm => element("p", { class: "alarm", role: "alert" }, element("strong", {}, `Step ${alarm.step}: `), alarm.text)));
}

const zoom = element("dialog", { "aria-label": "sample sheet" });
const zoomedImage = element("img", { alt: "" });
zoom.append(zoomedImage, element("button", { class: "plain", onclick: () => zoom.close() }, "Close"));
zoom.addEventListener("click", event => { if (event.target === zoom) zoom.close(); });

function samples(run, index) {
  const sheets = run.samples;
  if (sheets.length === 0) return null;
  const image = element("img", { alt: "" }), caption = element("output", {}), link = element("a", { class: "plain" }, "Open the file");
  const slider = element("input", { type: "range", min: 0, max: sheets.length - 1, step: 1, "aria-label": "sample sheet" });
  const show = place => {
    const sheet = sheets[place];
    image.src = sheet.preview ?? sheet.file;
    image.alt = `sample sheet of ${sheet.label}`;
    caption.textContent = sheet.label;
    link.href = sheet.file;
    slider.value = place;
    kept.set(`sheet${index}`, place === sheets.length - 1 ? null : place);
  };
  slider.addEventListener("input", () => show(Number(slider.value)));
  const open = () => { zoomedImage.src = image.src; zoomedImage.alt = image.alt; zoom.showModal(); };
  show(Math.min(kept.get(`sheet${index}`, null) ?? sheets.length - 1, sheets.length - 1));
  return element("section", { class: "card" }, element("h2", {}, isSeveral ? `Samples of ${run.name}` : "Samples"),
    element("div", { class: "slider" }, sheets.length > 1 ? slider : null, caption, link),
    element("button", { class: "sheet", onclick: open, "aria-label": "enlarge" }, image));
}

function commands(run) {
  const blocks = run.commands.map(({ title, text }) => {
    const copy = element("button", { class: "plain", onclick: async () => {
      try { await navigator.clipboard.writeText(text); copy.textContent = "Copied"; } catch { copy.textContent = "Select and copy"; }
    } }, "Copy");
    return element("div", { class: "command" }, element("div", {}, element("span", {}, title), copy), element("pre", { tabindex: 0 }, text));
  });
  return element("section", { class: "card" }, element("h2", {}, isSeveral ? `Commands for ${run.name}` : "Commands"), ...blocks);
}

function settings() {
  const names = [...new Set(runs.flatMap(run => run.settings.map(setting => setting.name)))];
  const changes = runs.flatMap(run => run.changes.map(change => element("li", {},
    `${isSeveral ? `${run.name}: ` : ""}--${change.option} ${change.to ?? "none"} from step ${change.step + 1} on, ${change.from ?? "none"} before`)));
  const find = (run, name) => run.settings.find(setting => setting.name === name);
  const head = element("tr", {}, element("th", {}, "Option"), ...runs.map(run => element("th", {}, isSeveral ? run.name : "This run")), element("th", {}, "Default"));
  const rows = names.map(name => element("tr", {}, element("td", {}, `--${name}`),
    ...runs.map(run => element("td", {}, find(run, name)?.value ?? "default")),
    element("td", {}, runs.map(run => find(run, name)).find(found => found !== undefined)?.usual ?? "none")));
  return element("section", { class: "card" }, element("h2", {}, "Settings that differ from the defaults"),
    names.length > 0 ? element("div", { class: "wide" }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)))
      : element("p", { class: "soft" }, "none"),
    changes.length > 0 ? element("h3", {}, "Changed on the way") : null, changes.length > 0 ? element("ul", {}, ...changes) : null);
}

function theme() {
  const set = name => { if (name) document.documentElement.dataset.theme = name; else delete document.documentElement.dataset.theme; };
  set(kept.get("theme", null));
  return element("button", { class: "plain", onclick: () => {
    const isDark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    set(isDark ? "light" : "dark");
    kept.set("theme", isDark ? "light" : "dark");
  } }, "Light or dark");
}

function page() {
  const drawn = charts(), validated = validationCharts();
  const logarithmic = element("input", { type: "checkbox", id: "log" });
  logarithmic.checked = isLogarithmic;
  logarithmic.addEventListener("change", () => {
    isLogarithmic = logarithmic.checked;
    kept.set("log", isLogarithmic);
    for (const chart of [...drawn, ...validated]) chart.draw();
  });
  const written = element("span", { class: "soft" }, `written ${new Date(data.written * 1000).toLocaleString()}`);
  const overviews = runs.map(overview);
  document.querySelector("main").append(
    element("header", { class: "top" }, isSeveral ? element("h1", {}, `${runs.length} runs`) : element("span", {}, "cyclegan"),
      element("span", {}, written, " ", theme())),
    ...(isSeveral ? [element("div", { class: "runs" }, ...overviews), element("p")] : overviews),
    validated.length > 0 ? element("section", { class: "card" }, element("h2", {}, "Validation"),
      element("div", { class: "charts" }, ...validated.map(chart => chart.figure))) : "",
    element("section", { class: "card" }, element("h2", {}, "Progress"),
      element("div", { class: "controls" }, element("label", {}, logarithmic, " logarithmic"),
        element("span", { class: "soft" }, "Thin: as logged. Thick: smoothed.")),
      drawn.length > 0 ? element("div", { class: "charts" }, ...drawn.map(chart => chart.figure))
        : element("p", { class: "soft" }, "Nothing is logged yet.")),
    element("div", { class: isSeveral ? "runs" : "" }, ...runs.map(samples).filter(card => card !== null)),
    isSeveral ? element("p") : "", settings(),
    element("div", { class: isSeveral ? "runs" : "" }, ...runs.map(commands)), zoom);
  if (runs.some(run => run.isRunning)) {
    setTimeout(() => { if (!zoom.open) location.reload(); }, 30000);
  }
}

page();
