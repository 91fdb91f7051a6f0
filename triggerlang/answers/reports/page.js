"use strict";
// Tables can be sorted by a click on the head of a column, and saved as CSV.
(() => {
  const value = (cell) => cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  const sort = (table, head, at) => {
    const body = table.tBodies[0];
    const first = body.rows[0] && body.rows[0].cells[at].dataset.value !== undefined ? "descending" : "ascending";
    const now = head.getAttribute("aria-sort");
    const order = now === null ? first : now === "ascending" ? "descending" : "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = Array.from(body.rows);
    rows.sort((a, b) => sign * compare(value(a.cells[at]), value(b.cells[at])));
    body.append(...rows);
  };

  // As `triggerlang run --csv-safe` has it: what a spreadsheet would take for a formula has a ' before it.
  const csvCell = (given) => {
    const text = /^[=+\-@\t\r]/.test(given) ? "'" + given : given;
    return /[",\r\n]|^\s|\s$|^$/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const csv = (table) => Array.from(table.rows, (row) =>
    Array.from(row.cells, (cell) => csvCell(String(value(cell)))).join(",") + "\n").join("");

  const save = (table, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    link.download = name + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  for (const button of document.querySelectorAll("button.csv")) {
    const table = document.getElementById("table-" + button.dataset.name);
    button.hidden = false;
    button.addEventListener("click", () => save(table, button.dataset.name));
    Array.from(table.tHead.rows[0].cells).forEach((head, at) => {
      const label = head.firstElementChild;
      const press = document.createElement("button");
      press.type = "button";
      press.append(label);
      head.append(press);
      press.addEventListener("click", () => sort(table, head, at));
    });
  }
})();
