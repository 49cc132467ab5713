"use strict";
// The search box: a combobox over names, `[number, full name, bare name, how late it is offered]`.
const findingOf = (search, found, names, shownAs, take, leave) => {
  let hits = [];
  let picked = 0;
  const matches = (text) => {
    const words = text.split(/\s+/);
    const late = ([, full, bare, last]) => last + (bare === text ? 0 : bare.startsWith(text) ? 1 : full.includes(`.${text}`) ? 2 : 3);
    return names
      .filter(([, full]) => words.every((word) => full.includes(word)))
      .map((one) => [late(one), one[0]])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .slice(0, 40)
      .map(([, n]) => n);
  };
  const pick = (place) => {
    picked = hits.length ? (place + hits.length) % hits.length : 0;
    [...found.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === picked && hits.length > 0)));
    if (!hits.length) return search.removeAttribute("aria-activedescendant");
    search.setAttribute("aria-activedescendant", `hit-${picked}`);
    found.children[picked].scrollIntoView({ block: "nearest" });
  };
  const choose = (n) => {
    search.value = "";
    offer();
    take(n);
  };
  const offer = () => {
    const text = search.value.trim().toLowerCase();
    hits = text ? matches(text) : [];
    const items = hits.map((n, place) => Object.assign(shownAs(n), { id: `hit-${place}`, role: "option", onclick: () => choose(n) }));
    if (text && !items.length) items.push(Object.assign(document.createElement("li"), { className: "nothing", textContent: "No column or table has this in its name." }));
    found.replaceChildren(...items);
    found.hidden = !text;
    search.setAttribute("aria-expanded", String(!found.hidden));
    pick(0);
  };
  const clear = () => {
    if (!search.value) return leave();
    search.value = "";
    offer();
  };
  search.addEventListener("input", offer);
  search.addEventListener("focus", offer);
  search.addEventListener("blur", () => { found.hidden = true; });
  found.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  search.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const does = {
      ArrowDown: () => pick(picked + 1),
      ArrowUp: () => pick(picked - 1),
      Enter: () => hits.length && choose(hits[picked]),
      Escape: clear,
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
};
