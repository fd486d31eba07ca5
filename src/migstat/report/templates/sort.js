"use strict";
for (const table of document.querySelectorAll("table[data-sort]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.sort === "none") return;
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = `${table.dataset.sort}: ${head.textContent}`;
    head.append(button);
    button.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") !== "descending" && head.classList.contains("n")
        || head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const by = (row) => row.cells[column].dataset.by ?? row.cells[column].textContent.trim();
      const order = (a, b) => by(a) - by(b) || by(a).localeCompare(by(b), document.documentElement.lang);
      for (const body of table.tBodies) {
        const rows = [...body.rows].filter((row) => !row.classList.contains("component"));
        body.append(...rows.sort((a, b) => (falls ? order(b, a) : order(a, b))));
      }
    });
  });
}
