// Light and dark. The choice lives in localStorage; without one the system's preference is followed.
// Figures arrive in light colours and are recoloured here, just before Plotly draws them.
(function () {
  "use strict";
  const KEY = "causeway-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      const choice = localStorage.getItem(KEY);
      return choice === "light" || choice === "dark" ? choice : null;
    } catch (forbidden) {
      return null;
    }
  }

  function current() {
    return stored() || (system.matches ? "dark" : "light");
  }

  function apply() {
    const mode = current();
    if (root.getAttribute("data-theme") === mode) return;
    root.setAttribute("data-theme", mode);
    root.setAttribute("data-bs-theme", mode);
    document.querySelectorAll(".js-plotly-plot").forEach(redraw);
  }

  function toggle() {
    const wanted = current() === "dark" ? "light" : "dark";
    try {
      // Choosing what the system prefers anyway means following it again.
      if (wanted === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, wanted);
    } catch (forbidden) {
      root.setAttribute("data-theme", wanted);
      root.setAttribute("data-bs-theme", wanted);
      document.querySelectorAll(".js-plotly-plot").forEach(redraw);
      return;
    }
    apply();
  }

  // "#aabbcc" -> "170, 187, 204"
  function channels(hex) {
    return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(", ");
  }

  const partners = window.causewayColours || {};
  const partnersByChannels = Object.fromEntries(
    Object.entries(partners).map(([light, dark]) => [channels(light), channels(dark)])
  );
  const COLOUR = /#[0-9a-f]{6}\b|rgba\((\d+, \d+, \d+), /gi;

  function recolourText(text) {
    return text.replace(COLOUR, (found, rgb) => {
      if (rgb !== undefined) return "rgba(" + (partnersByChannels[rgb] || rgb) + ", ";
      return partners[found.toLowerCase()] || found;
    });
  }

  // A copy of plain data with every colour of ours exchanged; typed arrays and dates are left as they are.
  function recolour(value) {
    if (typeof value === "string") return value.includes("#") || value.includes("rgba") ? recolourText(value) : value;
    if (Array.isArray(value)) return value.length && typeof value[0] === "number" ? value : value.map(recolour);
    if (value && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, recolour(inner)]));
    }
    return value;
  }

  // Only what Plotly is given from outside is recoloured; the light original is kept for the next switch.
  function painted(element, figure) {
    element.causewayFigure = figure;
    return root.getAttribute("data-theme") === "dark"
      ? { ...figure, data: recolour(figure.data), layout: recolour(figure.layout) }
      : figure;
  }

  let plotly = window.Plotly;

  function wrap(library) {
    if (!library || library.causeway) return library;
    for (const name of ["newPlot", "react"]) {
      const original = library[name];
      library[name] = function (target, first, layout, config) {
        const element = typeof target === "string" ? document.getElementById(target) : target;
        const whole = first && !Array.isArray(first) && first.data;
        const figure = whole ? first : { data: first, layout: layout, config: config };
        return original.call(this, element, painted(element, figure));
      };
    }
    library.causeway = true;
    return library;
  }

  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set: (library) => {
      plotly = wrap(library);
    },
  });
  plotly = wrap(plotly);

  function redraw(element) {
    if (element.causewayFigure && plotly) plotly.react(element, element.causewayFigure);
  }

  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => event.key === KEY && apply());
  window.causeway = Object.assign(window.causeway || {}, { toggleTheme: toggle, recolour: recolour });
  apply();
})();
