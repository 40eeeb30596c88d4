"use strict";
// Everything but the timeline: what was found, in words, stacks and columns. All text goes in as text, never as markup.
const report = JSON.parse(document.getElementById("report").textContent);

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== undefined && child !== null) element.append(child);
  return element;
}

const shortFile = file => file.replace(/^.*\//, "");
const placeText = place => place && place.file ? shortFile(place.file) + (place.line ? ":" + place.line : "") : "";
const actorOf = one => one.task ? "task " + one.task : "thread " + (one.thread || 0);

// Colours that stay apart for those who see fewer of them, in light and in dark (after Okabe and Ito).
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#8c6bb1", "#5d6d7e"];
const colours = new Map();
function colourOf(actor) {
  if (!colours.has(actor)) colours.set(actor, palette[colours.size % palette.length]);
  return colours.get(actor);
}

function sourceLine(place) {
  if (!place.source) return undefined;
  return make("code", {class: "source"}, make("i", {}, String(place.line)), place.source);
}

function frameItem(frame) {
  const where = frame.file ? frame.file + (frame.line ? ":" + frame.line : "") : "";
  return make("li", {class: frame.internal ? "internal" : undefined},
    frame.function ? make("code", {}, frame.function) : undefined, " ", make("span", {class: "at mono", title: where}, where),
    frame.internal ? undefined : sourceLine(frame));
}

// Frames of libraries are folded between those of the user.
function frameList(frames) {
  const list = make("ul", {class: "frames"});
  let folded = [];
  const flush = () => {
    if (folded.length === 0) return;
    list.append(make("li", {}, make("details", {},
      make("summary", {}, folded.length === 1 ? "1 frame of a library" : folded.length + " frames of libraries"),
      make("ul", {class: "frames"}, folded.map(frameItem)))));
    folded = [];
  };
  for (const frame of frames) {
    if (frame.internal) { folded.push(frame); continue; }
    flush();
    list.append(frameItem(frame));
  }
  flush();
  return list;
}

function stackCard(title, state, frames) {
  return make("article", {class: "card"}, make("h3", {}, title), state ? make("p", {class: "state"}, state) : undefined,
    frames.length ? frameList(frames) : undefined);
}

// Workers that stand in none of the program's code; of a livelock, all.
function isToldByTasks(finding, thread) {
  if (!finding.tasks.length || thread.name !== "heddle-worker" || thread.repeated) return false;
  return finding.kind === "livelock" || thread.stack.frames.every(one => one.internal);
}

function taskCard(task) {
  let state = task.repeated ? "only looks again" : task.polled ? "is being polled"
    : task.waiting_for ? "waits for " + task.waiting_for : task.queued ? "is queued, waiting for a worker" : "";
  if (task.spawned_at) state += (state ? ", " : "") + "spawned at " + placeText(task.spawned_at);
  return stackCard("task " + task.task + (task.name ? " (" + task.name + ")" : ""), state,
    [...(task.repeated || []), ...[...task.awaiting].reverse()]);
}

// One column for each thread or task, time downwards.
function scheduleTable(finding) {
  const rows = finding.timeline.map(one => ({...one, bad: false}));
  const isDeadlock = ["deadlock", "lost-wakeup", "livelock"].includes(finding.kind);
  if (finding.thread !== undefined && !isDeadlock) {
    rows.push({thread: finding.thread, task: finding.task, what: finding.kind, place: finding.place, bad: true});
  }
  const actors = [...new Set(rows.map(actorOf))].sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  const cell = row => [row.what, make("small", {}, placeText(row.place) + (row.times ? "  " + row.times + " times" : ""))];
  return make("div", {class: "scroll"}, make("table", {class: "columns"},
    make("thead", {}, make("tr", {}, actors.map(actor => make("th", {scope: "col"}, actor)))),
    make("tbody", {}, rows.map(row => make("tr", {class: row.bad ? "bad" : undefined}, actors.map(actor =>
      actor === actorOf(row)
        ? make("td", {class: "ran", style: "--who:" + colourOf(actor)}, cell(row))
        : make("td", {})))))));
}

function facts(pairs) {
  return make("ul", {class: "facts"}, pairs.filter(pair => pair[1] !== undefined && pair[1] !== "")
    .map(([name, value]) => make("li", {}, name + " ", make("b", {class: "mono"}, String(value)))));
}

function findingPart(finding, isFirst) {
  const part = make("div", {});
  if (!isFirst) {
    part.append(make("h2", {}, make("span", {class: "kind"}, finding.kind), placeText(finding.place)),
      make("pre", {class: "message"}, finding.message), facts([["signature", finding.signature]]));
  }
  const waiting = finding.threads.length > 0;
  const cards = [];
  if (!waiting || (finding.kind !== "deadlock" && finding.kind !== "livelock")) {
    finding.stacks.forEach((stack, index) => {
      const whose = index === 0 && finding.task && finding.thread !== undefined ? "task " + finding.task + ", on " : "";
      cards.push(stackCard(whose + stack.title, "", stack.frames));
    });
  }
  for (const thread of finding.threads) {
    if (isToldByTasks(finding, thread)) continue;
    cards.push(stackCard("thread " + thread.thread + (thread.name ? " (" + thread.name + ")" : ""),
      thread.repeated ? "only looks again" : thread.waiting_for ? "waits for " + thread.waiting_for : "can run",
      thread.repeated || thread.stack.frames));
  }
  for (const one of finding.mishaps) cards.push(stackCard("in this schedule", one.what, [...one.awaiting].reverse()));
  for (const task of finding.tasks) if (waiting || task.awaiting.length) cards.push(taskCard(task));
  if (cards.length) part.append(make("h2", {}, waiting ? "Who waits where" : "Where"), make("div", {class: "cards"}, cards));
  if (isFirst && finding.timeline.length) {
    part.append(make("h2", {}, "The last events that matter"), scheduleTable(finding));
  }
  if (isFirst && finding.deciding.length) {
    part.append(make("h2", {}, "The order that decides"),
      make("p", {}, "It fails when the first comes before the second, and passes the other way round."),
      make("ol", {}, finding.deciding.map(one => make("li", {}, "thread " + one.thread + ": " + one.what + " ",
        make("small", {}, placeText(one.place))))));
  }
  return part;
}

function replayLine(command) {
  const button = make("button", {type: "button"}, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousSibling);
      button.textContent = "Selected";
    }
  });
  return make("div", {class: "replay"}, make("code", {}, command), button);
}

function showHead() {
  const first = report.findings[0];
  const head = document.getElementById("head");
  const message = first ? first.message : report.error || report.summary;
  head.append(
    make("h1", {}, make("span", {class: first || report.error ? "kind" : "kind good"}, first ? first.kind : report.outcome), report.test),
    make("pre", {class: "message"}, message));
  const explored = report.exploration;
  head.append(facts([
    ["at", first && placeText(first.place)],
    ["on", first && first.thread !== undefined ? "thread " + first.thread + (first.task ? ", task " + first.task : "") : undefined],
    ["schedule", first ? first.schedule + (explored.schedules_asked ? " of " + explored.schedules_asked : "") : explored.schedules],
    ["strategy", explored.strategy], ["seed", explored.seed], ["event hash", first && first.event_hash],
    ["signature", first && first.signature], ["", first && first.minimised]]));
  if (report.replay) head.append(replayLine(report.replay));
}

function showMore() {
  const more = document.getElementById("more");
  if (report.output) more.append(make("h2", {}, "Output of the program"), make("div", {class: "card"}, make("pre", {}, report.output)));
  if (report.suppressed.length) {
    more.append(make("h2", {}, "Suppressed"), make("ul", {}, report.suppressed.map(one => make("li", {},
      one.schedules + " schedules: ", make("code", {}, [one.kind, one.function && "function=" + one.function,
        one.file && "file=" + one.file].filter(Boolean).join(" ")), " — " + one.reason))));
  }
  if (report.notices.length) more.append(make("h2", {}, "Notes"), make("ul", {}, report.notices.map(one => make("li", {}, one))));
}

showHead();
report.findings.forEach((finding, index) => document.getElementById("findings").append(findingPart(finding, index === 0)));
showMore();
