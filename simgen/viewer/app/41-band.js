"use strict";
/** Choosing many images at once: a rectangle that is drawn over the grid with Shift. */
(function (/** @type {any} */ S) {
  const { el } = S;
  /** Pixels that the pointer has to move, or else it is a click. */
  const MOVED = 5;

  /** Numbers of the cells, from 0, that a rectangle of the grid touches. corners: in pixels of the grid's content. */
  function cellsIn([[x1, y1], [x2, y2]], { columns, cell, pitch, gap }, /** @type {number} */ count) {
    const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)];
    const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)];
    const found = [];
    for (let row = Math.max(0, Math.floor(top / pitch)); row <= Math.floor(bottom / pitch); row++) {
      if (row * pitch + pitch - gap < top) continue;
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        const start = column * (cell + gap);
        if (at < count && start <= right && start + cell >= left) found.push(at);
      }
    }
    return found;
  }

  /** Lets a rectangle choose images of a grid. */
  function band(grid, /** @type {number} */ gap) {
    const { node, space } = grid;
    const shown = el("div.band", { hidden: true });
    node.append(shown);
    let from = null;
    /** A point of the content, which is where the page says it is plus what has been scrolled past. */
    const point = (event) => {
      const room = space.getBoundingClientRect();
      const above = node.scrollTop * (grid.stretch() - 1);
      return [event.clientX - room.left, event.clientY - room.top + above];
    };
    const draw = (to) => {
      const above = node.scrollTop * (grid.stretch() - 1);
      const [left, top] = [0, 1].map((i) => Math.min(from[i], to[i]));
      const [width, height] = [0, 1].map((i) => Math.abs(from[i] - to[i]));
      Object.assign(shown.style, { left: `${left + space.offsetLeft}px`, top: `${top - above + space.offsetTop}px`, width: `${width}px`, height: `${height}px` });
      shown.hidden = Math.max(width, height) < MOVED;
    };
    node.addEventListener("pointerdown", (event) => {
      if (!event.shiftKey || event.button !== 0 || event.target.closest("input")) return;
      from = point(event);
      event.preventDefault();
    });
    node.addEventListener("dragstart", (event) => from && event.preventDefault());
    addEventListener("pointermove", (event) => from && draw(point(event)));
    addEventListener("pointerup", (event) => {
      if (!from) return;
      const corners = [from, point(event)];
      from = null;
      if (shown.hidden) return;
      shown.hidden = true;
      // The click that ends it must not open an image.
      const stop = (click) => (click.preventDefault(), click.stopPropagation());
      addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
      const at = cellsIn(corners, { columns: grid.columns, cell: grid.cell, pitch: grid.pitch, gap }, grid.images.length);
      grid.app.choice.add(at.map((one) => grid.images[one]));
    });
  }

  S.band = band;
})((globalThis.Simgen ??= {}));
