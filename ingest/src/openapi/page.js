"use strict";
const words = {
  vi: { parameters: "Tham số", body: "Thân yêu cầu", answers: "Trả lời", schemas: "Kiểu dữ liệu", required: "bắt buộc", failed: "Không đọc được openapi.json; hãy tải lại trang.", other: "English" },
  en: { parameters: "Parameters", body: "Request body", answers: "Answers", schemas: "Types", required: "required", failed: "openapi.json could not be read; reload the page.", other: "Tiếng Việt" },
};
let language = localStorage.getItem("language") === "en" ? "en" : "vi";
let document_ = null;

/** The half of "tiếng Việt · English" that is wanted. */
function said(text) {
  const halves = (text || "").split(" · ");
  return halves.length === 2 ? halves[language === "vi" ? 0 : 1] : text || "";
}

function make(name, text, parent) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

/** A schema in one short line, or a few. */
function shape(schema, indent = "") {
  if (!schema || Object.keys(schema).length === 0) return "…";
  if (schema.$ref) return schema.$ref.split("/").pop();
  for (const [key, joint] of [["oneOf", " | "], ["anyOf", " | "], ["allOf", " & "]])
    if (schema[key] && !schema.properties) return schema[key].map((one) => shape(one, indent)).join(joint);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.prefixItems) return "[" + schema.prefixItems.map((one) => shape(one)).join(", ") + "]";
  if (schema.items) return shape(schema.items, indent) + "[]";
  if (schema.properties) {
    const inner = indent + "  ";
    const lines = Object.entries(schema.properties).map(([name, one]) =>
      inner + name + (schema.required?.includes(name) ? ": " : "?: ") + shape(one, inner) + (one.description ? "  // " + said(one.description) : ""));
    return "{\n" + lines.join("\n") + "\n" + indent + "}";
  }
  if (schema.additionalProperties) return "{ [name]: " + shape(schema.additionalProperties, indent) + " }";
  const type = [].concat(schema.type || "any").join(" | ");
  const bounds = [["minimum", "≥ "], ["maximum", "≤ "], ["maxLength", "≤ "], ["default", "= "], ["format", ""]]
    .filter(([key]) => key in schema).map(([key, sign]) => sign + schema[key]);
  return type + (bounds.length ? " (" + bounds.join(", ") + ")" : "");
}

function content(parts, parent) {
  for (const [type, part] of Object.entries(parts || {})) {
    make("code", type, parent);
    if (part.schema) make("pre", shape(part.schema), parent);
  }
}

function operation(path, method, described, parent) {
  const details = make("details", undefined, parent);
  const summary = make("summary", undefined, details);
  make("span", method.toUpperCase(), summary).className = "method " + method;
  make("code", path, summary);
  summary.append(" · " + said(described.summary));
  const inside = make("div", undefined, details);
  if (described.description) make("p", said(described.description), inside);
  if (described.parameters) {
    make("h3", words[language].parameters, inside);
    const table = make("table", undefined, inside);
    for (const one of described.parameters) {
      const row = make("tr", undefined, table);
      make("code", one.name, make("td", undefined, row));
      make("td", shape(one.schema), row);
      make("td", [one.required ? words[language].required : "", said(one.description)].filter(Boolean).join(", "), row);
    }
  }
  if (described.requestBody) {
    make("h3", words[language].body, inside);
    content(described.requestBody.content, inside);
  }
  make("h3", words[language].answers, inside);
  for (const [status, answer] of Object.entries(described.responses)) {
    make("p", status + " · " + said(answer.description), inside);
    content(answer.content, inside);
  }
}

function show() {
  const main = document.querySelector("main");
  main.replaceChildren();
  document.documentElement.lang = language;
  document.getElementById("language").textContent = words[language].other;
  if (!document_) { make("p", words[language].failed, main); return; }
  document.querySelector("h1").textContent = document_.info.title + " · API";
  document.getElementById("version").textContent = document_.info.version;
  document.getElementById("about").textContent = said(document_.info.description);
  for (const [path, methods] of Object.entries(document_.paths))
    for (const [method, described] of Object.entries(methods)) operation(path, method, described, main);
  make("h2", words[language].schemas, main);
  for (const [name, schema] of Object.entries(document_.components.schemas)) {
    const details = make("details", undefined, main);
    make("code", name, make("summary", undefined, details));
    const inside = make("div", undefined, details);
    if (schema.description) make("p", said(schema.description), inside);
    make("pre", shape(schema), inside);
  }
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "vi" ? "en" : "vi";
  localStorage.setItem("language", language);
  show();
});
fetch("/openapi.json").then((answer) => answer.json()).then((json) => { document_ = json; }, () => {}).then(show);
