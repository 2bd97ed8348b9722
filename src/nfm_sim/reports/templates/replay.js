"use strict";
(function () {
  const data = JSON.parse(document.getElementById("replay-data").textContent);
  const canvas = document.getElementById("map"), paint = canvas.getContext("2d");
  const slider = document.getElementById("slider"), play = document.getElementById("play");
  const LOST = "#be1414", ABOARD = "#9db8d6";
  const mostWaiting = Math.max(1, ...data.queues.map((q) => Math.max(0, ...q.pieces)));
  const ofThem = (pieces, aboard) => pieces.toLocaleString("en") + (aboard ? `, ${aboard.toLocaleString("en")} of them aboard` : "");
  const start = new Date(data.start);
  const lastTrip = data.trips.reduce((most, trip) => Math.max(most, trip[0] + ends(trip[1])), 0);
  const lastWait = data.queues.reduce((most, q) => Math.max(most, q.hours[q.hours.length - 1] || 0), 0);
  const first = Math.min(0, data.trips.length ? data.trips[0][0] : 0);
  const end = Math.min(data.end_h, Math.max(24, lastTrip, lastWait, lastReady()) + 12);
  let hour = first, running = false, before = 0, shownNow = [];

  function ends(leg) { const steps = data.legs[leg]; return steps[steps.length - 1]; }
  function lastReady() {
    return data.tiers.reduce((most, tier) => Math.max(most, tier.ready[tier.ready.length - 1] || 0), 0);
  }

  // A frame around what was used, kept to the outline of the country where that lies within it.
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const shown = data.used ? data.links.slice(0, data.used) : data.links;
  for (const line of shown) for (const [lon, lat] of line) {
    box[0] = Math.min(box[0], lon); box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon); box[3] = Math.max(box[3], lat);
  }
  if (!isFinite(box[0])) box.splice(0, 4, 3.2, 50.65, 7.9, 53.7);
  const middle = (box[1] + box[3]) / 2, squeeze = Math.cos((middle * Math.PI) / 180);
  const size = canvas.width, pad = 75;
  const span = Math.max((box[2] - box[0]) * squeeze, box[3] - box[1], 0.05);
  const scale = (size - 2 * pad) / span;
  const x = (lon) => size / 2 + (lon - (box[0] + box[2]) / 2) * squeeze * scale;
  const y = (lat) => size / 2 - (lat - middle) * scale;

  const ground = document.createElement("canvas");
  ground.width = ground.height = size;
  (function () {
    const g = ground.getContext("2d");
    g.fillStyle = data.outline.length ? "#eaf3f8" : "#fbfaf4";
    g.fillRect(0, 0, size, size);
    for (const water of [false, true]) for (const [country, ring] of data.outline) {
      if ((country === "water") !== water) continue;
      g.beginPath();
      ring.forEach(([lon, lat], i) => (i ? g.lineTo(x(lon), y(lat)) : g.moveTo(x(lon), y(lat))));
      g.closePath();
      g.fillStyle = water ? "#eaf3f8" : country === "NL" ? "#fbfaf4" : "#efefef";
      g.fill(); g.strokeStyle = "#b8b8b8"; g.lineWidth = 0.8; g.stroke();
    }
    data.links.forEach((line, number) => {
      g.beginPath();
      line.forEach(([lon, lat], i) => (i ? g.lineTo(x(lon), y(lat)) : g.moveTo(x(lon), y(lat))));
      g.strokeStyle = number < data.used ? "#9a9a9a" : "#d9d9d9";
      g.lineWidth = number < data.used ? 1.2 : 0.7;
      g.stroke();
    });
  })();

  // Where the head of a movement is, some hours into its leg.
  function head(leg, since) {
    const steps = data.legs[leg];
    for (let i = 0; i < steps.length; i += 3) {
      if (since > steps[i + 2] && i + 3 < steps.length) continue;
      const line = data.links[steps[i] >> 1], forward = steps[i] & 1;
      const whole = steps[i + 2] - steps[i + 1];
      const part = whole > 0 ? Math.min(1, Math.max(0, (since - steps[i + 1]) / whole)) : 1;
      return along(line, forward ? part : 1 - part);
    }
    return null;
  }
  function along(line, part) {
    let whole = 0;
    const lengths = [];
    for (let i = 1; i < line.length; i++) {
      const d = Math.hypot((line[i][0] - line[i - 1][0]) * squeeze, line[i][1] - line[i - 1][1]);
      lengths.push(d); whole += d;
    }
    let left = part * whole;
    for (let i = 0; i < lengths.length; i++) {
      if (left <= lengths[i] || i === lengths.length - 1) {
        const p = lengths[i] ? Math.min(1, left / lengths[i]) : 0;
        return [line[i][0] + (line[i + 1][0] - line[i][0]) * p, line[i][1] + (line[i + 1][1] - line[i][1]) * p];
      }
      left -= lengths[i];
    }
    return line[0];
  }
  // The value of a step function at an hour.
  function at(hours, values, when) {
    let low = 0, high = hours.length;
    while (low < high) { const mid = (low + high) >> 1; if (hours[mid] <= when) low = mid + 1; else high = mid; }
    return low ? values[low - 1] : 0;
  }

  const lostNow = () => data.lost.filter((lost) => lost.from <= hour && hour < lost.to);
  function drawLost() {
    paint.save();
    paint.strokeStyle = LOST; paint.lineWidth = 3;
    for (const lost of lostNow()) {
      paint.setLineDash([3, 5]);
      for (const number of lost.links) {
        paint.beginPath();
        data.links[number].forEach(([lon, lat], i) => (i ? paint.lineTo(x(lon), y(lat)) : paint.moveTo(x(lon), y(lat))));
        paint.stroke();
      }
      paint.setLineDash([]);
      for (const [lon, lat] of [...lost.at, ...lost.links.map((number) => along(data.links[number], 0.5))]) {
        paint.beginPath();
        paint.moveTo(x(lon) - 6, y(lat) - 6); paint.lineTo(x(lon) + 6, y(lat) + 6);
        paint.moveTo(x(lon) + 6, y(lat) - 6); paint.lineTo(x(lon) - 6, y(lat) + 6);
        paint.stroke();
      }
    }
    for (const [, [lon, lat]] of data.gone.filter(([from]) => from <= hour)) {
      paint.strokeRect(x(lon) - 7, y(lat) - 7, 14, 14);
    }
    paint.restore();
  }

  function draw() {
    paint.drawImage(ground, 0, 0);
    drawLost();
    const waiting = data.queues.map((q) => ({ q, pieces: at(q.hours, q.pieces, hour), aboard: at(q.hours, q.aboard, hour) }))
      .filter((w) => w.pieces > 0);
    for (const { q, pieces, aboard } of waiting) {
      const hit = q.disrupted.some(([from, to]) => from <= hour && hour < to);
      const tall = (number) => (90 * number) / mostWaiting, ashore = pieces - aboard;
      const [left, foot] = [x(q.at[0]) - 4, y(q.at[1])];
      paint.fillStyle = hit ? LOST : "#333333"; paint.fillRect(left, foot - tall(ashore), 8, tall(ashore));
      paint.fillStyle = ABOARD; paint.fillRect(left, foot - tall(pieces), 8, tall(aboard));
      paint.strokeStyle = hit ? LOST : "#333333"; paint.lineWidth = 1; paint.strokeRect(left, foot - tall(pieces), 8, tall(pieces));
    }
    let ships = 0;
    for (const berth of data.berths) {
      const there = berth.ships.filter(([, from, to]) => from <= hour && hour < to);
      ships += there.length;
      there.forEach((_, i) => {
        paint.fillStyle = "#1f3a5f"; paint.fillRect(x(berth.at[0]) - 16, y(berth.at[1]) - 10 + i * 9, 14, 6);
      });
    }
    const moving = data.modes.map(() => 0);  // of lorries, which leave in packets, the pieces
    const byOwner = document.getElementById("colour").value === "owner";
    shownNow = waiting.map(({ q, pieces, aboard }) => [q.at, `${q.title}: pieces that wait: ${ofThem(pieces, aboard)}; most for ${q.for}`]);
    for (const [from, leg, mode, pieces, owner] of data.trips) {
      if (from > hour) break;
      if (hour - from > ends(leg)) continue;
      const place = head(leg, hour - from);
      moving[mode] += data.modes[mode][2] ? pieces : 1;
      paint.beginPath();
      paint.arc(x(place[0]), y(place[1]), data.modes[mode][2] ? 2.6 : 4, 0, 2 * Math.PI);
      const [called, colour] = data.owners[owner] || ["", "#a6a6a6"];
      paint.fillStyle = byOwner ? colour : data.modes[mode][1]; paint.fill();
      shownNow.push([place, `${called}: ${pieces} pieces under way (${data.modes[mode][0]})`]);
    }
    paint.font = "15px sans-serif"; paint.fillStyle = "#222222";
    const named = new Map(waiting.sort((a, b) => b.pieces - a.pieces).slice(0, 5).map(({ q }) => [q.title, q.at]));
    for (const berth of data.berths) named.set(berth.title, berth.at);
    for (const [title, at] of named) paint.fillText(title.split(/[,(]/)[0], Math.min(x(at[0]) + 9, size - 160), y(at[1]) - 7);
    for (const lost of lostNow()) for (const at of lost.at) shownNow.push([at, `Lost: ${lost.title}`]);
    for (const [from, at, pieces, to] of data.gone) if (from <= hour) shownNow.push([at, `${pieces} pieces were lost: ${to}`]);
    legend(byOwner);
    tell(waiting, moving, ships);
  }

  function tell(waiting, moving, ships) {
    const when = new Date(start.getTime() + hour * 3600000);
    const clock = "day " + (hour / 24).toFixed(1) + (isNaN(when) ? "" : ", " + when.toISOString().slice(0, 16).replace("T", " "));
    document.getElementById("clock").textContent = clock;
    slider.setAttribute("aria-valuetext", clock);
    const parts = data.modes.map(([noun], i) => moving[i] + " " + noun);
    const gone = [...new Set(lostNow().map((lost) => lost.title))];
    const pieces = data.gone.filter(([from]) => from <= hour).reduce((sum, one) => sum + one[2], 0);
    const held = (gone.length ? " Lost now: " + gone.join(", ") + "." : "") + (pieces ? ` Pieces lost: ${pieces}.` : "");
    document.getElementById("now").textContent =
      "Under way: " + parts.concat(ships + (ships === 1 ? " ship" : " ships") + " at berths").join(", ") + "." + held;
    bars("tiers", data.tiers.map((t) => ["tier " + t.tier, t.ready.filter((h) => h <= hour).length, t.all]));
    bars("flows", data.flows.map((f) => [f.flow, at(f.hours, f.pieces, hour), f.all]));
    const worst = waiting.sort((a, b) => b.pieces - a.pieces).slice(0, 6);
    bars("queues", worst.map(({ q, pieces, aboard }) => [q.title, pieces, 0, ofThem(pieces, aboard)]));
  }
  function bars(id, rows) {
    const table = document.getElementById(id), body = table.tBodies[0];
    table.hidden = rows.length === 0 && id !== "queues";
    body.replaceChildren(...rows.map(([name, value, most, text]) => {
      const row = document.createElement("tr"), label = document.createElement("th"), number = document.createElement("td");
      label.scope = "row"; label.textContent = name.replaceAll("_", " "); number.className = "number";
      number.textContent = text || Math.round(value).toLocaleString("en") + (most ? " of " + most.toLocaleString("en") : "");
      row.append(label);
      if (most) {
        const cell = document.createElement("td"), meter = document.createElement("meter");
        meter.min = 0; meter.max = most; meter.value = value; meter.setAttribute("aria-label", name);
        cell.append(meter); row.append(cell);
      }
      row.append(number);
      return row;
    }));
  }

  function step(now) {
    if (!running) return;
    const speed = Number(document.getElementById("speed").value);
    hour = Math.min(end, hour + (Math.min(200, now - before) / 1000) * speed);
    before = now;
    slider.value = hour / 24;
    draw();
    if (hour >= end) toggle(); else requestAnimationFrame(step);
  }
  function toggle() {
    running = !running;
    if (running && hour >= end) hour = first;
    play.textContent = running ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(running));
    if (running) { before = performance.now(); requestAnimationFrame(step); }
  }
  slider.min = first / 24; slider.max = end / 24; slider.value = hour / 24;
  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => { hour = Number(slider.value) * 24; draw(); });
  document.getElementById("colour").addEventListener("change", draw);
  function move(hours) { hour = Math.min(end, Math.max(first, hour + hours)); slider.value = hour / 24; draw(); }
  document.getElementById("back").addEventListener("click", () => move(-1));
  document.getElementById("on").addEventListener("click", () => move(1));
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === " ") toggle(); else if (way) move(way * (event.shiftKey ? 24 : 1)); else return;
    event.preventDefault();
  });
  function point(event) {
    const grow = size / canvas.clientWidth, at = [event.offsetX * grow, event.offsetY * grow];
    const far = ([lon, lat]) => Math.hypot(x(lon) - at[0], y(lat) - at[1]);
    const near = shownNow.filter(([place]) => far(place) < 16).sort((a, b) => far(a[0]) - far(b[0])).slice(0, 3);
    if (near.length) document.getElementById("what").textContent = near.map(([, text]) => text).join("; ") + ".";
  }
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  function legend(byOwner) {
    const of = byOwner ? Object.values(data.owners) : data.modes;
    const lost = data.lost.length + data.gone.length ? [["lost (red on the slider too)", LOST]] : [];
    const waits = [["waits ashore (bar)", "#333333"], ["waits aboard (bar)", ABOARD]];
    document.getElementById("legend").replaceChildren(...[...of, ...waits, ...lost].map(([noun, colour]) => {
      const item = document.createElement("span"), dot = document.createElement("i");
      dot.style.background = colour;
      item.append(dot, noun);
      return item;
    }));
  }
  const share = (when) => 100 * Math.min(1, Math.max(0, (when - first) / (end - first))) + "%";
  slider.style.background = data.lost.map(({ from, to }) =>
    `linear-gradient(to right, transparent ${share(from)}, ${LOST} ${share(from)}, ${LOST} ${share(to)}, transparent ${share(to)})`
  ).join(", ");
  draw();
})();
