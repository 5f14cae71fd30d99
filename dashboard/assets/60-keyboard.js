// Keys, hints, and the small things that make the frame feel at home: the rail's mark, names for Dash's controls.
(function () {
  "use strict";
  const causeway = window.causeway;

  // --- keys -----------------------------------------------------------------------------------------------------
  let waitingForPage = 0;

  const typing = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

  function openHelp() {
    const dialog = document.getElementById("cw-help");
    if (dialog && !dialog.open) dialog.showModal();
  }

  function focusSearch() {
    const fields = [...document.querySelectorAll(".cw-search-main input, .cw-search input")];
    const field = fields.find((candidate) => candidate.offsetParent !== null);
    if (field) field.focus();
    return Boolean(field);
  }

  function go(letter) {
    const link = document.querySelector(`.cw-rail [data-go="${CSS.escape(letter)}"] a`);
    if (link) link.click();
    return Boolean(link);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details.cw-menu[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      hideHint();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open], .modal.show")) return;
    if (event.timeStamp - waitingForPage < 1500 && /^[a-z]$/.test(event.key)) {
      waitingForPage = 0;
      if (go(event.key)) event.preventDefault();
      return;
    }
    if (event.key === "g") waitingForPage = event.timeStamp;
    else if (event.key === "/" && focusSearch()) event.preventDefault();
    else if (event.key === "?") openHelp();
    else if (event.key === "t") causeway.toggleTheme();
  });

  Object.assign(causeway.actions, {
    help: openHelp,
    "close-help": () => document.getElementById("cw-help").close(),
  });

  // --- hints: one floating box, kept inside the window ------------------------------------------------------------
  let hintBox = null;

  function showHint(target) {
    if (!hintBox) {
      hintBox = document.createElement("div");
      hintBox.className = "cw-hint-box";
      hintBox.setAttribute("aria-hidden", "true");
      document.body.append(hintBox);
    }
    hintBox.textContent = target.dataset.hint;
    hintBox.classList.add("cw-hint-on");
    const at = target.getBoundingClientRect();
    const box = hintBox.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - box.width / 2), window.innerWidth - box.width - 8);
    const above = at.top - box.height - 8;
    hintBox.style.left = `${left}px`;
    hintBox.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  }

  function hideHint() {
    if (hintBox) hintBox.classList.remove("cw-hint-on");
  }

  const hinted = (event) => (event.target.closest ? event.target.closest("[data-hint]") : null);
  document.addEventListener("mouseover", (event) => (hinted(event) ? showHint(hinted(event)) : hideHint()));
  document.addEventListener("focusin", (event) => (hinted(event) ? showHint(hinted(event)) : hideHint()));
  document.addEventListener("scroll", hideHint, { capture: true, passive: true });

  // --- the rail's mark ----------------------------------------------------------------------------------------------
  function markRail() {
    document.querySelectorAll(".cw-rail [data-path]").forEach((item) => {
      const here = item.dataset.path === window.location.pathname;
      const link = item.querySelector("a");
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }

  for (const name of ["popstate", "_dashprivate_pushstate", "_dashprivate_historychange"]) {
    window.addEventListener(name, () => setTimeout(markRail, 0));
  }

  // --- names for controls that Dash renders without one ---------------------------------------------------------------
  function nameControls() {
    document.querySelectorAll("[data-label]").forEach((box) => {
      const unnamed = ["input:not([aria-hidden])", "textarea", "[role=slider]"].map((field) => `${field}:not([aria-label])`);
      const inputs = box.querySelectorAll(unnamed.join(", "));
      inputs.forEach((field, i) => {
        if (field.closest("[role=option]")) return; // named by the words beside it
        const which = inputs.length === 2 && field.closest(".cw-control-dates") ? ["first day", "last day"][i] : "";
        field.setAttribute("aria-label", which ? `${box.dataset.label}: ${which}` : box.dataset.label);
      });
    });
  }

  // Dash lets Tab reach an input that it hides from screen readers instead of the drop-down's own button, names the
  // button by its value only, and calls a plain div expandable.
  function mendControls() {
    document.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']").forEach((field) => {
      const button = field.parentElement.querySelector("button.dash-dropdown");
      if (!button) return;
      field.tabIndex = -1;
      button.tabIndex = 0;
      const label = button.closest(".cw-control") && button.closest(".cw-control").querySelector(".cw-hidden");
      if (label) button.setAttribute("aria-labelledby", `${label.id} ${button.getAttribute("aria-labelledby")}`);
    });
    document.querySelectorAll(".dash-datepicker-input-wrapper[aria-expanded]").forEach((wrapper) => {
      ["aria-expanded", "aria-haspopup", "aria-labelledby"].forEach((name) => wrapper.removeAttribute(name));
      const box = wrapper.closest("[data-label]");
      wrapper.setAttribute("role", "group");
      if (box) wrapper.setAttribute("aria-label", box.dataset.label);
    });
  }

  // A frozen name column may not take a narrow screen for itself.
  function narrowTables() {
    if (window.innerWidth > 560 || !window.dash_ag_grid) return;
    document.querySelectorAll(".cw-grid:not([data-narrow])").forEach((element) => {
      element.dataset.narrow = "true";
      window.dash_ag_grid.getApiAsync(element.id).then((api) => {
        const frozen = api.getColumns().filter((column) => column.isPinnedLeft());
        api.setColumnWidths(frozen.map((column) => ({ key: column.getColId(), newWidth: 150 })));
      });
    });
  }

  let pending = false;
  new MutationObserver(() => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      markRail();
      nameControls();
      mendControls();
      narrowTables();
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
