// The GraphQL page: a query, its variables, the answer, and the schema beside them. Nothing is loaded from elsewhere.
"use strict";

const EXAMPLES = {
  "Overview of the last 28 days": [
    `query Overview($filter: FilterInput) {
  overview(filter: $filter) {
    start
    end
    currency
    totals {
      isFinal
      claimRatio
      kpis { spend revenue conversions roas cpa }
      previous { spend revenue roas }
    }
    trend {
      dates
      isFinal
      series(kpis: [SPEND, ROAS]) { kpi values previous }
    }
    breakdown(by: CHANNEL) { label kpis { spend roas } }
  }
}`,
    { filter: { compare: "PREVIOUS", grain: "DAY" } },
  ],
  "Campaigns by ROAS": [
    `query Campaigns($first: Int!, $after: String) {
  campaigns(first: $first, after: $after, orderBy: { kpi: ROAS, direction: DESC }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { name platform channel currency kpis { spend revenue roas cpa } }
  }
}`,
    { first: 20, after: null },
  ],
  "Loads, and what was refused": [
    `{
  loads(first: 10) {
    nodes {
      path status rowsRead accepted rejected skipped restated reason
      findings(first: 5) { severity message }
      rejectedRows(first: 5) { line column reason }
    }
  }
}`,
    {},
  ],
  "How fresh is everything": ["{\n  freshness { platform accountName level lastDay finalBefore lastLoadAt }\n}", {}],
  "Who am I": ["{\n  me { name email scope roles { accountKey role } }\n}", {}],
};

const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const INTROSPECTION = `{ __schema {
  queryType { name } mutationType { name }
  types { kind name description
    fields { name description args { name description defaultValue type { ${TYPE} } } type { ${TYPE} } }
    inputFields { name description defaultValue type { ${TYPE} } }
    enumValues { name description } possibleTypes { name } } } }`;

const $ = (id) => document.getElementById(id);
const kept = { get: (key) => localStorage.getItem("causeway-graphql-" + key), set: (key, value) => localStorage.setItem("causeway-graphql-" + key, value) };
let types = {};
let trail = [];

async function post(body) {
  const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return [response, await response.json()];
}

async function run() {
  let variables;
  try {
    variables = JSON.parse($("variables").value.trim() || "{}");
  } catch (error) {
    $("status").textContent = "The variables are not JSON: " + error.message;
    return;
  }
  kept.set("query", $("query").value);
  kept.set("variables", $("variables").value);
  $("run").disabled = true;
  $("status").textContent = "Asking…";
  const began = performance.now();
  try {
    const [response, answer] = await post({ query: $("query").value, variables });
    const sql = (response.headers.get("server-timing") || "").match(/sql;desc="(\d+)"/);
    const failed = answer.errors ? `, ${answer.errors.length} error${answer.errors.length > 1 ? "s" : ""}` : "";
    $("answer").textContent = JSON.stringify(answer, null, 2);
    $("status").textContent = `${Math.round(performance.now() - began)} ms${sql ? `, ${sql[1]} SQL statements` : ""}${failed}`;
  } catch (error) {
    $("status").textContent = "No answer: " + error.message;
  } finally {
    $("run").disabled = false;
  }
}

function node(tag, text, ...children) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function link(name) {
  const button = node("button", name);
  button.type = "button";
  button.addEventListener("click", () => show(name));
  return button;
}

// A type as GraphQL writes it, with a link on its name.
function written(type) {
  if (type.kind === "NON_NULL") return [...written(type.ofType), "!"];
  if (type.kind === "LIST") return ["[", ...written(type.ofType), "]"];
  return [link(type.name)];
}

function entry(field) {
  const term = node("dt", field.name);
  if (field.args && field.args.length) {
    term.append("(");
    field.args.forEach((a, i) => term.append(i ? ", " : "", a.name + ": ", ...written(a.type), a.defaultValue === null ? "" : " = " + a.defaultValue));
    term.append(")");
  }
  if (field.type) term.append(": ", ...written(field.type));
  if (field.defaultValue != null) term.append(" = " + field.defaultValue);
  return [term, node("dd", field.description)];
}

function show(name) {
  const at = trail.indexOf(name);
  trail = at >= 0 ? trail.slice(0, at + 1) : [...trail, name];
  $("search").value = "";
  draw([types[name]], () => true);
}

function draw(found, wanted) {
  $("trail").replaceChildren(...trail.flatMap((name, i) => (i ? [" › ", link(name)] : [link(name)])));
  $("docs").replaceChildren(
    ...found.flatMap((type) => {
      const members = [...(type.fields || []), ...(type.inputFields || []), ...(type.enumValues || [])].filter((m) => wanted(type, m));
      const list = node("dl", "", ...members.flatMap(entry));
      const possible = (type.possibleTypes || []).map((t) => node("p", "", link(t.name)));
      return [node("h3", "", link(type.name)), node("p", type.description), ...possible, list];
    })
  );
}

function search() {
  const words = $("search").value.trim().toLowerCase();
  if (!words) return show(trail.at(-1) || "Query");
  const has = (thing) => (thing.name + " " + (thing.description || "")).toLowerCase().includes(words);
  const all = Object.values(types).filter((t) => !t.name.startsWith("__"));
  const members = (t) => [...(t.fields || []), ...(t.inputFields || []), ...(t.enumValues || [])];
  draw(all.filter((t) => has(t) || members(t).some(has)).slice(0, 30), (t, m) => has(m) || t.name.toLowerCase() === words);
}

function begin() {
  for (const name of Object.keys(EXAMPLES)) $("example").append(new Option(name, name));
  $("example").addEventListener("change", () => {
    const [query, variables] = EXAMPLES[$("example").value] || [];
    if (!query) return;
    $("query").value = query;
    $("variables").value = JSON.stringify(variables, null, 2);
  });
  const [query, variables] = EXAMPLES["Overview of the last 28 days"];
  $("query").value = kept.get("query") || query;
  $("variables").value = kept.get("variables") || JSON.stringify(variables, null, 2);
  $("run").addEventListener("click", run);
  $("search").addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  post({ query: INTROSPECTION }).then(([, answer]) => {
    types = Object.fromEntries(answer.data.__schema.types.map((type) => [type.name, type]));
    show("Query");
    if (types.Mutation) $("docs").append(node("h3", "", link("Mutation")), node("p", types.Mutation.description));
  });
}

begin();
