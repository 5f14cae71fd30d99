// Names in tables that lead somewhere: real links (a new tab, the keyboard), followed without loading the page anew.
(function () {
  "use strict";
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  function follow(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  components.CausewayLink = (params) => {
    const text = params.valueFormatted || params.value;
    const href = params.data && params.data[params.field];
    if (!href) return text;
    return window.React.createElement("a", { href: href, className: "cw-cell-link", onClick: follow }, text);
  };

  // Whoever walks through a table with the arrow keys follows a name with Enter.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.classList.contains("ag-cell")) return;
    const link = event.target.querySelector("a.cw-cell-link");
    if (link) link.click();
  });
})();

// A plan is answered while it is typed: its address follows without the page being made anew.
(function () {
  "use strict";
  const callbacks = (window.dash_clientside = window.dash_clientside || {});
  callbacks.causeway = Object.assign(callbacks.causeway || {}, {
    keepAddress: (kept) => {
      if (kept && kept.search !== window.location.search) window.history.replaceState({}, "", kept.search);
    },
  });
})();

// Closing a load's details takes it out of the address, so that the address always says what is shown.
(function () {
  "use strict";
  const callbacks = (window.dash_clientside = window.dash_clientside || {});
  let wasOpen = false;
  callbacks.causeway = Object.assign(callbacks.causeway || {}, {
    withoutLoad: (open, search) => {
      const closed = wasOpen && !open;
      wasOpen = open;
      const query = new URLSearchParams(search || "");
      if (!closed || !query.has("load")) return callbacks.no_update;
      query.delete("load");
      const rest = query.toString();
      return rest ? "?" + rest : "";
    },
  });
})();
