"use strict";
/**
 * Layers: arrays as pictures to compare with the image, each with the data of its legend.
 * @typedef {{canvas: HTMLCanvasElement, legend: any}} Layer
 */
(function (/** @type {any} */ S) {
  const BLACK = [0, 0, 0];

  /** Creates a canvas from the colour of each pixel. */
  function picture(/** @type {number[]} */ [height, width], /** @type {(i: number) => number[]} */ colour) {
    const image = new ImageData(width, height);
    for (let i = 0, to = 0; i < width * height; i++, to += 4) {
      const [r, g, b] = colour(i);
      image.data[to] = r;
      image.data[to + 1] = g;
      image.data[to + 2] = b;
      image.data[to + 3] = 255;
    }
    return canvasOf(image);
  }

  function canvasOf(/** @type {ImageData} */ image) {
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  /** Near is bright: inverse depth between its 2nd and 98th percentiles. */
  function depth({ data, shape }) {
    const seen = (/** @type {number} */ z) => Number.isFinite(z) && z > 0;
    const inverse = Float32Array.from(data.filter(seen), (z) => 1 / z).sort();
    const at = (/** @type {number} */ part) => inverse[Math.floor(part * (inverse.length - 1))] ?? 0;
    const [low, high] = [at(0.02), at(0.98)];
    const span = Math.max(high - low, 1e-9);
    const table = Array.from({ length: 256 }, (_, i) => S.colours.inferno(i / 255));
    const level = (z) => Math.min(Math.max(((1 / z - low) / span) * 255, 0), 255) | 0;
    const canvas = picture(shape, (i) => (seen(data[i]) ? table[level(data[i])] : BLACK));
    return { canvas, legend: { kind: "ramp", unit: "m", at: (part) => 1 / (low + part * span), empty: !inverse.length } };
  }

  function normals({ data, shape }) {
    const canvas = picture(shape, (i) => {
      const [x, y, z] = [data[3 * i], data[3 * i + 1], data[3 * i + 2]];
      return x || y || z ? [127.5 + x, 127.5 - y, 127.5 - z] : BLACK;
    });
    return { canvas, legend: { kind: "axes", names: ["right", "up", "towards the camera"] } };
  }

  function flow({ data, shape }) {
    let most = 0;
    for (let i = 0; i < data.length; i += 2) {
      const length = Math.hypot(data[i], data[i + 1]);
      if (length > most && length < Infinity) most = length;
    }
    const unit = most || 1;
    const canvas = picture(shape, (i) => {
      const [u, v] = [data[2 * i], data[2 * i + 1]];
      return Number.isFinite(u + v) ? S.colours.flow(u / unit, v / unit) : BLACK;
    });
    return { canvas, legend: { kind: "wheel", most } };
  }

  function coordinates({ data, shape }) {
    const canvas = picture(shape, (i) => [data[3 * i], data[3 * i + 1], data[3 * i + 2]]);
    return { canvas, legend: { kind: "axes", names: ["x of the object's box", "y", "z"] } };
  }

  /** A colour per id; the legend names the ids that occur. */
  function ids({ data, shape }, colour, name) {
    const table = new Map();
    const canvas = picture(shape, (i) => {
      if (!table.has(data[i])) table.set(data[i], data[i] ? colour(data[i]) : BLACK);
      return table.get(data[i]);
    });
    const there = [...table].filter(([id]) => id).sort(([a], [b]) => a - b);
    return { canvas, legend: { kind: "names", entries: there.map(([id, rgb]) => ({ name: name(id), rgb })) } };
  }

  /** Title and function of each layer, by the name of its array. */
  const LAYERS = {
    depth: ["Depth", (array) => depth(array)],
    sensor_depth: ["Measured depth", ({ data, shape }) => depth({ data: Float32Array.from(data, (z) => z / 1000), shape })],
    normals: ["Normals", (array) => normals(array)],
    flow_forward: ["Flow to the next frame", (array) => flow(array)],
    flow_backward: ["Flow to the previous frame", (array) => flow(array)],
    semantic: ["Semantic", (array, index) => ids(array, (id) => S.colours.ofClass(index, id), (id) => S.colours.className(index, id))],
    object_coordinates: ["Object coordinates", (array) => coordinates(array)],
    instances: ["Instances", (array, index, names) => ids(array, index.colour, (id) => names.get(id) ?? `instance ${id}`)],
    panoptic: ["Panoptic", (array, index, names, segments) => ids(array, index.colour, (id) => segments.get(id) ?? `segment ${id}`)],
  };

  /** @returns {Layer} from arrays as returned by `Files.frames`; names and segments by id */
  function make(/** @type {string} */ layer, arrays, index, names, segments) {
    return LAYERS[layer][1](arrays[layer], index, names, segments);
  }

  S.layers = { LAYERS, make, canvasOf };
})((globalThis.Simgen ??= {}));
