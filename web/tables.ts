// SPDX-License-Identifier: Apache-2.0
// Tables that sort by any column and leave as CSV at full precision.
import { button, csv, save } from "./save";

const key = (cell: HTMLTableCellElement | undefined) =>
  cell?.dataset.sort ?? cell?.textContent?.trim() ?? "";

/** Numbers by size, words by letters, cells without a value last in either direction. */
function compare(a: string, b: string, direction: number): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const x = Number(a);
  const y = Number(b);
  if (!Number.isNaN(x) && !Number.isNaN(y)) return direction * (x - y);
  return direction * a.localeCompare(b, "en", { numeric: true });
}

function sortBy(table: HTMLTableElement, column: number, heading: HTMLTableCellElement) {
  const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead!.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  rows.sort((a, b) => compare(key(a.cells[column]), key(b.cells[column]), direction));
  body.append(...rows);
}

/** The tidy file of this table where the page holds it; otherwise the table as it stands. */
function exported(table: HTMLTableElement, name: string): Blob {
  const file = document.getElementById(`csv-${name}`);
  if (file) return new Blob([JSON.parse(file.textContent!)], { type: "text/csv" });
  const text = (cell: HTMLTableCellElement) => (cell.textContent ?? "").trim().replace(/\s+/g, " ");
  return csv([...table.rows].map((row) => [...row.cells].map(text)));
}

export function armTables() {
  for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) {
    [...table.tHead!.rows[0].cells].forEach((heading, column) => {
      const sorter = button("", "Sort by this column", () => sortBy(table, column, heading));
      sorter.append(...heading.childNodes);
      heading.append(sorter);
    });
    const name = table.dataset.name ?? "table";
    const bar = document.createElement("div");
    bar.className = "tools";
    bar.append(
      button("Table as CSV", "Download at full precision", () =>
        save(`${name}.csv`, exported(table, name))),
    );
    table.parentElement!.after(bar);
  }
}
