(function () {
  const value = (row, column) => row.cells[column].dataset.v;
  const number = (text) => (text === "" ? NaN : Number(text));
  for (const button of document.querySelectorAll(".table thead button")) {
    button.addEventListener("click", () => {
      const heading = button.parentElement, table = heading.closest("table"), body = table.tBodies[0];
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const column = heading.cellIndex, numeric = heading.classList.contains("number");
      const rows = [...body.rows].sort((a, b) => {
        const left = value(a, column), right = value(b, column);
        if ((left === "") !== (right === "")) return left === "" ? 1 : -1; // what is not known stands last
        const order = numeric ? number(left) - number(right) : left.localeCompare(right);
        return down ? -order : order;
      });
      body.append(...rows);
    });
  }
  for (const input of document.querySelectorAll("[data-filter]")) {
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase();
      for (const row of document.getElementById(input.dataset.filter).tBodies[0].rows)
        row.hidden = !row.textContent.toLowerCase().includes(words);
    });
  }
  const levers = [...document.querySelectorAll("#levers select")];
  for (const lever of levers) {
    lever.addEventListener("change", () => {
      const point = levers.map((one) => one.value).filter(Boolean).join("; ");
      for (const body of document.querySelectorAll("#levers tbody")) body.hidden = body.dataset.point !== point;
      document.getElementById("moved").textContent = point || "Nothing is moved: this is the base.";
    });
  }
  const quoted = (text) => (/[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const table = document.getElementById(button.dataset.copy);
      const head = [...table.tHead.rows[0].cells].flatMap((cell) => {
        const name = cell.textContent.trim();
        return "bounds" in cell.dataset ? [name, name + " low", name + " high"] : [name];
      }).map(quoted).join(",");
      const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      const text = [head, ...rows.map((row) => [...row.cells].flatMap(({dataset: of}) => "low" in of ? [of.v, of.low, of.high] : [of.v]).map(quoted).join(","))].join("\n");
      const said = button.nextElementSibling;
      try { await navigator.clipboard.writeText(text); said.textContent = rows.length + " rows copied"; }
      catch {
        const area = document.createElement("textarea");
        area.value = text; document.body.append(area); area.select();
        said.textContent = document.execCommand("copy") ? rows.length + " rows copied" : "the browser does not allow copying";
        area.remove();
      }
    });
  }
})();
