"use strict";
// Where tables and edges are. A library placed the tables: what grows pushes what is below it.
const placesOf = ({ sizes, tables, columns, edges, lanes }, { shown, rowsOf, isClosed, isPacked }) => {
  let there = [];
  let ranks = new Map(); // rank -> left edge
  const left = (rank) => ranks.get(rank);
  const right = (rank) => ranks.get(rank) + sizes.width;
  const tableOf = (n) => tables[columns[n].table];
  const isThere = (n) => shown(tableOf(n)) && (tableOf(n).head === n || tableOf(n).rows.includes(n));
  const port = (n) => tableOf(n).y + columns[n].port;
  const passes = (lane) => ranks.has(lane.rank) && shown(tables[lane.from]) && shown(tables[lane.to]);

  // One below the other: where the library put them or lower; packed: with no more room than needed.
  const stack = (column) => {
    let free = isPacked() ? 0 : -Infinity;
    let above = null;
    for (const one of column) {
      const gap = !above ? 0 : above.name && one.name ? sizes.between : sizes.between / 2;
      one.y = isPacked() ? free + gap : Math.max(one.top, free + gap);
      [free, above] = [one.y + one.height, one];
    }
    if (isPacked()) column.forEach((one) => { one.y -= free / 2; });
  };

  const arrange = () => {
    there = tables.filter(shown);
    const order = [...new Set(there.map((table) => table.rank))].sort((a, b) => a - b);
    ranks = new Map(order.map((rank, n) => [rank, n * (sizes.width + sizes.gap)]));
    for (const table of there) {
      table.rows = rowsOf(table);
      table.height = sizes.head + sizes.row * (table.rows.length + (isClosed(table) ? 1 : 0)) + sizes.foot;
      table.rows.forEach((n, row) => { columns[n].port = sizes.head + sizes.row * (row + 0.5); });
      columns[table.head].port = sizes.head / 2;
    }
    const all = [...there, ...lanes.filter(passes)].sort((a, b) => a.top - b.top);
    for (const rank of order) stack(all.filter((one) => one.rank === rank));
    return there;
  };

  const bounds = () => ({
    width: Math.max(0, ...ranks.values()) + sizes.width,
    top: Math.min(...there.map((table) => table.y)),
    end: Math.max(...there.map((table) => table.y + table.height)),
  });

  const curve = ([x, y], [toX, toY]) => `C${(x + toX) / 2} ${y} ${(x + toX) / 2} ${toY} ${toX} ${toY}`;

  // From column to column through the lanes between the tables that stand in the way.
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

  // Every edge both of whose ends are there, with its path.
  const routes = () => {
    const seen = columns.map((_, n) => isThere(n));
    const pairs = new Map();
    for (const edge of edges) {
      if (!seen[edge.from] || !seen[edge.to]) continue;
      const pair = `${columns[edge.from].table} ${columns[edge.to].table}`;
      if (!pairs.has(pair)) pairs.set(pair, []);
      pairs.get(pair).push(edge);
    }
    return [...pairs].flatMap(([pair, of]) => {
      const [from, to] = pair.split(" ").map(Number);
      const direction = Math.sign(tables[to].rank - tables[from].rank);
      const through = lanes
        .filter((lane) => lane.from === from && lane.to === to && ranks.has(lane.rank))
        .sort((a, b) => (a.rank - b.rank) * direction);
      of.sort((a, b) => port(a.from) - port(b.from) || port(a.to) - port(b.to));
      return of.map((edge, n) => [edge, route(edge, through, (n + 0.5) / of.length)]);
    });
  };
  return { arrange, bounds, routes, left, right, port, isThere };
};
