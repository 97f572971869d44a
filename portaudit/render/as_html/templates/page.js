"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const theme = document.getElementById("theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  });
  showTheme();

  const NUMBER = /^[+-]?\d+$/;
  const readers = {
    hex: (text) => (text.startsWith("0x") ? parseInt(text, 16) : -1),
    number: (text) => (NUMBER.test(text) ? Number(text) : -Infinity),
    text: (text) => text,
  };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  function activate(section) {
    const table = section.querySelector("table.sortable");
    if (!table) return;
    const form = section.querySelector("form");
    const { text, rights, changed, all } = form.elements;
    const status = form.querySelector("output");
    const body = table.tBodies[0];
    const atOnce = Number(table.dataset.atOnce);
    const read = (row) => {
      const cells = Array.from(row.cells, (cell) => cell.textContent.trim());
      return { row, cells, words: cells.join(" ").toLowerCase(), same: row.className === "same" };
    };
    const rows = Array.from(table.tBodies, (part) => Array.from(part.rows, read)).flat();
    let whole = false;

    function wanted() {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      return rows.filter(
        (entry) =>
          !(changed.checked && entry.same) &&
          (rights.value === "" || entry.cells[2] === rights.value) &&
          words.every((word) => entry.words.includes(word)),
      );
    }

    // Rows that are not shown are not laid out: that is what keeps 5,000 of them quick
    function show() {
      const found = wanted();
      const shown = new Set(whole ? found : found.slice(0, atOnce));
      for (const entry of rows) {
        const late = !shown.has(entry);
        if (late !== entry.late) entry.row.classList.toggle("late", late);
        entry.late = late;
      }
      const part = shown.size < found.length ? `first ${shown.size} of ` : "";
      status.value = `${part}${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} names`;
      all.hidden = shown.size === found.length;
    }

    function sort(heading, index) {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const value = readers[heading.dataset.kind || "text"];
      const sign = descending ? -1 : 1;
      for (const entry of rows) entry.key = value(entry.cells[index]);
      rows.sort((a, b) => sign * compare(a.key, b.key));
      body.append(...rows.map((entry) => entry.row));
      show();
    }

    Array.from(table.tHead.rows[0].cells, (heading, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(heading, index));
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    const filter = () => {
      whole = false;
      show();
    };
    form.addEventListener("input", filter);
    form.addEventListener("change", filter);
    all.addEventListener("click", () => {
      whole = true;
      show();
    });
    addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("details")) details.open = true;
      whole = true;
      show();
    });
    show();
    // From here on each row says for itself whether it is shown
    for (const part of table.tBodies) part.classList.remove("rest");
  }

  for (const section of document.querySelectorAll("section.space")) activate(section);
})();
