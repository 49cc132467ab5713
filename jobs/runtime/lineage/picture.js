"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);
  const { layers, states, tables, columns } = data;
  const { into, outOf, tableOf, isHead, way } = waysOf(tables, columns, data.edges);
  const { seen, zoom, fit, reveal, steady } = viewOf(at("view"), at("world"));
  const [world, panel] = [at("world"), at("panel")];

  // Names are only ever text: nothing here is read as HTML.
  const element = (tag, given = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...children);
    return made;
  };
  const button = (className, onclick, ...children) => element("button", { type: "button", className, onclick }, ...children);
  const sign = (state) => element("span", { className: `sign ${state}`, title: state }, states[state].sign);
  const split = (name) => [name.slice(0, name.indexOf(".") + 1), name.slice(name.indexOf(".") + 1)];
  const layerOf = (table) => split(table.name)[0].slice(0, -1);
  const called = (n) => (isHead(n) ? tableOf(n).name : columns[n].key);
  const hashOf = (n) => (n === null ? "" : `#${encodeURIComponent(called(n))}`);
  const numbers = new Map(columns.map((column, n) => [column.key, n]));

  const hidden = new Set(); // layers
  const nothing = { columns: new Map(), edges: new Map() };
  let technical = false;
  let chosen = null;
  let lit = nothing;
  let only = false; // what is lit, and nothing else

  const listed = (table) => table.columns.filter((n) => technical || !columns[n].technical);
  const isClosed = (table) => !only && !table.open;
  const isWay = (table) => [table.head, ...table.columns].some((n) => lit.columns.has(n));
  const shown = (table) => !hidden.has(layerOf(table)) && (!only || isWay(table));
  const rowsOf = (table) => {
    const fewer = new Set(isClosed(table) ? table.main : []);
    return listed(table).filter((n) => lit.columns.has(n) || (only ? false : table.open || fewer.has(n)));
  };
  const places = placesOf(data, { shown, rowsOf, isClosed, isPacked: () => only });
  const { left, right, port, isThere } = places;

  // ---- Drawing
  const boxes = tables.map((table) => {
    const [layer, name] = split(table.name);
    const title = button("title", () => choose(table.head), element("i", {}, layer), name);
    title.title = table.name;
    const flip = () => { table.open = !table.open; steady(title, draw); };
    const [fold, more] = [button("fold", flip), button("more", flip)];
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
  rows.forEach((row, n) => {
    row.tabIndex = n ? -1 : 0;
    row.dataset.key = called(n);
    row.number = n;
  });
  const lines = new Map(data.edges.map((edge) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    Object.assign(line.dataset, { from: called(edge.from), to: called(edge.to) });
    return [edge, line];
  }));
  const glow = (map, key) => (map.has(key) ? (map.get(key) ? "on" : "weak") : "");

  const drawBox = (table, { box, fold, more }) => {
    box.hidden = !shown(table);
    if (box.hidden) return box.remove();
    if (!box.isConnected) world.append(box);
    Object.assign(box.style, { left: `${left(table.rank)}px`, top: `${table.y}px` });
    box.classList.toggle("way", isWay(table));
    const all = listed(table).length;
    fold.disabled = only || !table.folds;
    fold.textContent = fold.disabled ? all : `${all} ${table.open ? "▴" : "▾"}`;
    fold.setAttribute("aria-label", `${all} columns of ${table.name}${fold.disabled ? "" : table.open ? ", show fewer" : ", show all"}`);
    more.textContent = `${all - table.rows.length} more`;
    box.replaceChildren(box.firstChild, ...table.rows.map((n) => rows[n]), ...(isClosed(table) ? [more] : []));
    for (const n of [table.head, ...table.rows]) {
      const how = glow(lit.columns, n);
      rows[n].classList.toggle("on", how === "on");
      rows[n].classList.toggle("weak", how === "weak");
      rows[n].classList.toggle("chosen", n === chosen);
    }
  };
  const drawLayers = () => {
    world.querySelectorAll(".layer").forEach((old) => old.remove());
    for (const layer of layers.filter((one) => one !== "ops")) {
      const of = tables.filter((table) => shown(table) && layerOf(table) === layer).map((table) => table.rank);
      if (!of.length) continue;
      const [x, end] = [left(Math.min(...of)), right(Math.max(...of))];
      const label = element("div", { className: "layer" }, layer);
      Object.assign(label.style, { left: `${x}px`, width: `${end - x}px`, top: `${places.bounds().top - 46}px` });
      world.append(label);
    }
  };
  const draw = () => {
    const focused = document.activeElement;
    places.arrange();
    tables.forEach((table, t) => drawBox(table, boxes[t]));
    const [below, above] = [[], []];
    for (const [edge, path] of places.routes()) {
      const [line, how] = [lines.get(edge), glow(lit.edges, edge)];
      line.setAttribute("d", path);
      line.setAttribute("class", `line ${edge.direct ? "direct" : "indirect"} ${columns[edge.to].state ?? ""} ${how}`);
      (how ? above : below).push(line);
    }
    at("below").replaceChildren(...below);
    at("above").replaceChildren(...above);
    document.body.classList.toggle("lit", chosen !== null);
    drawLayers();
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    document.body.dataset.drawn = below.length + above.length;
  };
  const fitted = (least) => {
    if (!tables.some(shown)) return;
    const { width, top, end } = places.bounds();
    fit({ width, top: top - 50, end }, least);
  };
  const readable = () => (innerWidth < 840 ? 0.9 : 0.6);
  const look = (n) => reveal(left(tableOf(n).rank), port(n), data.sizes.width);

  // ---- Choosing
  const choose = (n, far = false) => {
    const still = n ?? chosen;
    [chosen, only] = [n, false];
    lit = n === null ? nothing : way(n);
    if (n !== null) {
      hidden.delete(layerOf(tableOf(n)));
      technical ||= Boolean(columns[n].technical);
      press();
    }
    if (still === null) draw();
    else steady(rows[still], draw);
    tell();
    if (n !== null && (far || innerWidth < 840)) look(n);
    if (location.hash !== hashOf(n)) location.hash = hashOf(n);
  };
  const asked = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { /* not one of ours */ }
    return numbers.get(name) ?? numbers.get(`${name}.*`) ?? null;
  };
  const packed = ({ currentTarget }) => {
    only = !only;
    currentTarget.setAttribute("aria-pressed", String(only));
    draw();
    fitted(readable());
    look(chosen);
  };

  // ---- The panel
  const help = [...panel.childNodes];
  const go = (n) => element("a", { href: hashOf(n) }, called(n));
  const list = (title, items) => (items.length ? [element("h3", {}, title), element("ul", {}, ...items)] : []);
  const step = (edge, n) => {
    const how = edge.how.map(({ subtype, treatment, job }) => [subtype.toLowerCase().replaceAll("_", " "), treatment, job && `by ${job}`].filter(Boolean).join(", "));
    return element("li", {}, go(n), element("small", {}, [...new Set(how)].join("; ")));
  };
  const ends = (title, of, end, direct) => list(title, of.filter((edge) => edge.direct === direct).map((edge) => step(edge, edge[end])));
  const origin = ({ from, class: kind, treatments }) => {
    const name = numbers.has(from) ? go(numbers.get(from)) : element("span", {}, from);
    return element("li", {}, name, element("small", {}, [kind, ...treatments].filter(Boolean).join(" → ")));
  };
  const aboutColumn = (n) => {
    const column = columns[n];
    const { words } = states[column.state];
    const said = element("span", {}, column.derived ? `${column.derived}: ${words}` : words);
    return [
      element("h2", {}, column.name),
      element("p", { className: "muted" }, "in ", go(tableOf(n).head)),
      element("p", { className: `state ${column.state}` }, sign(column.state), said),
      ...(column.description ? [element("p", {}, column.description)] : []),
      ...list("Personal data behind it", (column.origins ?? []).map(origin)),
      ...(column.retention ? [element("h3", {}, "Retention"), element("p", {}, column.retention)] : []),
      ...ends("Comes from", into[n], "from", true),
      ...ends("Decided by", into[n], "from", false),
      ...ends("Rows decided by", into[tableOf(n).head], "from", false),
      ...ends("Goes to", outOf[n], "to", true),
      ...ends("Decides", outOf[n], "to", false),
    ];
  };
  const aboutTable = (n) => {
    const table = tableOf(n);
    const others = (edgesAt, end) => [...new Set(table.columns.flatMap((c) => edgesAt[c]).map((edge) => tableOf(edge[end]).head))].filter((head) => head !== n);
    const counts = Object.keys(states).map((state) => [state, listed(table).filter((c) => columns[c].state === state).length]);
    const items = counts.filter(([, count]) => count).map(([state, count]) => element("li", { className: "state" }, sign(state), `${count} ${state}`));
    return [
      element("h2", {}, table.name),
      ...list(`${listed(table).length} columns`, items),
      ...list("Made from", others(into, "from").map((head) => element("li", {}, go(head)))),
      ...list("Read for", others(outOf, "to").map((head) => element("li", {}, go(head)))),
      ...ends("Rows decided by", into[n], "from", false),
    ];
  };
  const tell = () => {
    const actions = [button("action", packed, "Only its way"), button("action", () => choose(null), "Clear")];
    actions[0].setAttribute("aria-pressed", "false");
    panel.replaceChildren(...(chosen === null ? help : [...(isHead(chosen) ? aboutTable : aboutColumn)(chosen), ...actions]));
    panel.scrollTop = 0;
  };

  // ---- Layers, technical columns, search, keys
  const switches = [...at("layers").children];
  const press = () => switches.forEach((one) => {
    const { layer } = one.dataset;
    one.setAttribute("aria-pressed", String(layer ? !hidden.has(layer) : technical));
  });
  for (const one of switches) {
    one.onclick = () => {
      const { layer } = one.dataset;
      if (!layer) technical = !technical;
      else if (!hidden.delete(layer)) hidden.add(layer);
      press();
      draw();
      if (!seen.moved && chosen === null) fitted(readable());
    };
  }
  const names = columns.map((column, n) => [n, called(n).toLowerCase(), (isHead(n) ? split(tableOf(n).name)[1] : column.name).toLowerCase(), column.technical ? 9 : 0]);
  const hit = (n) => {
    const mark = isHead(n) ? element("span", { className: "sign none" }, "▤") : sign(columns[n].state);
    return element("li", {}, mark, element("span", {}, isHead(n) ? called(n) : columns[n].name), element("small", {}, isHead(n) ? "table" : tableOf(n).name));
  };
  const take = (n) => { choose(n, true); rows[n].focus({ preventScroll: true }); };
  const leave = () => { at("search").blur(); choose(null); };
  findingOf(at("search"), at("found"), names, hit, take, leave);

  const beside = (n, key) => {
    const of = [tableOf(n).head, ...tableOf(n).rows];
    if (key === "ArrowDown") return of[of.indexOf(n) + 1];
    if (key === "ArrowUp") return of[of.indexOf(n) - 1];
    const [edgesAt, end] = key === "ArrowLeft" ? [into, "from"] : [outOf, "to"];
    const there = (isHead(n) ? of : [n]).flatMap((c) => edgesAt[c]).filter((edge) => isThere(edge[end]) && tableOf(edge[end]) !== tableOf(n));
    return (there.find((edge) => edge.direct) ?? there[0])?.[end];
  };
  world.addEventListener("focusin", ({ target }) => {
    if (target.number === undefined) return;
    world.querySelectorAll("[tabindex='0']").forEach((row) => { row.tabIndex = -1; });
    target.tabIndex = 0;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { number } = document.activeElement;
    const next = event.key.startsWith("Arrow") && number !== undefined ? beside(number, event.key) : undefined;
    const does = next !== undefined
      ? () => { look(next); rows[next].focus({ preventScroll: true }); }
      : { Escape: () => choose(null), "/": () => at("search").focus(), 0: () => fitted(), "+": () => zoom(1.25), "-": () => zoom(0.8) }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  at("closer").onclick = () => zoom(1.25);
  at("farther").onclick = () => zoom(0.8);
  at("fit").onclick = () => { seen.moved = false; fitted(); };

  draw();
  fitted(readable());
  if (asked() !== null) choose(asked(), true);
  addEventListener("hashchange", () => { if (asked() !== chosen) choose(asked(), true); });
  new ResizeObserver(() => { if (!seen.moved && chosen === null) fitted(readable()); }).observe(at("view"));
})();
