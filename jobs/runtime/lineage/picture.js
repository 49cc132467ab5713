"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const { sizes, layers, states, tables, columns, edges, lanes } = JSON.parse(at("data").textContent);
  const [body, view, world, panel, search, found] = [document.body, ...["view", "world", "panel", "search", "found"].map(at)];

  // Names are only ever text: nothing here is read as HTML.
  const element = (tag, given = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...children);
    return made;
  };
  const button = (className, onclick, ...children) => element("button", { type: "button", className, onclick }, ...children);
  const sign = (state) => element("span", { className: `sign ${state}`, title: state }, states[state].sign);

  const into = columns.map(() => []);
  const outOf = columns.map(() => []);
  for (const edge of edges) {
    into[edge.to].push(edge);
    outOf[edge.from].push(edge);
  }
  const numbers = new Map(columns.map((column, n) => [column.key, n]));
  const tableOf = (n) => tables[columns[n].table];
  const headOf = (n) => tableOf(n).head;
  const isHead = (n) => headOf(n) === n;
  const called = (n) => (isHead(n) ? tableOf(n).name : columns[n].key);
  const hashOf = (n) => (n === null ? "" : `#${encodeURIComponent(called(n))}`);
  const layerOf = (table) => table.name.split(".")[0];

  const hidden = new Set(); // layers
  const nothing = { columns: new Map(), edges: new Map() };
  let technical = false;
  let chosen = null;
  let lit = nothing;

  // ---- What is lit: number of a column, or edge -> true if values lead there, false if they only decide.
  const way = (starts) => {
    const lit = { columns: new Map(), edges: new Map() };
    const mark = (map, key, strong) => map.set(key, strong || map.get(key) || false);
    const follow = (begin, edgesAt, end, strong) => {
      const seen = new Set(begin);
      for (const n of seen) {
        mark(lit.columns, n, strong);
        for (const edge of edgesAt[n]) {
          if (!edge.direct) continue;
          mark(lit.edges, edge, strong);
          seen.add(edge[end]);
        }
      }
      return seen;
    };
    const decide = (deciding, end) => {
      for (const edge of deciding) {
        mark(lit.edges, edge, false);
        mark(lit.columns, edge.from, false);
        mark(lit.columns, edge.to, false);
      }
      return deciding.map((edge) => edge[end]).filter((n) => !isHead(n));
    };
    const indirect = (edge) => !edge.direct;
    const before = [...follow(starts, into, "from", true)];
    const heads = new Set(before.flatMap((n) => [n, headOf(n)]));
    follow(decide([...heads].flatMap((n) => into[n]).filter(indirect), "from"), into, "from", false);
    const after = [...follow(starts, outOf, "to", true)];
    follow(decide(after.flatMap((n) => outOf[n]).filter(indirect), "to"), outOf, "to", false);
    return lit;
  };

  // ---- Where things stand. The library placed everything; what grows pushes what is below it.
  const shown = (table) => !hidden.has(layerOf(table));
  const listed = (table) => table.columns.filter((n) => technical || !columns[n].technical);
  const rowsOf = (table) => {
    const all = listed(table);
    if (table.open) return all;
    const main = new Set(table.main);
    return all.filter((n) => main.has(n) || lit.columns.has(n));
  };
  const left = (rank) => ranks.get(rank);
  const right = (rank) => ranks.get(rank) + sizes.width;
  let ranks = new Map();

  const arrange = () => {
    const there = tables.filter(shown);
    const order = [...new Set(there.map((table) => table.rank))].sort((a, b) => a - b);
    ranks = new Map(order.map((rank, n) => [rank, n * (sizes.width + sizes.gap)]));
    for (const table of there) {
      table.rows = rowsOf(table);
      table.height = sizes.head + sizes.row * (table.rows.length + (table.open ? 0 : 1)) + sizes.foot;
      table.rows.forEach((n, row) => { columns[n].port = sizes.head + sizes.row * (row + 0.5); });
      columns[table.head].port = sizes.head / 2;
    }
    const passing = lanes.filter((lane) => ranks.has(lane.rank) && shown(tables[lane.from]) && shown(tables[lane.to]));
    for (const rank of order) {
      let [free, below] = [-Infinity, null];
      const stack = [...there, ...passing].filter((one) => one.rank === rank).sort((a, b) => a.top - b.top);
      for (const one of stack) {
        const gap = below && below.name && one.name ? sizes.between : sizes.between / 2;
        one.y = Math.max(one.top, free + gap);
        [free, below] = [one.y + one.height, one];
      }
    }
    return there;
  };

  const visible = (n) => shown(tableOf(n)) && (isHead(n) || tableOf(n).rows.includes(n));
  const port = (n) => tableOf(n).y + columns[n].port;
  const curve = ([x, y], [toX, toY]) => `C${(x + toX) / 2} ${y} ${(x + toX) / 2} ${toY} ${toX} ${toY}`;

  // From a column to a column, between the tables that stand in the way.
  const route = (edge, through, share) => {
    const [from, to] = [tableOf(edge.from), tableOf(edge.to)];
    const forward = to.rank >= from.rank;
    let here = [forward ? right(from.rank) : left(from.rank), port(edge.from)];
    const end = [to.rank > from.rank ? left(to.rank) : right(to.rank), port(edge.to)];
    if (to.rank === from.rank) return `M${here}C${here[0] + 55} ${here[1]} ${end[0] + 55} ${end[1]} ${end}`;
    let path = `M${here}`;
    for (const lane of through) {
      const y = lane.y + lane.height * share;
      const [enter, leave] = forward ? [left(lane.rank), right(lane.rank)] : [right(lane.rank), left(lane.rank)];
      path += `${curve(here, [enter, y])}H${leave}`;
      here = [leave, y];
    }
    return path + curve(here, end);
  };

  const routes = () => {
    const pairs = new Map();
    const there = columns.map((_, n) => visible(n));
    for (const edge of edges) {
      if (!there[edge.from] || !there[edge.to]) continue;
      const pair = `${columns[edge.from].table} ${columns[edge.to].table}`;
      if (!pairs.has(pair)) pairs.set(pair, []);
      pairs.get(pair).push(edge);
    }
    const drawn = [];
    for (const [pair, of] of pairs) {
      const [from, to] = pair.split(" ").map(Number);
      const through = lanes
        .filter((lane) => lane.from === from && lane.to === to && ranks.has(lane.rank))
        .sort((a, b) => (a.rank - b.rank) * (tables[to].rank - tables[from].rank));
      of.sort((a, b) => port(a.from) - port(b.from) || port(a.to) - port(b.to));
      of.forEach((edge, n) => drawn.push([edge, route(edge, through, (n + 0.5) / of.length)]));
    }
    return drawn;
  };

  // ---- Drawing
  const boxes = tables.map((table) => {
    const [layer, ...rest] = table.name.split(".");
    const title = button("title", () => choose(table.head), element("i", {}, `${layer}.`), rest.join("."));
    title.title = table.name;
    const flip = () => { table.open = !table.open; steady(title, draw); };
    const fold = button("fold", flip, "");
    const more = button("more", flip, "");
    if (!table.folds) fold.disabled = true;
    const box = element("div", { className: "box" }, element("div", { className: "head" }, title, fold));
    return { box, fold, more, title };
  });
  const rows = columns.map((column, n) => {
    if (isHead(n)) return boxes[column.table].title;
    const row = button("row", () => choose(n), sign(column.state), element("span", { className: "name" }, column.name));
    if (column.hint) row.append(element("span", { className: "hint" }, column.hint));
    row.title = [column.key, column.description].filter(Boolean).join("\n");
    row.classList.toggle("technical", Boolean(column.technical));
    row.setAttribute("aria-label", [column.name, column.state, column.hint].filter(Boolean).join(", "));
    return row;
  });
  rows.forEach((row, n) => { row.tabIndex = n ? -1 : 0; row.dataset.key = called(n); row.number = n; });
  const paths = new Map();
  const pathOf = (edge) => {
    if (!paths.has(edge)) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      Object.assign(path.dataset, { from: called(edge.from), to: called(edge.to) });
      path.kind = `line ${edge.direct ? "direct" : "indirect"} ${columns[edge.to].state ?? ""}`;
      paths.set(edge, path);
    }
    return paths.get(edge);
  };
  const glow = (map, key) => (map.has(key) ? (map.get(key) ? "on" : "weak") : "");
  const shine = (row, how) => { row.classList.toggle("on", how === "on"); row.classList.toggle("weak", how === "weak"); };

  const drawLayers = () => {
    world.querySelectorAll(".layer").forEach((old) => old.remove());
    for (const layer of layers.filter((l) => l !== "ops" && !hidden.has(l))) {
      const of = tables.filter((table) => layerOf(table) === layer).map((table) => table.rank);
      if (!of.length) continue;
      const [x, end] = [left(Math.min(...of)), right(Math.max(...of))];
      const label = element("div", { className: "layer" }, layer);
      Object.assign(label.style, { left: `${x}px`, width: `${end - x}px`, top: `${bounds().top - 46}px` });
      world.append(label);
    }
  };

  const draw = () => {
    const focused = document.activeElement;
    arrange();
    tables.forEach((table, t) => {
      const { box, fold, more } = boxes[t];
      box.hidden = !shown(table);
      if (box.hidden) return box.remove();
      if (!box.isConnected) world.append(box);
      Object.assign(box.style, { left: `${left(table.rank)}px`, top: `${table.y}px` });
      more.textContent = `${listed(table).length - table.rows.length} more`;
      fold.textContent = `${listed(table).length}${table.folds ? (table.open ? " ▴" : " ▾") : ""}`;
      fold.setAttribute("aria-label", `${listed(table).length} columns of ${table.name}: ${table.open ? "show fewer" : "show all"}`);
      box.replaceChildren(box.firstChild, ...table.rows.map((n) => rows[n]), ...(table.open ? [] : [more]));
      box.classList.toggle("way", [table.head, ...table.columns].some((n) => lit.columns.has(n)));
      for (const n of [table.head, ...table.rows]) {
        shine(rows[n], glow(lit.columns, n));
        rows[n].classList.toggle("chosen", n === chosen);
      }
    });
    const [below, above] = [[], []];
    for (const [edge, path] of routes()) {
      const line = pathOf(edge);
      const how = glow(lit.edges, edge);
      line.setAttribute("d", path);
      line.setAttribute("class", `${line.kind} ${how}`);
      (how ? above : below).push(line);
    }
    at("below").replaceChildren(...below);
    at("above").replaceChildren(...above);
    body.classList.toggle("lit", chosen !== null);
    drawLayers();
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    body.dataset.drawn = below.length + above.length;
  };

  // ---- The part that is seen
  const seen = { x: 0, y: 0, k: 1, moved: false };
  const move = (x, y, k = seen.k) => {
    Object.assign(seen, { x, y, k });
    world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    world.style.setProperty("--zoom", k);
    world.classList.toggle("far", k < 0.5);
  };
  const bounds = () => {
    const there = tables.filter(shown);
    const tops = there.map((table) => table.y);
    const ends = there.map((table) => table.y + table.height);
    return { width: Math.max(0, ...ranks.values()) + sizes.width, top: Math.min(...tops), end: Math.max(...ends) };
  };
  const fit = (least = 0.05) => {
    if (!ranks.size) return;
    const { width, top, end } = bounds();
    const [room, height, head] = [view.clientWidth - 48, view.clientHeight - 48, 50];
    const all = Math.min(room / width, height / (end - top + head), 1.25);
    const k = Math.max(all, Math.min(least, room / width, 1));
    const x = Math.max(24, (view.clientWidth - width * k) / 2);
    const spare = view.clientHeight - (end - top + head) * k;
    move(width * k > room + 1 ? 24 : x, Math.max(24, spare / 2) - (top - head) * k, k);
  };
  const zoom = (factor, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
    const k = Math.min(2.5, Math.max(0.05, seen.k * factor));
    seen.moved = true;
    move(x - ((x - seen.x) * k) / seen.k, y - ((y - seen.y) * k) / seen.k, k);
  };
  const reveal = (n) => {
    if (seen.k < 0.5) move(seen.x, seen.y, 0.8);
    const edge = (low, size, room) => (low < 60 ? 60 - low : Math.min(0, room - 60 - low - size));
    const [x, y] = [seen.x + left(tableOf(n).rank) * seen.k, seen.y + port(n) * seen.k];
    move(seen.x + edge(x, sizes.width * seen.k, view.clientWidth), seen.y + edge(y, sizes.row * seen.k, view.clientHeight));
  };
  // What was clicked stays under the pointer while the tables around it grow.
  const steady = (row, change) => {
    const before = row.isConnected && row.getBoundingClientRect();
    change();
    if (!before || !row.isConnected) return;
    const after = row.getBoundingClientRect();
    move(seen.x + before.left - after.left, seen.y + before.top - after.top);
  };

  // ---- Choosing
  const choose = (n, look = false) => {
    const still = n ?? chosen;
    chosen = n;
    const starts = n === null ? [] : isHead(n) ? [n, ...listed(tableOf(n))] : [n];
    lit = n === null ? nothing : way(starts);
    if (n !== null) {
      hidden.delete(layerOf(tableOf(n)));
      technical ||= Boolean(columns[n].technical);
      toggles();
    }
    still === null ? draw() : steady(rows[still], draw);
    tell();
    if (n !== null && (look || !at("panel").offsetWidth || view.clientWidth < 700)) reveal(n);
    if (location.hash !== hashOf(n)) location.hash = hashOf(n);
  };
  const asked = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* not one of ours */ }
    return numbers.get(name) ?? numbers.get(`${name}.*`) ?? null;
  };

  // ---- The panel
  const help = [...panel.childNodes];
  const go = (n) => element("a", { href: hashOf(n) }, called(n));
  const list = (title, items) => (items.length ? [element("h3", {}, title), element("ul", {}, ...items)] : []);
  const step = (edge, n) => {
    const how = edge.how.map(({ subtype, treatment, job }) => [subtype.toLowerCase().replaceAll("_", " "), treatment, job && `by ${job}`].filter(Boolean).join(", "));
    return element("li", {}, go(n), element("small", {}, [...new Set(how)].join("; ")));
  };
  const ends = (title, from, end, direct) => list(title, from.filter((edge) => edge.direct === direct).map((edge) => step(edge, edge[end])));
  const origin = ({ from, class: kind, treatments }) => {
    const n = numbers.get(from);
    const name = n === undefined ? element("span", {}, from) : go(n);
    return element("li", {}, name, element("small", {}, [kind, ...treatments].filter(Boolean).join(" → ")));
  };
  const tellColumn = (n) => {
    const column = columns[n];
    const { words } = states[column.state];
    const state = element("p", { className: `state ${column.state}` }, sign(column.state));
    state.append(element("span", {}, column.derived ? `${column.derived}: ${words}` : words));
    return [
      element("h2", {}, column.name), element("p", { className: "muted" }, "in ", go(headOf(n))), state,
      ...(column.description ? [element("p", {}, column.description)] : []),
      ...list("Personal data behind it", (column.origins ?? []).map(origin)),
      ...(column.retention ? [element("h3", {}, "Retention"), element("p", {}, column.retention)] : []),
      ...ends("Comes from", into[n], "from", true), ...ends("Decided by", into[n], "from", false),
      ...ends("Goes to", outOf[n], "to", true), ...ends("Decides", outOf[n], "to", false),
    ];
  };
  const tellTable = (n) => {
    const table = tableOf(n);
    const tablesAt = (edgesAt, end) => [...new Set(table.columns.flatMap((c) => edgesAt[c]).map((edge) => headOf(edge[end])))].filter((head) => head !== n);
    const counts = Object.keys(states).map((state) => [state, table.columns.filter((c) => columns[c].state === state && !columns[c].technical).length]);
    const items = counts.filter(([, count]) => count).map(([state, count]) => element("li", { className: "state" }, sign(state), `${count} ${state}`));
    return [
      element("h2", {}, table.name), ...list(`${table.listed} columns`, items),
      ...list("Made from", tablesAt(into, "from").map((head) => element("li", {}, go(head)))),
      ...list("Read for", tablesAt(outOf, "to").map((head) => element("li", {}, go(head)))),
      ...ends("Its rows are decided by", into[n], "from", false),
    ];
  };
  const tell = () => {
    panel.replaceChildren(...(chosen === null ? help : isHead(chosen) ? tellTable(chosen) : tellColumn(chosen)));
    if (chosen !== null) panel.append(button("action", () => choose(null), "Clear"));
    panel.scrollTop = 0;
  };

  // ---- Which layers, and technical columns
  const switches = [...at("layers").children];
  const toggles = () => switches.forEach((one) => {
    one.setAttribute("aria-pressed", String(one.dataset.layer ? !hidden.has(one.dataset.layer) : technical));
  });
  for (const one of switches) {
    one.onclick = () => {
      const { layer } = one.dataset;
      if (!layer) technical = !technical;
      else if (!hidden.delete(layer)) hidden.add(layer);
      toggles();
      draw();
      if (!seen.moved && chosen === null) fit(0.6);
    };
  }

  // ---- Finding
  let hits = [];
  let picked = 0;
  const bare = (n) => (isHead(n) ? tableOf(n).name.split(".").slice(1).join(".") : columns[n].name);
  const names = columns.map((_, n) => [n, called(n).toLowerCase(), bare(n).toLowerCase()]);
  const matches = (text) => {
    const score = ([n, full, name]) => (isHead(n) ? 0 : 1) + (name.startsWith(text) ? 0 : full.includes(`.${text}`) ? 2 : 4) + (columns[n].technical ? 8 : 0);
    const fitting = names.filter(([, full]) => text.split(/\s+/).every((part) => full.includes(part)));
    return fitting.map((one) => [score(one), one[0]]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 40).map(([, n]) => n);
  };
  const offer = () => {
    const text = search.value.trim().toLowerCase();
    hits = text ? matches(text) : [];
    const items = hits.map((n, place) => {
      const mark = isHead(n) ? element("span", { className: "sign none" }, "▤") : sign(columns[n].state);
      const item = element("li", { id: `hit-${place}`, role: "option", onclick: () => take(n) }, mark);
      item.append(element("span", {}, isHead(n) ? tableOf(n).name : columns[n].name), element("small", {}, isHead(n) ? "table" : tableOf(n).name));
      return item;
    });
    if (text && !items.length) items.push(element("li", { className: "nothing" }, "No column or table has this in its name."));
    found.replaceChildren(...items);
    found.hidden = !text;
    search.setAttribute("aria-expanded", String(!found.hidden));
    pick(0);
  };
  const pick = (place) => {
    picked = hits.length ? (place + hits.length) % hits.length : 0;
    [...found.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === picked && hits.length > 0)));
    if (!hits.length) return search.removeAttribute("aria-activedescendant");
    search.setAttribute("aria-activedescendant", `hit-${picked}`);
    found.children[picked].scrollIntoView({ block: "nearest" });
  };
  const take = (n) => {
    search.value = "";
    offer();
    choose(n, true);
    rows[n].focus({ preventScroll: true });
  };
  search.addEventListener("input", offer);
  search.addEventListener("blur", () => setTimeout(() => { found.hidden = true; }, 150));
  search.addEventListener("focus", offer);
  search.addEventListener("keydown", (event) => {
    const does = {
      ArrowDown: () => pick(picked + 1),
      ArrowUp: () => pick(picked - 1),
      Enter: () => hits.length && take(hits[picked]),
      Escape: () => { if (search.value) { search.value = ""; offer(); } else { search.blur(); choose(null); } },
    }[event.key];
    event.stopPropagation();
    if (does) { event.preventDefault(); does(); }
  });

  // ---- Keys and pointers
  const beside = (n, key) => {
    const of = [tableOf(n).head, ...tableOf(n).rows];
    const place = of.indexOf(n);
    if (key === "ArrowDown") return of[place + 1];
    if (key === "ArrowUp") return of[place - 1];
    const [edgesAt, end] = key === "ArrowLeft" ? [into, "from"] : [outOf, "to"];
    const there = (isHead(n) ? of : [n]).flatMap((c) => edgesAt[c]).filter((edge) => visible(edge[end]) && columns[edge[end]].table !== columns[n].table);
    return (there.find((edge) => edge.direct) ?? there[0])?.[end];
  };
  view.addEventListener("focusin", ({ target }) => {
    if (target.number === undefined) return;
    rows.forEach((row) => { if (row.tabIndex === 0) row.tabIndex = -1; });
    target.tabIndex = 0;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { number } = document.activeElement;
    const does = {
      Escape: () => choose(null), "/": () => search.focus(), 0: () => fit(), "+": () => zoom(1.25), "-": () => zoom(0.8),
    }[event.key];
    const next = event.key.startsWith("Arrow") && number !== undefined ? beside(number, event.key) : undefined;
    if (next !== undefined) { reveal(next); rows[next].focus({ preventScroll: true }); } else if (does) does(); else return;
    event.preventDefault();
  });

  const pointers = new Map();
  let dragged = false;
  const centre = () => {
    const all = [...pointers.values()];
    const [x, y] = ["x", "y"].map((axis) => all.reduce((sum, one) => sum + one[axis], 0) / all.length);
    return { x, y, apart: all.length > 1 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0 };
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(".zoom")) return;
    dragged &&= pointers.size > 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, from: [event.clientX, event.clientY] });
  });
  view.addEventListener("pointermove", (event) => {
    const one = pointers.get(event.pointerId);
    if (!one) return;
    const before = centre();
    dragged ||= Math.hypot(event.clientX - one.from[0], event.clientY - one.from[1]) > 4;
    Object.assign(one, { x: event.clientX, y: event.clientY });
    if (!dragged) return;
    if (!view.hasPointerCapture(event.pointerId)) view.setPointerCapture(event.pointerId);
    view.classList.add("dragged");
    seen.moved = true;
    const now = centre();
    move(seen.x + now.x - before.x, seen.y + now.y - before.y);
    const { left: x, top: y } = view.getBoundingClientRect();
    if (before.apart && now.apart) zoom(now.apart / before.apart, now.x - x, now.y - y);
  });
  const lift = ({ pointerId }) => { pointers.delete(pointerId); view.classList.toggle("dragged", pointers.size > 0 && dragged); };
  for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, lift);
  view.addEventListener("click", (event) => { if (dragged) { event.stopPropagation(); dragged = false; } }, true);
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left: x, top: y } = view.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015) * (event.deltaMode ? 20 : 1)), event.clientX - x, event.clientY - y);
  }, { passive: false });
  at("closer").onclick = () => zoom(1.25);
  at("farther").onclick = () => zoom(0.8);
  at("fit").onclick = () => { seen.moved = false; fit(); };

  toggles();
  draw();
  fit(0.6);
  tell();
  if (asked() !== null) choose(asked(), true);
  addEventListener("hashchange", () => { if (asked() !== chosen) choose(asked(), true); });
  new ResizeObserver(() => { if (!seen.moved && chosen === null) fit(0.6); }).observe(view);
})();
