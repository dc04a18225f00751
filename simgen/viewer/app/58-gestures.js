"use strict";
/** Pointers and keys on the stage: drag pans, wheel and pinch zoom, a tap or a pause probes. */
(function (/** @type {any} */ S) {
  const TAP = 6;

  function gestures(/** @type {any} */ stage) {
    const { node, handle } = stage;
    /** @type {Map<number, {x: number, y: number}>} */
    const down = new Map();
    let moved = 0;

    const spread = () => {
      const [a, b] = [...down.values()];
      return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) || 1 };
    };

    node.addEventListener("pointerdown", (event) => {
      if (event.button || event.target === handle) return;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (down.size === 1) moved = 0;
      node.setPointerCapture(event.pointerId);
    });

    node.addEventListener("pointermove", (event) => {
      const from = down.get(event.pointerId);
      if (!from) {
        if (event.pointerType !== "touch" && event.target !== handle) stage.on.probe(stage.locate(event).pixel, event);
        return;
      }
      const before = down.size === 2 ? spread() : null;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      moved += Math.abs(dx) + Math.abs(dy);
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (before) {
        const now = spread();
        const at = stage.locate({ clientX: now.x, clientY: now.y });
        stage.zoom(now.length / before.length, at.x, at.y);
        stage.pan(now.x - before.x, now.y - before.y);
      } else if (stage.zoomed() && moved > TAP) stage.pan(dx, dy);
    });

    const lift = (event) => {
      const tap = down.delete(event.pointerId) && moved <= TAP && event.type === "pointerup";
      if (!tap) return;
      const { pixel } = stage.locate(event);
      stage.on.probe(pixel, event);
      stage.on.pick(pixel);
    };
    node.addEventListener("pointerup", lift);
    node.addEventListener("pointercancel", lift);
    node.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && stage.on.probe(null, event));

    node.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { x, y } = stage.locate(event);
      stage.zoom(2 ** (-event.deltaY / (event.deltaMode ? 12 : 240)), x, y);
    }, { passive: false });

    node.addEventListener("dblclick", (event) => {
      const { x, y } = stage.locate(event);
      if (stage.zoomed()) stage.fit();
      else stage.zoom(4, x, y);
    });

    wipe(stage);
  }

  function wipe(/** @type {any} */ stage) {
    const { node, handle } = stage;
    const set = (/** @type {number} */ part) => {
      stage.wipe = Math.min(Math.max(part, 0), 1);
      stage.paintSoon();
    };
    handle.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const frame = node.getBoundingClientRect();
      set((event.clientX - frame.left) / frame.width);
    });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      set(stage.wipe + step);
    });
  }

  S.gestures = gestures;
})((globalThis.Simgen ??= {}));
