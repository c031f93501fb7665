// The page at /graphql: asks the server that it came from, and nobody else.
"use strict";

const EXAMPLES = [
  {
    title: "Southwark's performance framework, as printed and as judged",
    query: `query framework {
  partnership(code: "southwark") {
    name
    framework {
      title
      sections {
        title
        lines {
          indicator { code }
          baselines { asPrinted }
          actuals { asPrinted change { relative points notComputed } }
          targets { asPrinted met { light level notComputed } }
          reportedChanges { asPrinted changeMatch }
        }
      }
    }
  }
}`,
  },
  {
    title: "A fictional partnership among its peers",
    query: `query comparison($partnership: String!, $indicators: [String!]!, $periods: [String!]!) {
  comparison(partnership: $partnership, indicators: $indicators, periods: $periods) {
    state
    comparisons {
      average
      coverage
      members { partnership { name } value rank leftOut }
    }
  }
}`,
    variables: { partnership: "fictional-kestrelby", indicators: ["NI 16"], periods: ["FY2011-12"] },
  },
  {
    title: "Published outturns of NI 16, the last ten of the list",
    query: `query actuals($last: Int, $before: String) {
  actuals(indicators: ["NI 16"], last: $last, before: $before) {
    pageInfo { hasPreviousPage startCursor }
    edges {
      cursor
      node { partnership { name } period { label } value asPrinted status }
    }
  }
}`,
    variables: { last: 10 },
  },
  {
    title: "Partnerships, with identifiers that lead back",
    query: `query partnerships {
  partnerships(first: 5, fictional: false) {
    nodes { id code name area { id code name } region { name } }
  }
}`,
  },
  {
    title: "Several objects by their identifiers",
    query: `query nodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
    ... on Partnership { code name }
    ... on Indicator { qualifiedCode }
  }
}`,
    variables: { ids: ["UGFydG5lcnNoaXAKc291dGh3YXJr", "SW5kaWNhdG9yCk5JIDE2", "unknown"] },
  },
  {
    title: "Returns, which need a token",
    query: `query returns {
  returns(last: 10) {
    nodes { id state version partnership { name } collection { code } late }
  }
}`,
  },
  {
    title: "Every change, as it takes effect (a subscription)",
    query: `subscription changes {
  changes(after: "") {
    cursor
    kind
    effectiveAt
  }
}`,
  },
];

/** How many events of a subscription are shown. */
const SHOWN = 200;

const field = (id) => document.getElementById(id);
const [query, variables, headers, token] = ["query", "variables", "headers", "token"].map(field);
let running = null;

function say(text, how) {
  const status = field("status");
  status.textContent = text;
  status.className = how ?? "";
}

/** The JSON object in a field, which may be empty. */
function objectIn(area, name) {
  const text = area.value.trim();
  if (text === "") return {};
  let read;
  try {
    read = JSON.parse(text);
  } catch (failure) {
    throw new Error(`${name} cannot be read as JSON: ${failure.message}`);
  }
  if (read === null || typeof read !== "object" || Array.isArray(read)) throw new Error(`${name} must be a JSON object.`);
  return read;
}

/** The answer indented; the digits of numbers stay as the server writes them. */
function indented(text) {
  let depth = 0;
  let inString = false;
  let out = "";
  const line = () => "\n" + "  ".repeat(depth);
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (inString) {
      out += letter;
      if (letter === "\\") out += text[(at += 1)] ?? "";
      else if (letter === '"') inString = false;
    } else if (letter === '"') {
      inString = true;
      out += letter;
    } else if (letter === "{" || letter === "[") {
      const closing = letter === "{" ? "}" : "]";
      if (text[at + 1] === closing) {
        out += letter + closing;
        at += 1;
      } else {
        depth += 1;
        out += letter + line();
      }
    } else if (letter === "}" || letter === "]") {
      depth -= 1;
      out += line() + letter;
    } else if (letter === ",") out += letter + line();
    else if (letter === ":") out += ": ";
    else if (!/\s/.test(letter)) out += letter;
  }
  return out;
}

const isSubscription = (text) => /(^|[\s}])subscription\b/.test(text.replace(/#.*|"""[\s\S]*?"""|"(\\.|[^"\\])*"/g, " "));

async function run() {
  stop();
  let body;
  let given;
  try {
    body = JSON.stringify({ query: query.value, variables: objectIn(variables, "Variables") });
    given = objectIn(headers, "More headers");
  } catch (failure) {
    say(failure.message, "wrong");
    return;
  }
  const asked = new AbortController();
  running = asked;
  field("stop").disabled = false;
  field("answer").textContent = "";
  say("Waiting for the answer …");
  const began = performance.now();
  const after = () => `${Math.round(performance.now() - began)} ms`;
  const follows = isSubscription(query.value);
  try {
    const sent = new Headers({ ...given, "Content-Type": "application/json" });
    sent.set("Accept", follows ? "text/event-stream" : "application/graphql-response+json, application/json;q=0.9");
    if (token.value.trim() !== "") sent.set("Authorization", `Bearer ${token.value.trim()}`);
    const address = follows ? "/graphql/stream" : "/graphql";
    const answer = await fetch(address, { method: "POST", headers: sent, body, signal: asked.signal, cache: "no-store" });
    if (follows && answer.ok) {
      await follow(answer, after);
    } else {
      const text = await answer.text();
      const told = `${answer.status} ${answer.statusText} in ${after()}, ${text.length.toLocaleString("en-GB")} characters`;
      const failed = !answer.ok || hasErrors(text);
      say(failed ? `${told}, with errors` : told, failed ? "wrong" : "right");
      field("answer").textContent = isJson(text) ? indented(text) : text;
    }
  } catch (failure) {
    if (asked.signal.aborted) say(`Stopped after ${after()}.`);
    else say(`No answer: ${failure.message}`, "wrong");
  } finally {
    if (running === asked) {
      running = null;
      field("stop").disabled = true;
    }
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const hasErrors = (text) => isJson(text) && JSON.parse(text)?.errors !== undefined;

/** Shows the events of a subscription as they come, the newest first. */
async function follow(answer, after) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const shown = [];
  let count = 0;
  let rest = "";
  let complete = false;
  say("Following: no event yet.", "right");
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += value;
    const events = rest.split(/\r?\n\r?\n/);
    rest = events.pop();
    for (const event of events) {
      const lines = event.split(/\r?\n/);
      const part = (name) =>
        lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
      if (part("event") === "complete") complete = true;
      if (part("event") !== "next") continue;
      count += 1;
      shown.unshift(indented(part("data")));
      shown.length = Math.min(shown.length, SHOWN);
    }
    const omitted = count > shown.length ? `, the newest ${SHOWN} shown` : "";
    say(`Following: ${count} events in ${after()}${omitted}.`, "right");
    field("answer").textContent = shown.join("\n\n");
  }
  say(`${count} events in ${after()}; ${complete ? "complete" : "the connection has ended"}.`, complete ? "right" : "wrong");
}

function stop() {
  running?.abort();
}

/** The definitions of the published schema: name, kind and text. */
function definitions(sdl) {
  const found = [];
  let said = [];
  let lines = [];
  let within = false;
  let quoted = false;
  for (const line of sdl.split("\n")) {
    const quotes = line.split('"""').length - 1;
    if (within) {
      lines.push(line);
      if (!quoted && line.startsWith("}")) {
        found.push({ head: lines[0], text: [...said, ...lines].join("\n") });
        [said, lines, within] = [[], [], false];
      }
    } else if (!quoted && /^(type|interface|input|enum|union|scalar|directive|schema)\b/.test(line)) {
      if (line.trimEnd().endsWith("{")) {
        lines = [line];
        within = true;
      } else {
        found.push({ head: line, text: [...said, line].join("\n") });
        said = [];
      }
    } else if (line.trim() !== "") said.push(line);
    if (quotes % 2 === 1) quoted = !quoted;
  }
  for (const definition of found) definition.name = definition.head.replace(/^\w+\s+@?/, "").match(/^\w*/)[0];
  const order = ["Query", "Mutation", "Subscription"];
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return found.sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
}

let schema = [];

/** The text of a definition, in which the names of types lead to them. */
function linked(text, names, own) {
  const pre = document.createElement("pre");
  pre.className = "code";
  let quoted = false;
  for (const line of text.split("\n")) {
    const quotes = line.split('"""').length - 1;
    if (quoted || quotes > 0) {
      const said = document.createElement("span");
      said.className = "said";
      said.textContent = line + "\n";
      pre.append(said);
    } else {
      for (const part of line.split(/(\b[A-Z]\w*\b)/)) {
        if (part !== "" && part !== own && names.has(part)) {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = part;
          button.addEventListener("click", () => show(part));
          pre.append(button);
        } else pre.append(part);
      }
      pre.append("\n");
    }
    if (quotes % 2 === 1) quoted = !quoted;
  }
  return pre;
}

function list(wanted, open) {
  const names = new Set(schema.map((definition) => definition.name));
  const low = wanted.toLowerCase();
  const hits = schema.filter((definition) => definition.text.toLowerCase().includes(low));
  hits.sort((a, b) => b.name.toLowerCase().includes(low) - a.name.toLowerCase().includes(low));
  field("found").textContent = wanted === "" ? `${schema.length} definitions` : `${hits.length} of ${schema.length} definitions`;
  field("types").replaceChildren(
    ...hits.map((definition) => {
      const details = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = definition.head.replace(/\s*\{$/, "");
      details.append(summary);
      const fill = () => {
        if (details.open && details.childElementCount === 1) details.append(linked(definition.text, names, definition.name));
      };
      details.addEventListener("toggle", fill);
      details.open = definition.name === open || (wanted !== "" && hits.length <= 5);
      return details;
    }),
  );
}

function show(name) {
  field("search").value = "";
  list("", name);
  const open = field("types").querySelector("details[open] summary");
  open?.scrollIntoView({ block: "nearest" });
  open?.focus();
}

async function explore() {
  try {
    const answer = await fetch("/graphql/schema.graphql");
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    schema = definitions(await answer.text());
    list("");
  } catch (failure) {
    field("found").textContent = `The schema could not be read: ${failure.message}`;
  }
}

function choose(example) {
  query.value = example.query;
  variables.value = example.variables === undefined ? "" : JSON.stringify(example.variables, null, 2);
}

for (const [place, example] of EXAMPLES.entries()) field("example").add(new Option(example.title, place));
field("example").addEventListener("change", (event) => choose(EXAMPLES[event.target.value]));
choose(EXAMPLES[0]);
field("told").textContent = "Each example answers on the demo's data. Mutations are real.";
token.value = sessionStorage.getItem("token") ?? "";
token.addEventListener("input", () => {
  if (token.value.trim() === "") sessionStorage.removeItem("token");
  else sessionStorage.setItem("token", token.value.trim());
});
field("run").addEventListener("click", run);
field("stop").addEventListener("click", stop);
field("search").addEventListener("input", (event) => list(event.target.value.trim()));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
explore();
