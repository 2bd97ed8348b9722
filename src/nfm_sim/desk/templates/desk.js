"use strict";
// The desk, on a page and in a notebook: `root` has the elements of desk.html, `ask` puts a question to the desk and
// promises its answer, and `going` says whether anybody still looks.
async function desk(root, ask, going) {
  const at = (id) => root.getElementById(id);
  const made = (name, has, ...inside) => {
    const element = Object.assign(document.createElement(name), has);
    element.append(...inside);
    return element;
  };
  const SILENT = "The desk does not answer; is nfm-sim desk still running?";
  let current = {moved: {}, problems: []}, refused = [];  // what the last question was refused for, until the next one
  function tell() { at("problems").textContent = [...refused, ...current.problems].join("\n"); }
  async function act(what, said) {
    const answer = await ask(what, said).catch(() => ({problems: [SILENT]}));
    refused = answer.version ? [] : answer.problems || [];
    tell();
    return answer;
  }

  const about = await ask("about");
  at("title").textContent = about.title;
  at("notional").textContent = about.notional;
  const inputs = new Map(), dots = new Map();
  const levers = new Map(about.levers.map((lever) => [lever.name, lever]));

  async function move(lever, value) {
    const answer = await act("move", {lever: lever.name, value});
    show(answer.version ? answer : current);
  }

  for (const group of new Set(about.levers.map((lever) => lever.group))) {
    const box = made("fieldset", {}, made("legend", {textContent: group}));
    for (const lever of about.levers.filter((one) => one.group === group)) {
      const shut = lever.place !== "";
      const typed = {type: "number", min: 0, max: lever.most, step: "any", value: lever.base};
      const input = made("input", shut ? {type: "checkbox"} : typed);
      input.addEventListener("change", () => move(lever, shut ? Number(input.checked) : input.valueAsNumber));
      if (!shut) input.addEventListener("keydown", (event) => {
        const way = {PageUp: 1, PageDown: -1}[event.key];
        if (!way) return;
        event.preventDefault();
        input.value = Math.max(0, (input.valueAsNumber || 0) + way * lever.step);
        move(lever, input.valueAsNumber);
      });
      const unit = lever.unit ? ` (${lever.unit}${shut ? "" : `, ${lever.base} in the base`})` : ` (${lever.base} in the base)`;
      box.append(made("label", {}, made("span", {textContent: lever.title + unit}), input));
      inputs.set(lever.name, input);
    }
    at("levers").append(box);
  }
  at("find").addEventListener("input", () => {
    const words = at("find").value.toLowerCase();
    for (const label of at("levers").querySelectorAll("label")) label.hidden = !label.textContent.toLowerCase().includes(words);
    for (const label of at("levers").querySelectorAll("label")) label.style.setProperty("display", label.hidden ? "none" : "");
  });

  // The map: what is used, and the places; one that is clicked, or entered by keyboard, is shut or opened.
  const shape = (name, has) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(has)) element.setAttribute(key, value);
    return element;
  };
  const points = [...about.map.links.flat(), ...Object.values(about.map.places)];
  const lons = points.map((p) => p[0]), lats = points.map((p) => p[1]);
  const west = Math.min(...lons), south = Math.min(...lats), squeeze = Math.cos((south * Math.PI) / 180);
  const scale = 540 / Math.max((Math.max(...lons) - west) * squeeze, Math.max(...lats) - south, 0.05);
  const spot = ([lon, lat]) => [30 + (lon - west) * squeeze * scale, 570 - (lat - south) * scale];
  const line = (course) => "M" + course.map((p) => spot(p).map((n) => n.toFixed(1)).join(" ")).join("L");
  for (const ring of about.map.outline) at("map").append(shape("path", {d: line(ring), class: "outline"}));
  for (const course of about.map.links) at("map").append(shape("path", {d: line(course)}));
  for (const [name, place] of Object.entries(about.map.places)) {
    const [cx, cy] = spot(place), lever = levers.get(name);
    const dot = shape("circle", {cx, cy, r: 7, tabindex: 0, role: "button", "aria-label": `Shut ${lever.title}`});
    const title = shape("title", {});
    title.textContent = lever.title;
    dot.append(title);
    const turn = () => move(lever, Number(!current.moved[name]));
    dot.addEventListener("click", turn);
    dot.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(); }
    });
    dots.set(name, dot);
    at("map").append(dot);
  }

  const number = (value) => (value === null ? "-" : String(Math.round(value * 1000) / 1000));
  function show(answer) {
    if (answer.version < current.version) return;
    current = answer;
    for (const [name, lever] of levers) {
      const value = name in answer.moved ? answer.moved[name] : lever.base, input = inputs.get(name);
      if (input.type === "checkbox") input.checked = Boolean(value);
      else if (input !== root.activeElement) input.value = value;  // what is being typed stays
      input.closest("label").className = name in answer.moved ? "moved" : "";
      if (dots.has(name)) dots.get(name).setAttribute("aria-pressed", String(Boolean(value)));
    }
    at("undo").disabled = answer.moves === 0;
    const pairs = `${answer.pairs} of ${answer.asked} pairs of replications`;
    at("status").textContent = !Object.keys(answer.moved).length ? "Nothing is moved: this is the base."
      : answer.going_on ? `${pairs} so far; intervals tighten.` : `${pairs}.`;
    tell();
    at("rows").replaceChildren(...answer.rows.map((row) => made("tr", {},
      made("th", {scope: "row", textContent: [row.of, row.words].filter(Boolean).join(": ")}),
      made("td", {textContent: number(row.before)}), made("td", {textContent: number(row.after)}),
      made("td", {textContent: row.told, className: row.sure}))));
  }
  function say(text) { at("said").hidden = false; at("said").textContent = text; }
  at("undo").addEventListener("click", async () => { const answer = await act("undo"); if (answer.version) show(answer); });
  at("save").addEventListener("click", async () => {
    const {file, command} = await act("save");
    if (file) say(`Written: ${file}\n${command}`);
  });
  at("page").addEventListener("click", async () => {
    say("The page is being made.");
    const {file} = await act("page");
    say(file ? `Written: ${file}` : "");
  });
  at("command").addEventListener("click", async () => {
    const {command, file} = await act("command");
    if (command) say(`${command}\n\n${file}`);
  });

  show(await ask("answer"));
  while (going()) {
    try {
      show(await ask("answer", {after: current.version}));
    } catch {
      at("problems").textContent = SILENT;
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}
