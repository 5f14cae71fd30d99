// What a figure card's buttons do, without asking the server: table twin, CSV, PNG, copy.
(function () {
  "use strict";
  const causeway = (window.causeway = window.causeway || {});

  function say(text) {
    const live = document.getElementById("cw-live");
    if (!live) return;
    live.textContent = text;
    live.classList.add("cw-live-on");
    clearTimeout(say.timer);
    say.timer = setTimeout(() => {
      live.classList.remove("cw-live-on");
      live.textContent = "";
    }, 2500);
  }

  function save(name, content, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function twinOf(element) {
    const box = element.closest(".cw-figure-card").querySelector(".cw-twin");
    return { box: box, data: JSON.parse(box.dataset.twin), title: box.dataset.title, file: box.dataset.file };
  }

  function cellElement(tag, text, kind) {
    const element = document.createElement(tag);
    element.textContent = text;
    if (kind !== "text" && kind !== "date") element.className = "cw-cell-number";
    return element;
  }

  // Built here and not by React, and only when somebody wants it: most readers never open most twins.
  function build(twin) {
    const { columns, rows, currency } = twin.data;
    const table = document.createElement("table");
    const caption = table.createCaption();
    caption.textContent = twin.title;
    caption.className = "cw-hidden";
    const head = table.createTHead().insertRow();
    for (const column of columns) {
      const unit = { money: currency, percent: "%", multiple: "×" }[column.kind];
      const header = cellElement("th", unit ? `${column.label} (${unit})` : column.label, column.kind);
      header.scope = "col";
      head.append(header);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((value, i) => {
        const kind = columns[i].kind;
        line.append(cellElement("td", causeway.cell(value, kind, currency), kind));
      });
    }
    twin.box.replaceChildren(table);
    twin.box.tabIndex = 0;
    twin.box.setAttribute("role", "region");
    twin.box.setAttribute("aria-label", twin.title + " as table");
  }

  function showTable(button) {
    const card = button.closest(".cw-figure-card");
    const open = card.classList.toggle("cw-as-table");
    button.setAttribute("aria-pressed", String(open));
    if (open) build(twinOf(button));
    else window.dispatchEvent(new Event("resize"));
  }

  // A callback may exchange the figure while its table is open.
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.closest(".cw-as-table")) build(twinOf(target));
    }
  }).observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["data-twin"] });

  function saveCsv(button) {
    const { data, file } = twinOf(button);
    save(file + ".csv", causeway.csv([data.columns.map((c) => c.label), ...data.rows]), "text/csv;charset=utf-8");
  }

  async function savePng(button) {
    const twin = twinOf(button);
    const plot = button.closest(".cw-figure-card").querySelector(".js-plotly-plot");
    const surface = getComputedStyle(document.documentElement).getPropertyValue("--cw-surface").trim();
    const image = await window.Plotly.toImage(
      { data: plot.data, layout: { ...plot.layout, paper_bgcolor: surface } },
      { format: "png", scale: 2, width: plot.offsetWidth || 900, height: plot.offsetHeight || 400 }
    );
    save(twin.file + ".png", await (await fetch(image)).blob(), "image/png");
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch (refused) {
      const area = document.createElement("textarea");
      area.value = button.dataset.copy;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say("Copied");
  }

  const actions = { table: showTable, csv: saveCsv, png: savePng, copy: copy, theme: () => causeway.toggleTheme() };
  causeway.actions = Object.assign(causeway.actions || {}, actions);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    const menu = event.target.closest("details.cw-menu");
    document.querySelectorAll("details.cw-menu[open]").forEach((open) => open !== menu && (open.open = false));
    if (!button) return;
    const act = causeway.actions[button.dataset.action];
    if (act) act(button);
    if (menu && button.getAttribute("role") !== "switch") menu.open = false;
  });

  Object.assign(causeway, { say, save });
})();
