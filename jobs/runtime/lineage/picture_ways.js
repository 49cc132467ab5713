"use strict";
// What lights up: an edge or the number of a column -> whether values lead there; false: it only decides.
const waysOf = (tables, columns, edges) => {
  const into = columns.map(() => []);
  const outOf = columns.map(() => []);
  for (const edge of edges) {
    into[edge.to].push(edge);
    outOf[edge.from].push(edge);
  }
  const tableOf = (n) => tables[columns[n].table];
  const isHead = (n) => tableOf(n).head === n;
  const all = (n) => [tableOf(n).head, ...tableOf(n).columns];
  // What concerns a whole table, `*`, concerns each of its columns.
  const at = (edgesAt, n) => (isHead(n) ? all(n) : [n, tableOf(n).head]).flatMap((one) => edgesAt[one]);

  const way = (start) => {
    const lit = { columns: new Map(), edges: new Map() };
    const mark = (map, key, strong) => map.set(key, strong || map.get(key) || false);
    for (const [edgesAt, near, far] of [[into, "to", "from"], [outOf, "from", "to"]]) {
      const reached = new Set(isHead(start) ? all(start) : [start]);
      for (const n of reached) {
        mark(lit.columns, n, true);
        for (const edge of at(edgesAt, n)) {
          mark(lit.edges, edge, edge.direct);
          mark(lit.columns, edge[near], false);
          mark(lit.columns, edge[far], false);
          if (edge.direct) reached.add(edge[far]); // what only decides ends there
        }
      }
    }
    return lit;
  };
  return { into, outOf, tableOf, isHead, way };
};
