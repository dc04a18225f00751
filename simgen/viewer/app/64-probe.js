"use strict";
/** The pixel probe: the labels of one pixel. */
(function (/** @type {any} */ S) {
  const { el } = S;

  const vector = (array, at, width, scale = 1) => Array.from({ length: width }, (_, k) => array.data[at * width + k] / scale);
  const numbers = (values, digits = 3) => values.map((value) => S.number(value, digits)).join(", ");
  const fixed = (values) => values.map((value) => value.toFixed(2).replace("-", "−")).join(", ");
  const motion = (values) => (values.every(Number.isFinite) ? `${numbers(values, 4)} px` : "none");

  /**
   * @param {any} arrays as returned by `Files.frames`, or null
   * @param {Uint32Array | null} ids instance of each pixel, from the masks
   * @param {any} names of instances, segments, and the index
   * @returns {[string, string, string][]} key, title, text
   */
  function read(/** @type {number} */ at, arrays, ids, { index, objects, segments }) {
    const rows = [];
    const has = (/** @type {string} */ name) => arrays && Object.hasOwn(arrays, name);
    const instance = has("instances") ? arrays.instances.data[at] : ids?.[at];
    if (instance !== undefined) {
      const item = objects.get(instance);
      rows.push(["instance", "instance", instance ? `${instance}${item ? ` (${item.class_name})` : ""}` : "0 (stage)"]);
    }
    if (has("semantic")) {
      const id = arrays.semantic.data[at];
      rows.push(["class", "class", id ? `${id} (${S.colours.className(index, id)})` : "0 (stage)"]);
    }
    if (has("panoptic")) rows.push(["panoptic", "segment", `${arrays.panoptic.data[at]} (${segments.get(arrays.panoptic.data[at]) ?? "unknown"})`]);
    if (has("depth")) {
      const depth = arrays.depth.data[at];
      rows.push(["depth", "depth", Number.isFinite(depth) ? `${S.number(depth)} m` : "background"]);
    }
    if (has("sensor_depth")) {
      const measured = arrays.sensor_depth.data[at];
      rows.push(["sensor_depth", "measured depth", measured ? `${S.number(measured / 1000)} m` : "missing"]);
    }
    if (has("flow_forward")) rows.push(["flow_forward", "flow to next", motion(vector(arrays.flow_forward, at, 2))]);
    if (has("flow_backward")) rows.push(["flow_backward", "flow to previous", motion(vector(arrays.flow_backward, at, 2))]);
    if (has("normals")) {
      const normal = vector(arrays.normals, at, 3, 127);
      rows.push(["normals", "normal", normal.some(Boolean) ? fixed(normal) : "none"]);
    }
    if (has("object_coordinates")) {
      rows.push(["object_coordinates", "object coord.", instance === 0 ? "none" : fixed(vector(arrays.object_coordinates, at, 3, 255))]);
    }
    return rows;
  }

  class Probe {
    constructor() {
      this.title = el("span.probe-at", {}, "no pixel");
      this.list = el("dl.facts");
      this.hint = el("p.hint", {}, "Point at or tap the image, or press Shift with an arrow key.");
      this.spoken = el("div.unseen", { "aria-live": "polite" });
      this.node = el("section.panel", { "aria-label": "Pixel probe", id: "probe" }, el("h2", {}, "Pixel probe ", this.title), this.list, this.hint, this.spoken);
    }

    /** @param {number[] | null} pixel column and row */
    show(pixel, rows, aloud = false) {
      this.title.textContent = pixel ? `column ${pixel[0]}, row ${pixel[1]}` : "no pixel";
      this.hint.hidden = Boolean(pixel);
      const parts = pixel ? rows.flatMap(([key, title, text]) => [el("dt", {}, title), el("dd", { "data-probe": key }, text)]) : [];
      this.list.replaceChildren(...parts);
      if (aloud && pixel) this.spoken.textContent = `column ${pixel[0]}, row ${pixel[1]}: ${rows.map(([, title, text]) => `${title} ${text}`).join("; ")}`;
    }
  }

  S.Probe = Probe;
  S.readPixel = read;
})((globalThis.Simgen ??= {}));
