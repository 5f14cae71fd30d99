// Numbers as dashboard/formats.py writes them, and columns of them. A browser test holds the two together.
(function () {
  "use strict";
  const UNKNOWN = "–";
  const SPACE = "\u202f";
  const MINUS = "\u2212";
  const SYMBOLS = {
    USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", KRW: "₩", BRL: "R$",
    CAD: "CA$", AUD: "A$", NZD: "NZ$", MXN: "MX$", ILS: "₪", VND: "₫",
  };
  const WITHOUT_CENTS = new Set(["JPY", "KRW", "VND", "CLP", "ISK", "HUF"]);
  const SUFFIXES = [[12, "T"], [9, "B"], [6, "M"], [3, "k"]];

  // Rounds half up on the decimal digits that JavaScript prints, not on the binary value: 1.225 -> 1.23.
  function rounded(value, places) {
    const [mantissa, exponent] = value.toExponential().split("e").map(Number);
    const scaled = Math.round(Number(mantissa + "e" + (exponent + places)));
    return Number(scaled + "e" + -places);
  }

  const fixed = (value, places) => rounded(value, places).toFixed(places);
  const magnitude = (value) => Number(value.toExponential().split("e")[1]);
  const three = (value) => (value === 0 ? 0 : rounded(value, 2 - magnitude(value)));
  const grouped = (text) => text.replace(/^\d+/, (digits) => Number(digits).toLocaleString("en-US"));

  function scaled(size) {
    const close = three(size);
    for (const [power, suffix] of SUFFIXES) {
      if (close >= 10 ** power) {
        const part = Number(close.toExponential().split("e")[0] + "e" + (magnitude(close) - power));
        const places = Math.max(0, 2 - Math.max(magnitude(part), 0));
        return grouped(part.toFixed(places)) + SPACE + suffix;
      }
    }
    return null;
  }

  function short(size) {
    const large = scaled(size);
    if (large !== null) return large;
    const close = three(size);
    if (close === 0) return "0";
    return close >= 1e-6 ? close.toFixed(2 - magnitude(close)) : "≈0";
  }

  function money(size, currency) {
    const large = scaled(size);
    if (large !== null) return large;
    if (WITHOUT_CENTS.has(currency)) return size >= 10 ? fixed(size, 0) : short(size);
    return three(size) >= 1 && three(size) < 100 ? fixed(size, 2) : short(size);
  }

  function percent(size) {
    const hundredfold = rounded(size, 15) === size ? rounded(size * 100, 12) : size * 100;
    const close = three(hundredfold);
    return (close >= 1000 && close < 1e6 ? close.toLocaleString("en-US") : short(hundredfold)) + SPACE + "%";
  }

  const BODIES = {
    count: (size) => scaled(size) || fixed(size, 0),
    decimal: (size) => scaled(size) || (Number.isInteger(size) ? fixed(size, 0) : short(size)),
    money: money,
    percent: percent,
    multiple: (size) => short(size) + "×",
  };

  function withCurrency(body, currency) {
    return SYMBOLS[currency] ? SYMBOLS[currency] + body : currency + SPACE + body;
  }

  function number(value, unit, currency) {
    if (value === null || value === undefined || typeof value !== "number" || !Number.isFinite(value)) return UNKNOWN;
    const body = BODIES[unit](Math.abs(value), currency);
    const sign = /[1-9]/.test(body) && value < 0 ? MINUS : "";
    return sign + (unit === "money" ? withCurrency(body, currency) : body);
  }

  // Without currency, percent sign or ×, which the column's header says.
  function bare(value, unit, currency) {
    if (typeof value !== "number" || !Number.isFinite(value)) return UNKNOWN;
    const body = BODIES[unit](Math.abs(value), currency).replace(/\u202f?[%×]$/, "");
    return (/[1-9]/.test(body) && value < 0 ? MINUS : "") + body;
  }

  // One of a column of numbers with the same decimals, in the unit that the column's header says.
  function aligned(value, unit, places) {
    if (typeof value !== "number" || !Number.isFinite(value)) return UNKNOWN;
    const size = Math.abs(unit === "percent" ? value * 100 : value);
    const body = rounded(size, places).toLocaleString("en-US", {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
    });
    if (!/[1-9]/.test(body)) return value === 0 ? body : "≈0";
    return (value < 0 ? MINUS : "") + body;
  }

  function exact(value, unit, currency) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "Not known, which is not zero.";
    const places = { money: WITHOUT_CENTS.has(currency) ? 0 : 2, percent: 3, multiple: 4, count: 0, decimal: 2 }[unit];
    const size = Math.abs(unit === "percent" ? value * 100 : value);
    const body = size.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
    const sign = value < 0 ? MINUS : "";
    if (unit === "money") return sign + withCurrency(body, currency);
    return sign + body + ({ percent: SPACE + "%", multiple: "×" }[unit] || "");
  }

  function day(text) {
    if (!text) return UNKNOWN;
    const date = new Date(text + "T00:00:00Z");
    const part = (options) => date.toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
    return [part({ weekday: "short" }), date.getUTCDate(), part({ month: "short" }).slice(0, 3), date.getUTCFullYear()].join(" ");
  }

  function cell(value, kind, currency) {
    if (kind === "text") return value === null || value === undefined ? UNKNOWN : String(value);
    return kind === "date" ? day(value) : bare(value, kind, currency);
  }

  // A spreadsheet would run a cell that begins like a formula; a plain negative number stays a number.
  function safe(value) {
    const text = value === null || value === undefined ? "" : String(value);
    const risky = /^[=+\-@\t\r\uff1d\uff0b]/.test(text) && !/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text);
    return risky ? "'" + text : text;
  }

  function csv(rows) {
    const quoted = (text) => (/[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text);
    return rows.map((row) => row.map((value) => quoted(safe(value))).join(",")).join("\r\n") + "\r\n";
  }

  window.causeway = Object.assign(window.causeway || {}, { number, bare, aligned, exact, day, cell, safe, csv });
})();
