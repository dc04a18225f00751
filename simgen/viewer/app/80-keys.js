"use strict";
/** Keyboard shortcuts, and the dialog that lists them. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const HELP = [
    ["In the grid", [
      ["arrow keys", "move, as do Page Up, Page Down, Home and End"],
      ["Enter", "open the image"],
      ["/", "find a filter"],
      ["b", "boxes on the thumbnails"],
      ["x", "choose an image, for a list"],
      ["Shift", "and a click on a box: all up to it; Shift and dragging: all within the rectangle"],
      ["o", "objects, cut out of their images"],
      ["+ −", "larger, smaller thumbnails"],
    ]],
    ["On an image", [
      ["← → or p n", "previous, next image"],
      ["Space", "play, pause"],
      ["Esc", "back to the grid"],
      ["b a o m s k c i", "boxes, amodal boxes, oriented boxes, masks, amodal masks, keypoints, 3D boxes, names"],
      ["d", "detections, with --predictions"],
      ["[ ]", "fainter, stronger overlays"],
      ["1 to 8, 0", "compare with a layer, or with none"],
      ["w", "wipe, side by side, layer alone"],
      ["Shift and arrow keys", "move the pixel probe; with Ctrl, by ten pixels"],
      ["+ − f", "zoom in, zoom out, fit; a double-click also zooms"],
    ]],
    ["Everywhere", [["t", "light or dark theme"], ["?", "this help"]]],
  ];

  /** Creates the dialog with all keys. */
  function help() {
    const parts = HELP.map(([title, keys]) => el("section", {}, el("h3", {}, title),
      el("dl.keys", {}, ...keys.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]))));
    const close = el("button.quiet", { type: "button", onclick: () => node.close() }, "Close");
    const node = el("dialog.help", { "aria-label": "Keyboard" }, el("header", {}, el("h2", {}, "Keyboard"), close), ...parts);
    node.addEventListener("click", (event) => event.target === node && node.close());
    return node;
  }

  /** Whether an element handles keys itself: all keys, or only Space and Enter. */
  const types = (/** @type {any} */ target) => /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName ?? "") && target.type !== "checkbox";
  const presses = (/** @type {any} */ target) => /^(BUTTON|SUMMARY|A)$/.test(target.tagName ?? "") || target.type === "checkbox";
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function onImage(app, /** @type {KeyboardEvent} */ event) {
    const { key } = event;
    if (event.shiftKey && key in ARROWS) {
      const by = event.ctrlKey ? 10 : 1;
      app.page.moveProbe(ARROWS[key][0] * by, ARROWS[key][1] * by);
    } else if (event.ctrlKey) return false;
    else if (key === "Escape") app.close();
    else if (key === "ArrowLeft" || key === "p") app.step(-1);
    else if (key === "ArrowRight" || key === "n") app.step(1);
    else return app.page.key(key);
    return true;
  }

  function onKey(app, /** @type {KeyboardEvent} */ event) {
    const { target, key } = event;
    if (event.defaultPrevented || event.metaKey || event.altKey || app.help.open) return;
    if (key === "Escape" && types(target)) return void (/** @type {any} */ (target).blur());
    if (types(target) || (presses(target) && (key === " " || key === "Enter"))) return;
    let used = true;
    if (key === "?") app.help.showModal();
    else if (key === "t" && !event.ctrlKey) app.nextTheme();
    else if (key === "/") app.findFilter();
    else if (app.state.place) used = onImage(app, event);
    else if (key === "Escape") used = app.closeFilters();
    else if (key === "o" && !event.ctrlKey) app.head.objects.click();
    else if ("+=-".includes(key) && !event.ctrlKey) app.resize(key === "-" ? 1 / 1.25 : 1.25);
    else if (key === "x" && !event.ctrlKey) app.grid.chooseActive();
    else if (key === "b" && !event.ctrlKey) app.update({ boxes: !app.state.boxes });
    else if (!event.ctrlKey && (key === "Enter" || key in ARROWS)) app.shownGrid.onKey(event);
    else used = false;
    if (used) event.preventDefault();
  }

  S.help = help;
  S.listenToKeys = (app) => document.addEventListener("keydown", (event) => onKey(app, event));
})((globalThis.Simgen ??= {}));
