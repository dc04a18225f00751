"use strict";
/**
 * Loading of data. Browsers refuse fetch() from file://, so data files are scripts that call `simgenData`.
 * @typedef {{dtype: string, shape: number[], data: string, shuffle: boolean}} Packed
 * @typedef {{data: any, shape: number[]}} Unpacked
 */
(function (/** @type {any} */ S) {
  /** Limits of cached arrays: total bytes, bytes per pixel with all labels, and number of frames. */
  const MOST_BYTES = 192e6;
  const A_PIXEL = 36;
  const MOST_FRAMES = 6;
  /** Number of frames whose records are cached; at least 6 scenes of any length. */
  const MOST_RECORDS = 128;
  const AGAIN = "write the page again with: simgen view";
  /** What scripts hand over, by their elements: two datasets have files of the same name.
   * @type {Map<Element | null, {name: string, payload: any}>} */
  const waiting = new Map();

  /** The function that data files call. Data that was not requested is dropped. */
  globalThis.simgenData = (/** @type {string} */ name, /** @type {any} */ payload) => {
    const entry = waiting.get(document.currentScript);
    if (entry?.name === name) entry.payload = payload;
  };

  /** @returns {Promise<any>} the payload that the script at `path` registers under `name` */
  function script(name, path) {
    return new Promise((resolve, reject) => {
      const entry = { name, payload: undefined };
      const tag = document.createElement("script");
      waiting.set(tag, entry);
      const settle = (/** @type {boolean} */ loaded) => {
        waiting.delete(tag);
        tag.remove();
        if (entry.payload !== undefined) resolve(entry.payload);
        else reject(new Error(`${path}: ${loaded ? "unexpected content" : "missing"}; ${AGAIN}`));
      };
      tag.onload = () => settle(true);
      tag.onerror = () => settle(false);
      tag.src = path;
      document.head.append(tag);
    });
  }

  /** A bounded cache of promises. Failed requests are repeated the next time. */
  class Cache {
    constructor(/** @type {number} */ limit, /** @type {(key: string) => Promise<any>} */ make) {
      this.limit = limit;
      this.make = make;
      /** @type {Map<string, Promise<any>>} */
      this.entries = new Map();
    }

    /** @returns {Promise<any>} */
    get(/** @type {string} */ key) {
      const made = this.entries.get(key) ?? this.make(key);
      this.entries.delete(key);
      this.entries.set(key, made);
      made.catch(() => this.entries.delete(key));
      for (const old of this.entries.keys()) {
        if (this.entries.size <= this.limit) break;
        this.entries.delete(old);
      }
      return made;
    }
  }

  const pad = (/** @type {number} */ value, /** @type {number} */ digits) => String(value).padStart(digits, "0");
  const place = (/** @type {string} */ key) => key.split("/").map(Number);

  const SUFFIXES = ["jpg", "png", "webp"];

  /** A path from a pattern with {scene}, {frame} and {suffix}. */
  const pathOf = (/** @type {string} */ pattern, place, suffix = "png") =>
    pattern.replace("{scene}", pad(place.scene, 6)).replace("{frame}", pad(place.frame, 4)).replace("{suffix}", SUFFIXES.includes(suffix) ? suffix : "png");

  async function column(base, id) {
    const payload = await script(`column:${id}`, `${base}data/columns/${encodeURIComponent(id)}.js`);
    return (await S.unpack(payload.values)).data;
  }

  async function instances(base) {
    const payload = await script("instances", `${base}data/instances.js`);
    const names = ["image", "instance", "class", "pixels", "visibility", "distance"];
    const columns = await Promise.all(names.map((name) => S.unpack(payload[name])));
    return Object.fromEntries(names.map((name, i) => [name, columns[i].data]));
  }

  async function outcomes(base) {
    const { detections, labels } = await script("outcomes", `${base}data/outcomes.js`);
    const whole = async (/** @type {Record<string, Packed>} */ part) => {
      const names = Object.keys(part);
      const columns = await Promise.all(names.map((name) => S.unpack(part[name])));
      return Object.fromEntries(names.map((name, i) => [name, columns[i].data]));
    };
    return { detections: await whole(detections), labels: await whole(labels) };
  }

  async function arrays(base, key) {
    const [scene, frame] = place(key);
    const payload = await script(`arrays:${key}`, `${base}arrays/${pad(scene, 6)}/${pad(frame, 4)}.js`);
    const names = Object.keys(payload);
    const made = await Promise.all(names.map((name) => S.unpack(payload[name])));
    return Object.fromEntries(names.map((name, i) => [name, made[i]]));
  }

  function picture(path) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = () => reject(new Error(`${path}: missing; the dataset's images must be beside the folder view/`));
      image.src = path;
    });
  }

  /** The data files of a view, each kind with its own cache. */
  class Files {
    /** @param {string} [base] folder of the view, from the page: "", or "name/" */
    constructor(base = "") {
      this.base = base;
      /** What became of labels and detections; null without predictions. */
      this.outcomes = null;
      this.columns = new Cache(256, (id) => (this.outcomes?.has(id) ? this.outcomes.column(id) : column(base, id)));
      this.predictions = new Cache(6, (key) => script(`predictions:${key}`, `${base}data/predictions/${pad(Number(key), 6)}.js`));
      this.scenes = new Cache(6, (key) => script(`scene:${key}`, `${base}data/scenes/${pad(Number(key), 6)}.js`));
      this.frames = new Cache(1, (key) => arrays(base, key));
      this.pictures = new Cache(16, picture);
      this.lists = new Cache(1, () => instances(base));
    }

    async index() {
      const { base } = this;
      const index = await script("index", `${base}data/index.js`);
      if (index.together) return index;
      const [width, height] = index.size;
      this.scenes.limit = Math.min(Math.max(Math.floor(MOST_RECORDS / index.frames_per_scene), 6), 64);
      this.predictions.limit = this.scenes.limit;
      if (index.named) Object.assign(index, await script("names", `${base}data/names.js`));
      if (index.predictions) this.outcomes = new S.Outcomes(index, await outcomes(base));
      for (const name of ["thumbs", "rgb"]) if (index[name]) index[name] = base + index[name];
      index.colour = S.colours.palette(index.palette);
      this.frames.limit = Math.min(Math.max(Math.floor(MOST_BYTES / (A_PIXEL * width * height)), 1), MOST_FRAMES);
      return index;
    }

    instances() {
      return this.lists.get("all");
    }
  }

  S.Files = Files;
  S.pad = pad;
  S.pathOf = pathOf;
})((globalThis.Simgen ??= {}));
