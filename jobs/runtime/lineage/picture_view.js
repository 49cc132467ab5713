"use strict";
// The part of the world that is seen: moved by dragging, wheel, two fingers and buttons.
const viewOf = (view, world, margin = 24) => {
  const seen = { x: 0, y: 0, k: 1, moved: false };
  const move = (x, y, k = seen.k) => {
    Object.assign(seen, { x, y, k });
    world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    world.style.setProperty("--zoom", k);
    world.classList.toggle("far", k < 0.5);
  };
  const zoom = (factor, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
    const k = Math.min(2.5, Math.max(0.05, seen.k * factor));
    seen.moved = true;
    move(x - ((x - seen.x) * k) / seen.k, y - ((y - seen.y) * k) / seen.k, k);
  };
  // All of it, but not smaller than `least`; what does not fit then begins at the upper left.
  const fit = ({ width, top, end }, least = 0.05) => {
    const [room, height] = [view.clientWidth, view.clientHeight].map((size) => size - 2 * margin);
    const wide = room / width;
    const k = Math.max(Math.min(wide, height / (end - top), 1.25), Math.min(least, wide < 0.4 ? least : wide, 1));
    const free = (size, taken) => Math.max(margin, (size - taken * k) / 2);
    move(free(view.clientWidth, width), free(view.clientHeight, end - top) - top * k, k);
  };
  // Into the middle what is out of sight, or nearly.
  const reveal = (x, y, width) => {
    const k = seen.k < 0.5 ? 0.8 : seen.k;
    const nearer = (at, size, room, now) => (now + at * k > 4 && now + (at + size) * k < room - 4 ? now : room / 2 - (at + size / 2) * k);
    const [right, down] = [nearer(x, width, view.clientWidth, seen.x), nearer(y - 30, 60, view.clientHeight, seen.y)];
    move(right, down, k);
  };
  // What was clicked stays where it is while what is around it grows.
  const steady = (row, change) => {
    const before = row.isConnected && row.getBoundingClientRect();
    change();
    if (!before || !row.isConnected) return;
    const after = row.getBoundingClientRect();
    move(seen.x + before.left - after.left, seen.y + before.top - after.top);
  };

  const pointers = new Map();
  let dragged = false;
  const middle = () => {
    const [one, other = one] = [...pointers.values()];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, apart: Math.hypot(one.x - other.x, one.y - other.y) };
  };
  const inside = (x, y) => {
    const { left, top } = view.getBoundingClientRect();
    return [x - left, y - top];
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(".zoom")) return;
    if (!pointers.size) dragged = false;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, begin: [event.clientX, event.clientY] });
  });
  view.addEventListener("pointermove", (event) => {
    const one = pointers.get(event.pointerId);
    if (!one) return;
    const before = middle();
    dragged ||= Math.hypot(event.clientX - one.begin[0], event.clientY - one.begin[1]) > 4;
    Object.assign(one, { x: event.clientX, y: event.clientY });
    if (!dragged) return;
    view.setPointerCapture(event.pointerId);
    view.classList.add("dragged");
    seen.moved = true;
    const now = middle();
    move(seen.x + now.x - before.x, seen.y + now.y - before.y);
    if (before.apart && now.apart) zoom(now.apart / before.apart, ...inside(now.x, now.y));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    view.addEventListener(end, ({ pointerId }) => {
      pointers.delete(pointerId);
      if (!pointers.size) view.classList.remove("dragged");
    });
  }
  view.addEventListener("click", (event) => { if (dragged) event.stopPropagation(); dragged = false; }, true);
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    const step = (event.ctrlKey ? 0.01 : 0.0015) * (event.deltaMode ? 20 : 1);
    zoom(Math.exp(-event.deltaY * step), ...inside(event.clientX, event.clientY));
  }, { passive: false });
  return { seen, zoom, fit, reveal, steady };
};
