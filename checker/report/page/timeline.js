// The timeline: a lane for each thread, task and object, drawn on a canvas of which only the visible part is looked at, so
// that 20,000 events are as easy to move in as 20. Everything a pointer does, a key does too.
(function () {
  const history = report.history;
  if (!history) return;
  const events = history.events;
  const count = events.length;
  const byId = id => document.getElementById(id);
  byId("timeline").hidden = false;

  const operation = event => history.operations[event.operation];
  const place = event => event.place === undefined ? undefined : history.places[event.place];
  const aboutNoObject = /^(thread|task poll|.* of task$|choice|.* choice$|steal|idle|task move|select|reads|stands|timer tie|wake order|spurious|early|weak)/;
  const describe = event => operation(event) + (event.object ? " #" + event.object : "");
  const time = ns => ns === 0 ? "0" : ns < 1e3 ? ns + " ns" : ns < 1e6 ? +(ns / 1e3).toFixed(3) + " µs" :
    ns < 1e9 ? +(ns / 1e6).toFixed(3) + " ms" : +(ns / 1e9).toFixed(3) + " s";
  const timeOf = event => event.time_ns || 0;

  // ---------------------------------------------------------------- lanes
  const first = report.findings[0];
  const threadNames = new Map((first ? first.threads : []).map(one => [one.thread, one.name]));
  const taskNames = new Map((first ? first.tasks : []).map(one => [one.task, one.name]));
  const named = (text, name) => name ? text + " " + name : text;

  const threadLanes = new Map();
  const taskLanes = new Map();
  const objectLanes = new Map();
  function laneIn(map, key, group, label) {
    if (!map.has(key)) map.set(key, {key, group, label, ticks: [], bars: [], actors: new Set(), waits: ""});
    return map.get(key);
  }
  function extendBar(lane, index, actor) {
    const last = lane.bars[lane.bars.length - 1];
    if (last && last.actor === actor && last.open) last.end = index + 1;
    else {
      if (last) last.open = false;
      lane.bars.push({begin: index, end: index + 1, actor, open: true});
    }
  }
  // Of the runtime's objects, those that are known to be locks.
  const asyncLocks = new Set((first ? first.tasks : []).flatMap(one =>
    [...(one.waiting_for || "").matchAll(/^sync::(?:mutex|rw_lock)[^#]*#([0-9]+)/g)].map(found => +found[1])));
  const takes = event => /^(mutex|shared) lock$/.test(operation(event)) ||
    (operation(event) === "async acquire" && asyncLocks.has(event.object));
  const gives = event => /unlock$/.test(operation(event)) || (operation(event) === "async release" && asyncLocks.has(event.object));
  const lanesOf = events.map(() => []);  // of each event
  events.forEach((event, index) => {
    const name = operation(event);
    const thread = laneIn(threadLanes, event.thread, "threads", named("thread " + event.thread, threadNames.get(event.thread)));
    const put = lane => { lane.ticks.push(index); lanesOf[index].push(lane); };
    put(thread);
    const task = name === "task poll" ? event.object : event.task;
    if (task) {
      extendBar(thread, index, "task " + task);
      const lane = laneIn(taskLanes, task, "tasks", named("task " + task, taskNames.get(task)));
      put(lane);
      extendBar(lane, index, "thread " + event.thread);
    } else if (thread.bars.length) {
      thread.bars[thread.bars.length - 1].open = false;
    }
    if (!event.object || aboutNoObject.test(name)) return;
    const lane = laneIn(objectLanes, event.object, "objects", "#" + event.object);
    put(lane);
    lane.actors.add(actorOf(event));
    lane.operations = (lane.operations || new Set()).add(name);
    const open = lane.bars[lane.bars.length - 1];
    // Of the runtime's locks an attempt is told, which may have to wait.
    if (takes(event) && name === "async acquire" && open && open.open) return;
    if (takes(event)) lane.bars.push({begin: index, end: count, actor: actorOf(event), open: true});
    else if (gives(event) && open) { open.end = index + 1; open.open = false; }
  });
  for (const lane of objectLanes.values()) {
    const names = [...lane.operations].join();
    const what = /channel/.test(names) ? "channel" : /condition/.test(names) ? "condition" : /lock/.test(names) || asyncLocks.has(lane.key) ? "lock" :
      /semaphore/.test(names) ? "semaphore" : /barrier/.test(names) ? "barrier" : /futex/.test(names) ? "futex" :
      /atomic/.test(names) ? "atomic" : /memory/.test(names) ? "memory" : "object";
    lane.group = what === "lock" ? "locks" : what === "channel" ? "messages" : "objects";
    lane.label = what + " #" + lane.key;
    lane.holds = what === "lock";
  }
  for (const one of first ? first.threads : []) {
    if (threadLanes.has(one.thread)) threadLanes.get(one.thread).waits = one.waiting_for || "";
  }
  for (const one of first ? first.tasks : []) {
    if (taskLanes.has(one.task)) taskLanes.get(one.task).waits = one.waiting_for || "";
  }
  // The n-th message that is sent is the n-th that is received, where the channel is a queue.
  const messages = [];
  for (const lane of objectLanes.values()) {
    if (lane.group !== "messages") continue;
    const sends = lane.ticks.filter(index => operation(events[index]) === "channel send");
    const receives = lane.ticks.filter(index => operation(events[index]) === "channel receive");
    for (let i = 0; i < Math.min(sends.length, receives.length); ++i) messages.push({from: sends[i], to: receives[i]});
  }

  // The end of what the program did itself.
  function lastPlaced() {
    for (let index = count - 1; index >= 0; --index) if (events[index].place !== undefined) return index;
    return count - 1;
  }
  const inOrder = map => [...map.values()].sort((a, b) => a.key - b.key);
  let lanes = [];
  function chooseLanes() {
    const shared = byId("only-shared").checked;
    const objects = inOrder(objectLanes).filter(lane => !shared || lane.actors.size > 1 || lane.group === "messages" ||
      (lane.bars.length && lane.bars[lane.bars.length - 1].open));
    const group = name => objects.filter(lane => lane.group === name);
    lanes = [...inOrder(threadLanes), ...inOrder(taskLanes), ...group("locks"), ...group("messages"), ...group("objects")];
    top_ = Math.min(top_, Math.max(0, lanes.length - shownLanes()));
  }

  // ---------------------------------------------------------------- what is seen of it
  const laneHeight = 22, axisHeight = 40, gutter = 168, heightMax = 616;
  const canvas = byId("lanes"), overview = byId("overview"), view = byId("view");
  let begin = 0, end = count, top_ = 0, chosen = lastPlaced(), width = 0, found = [], foundSet = new Set();
  let positions = [];
  function place_() {
    const from = timeOf(events[0]), span = timeOf(events[count - 1]) - from;
    const scaled = byId("by-time").checked && span > 0;
    // Events of one instant keep a little room each.
    positions = events.map((event, index) => scaled ? 0.3 * index + 0.7 * count * (timeOf(event) - from) / span : index);
    positions.push(count);
  }
  const shownLanes = () => Math.max(1, Math.min(lanes.length, Math.floor((heightMax - axisHeight) / laneHeight)));
  const height = () => axisHeight + shownLanes() * laneHeight + 6;
  const xOf = position => gutter + (position - begin) / (end - begin) * (width - gutter);
  const xOfEvent = index => xOf(positions[index] + 0.5);
  const positionAt = x => begin + (x - gutter) / (width - gutter) * (end - begin);
  // The first of these events that stands at or behind the position.
  function firstFrom(ticks, position) {
    let low = 0, high = ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (positions[ticks[middle]] < position) low = middle + 1; else high = middle;
    }
    return low;
  }
  function show(from, to) {
    const least = Math.min(count, 4), most = count + 0.5;
    let span = Math.max(least, Math.min(most, to - from));
    begin = Math.max(0, Math.min(from, most - span));
    end = begin + span;
    draw();
  }
  const zoom = (factor, at) => {
    const middle = at === undefined ? (positions[chosen] >= begin && positions[chosen] <= end ? positions[chosen] : (begin + end) / 2) : at;
    show(middle - (middle - begin) * factor, middle + (end - middle) * factor);
  };
  function choose(index, follow) {
    chosen = Math.max(0, Math.min(count - 1, index));
    const at = positions[chosen], span = end - begin;
    if (follow && (at < begin + 0.02 * span || at + 1 > end - 0.02 * span)) return describeChosen(), show(at - span / 2, at + span / 2);
    describeChosen();
    draw();
  }

  // ---------------------------------------------------------------- drawing
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    return name => style.getPropertyValue("--" + name).trim();
  };
  function prepare(element, tall) {
    const scale = window.devicePixelRatio || 1;
    element.style.height = tall + "px";
    if (element.width !== Math.round(width * scale) || element.height !== Math.round(tall * scale)) {
      element.width = Math.round(width * scale);
      element.height = Math.round(tall * scale);
    }
    const pen = element.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    return pen;
  }
  const font = (size, weight) => (weight || 400) + " " + size + "px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
  let asked = false;
  function draw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; drawNow(); });
  }
  function drawNow() {
    width = Math.max(360, view.clientWidth);
    const colour = theme();
    drawLanes(prepare(canvas, height()), colour);
    drawOverview(prepare(overview, 28), colour);
  }
  function clipText(pen, text, room) {
    if (pen.measureText(text).width <= room) return text;
    const fits = Math.floor(room / (pen.measureText("m").width || 1)) - 1;
    return fits > 0 ? text.slice(0, fits) + "…" : "";
  }
  function drawAxis(pen, colour) {
    const tall = height();
    pen.font = font(11);
    pen.textBaseline = "middle";
    // Numbers of events.
    const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
    const perPixel = (end - begin) / (width - gutter);
    const step = steps.find(one => one / perPixel > 70) || 10000;
    let lastX = -100;
    for (let index = Math.max(0, firstFromAll(begin)); index < count && positions[index] <= end; ++index) {
      if (index % step !== 0) continue;
      const x = xOf(positions[index]);
      if (x - lastX < 50) continue;
      lastX = x;
      pen.fillStyle = colour("line");
      pen.fillRect(Math.round(x), axisHeight - 4, 1, tall);
      pen.fillStyle = colour("soft");
      pen.fillText(String(index), x + 3, 30);
    }
    // Simulated time, where it moves.
    let lastLabel = -200;
    for (let index = Math.max(1, firstFromAll(begin)); index < count && positions[index] <= end; ++index) {
      if (timeOf(events[index]) === timeOf(events[index - 1])) continue;
      const x = xOf(positions[index]);
      pen.strokeStyle = colour("edge");
      pen.setLineDash([2, 3]);
      pen.beginPath();
      pen.moveTo(x, 8);
      pen.lineTo(x, tall);
      pen.stroke();
      pen.setLineDash([]);
      if (x - lastLabel < 90 || x > width - 190) continue;
      lastLabel = x;
      pen.fillStyle = colour("text");
      pen.fillText(time(timeOf(events[index])), x + 4, 12);
    }
    pen.fillStyle = colour("soft");
    pen.textAlign = "left";
    pen.fillText("simulated time", 10, 12);
    pen.fillText("event", 10, 30);
  }
  function firstFromAll(position) {
    let low = 0, high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (positions[middle] < position) low = middle + 1; else high = middle;
    }
    return low;
  }
  function drawBars(pen, colour, lane, y) {
    for (const bar of lane.bars) {
      // What a task does reaches a little around its marks; a lock is held from mark to mark.
      const around = lane.holds ? 0 : Math.min(7, 0.5 * (width - gutter) / (end - begin));
      const from = xOfEvent(bar.begin) - around, to = bar.end >= count && lane.holds ? xOf(count) : xOfEvent(bar.end - 1) + around;
      if (to < gutter || from > width) continue;
      const left = Math.max(gutter, from), right = Math.min(width, Math.max(to, left + 1));
      pen.globalAlpha = lane.holds ? 0.45 : 0.28;
      pen.fillStyle = colourOf(bar.actor);
      pen.fillRect(left, y + 3, right - left, laneHeight - 6);
      pen.globalAlpha = 1;
      if (lane.holds) drawHolder(pen, colour, lane, bar, left, right, y);
    }
  }
  // Who holds the lock, where no mark stands in the way.
  function drawHolder(pen, colour, lane, bar, left, right, y) {
    const text = "held by " + bar.actor;
    pen.font = font(10.5);
    const from = Math.max(left, gutter) + 14, next = lane.ticks[firstFrom(lane.ticks, Math.max(positions[bar.begin], begin) + 1e-9)];
    const room = Math.min(right, next === undefined ? width : xOfEvent(next) - 6) - from;
    if (pen.measureText(text).width > room) return;
    pen.fillStyle = colour("text");
    pen.fillText(text, from, y + laneHeight / 2 + 0.5);
  }
  function drawTick(pen, colour, lane, index, x, y) {
    const name = operation(events[index]);
    const middle = y + laneHeight / 2;
    const hue = lane.group === "threads" || lane.group === "tasks" ? colour("text") : colourOf(actorOf(events[index]));
    pen.fillStyle = pen.strokeStyle = hue;
    pen.lineWidth = 1.5;
    if (/\b(load|read|receive)\b/.test(name)) {
      pen.beginPath();
      pen.arc(x, middle, 3.6, 0, 7);
      pen.stroke();
    } else if (gives(events[index])) {
      pen.strokeRect(x - 3, middle - 3, 6, 6);
    } else if (takes(events[index]) || /lock/.test(name)) {
      pen.fillRect(x - 3.5, middle - 3.5, 7, 7);
    } else if (/store|update|write|send/.test(name)) {
      pen.beginPath();
      pen.arc(x, middle, 4, 0, 7);
      pen.fill();
    } else {
      pen.fillRect(x - 0.75, y + 5, 1.5, laneHeight - 10);
    }
    pen.lineWidth = 1;
  }
  function drawTicks(pen, colour, lane, y) {
    const dense = (width - gutter) / (end - begin) < 3;
    let lastX = -10;
    for (let i = Math.max(0, firstFrom(lane.ticks, begin) - 1); i < lane.ticks.length; ++i) {
      const index = lane.ticks[i];
      const x = xOfEvent(index);
      if (x > width + 4) break;
      if (x < gutter || x - lastX < 1) continue;
      lastX = x;
      if (dense) {
        pen.fillStyle = lane.group === "threads" || lane.group === "tasks" ? colour("text") : colourOf(actorOf(events[index]));
        pen.fillRect(x, y + 6, 1, laneHeight - 12);
        continue;
      }
      drawTick(pen, colour, lane, index, x, y);
      const room = (i + 1 < lane.ticks.length ? Math.min(width, xOfEvent(lane.ticks[i + 1])) : width) - x - 14;
      if (room > 44 && (lane.group === "threads" || lane.group === "tasks" || !lane.holds)) {
        const full = lane.group === "threads" || lane.group === "tasks" ? describe(events[index]) : actorOf(events[index]) + " " + operation(events[index]);
        const where = placeText(place(events[index]));
        const waits = lane.waits && i + 1 === lane.ticks.length ? "  waits for " + lane.waits : "";
        pen.font = font(10.5);
        pen.fillStyle = colour("text");
        pen.fillText(clipText(pen, (where && room > 150 ? full + "  " + where : full) + waits, room), x + 7, y + laneHeight / 2 + 0.5);
      }
    }
  }
  function drawMessages(pen, colour, rowOf) {
    if ((width - gutter) / (end - begin) < 3) return;  // they would hide everything else
    pen.strokeStyle = colour("edge");
    pen.fillStyle = colour("edge");
    const lastLane = index => lanesOf[index].find(lane => lane.group === "tasks") || lanesOf[index][0];
    for (const {from, to} of messages) {
      const a = rowOf.get(lastLane(from)), b = rowOf.get(lastLane(to));
      if (a === undefined || b === undefined || a === b) continue;
      const x1 = xOfEvent(from), x2 = Math.max(xOfEvent(to), x1);
      if (x2 < gutter || x1 > width) continue;
      const y1 = axisHeight + (a + 0.5) * laneHeight, y2 = axisHeight + (b + 0.5) * laneHeight;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2 + (y2 > y1 ? -6 : 6));
      pen.stroke();
      pen.beginPath();
      pen.arc(x2, y2 + (y2 > y1 ? -6 : 6), 2.5, 0, 7);
      pen.fill();
    }
  }
  function drawLanes(pen, colour) {
    const tall = height(), rows = shownLanes();
    const rowOf = new Map();
    pen.clearRect(0, 0, width, tall);
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (let row = 0; row < rows; ++row) {
      pen.fillStyle = colour(row % 2 ? "lane-alt" : "lane");
      pen.fillRect(0, axisHeight + row * laneHeight, width, laneHeight);
    }
    drawAxis(pen, colour);
    for (let row = 0; row < rows && top_ + row < lanes.length; ++row) {
      const lane = lanes[top_ + row], y = axisHeight + row * laneHeight;
      rowOf.set(lane, row);
      drawBars(pen, colour, lane, y);
      drawTicks(pen, colour, lane, y);
      if (lane.waits && end > count - 1) {
        const x = Math.max(gutter, xOfEvent(lane.ticks[lane.ticks.length - 1]));
        pen.strokeStyle = colour("bad");
        pen.setLineDash([4, 3]);
        pen.strokeRect(x, y + 2.5, Math.max(2, Math.min(width, xOf(count)) - x), laneHeight - 5);
        pen.setLineDash([]);
      }
    }
    drawMessages(pen, colour, rowOf);
    if (foundSet.size) {
      pen.fillStyle = colour("link");
      for (const index of found) {
        const x = xOfEvent(index);
        if (x >= gutter && x <= width) pen.fillRect(x - 1, axisHeight - 6, 2, 6);
      }
    }
    // Where it failed.
    const failed = xOf(count);
    if (report.findings.length && failed >= gutter && failed <= width + 1) {
      pen.fillStyle = colour("bad");
      pen.fillRect(failed - 2, axisHeight - 6, 2, tall);
      pen.font = font(11, 650);
      pen.textAlign = "right";
      pen.fillText(report.findings[0].kind, failed - 6, 12);
      pen.textAlign = "left";
    }
    // The chosen event, through all lanes it is in.
    const x = xOfEvent(chosen);
    if (x >= gutter && x <= width) {
      pen.fillStyle = colour("focus");
      pen.fillRect(x - 0.5, axisHeight - 6, 1, tall);
      pen.strokeStyle = colour("focus");
      pen.lineWidth = 2;
      for (const lane of lanesOf[chosen]) {
        if (!rowOf.has(lane)) continue;
        pen.strokeRect(x - 7, axisHeight + rowOf.get(lane) * laneHeight + 3, 14, laneHeight - 6);
      }
      pen.lineWidth = 1;
    }
    // Names, over what reaches into them.
    pen.font = font(12);
    let group = "";
    for (let row = 0; row < rows && top_ + row < lanes.length; ++row) {
      const lane = lanes[top_ + row], y = axisHeight + row * laneHeight;
      pen.fillStyle = colour(row % 2 ? "lane-alt" : "lane");
      pen.fillRect(0, y, gutter - 6, laneHeight);
      if (lane.group === "threads" || lane.group === "tasks") {
        pen.fillStyle = colourOf(lane.label.split(" ").slice(0, 2).join(" "));
        pen.fillRect(0, y + 3, 4, laneHeight - 6);
      }
      pen.fillStyle = colour("text");
      pen.fillText(clipText(pen, lane.label, gutter - 22), 10, y + laneHeight / 2 + 0.5);
      if (lane.group !== group && row > 0) {
        pen.fillStyle = colour("edge");
        pen.fillRect(0, y, width, 1);
      }
      group = lane.group;
    }
    pen.fillStyle = colour("line");
    pen.fillRect(gutter - 6, axisHeight, 1, tall);
    if (lanes.length > rows) {
      const track = tall - axisHeight;
      pen.fillStyle = colour("edge");
      pen.fillRect(width - 5, axisHeight + track * top_ / lanes.length, 4, track * rows / lanes.length);
    }
  }
  // The whole execution at once, one row for each thread, with a frame around what is seen below.
  function drawOverview(pen, colour) {
    const rows = inOrder(threadLanes);
    const x = position => position / (count + 0.5) * width;
    pen.fillStyle = colour("panel");
    pen.fillRect(0, 0, width, 28);
    const each = Math.min(10, 24 / rows.length);
    rows.forEach((lane, row) => {
      pen.fillStyle = colourOf(lane.label.split(" ").slice(0, 2).join(" "));
      let lastX = -1;
      for (const index of lane.ticks) {
        const at = x(positions[index]);
        if (at - lastX < 1) continue;
        lastX = at;
        pen.fillRect(at, 2 + row * each, 1.5, Math.max(1, each - 1));
      }
    });
    pen.globalAlpha = 0.18;
    pen.fillStyle = colour("focus");
    pen.fillRect(x(begin), 0, Math.max(3, x(end) - x(begin)), 28);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("focus");
    pen.strokeRect(x(begin) + 0.5, 0.5, Math.max(3, x(end) - x(begin)) - 1, 27);
  }

  // ---------------------------------------------------------------- the chosen event in words
  function describeChosen() {
    const event = events[chosen], where = place(event);
    const box = byId("chosen");
    box.replaceChildren(
      make("div", {}, make("b", {}, describe(event)), " by thread " + event.thread +
        (event.task ? " in task " + event.task : "") + ", event " + chosen + " of " + count +
        (timeOf(event) ? ", simulated time " + time(timeOf(event)) : "")),
      make("div", {class: "mono"}, where ? (where.function ? where.function + "  " : "") + where.file + ":" + where.line
        : "not in code that was seen"));
    if (where && where.source) box.append(make("code", {class: "source"}, where.source));
    const row = document.querySelector("#events tr[aria-selected=true]");
    if (row) row.setAttribute("aria-selected", "false");
    const now = document.querySelector("#events tr[data-event='" + chosen + "']");
    if (now) now.setAttribute("aria-selected", "true");
  }

  // ---------------------------------------------------------------- keys and pointers
  const sameLane = direction => {
    const lane = lanesOf[chosen].find(one => one.group === "tasks") || lanesOf[chosen][0];
    const at = lane.ticks.indexOf(chosen) + direction;
    return at >= 0 && at < lane.ticks.length ? lane.ticks[at] : chosen;
  };
  const scrollLanes = by => {
    top_ = Math.max(0, Math.min(lanes.length - shownLanes(), top_ + by));
    draw();
  };
  view.addEventListener("keydown", key => {
    if (key.ctrlKey || key.metaKey || key.altKey) return;
    const act = {
      ArrowLeft: () => choose(key.shiftKey ? sameLane(-1) : chosen - 1, true),
      ArrowRight: () => choose(key.shiftKey ? sameLane(1) : chosen + 1, true),
      ArrowUp: () => scrollLanes(-1), ArrowDown: () => scrollLanes(1),
      PageUp: () => scrollLanes(-shownLanes()), PageDown: () => scrollLanes(shownLanes()),
      Home: () => choose(0, true), End: () => choose(count - 1, true),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "_": () => zoom(2), "0": () => show(0, count + 0.5),
    }[key.key];
    if (!act) return;
    key.preventDefault();
    act();
  });
  view.addEventListener("wheel", wheel => {
    const active = document.activeElement === view || wheel.ctrlKey;
    if (Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
      const by = wheel.deltaX / (width - gutter) * (end - begin);
      show(begin + by, end + by);
    } else if (active && wheel.shiftKey) {
      scrollLanes(Math.sign(wheel.deltaY));
    } else if (active) {
      zoom(Math.exp(wheel.deltaY * 0.0015), positionAt(wheel.clientX - canvas.getBoundingClientRect().left));
    } else {
      return;
    }
    wheel.preventDefault();
  }, {passive: false});
  let drag = null;
  canvas.addEventListener("pointerdown", pointer => {
    drag = {x: pointer.clientX, begin, end, moved: false};
    canvas.setPointerCapture(pointer.pointerId);
    view.focus({preventScroll: true});
  });
  canvas.addEventListener("pointermove", pointer => {
    if (!drag) return;
    const by = (drag.x - pointer.clientX) / (width - gutter) * (drag.end - drag.begin);
    drag.moved = drag.moved || Math.abs(pointer.clientX - drag.x) > 4;
    if (!drag.moved) return;
    canvas.classList.add("drag");
    show(drag.begin + by, drag.end + by);
  });
  canvas.addEventListener("pointerup", pointer => {
    if (drag && !drag.moved) pick(pointer);
    drag = null;
    canvas.classList.remove("drag");
  });
  function pick(pointer) {
    const box = canvas.getBoundingClientRect();
    const position = positionAt(pointer.clientX - box.left) - 0.5;
    const row = Math.floor((pointer.clientY - box.top - axisHeight) / laneHeight);
    const lane = lanes[top_ + Math.max(0, Math.min(row, shownLanes() - 1))];
    const ticks = row >= 0 && lane ? lane.ticks : events.map((_, index) => index);
    const at = firstFrom(ticks, position);
    const near = [ticks[at - 1], ticks[at]].filter(one => one !== undefined);
    near.sort((a, b) => Math.abs(positions[a] - position) - Math.abs(positions[b] - position));
    if (near.length) choose(near[0], false);
  }
  const jump = pointer => {
    const box = overview.getBoundingClientRect();
    const middle = (pointer.clientX - box.left) / box.width * (count + 0.5);
    show(middle - (end - begin) / 2, middle + (end - begin) / 2);
  };
  overview.addEventListener("pointerdown", pointer => { overview.setPointerCapture(pointer.pointerId); jump(pointer); });
  overview.addEventListener("pointermove", pointer => { if (pointer.buttons) jump(pointer); });
  document.querySelector(".tools").addEventListener("click", click => {
    const act = {in: () => zoom(0.5), out: () => zoom(2), all: () => show(0, count + 0.5),
      end: () => { choose(count - 1, true); show(count - 30, count + 0.5); }}[click.target.closest("button")?.dataset.do];
    if (act) act();
  });
  byId("by-time").addEventListener("change", () => { place_(); draw(); });
  byId("only-shared").addEventListener("change", () => { chooseLanes(); draw(); });
  byId("find").addEventListener("input", () => {
    const words = byId("find").value.toLowerCase().trim();
    found = [];
    if (words) events.forEach((event, index) => {
      const text = describe(event) + " " + actorOf(event) + " " + placeText(place(event)) + " " + (place(event)?.function || "");
      if (text.toLowerCase().includes(words)) found.push(index);
    });
    foundSet = new Set(found);
    byId("found").textContent = words ? (found.length === 0 ? "nothing" : found.length + " events, Enter for the next") : "";
    draw();
  });
  byId("find").addEventListener("keydown", key => {
    if (key.key !== "Enter" || found.length === 0) return;
    key.preventDefault();
    const next = key.shiftKey ? [...found].reverse().find(one => one < chosen) ?? found[found.length - 1]
      : found.find(one => one > chosen) ?? found[0];
    choose(next, true);
  });

  // ---------------------------------------------------------------- the same as a table
  const pageSize = 250;
  const table = byId("events");
  function showPage(page) {
    const pages = Math.ceil(count / pageSize);
    const now = Math.max(0, Math.min(pages - 1, page));
    const rows = events.slice(now * pageSize, (now + 1) * pageSize).map((event, offset) => {
      const index = now * pageSize + offset;
      const row = make("tr", {"data-event": index, "aria-selected": String(index === chosen)},
        make("td", {}, make("button", {type: "button"}, String(index))), make("td", {}, "thread " + event.thread),
        make("td", {}, event.task ? "task " + event.task : ""), make("td", {}, describe(event)),
        make("td", {}, placeText(place(event)), make("small", {}, place(event)?.function || "")), make("td", {}, time(timeOf(event))));
      row.addEventListener("click", () => choose(index, true));
      return row;
    });
    const turn = (text, to, possible) => {
      const button = make("button", {type: "button"}, text);
      button.disabled = !possible;
      button.addEventListener("click", () => showPage(to));
      return button;
    };
    table.querySelector("div").replaceChildren(
      make("div", {class: "pages"}, turn("Earlier", now - 1, now > 0), "page " + (now + 1) + " of " + pages, turn("Later", now + 1, now + 1 < pages)),
      make("div", {class: "scroll", tabindex: 0}, make("table", {}, make("thead", {}, make("tr", {},
        ["event", "thread", "task", "what", "where", "simulated time"].map(name => make("th", {scope: "col"}, name)))), make("tbody", {}, rows))));
  }
  table.addEventListener("toggle", () => { if (table.open) showPage(Math.floor(chosen / pageSize)); });

  // ---------------------------------------------------------------- begin
  byId("timeline-hint").textContent = (history.whole ? "All " : "The last ") + count.toLocaleString("en") +
    " events of the execution, those of the runtime left out. Filled marks change something, hollow ones read; bars show which task a thread polls, on which thread a task runs, and who holds a lock.";
  place_();
  chooseLanes();
  describeChosen();
  show(Math.max(0, count - 60), count + 0.5);
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}());
