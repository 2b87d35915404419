// Fills in the report. All text is set as text; the only HTML is that of the learners and of their
// pictures, in which the checker has escaped everything.
"use strict";

const { exercises, learners, mistakes } = read("class");

const NO_SUBMISSION = "no submission";
// From the worst to the best: what a column of criteria is sorted by.
const WORDS = [NO_SUBMISSION, "not graded", "missing", "not started", "inconclusive", "failed", "not readable", "skipped", "passed"];
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const MISTAKES_AT_FIRST = 6;

const element = (id) => document.getElementById(id);
const table = element("grades");
const head = table.tHead;
const body = table.tBodies[0];
const dialog = element("learner");

// What is shown: indexes of learners in the order of the rows, and the columns.
let order = learners.map((_, index) => index);
let columns = [];
let rows = [];
let sorted = { key: "name", isDescending: false };
let opened = null;

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

// Makes an element with a class, a text, and children.
function make(tag, className = "", text = "", ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  made.append(...children);
  return made;
}

function makeButton(text, act) {
  const button = make("button", "", text);
  button.type = "button";
  if (act) button.addEventListener("click", act);
  return button;
}

// Compares indexes of learners.
const byName = (one, other) => COLLATOR.compare(learners[one].name, learners[other].name);

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// --- Columns ---

// A column has a key, a class, a label, what it is called in full, the value that a learner has in
// it, and how its cell is filled in.
function listColumns() {
  const expanded = new Set(checkedExercises());
  const list = [nameColumn(), verdictColumn(), totalColumn()];
  exercises.forEach((exercise, index) => {
    list.push(pointsColumn(exercise, index));
    if (expanded.has(index)) {
      exercise.criteria.forEach((criterion, which) => {
        list.push(criterionColumn(exercise, index, criterion, which));
      });
    }
  });
  list.push(noteColumn());
  return list;
}

function nameColumn() {
  return {
    key: "name",
    kind: "name",
    label: "Name",
    value: (learner) => learner.name,
    fill(cell, learner) {
      const name = document.createElement("bdi");
      name.textContent = learner.name;
      const button = makeButton("");
      button.append(name);
      if (learner.late) button.append(make("span", "late", "late"));
      button.tabIndex = -1;
      cell.title = learner.who.join("\n");
      cell.append(button);
    },
  };
}

function verdictColumn() {
  return {
    key: "verdict",
    kind: "verdict",
    label: "Verdict",
    value: (learner) => learner.verdict,
    fill(cell, learner) {
      cell.textContent = learner.verdict;
      cell.classList.add(colorOf(learner.verdict));
    },
  };
}

function totalColumn() {
  const possible = exercises.reduce((sum, exercise) => sum + exercise.possible, 0);
  return {
    key: "total",
    kind: "total",
    label: "Total",
    full: `Total, of ${possible}`,
    value: (learner) => learner.total ?? -1,
    fill(cell, learner) {
      cell.textContent = learner.total ?? "–";
    },
  };
}

function pointsColumn(exercise, index) {
  return {
    key: exercise.name,
    kind: "points",
    label: exercise.name,
    full: `${exercise.name}: points, of ${exercise.possible}`,
    exercise: exercise.name,
    value: (learner) => learner.answers[index].points ?? -1,
    fill(cell, learner) {
      const { points, word } = learner.answers[index];
      const said = word ?? (points === null ? "inconclusive" : null);
      // Of who submitted nothing, the verdict says it once.
      cell.textContent = said === NO_SUBMISSION ? "–" : (said ?? points);
      if (said) cell.classList.add(colorOf(said));
    },
  };
}

function criterionColumn(exercise, index, criterion, which) {
  const wordOf = ({ answers: { [index]: answer } }) => answer.word ?? answer.words[which];
  return {
    key: `${exercise.name} ${criterion.id}`,
    kind: "criterion",
    label: criterion.id,
    full: `${exercise.name}: ${criterion.name} (${criterion.possible})`,
    exercise: exercise.name,
    value: (learner) => WORDS.indexOf(wordOf(learner)),
    fill(cell, learner) {
      // What became of the whole answer is said once, under the exercise's name.
      const isWhole = learner.answers[index].word !== null;
      cell.textContent = isWhole ? "–" : wordOf(learner);
      cell.classList.add(colorOf(wordOf(learner)));
    },
  };
}

function noteColumn() {
  return {
    key: "note",
    kind: "note",
    label: "Note",
    value: (learner) => learner.note,
    fill(cell, learner) {
      cell.textContent = learner.note;
      cell.title = learner.note;
    },
  };
}

// The class that colors a word.
const colorOf = (word) => word.replaceAll(" ", "-");

// --- The table ---

function buildTable() {
  columns = listColumns();
  const row = make("tr", "", "", ...columns.map(buildHeader));
  row.role = "row";
  head.replaceChildren(row);
  rows = learners.map(buildRow);
  showOrder();
  showSorted();
  filter();
}

function buildHeader(column) {
  const cell = make("th", column.kind);
  cell.role = "columnheader";
  const button = makeButton(column.label, () => sortBy(column));
  button.title = column.full ?? column.label;
  if (column.full) button.setAttribute("aria-label", column.full);
  button.tabIndex = -1;
  cell.append(button);
  return cell;
}

function buildRow(learner, index) {
  const row = document.createElement("tr");
  row.role = "row";
  row.dataset.learner = index;
  for (const column of columns) {
    const cell = document.createElement(column.kind === "name" ? "th" : "td");
    cell.className = column.kind;
    cell.role = column.kind === "name" ? "rowheader" : "gridcell";
    column.fill(cell, learner);
    row.append(cell);
  }
  return row;
}

function showOrder() {
  body.replaceChildren(...order.map((index) => rows[index]));
}

// --- Sorting ---

function sortBy(column) {
  const isDescending = sorted.key === column.key && !sorted.isDescending;
  sorted = { key: column.key, isDescending };
  const values = learners.map(column.value);
  const compare = typeof values[0] === "number" ? (a, b) => a - b : COLLATOR.compare;
  const sign = isDescending ? -1 : 1;
  // Those that are equal stay in the order that they were in.
  order.sort((a, b) => sign * compare(values[a], values[b]));
  showOrder();
  showSorted();
}

function showSorted() {
  columns.forEach((column, index) => {
    const cell = head.rows[0].cells[index];
    if (column.key !== sorted.key) cell.removeAttribute("aria-sort");
    else cell.setAttribute("aria-sort", sorted.isDescending ? "descending" : "ascending");
  });
}

// --- Filtering ---

const searched = learners.map(({ who, name, note }) => [name, ...who, note].join("\n").toLowerCase());

function filter() {
  const text = element("search").value.trim().toLowerCase();
  const verdict = element("verdict").value;
  const mistake = mistakes[element("mistake").value];
  const made = mistake && new Set(mistake.learners);
  let shown = 0;
  learners.forEach((learner, index) => {
    const isShown =
      searched[index].includes(text) &&
      (verdict === "" || learner.verdict === verdict || (verdict === "late" && learner.late)) &&
      (!made || made.has(index));
    rows[index].hidden = !isShown;
    shown += isShown;
  });
  const isAll = shown === learners.length;
  element("nobody").hidden = shown > 0;
  element("count").value = isAll ? plural(shown, "learner") : `${shown} of ${plural(learners.length, "learner")}`;
  makeReachable();
}

function fillFilters() {
  const verdicts = [...new Set(learners.map((learner) => learner.verdict))].sort();
  if (learners.some((learner) => learner.late)) verdicts.push("late");
  element("verdict").append(...verdicts.map((verdict) => new Option(verdict)));
  element("filters").hidden = learners.length === 0;
  element("show-all").hidden = learners.length === 0;
  element("nobody").querySelector("span").textContent =
    learners.length === 0 ? "Nobody has been graded yet." : "No learner matches these filters.";
  const options = mistakes.map(({ exercise, id }, index) => new Option(`${exercise}: ${id}`, index));
  element("mistake").append(...options);
  const isWide = matchMedia("(min-width: 900px)").matches;
  exercises.forEach((exercise, index) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = index;
    box.checked = isWide;
    box.addEventListener("change", buildTable);
    element("expanded").append(make("label", "", "", box, ` ${exercise.name}`));
  });
}

function checkedExercises() {
  const boxes = element("expanded").querySelectorAll("input:checked");
  return [...boxes].map((box) => Number(box.value));
}

// --- Overview and mistakes ---

function fillOverview() {
  const counts = new Map();
  for (const { verdict } of learners) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const parts = [...counts].sort(([, one], [, other]) => other - one);
  const chips = parts.map(([verdict, count]) => make("li", colorOf(verdict), `${verdict}: ${count}`));
  element("overview").append(make("li", "", plural(learners.length, "learner")), ...chips);
}

function fillMistakes() {
  const items = mistakes.map(buildMistake);
  element("mistakes").hidden = learners.length === 0;
  element("mistakes").querySelector(".nothing").hidden = items.length > 0;
  element("mistakes").querySelector("ol").append(...items);
  const rest = items.slice(MISTAKES_AT_FIRST);
  const more = element("more-mistakes");
  rest.forEach((item) => (item.hidden = true));
  more.hidden = rest.length === 0;
  more.textContent = `Show ${rest.length} more`;
  more.addEventListener("click", () => {
    rest.forEach((item) => (item.hidden = false));
    more.hidden = true;
    rest[0].querySelector("button").focus();
  });
}

function buildMistake({ exercise, id, why, learners: who }) {
  const share = make("span", "share");
  share.style.width = `${(100 * who.length) / learners.length}%`;
  const names = make("div", "names");
  names.hidden = true;
  const button = makeButton("Who?", () => {
    names.hidden = !names.hidden;
    button.setAttribute("aria-expanded", String(!names.hidden));
    if (names.childElementCount === 0) {
      const buttons = who.sort(byName).map((index) => makeButton(learners[index].name, () => open(index, exercise)));
      names.append(...buttons);
    }
  });
  button.className = "who";
  button.setAttribute("aria-label", `Who? ${exercise}: ${why}`);
  button.setAttribute("aria-expanded", "false");
  return make(
    "li", "", "",
    make("span", "count", plural(who.length, "learner")),
    make("span", "bar", "", share),
    make("span", "of-exercise", exercise),
    make("span", "why", `${why} `, make("code", "", id)),
    button,
    names,
  );
}

// --- A learner ---

function open(index, exercise) {
  opened = index;
  const result = element("result");
  result.innerHTML = read(`learner-${index}`);
  for (const place of result.querySelectorAll("[data-picture]")) {
    place.innerHTML = read(`picture-${place.dataset.picture}`);
  }
  dialog.setAttribute("aria-label", learners[index].name);
  const shown = shownLearners();
  const at = shown.indexOf(index);
  element("place").textContent = at < 0 ? "" : `${at + 1} of ${shown.length}`;
  element("previous").disabled = at <= 0;
  element("next").disabled = at < 0 || at === shown.length - 1;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  result.focus({ preventScroll: true });
  if (exercise) scrollToExercise(exercise);
}

// Shows an exercise of the learner, once all pictures above it are as high as they will be.
async function scrollToExercise(exercise) {
  const result = element("result");
  const pictures = [...result.querySelectorAll("img")];
  await Promise.allSettled(pictures.map((picture) => picture.decode()));
  const sections = [...result.querySelectorAll("[data-exercise]")];
  sections.find((it) => it.dataset.exercise === exercise)?.scrollIntoView();
}

// Opens the learner in the row above or below.
function step(by) {
  const shown = shownLearners();
  const at = shown.indexOf(opened);
  const next = at < 0 ? undefined : shown[at + by];
  if (next !== undefined) open(next);
}

const shownLearners = () => order.filter((index) => !rows[index].hidden);

function onClosed() {
  const row = rows[opened];
  element("result").replaceChildren();
  if (!row.hidden && table.contains(document.activeElement)) focusCell(row.cells[columnOf(document.activeElement)]);
}

// --- The keyboard in the table: one cell can be reached with Tab, arrow keys move from there ---

// What takes the focus in a cell.
const target = (cell) => cell.querySelector("button") ?? cell;
const columnOf = (focused) => focused.closest("th, td").cellIndex;

function makeReachable(cell) {
  const reached = table.querySelector('[tabindex="0"]');
  if (!cell && reached && !reached.closest("tr").hidden) return;
  if (reached) reached.tabIndex = -1;
  target(cell ?? head.rows[0].cells[0]).tabIndex = 0;
}

function focusCell(cell) {
  makeReachable(cell);
  target(cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function onKey(event) {
  const cell = event.target.closest("th, td");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const visible = [head.rows[0], ...shownLearners().map((index) => rows[index])];
  const row = visible.indexOf(cell.parentElement);
  const last = { row: visible.length - 1, column: columns.length - 1 };
  const page = Math.max(1, Math.floor(table.parentElement.clientHeight / cell.parentElement.offsetHeight) - 2);
  const moves = {
    ArrowUp: [row - 1, cell.cellIndex],
    ArrowDown: [row + 1, cell.cellIndex],
    ArrowLeft: [row, cell.cellIndex - 1],
    ArrowRight: [row, cell.cellIndex + 1],
    PageUp: [row - page, cell.cellIndex],
    PageDown: [row + page, cell.cellIndex],
    Home: [row, 0],
    End: [row, last.column],
  };
  if (event.key === "Enter" && cell.tagName === "TD") return openCell(cell);
  if (!(event.key in moves)) return;
  event.preventDefault();
  const [to, column] = moves[event.key];
  const bounded = (value, most) => Math.min(Math.max(value, 0), most);
  focusCell(visible[bounded(to, last.row)].cells[bounded(column, last.column)]);
}

function openCell(cell) {
  makeReachable(cell);
  open(Number(cell.parentElement.dataset.learner), columns[cell.cellIndex].exercise);
}

// --- Start ---

fillOverview();
fillMistakes();
fillFilters();
order.sort(byName);
buildTable();

element("filters").addEventListener("submit", (event) => event.preventDefault());
element("filters").addEventListener("input", filter);
element("show-all").addEventListener("click", () => {
  for (const id of ["search", "verdict", "mistake"]) element(id).value = "";
  filter();
  element("search").focus();
});
table.addEventListener("keydown", onKey);
body.addEventListener("click", (event) => {
  const cell = event.target.closest("th, td");
  if (cell) openCell(cell);
});
element("previous").addEventListener("click", () => step(-1));
element("next").addEventListener("click", () => step(1));
element("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", onClosed);
dialog.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
