"use strict";
/** The controls on the page of an image: overlays, their opacity and colours, layers. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const MODE_TITLES = { wipe: "Wipe", side: "Side by side", full: "Layer alone" };

  function select(title, options, value, onchange) {
    const made = el("select", { "aria-label": title, onchange: () => onchange(made.value) },
      ...options.map(([key, text]) => el("option", { value: key }, text)));
    made.value = value;
    return made;
  }

  /** Overlays that a dataset has. */
  function offered(/** @type {any} */ { labels, overlays, predictions }) {
    if (overlays) return S.overlays.OVERLAYS.filter(([key]) => (key === "detections" ? predictions : overlays.includes(key) || (key === "masks" && predictions?.masks)));
    const has = (name) => labels.includes(name);
    const needs = { silhouettes: has("amodal_masks"), keypoints: has("keypoints"), detections: Boolean(predictions) };
    return S.overlays.OVERLAYS.filter(([key]) => (key === "masks" && has("instances")) || (has("objects") && (needs[key] ?? true)));
  }

  class Controls {
    /** @param {any} app provides index, state, update(patch) */
    constructor(app, onopacity) {
      this.app = app;
      const { index } = app;
      this.overlays = offered(index);
      this.layers = index.arrays ? Object.keys(S.layers.LAYERS).filter((name) => index.labels.includes(name)) : [];
      this.toggles = new Map(this.overlays.map(([key, letter, title]) => [key, S.toggle(title, letter, "false", () => this.flip(key))]));
      this.opacity = el("input", { type: "range", min: 0, max: 100, value: 100, "aria-label": "Opacity of overlays", oninput: () => onopacity(Number(this.opacity.value) / 100) });
      this.colour = select("Colours of overlays", [["class", "a colour per class"], ["instance", "a colour per instance"], ...(index.predictions ? [["outcome", "found, missed, false"]] : [])], "class", (colour) => app.update({ colour }));
      this.layer = select("Layer to compare with", [["", "none"], ...this.layers.map((name) => [name, S.layers.LAYERS[name][0]])], "", (layer) => app.update({ layer }));
      this.modes = new Map(S.state.MODES.map((mode) => [mode, S.toggle(MODE_TITLES[mode], "", "false", () => app.update({ mode }))]));
      this.how = el("div.toggles", { role: "group", "aria-label": "How to compare" }, ...this.modes.values());
      this.legend = el("div.legend-place");
      this.node = el("div.controls", {}, this.overlayPanel(), index.named ? null : this.layerPanel());
    }

    overlayPanel() {
      const none = this.overlays.length ? null : el("p.hint", {}, "This dataset was generated without the labels objects and instances.");
      return el("section.panel", { "aria-label": "Overlays", id: "overlays" }, el("h2", {}, "Overlays"), none,
        el("div.toggles", {}, ...this.toggles.values()),
        el("label.line", {}, el("span", {}, "opacity"), this.opacity),
        el("label.line", {}, el("span", {}, "colours"), this.colour));
    }

    layerPanel() {
      const without = "This page was written without arrays, so there are no layers; write it with: simgen view --arrays all";
      const body = this.app.index.arrays
        ? [el("label.line", {}, el("span", {}, "layer"), this.layer), this.how, this.legend]
        : [el("p.hint", {}, without)];
      return el("section.panel", { "aria-label": "Compare with", id: "layers" }, el("h2", {}, "Compare with"), ...body);
    }

    flip(/** @type {string} */ key) {
      const show = new Set(this.app.state.show);
      if (!show.delete(key)) show.add(key);
      this.app.update({ show: [...show] });
    }

    /** Handles a letter or digit; returns whether it has a meaning here. */
    key(/** @type {string} */ key) {
      const overlay = this.overlays.find(([, letter]) => letter === key);
      if (overlay) this.flip(overlay[0]);
      else if (/^\d$/.test(key) && Number(key) <= this.layers.length) this.app.update({ layer: this.layers[Number(key) - 1] ?? "" });
      else if (key === "w") this.nextMode();
      else if (key === "[" || key === "]") this.step(key === "[" ? -10 : 10);
      else return false;
      return true;
    }

    nextMode() {
      const { MODES } = S.state;
      this.app.update({ mode: MODES[(MODES.indexOf(this.app.state.mode) + 1) % MODES.length] });
    }

    step(by) {
      this.opacity.value = String(Number(this.opacity.value) + by);
      this.opacity.dispatchEvent(new Event("input"));
    }

    follow() {
      const { state } = this.app;
      for (const [key, node] of this.toggles) node.setAttribute("aria-pressed", String(state.show.includes(key)));
      for (const [mode, node] of this.modes) node.setAttribute("aria-pressed", String(state.mode === mode));
      this.layer.value = this.layers.includes(state.layer) ? state.layer : "";
      this.how.hidden = !this.layer.value;
      this.colour.value = state.colour;
    }

    setLegend(layer) {
      const { state } = this.app;
      const none = this.layer.value ? el("p.hint", {}, "This frame does not have this label.") : null;
      S.fill(this.legend, layer ? S.legendOf(S.layers.LAYERS[state.layer][0], layer.legend) : none);
    }
  }

  S.Controls = Controls;
})((globalThis.Simgen ??= {}));
