// What tables need of the browser: cells in our formats, the quick filter, the column chooser, a safe CSV.
(function () {
  "use strict";
  const causeway = window.causeway;
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  functions.causewayCell = (params, kind, places) => causeway.aligned(params.value, kind, places);
  functions.causewayExact = (params, kind, currency) => causeway.exact(params.value, kind, currency);
  functions.causewayWhole = (params) => (params.value === null ? "–" : params.value.toLocaleString("en-US"));
  functions.causewayDay = (params) => causeway.day(params.value);

  const grid = (id) => window.dash_ag_grid.getApi(id);

  // Fractions under a header that says "%" are written as percent.
  function inUnitOfHeader(value, definition) {
    const percent = definition.context && definition.context.kind === "percent" && typeof value === "number";
    return percent ? Number((value * 100).toPrecision(12)) : value;
  }

  function saveCsv(button) {
    grid(button.dataset.grid).exportDataAsCsv({
      fileName: button.dataset.file + ".csv",
      skipPinnedBottom: true,
      processCellCallback: (params) => causeway.safe(inUnitOfHeader(params.value, params.column.getColDef())),
      processHeaderCallback: (params) => causeway.safe(params.column.getColDef().headerName),
    });
  }

  function toggleColumn(button) {
    const show = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(show));
    grid(button.dataset.grid).setColumnsVisible([button.dataset.field], show);
  }

  Object.assign(causeway.actions, { "grid-csv": saveCsv, column: toggleColumn });

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-quick-filter]");
    if (box) grid(box.dataset.quickFilter).setGridOption("quickFilterText", event.target.value);
  });
})();
