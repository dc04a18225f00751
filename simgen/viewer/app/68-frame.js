"use strict";
/** One frame, assembled from its files. */
(function (/** @type {any} */ S) {
  const MOST_PIXELS = 1 << 27;

  /** Names the segments of a panoptic image: things by instance, stuff by class. */
  function segmentNames(record, index, objects) {
    const names = new Map();
    for (const segment of record.segments ?? []) {
      const stuff = index.stuff[segment.category_id - index.classes.length];
      const thing = objects.get(segment.id);
      const crowd = segment.crowd && `${index.classes[segment.category_id]}, ignore region`;
      names.set(segment.id, crowd || (segment.is_thing ? (thing ? `${thing.class_name} ${segment.id}` : "thing") : (stuff ?? "stuff")));
    }
    return names;
  }

  const inside = ([left, top, w, h], x, y) => x >= left && y >= top && x < left + w && y < top + h;

  class Frame {
    constructor(index, place, scene, record, image, predicted = null) {
      // Without a record, the picture alone says how large it is.
      const { width, height } = record.camera ?? { width: image?.naturalWidth ?? index.size[0], height: image?.naturalHeight ?? index.size[1] };
      if (!(width * height <= MOST_PIXELS)) throw new Error("the image is too large to display");
      this.index = index;
      this.place = place;
      this.scene = scene;
      this.record = record;
      this.image = image;
      this.size = [width, height];
      this.objects = new Map((record.objects ?? []).map((item) => [item.instance_id, item]));
      this.segments = segmentNames(record, index, this.objects);
      /** Null without predictions. */
      this.detections = predicted && predicted.map(S.Outcomes.detection(index));
      this.foundBy = new Map((this.detections ?? []).filter(({ kind }) => kind === "correct").map((one) => [one.target, one.score]));
      /** As `Files.frames` gives them, once they are there. */
      this.arrays = null;
      this.made = new Map();
    }

    /** Computes a value once, on first use. */
    once(key, make) {
      if (!this.made.has(key)) this.made.set(key, make());
      return this.made.get(key);
    }

    get items() {
      return this.record.objects ?? [];
    }

    /** Instance of each pixel; null if no label contains it. */
    get ids() {
      if (this.record.objects) return this.once("ids", () => S.masks.idsOf(this.items, ...this.size));
      return this.arrays?.instances?.data ?? null;
    }

    /** By masks; objects that have none, by the smallest box around the pixel. */
    instanceAt([x, y]) {
      const seen = this.ids?.[y * this.size[0] + x] ?? 0;
      if (seen) return seen;
      const around = this.items.filter(({ bbox, segmentation }) => bbox && !segmentation && inside(bbox, x + 0.5, y + 0.5));
      return around.sort((a, b) => a.bbox[2] * a.bbox[3] - b.bbox[2] * b.bbox[3])[0]?.instance_id ?? 0;
    }

    colourOf(/** @type {string} */ mode, threshold = 0) {
      const { class_colours } = this.index;
      if (mode === "outcome") return (item) => S.Outcomes.colour(this.labelOutcome(item, threshold));
      return (item) => (mode === "class" && class_colours[item.class_id]) || this.index.colour(item.instance_id);
    }

    /** What became of an object: found, missed or ignored; none if there was nothing to find. */
    labelOutcome(item, /** @type {number} */ threshold) {
      if (!item.bbox || !(item.visible_pixels > 0)) return "none";
      if (item.crowd) return "ignored";
      return (this.foundBy.get(item.instance_id) ?? -Infinity) >= threshold ? "found" : "missed";
    }

    /** Pictures for another threshold are of no more use. */
    forget(/** @type {number} */ threshold) {
      if (threshold === this.threshold) return;
      for (const key of [...this.made.keys()]) if (key.includes(" outcome ")) this.made.delete(key);
      this.threshold = threshold;
    }

    masks(mode, filled, threshold = 0) {
      if (!this.ids) return null;
      this.forget(threshold);
      const colour = this.byId(mode, threshold);
      return this.once(`masks ${mode} ${filled}`, () => S.masks.visible(this.ids, ...this.size, colour, filled));
    }

    /** Masks of the detections that count, better ones over others; null if none has a mask. */
    detectionMasks(mode, /** @type {number} */ threshold, filled = true) {
      this.forget(threshold);
      return this.once(`detected outcome ${mode} ${filled}`, () => {
        const [width, height] = this.size;
        const counted = (this.detections ?? []).filter(({ score, counts }) => counts !== null && score >= threshold);
        if (!counted.length) return null;
        const ids = new Uint32Array(width * height);
        for (const one of counted.toReversed()) S.rle.paint({ size: [height, width], counts: one.counts }, ids, one.number + 1);
        const colour = (id) => S.detectionColour(this, mode, this.detections[id - 1]);
        return S.masks.visible(ids, width, height, colour, filled);
      });
    }

    silhouettes(mode, threshold = 0) {
      const seen = this.ids ?? new Uint32Array(this.size[0] * this.size[1]);
      return this.once(`silhouettes ${mode} `, () => S.masks.amodal(this.items, seen, ...this.size, this.byId(mode, threshold)));
    }

    byId(mode, threshold = 0) {
      const colour = this.colourOf(mode, threshold);
      return (id) => colour(this.objects.get(id) ?? { instance_id: id, class_id: 0 });
    }

    layer(name) {
      if (!name || !this.arrays || !Object.hasOwn(this.arrays, name)) return null;
      const names = new Map([...this.objects].map(([id, item]) => [id, `${item.class_name} ${id}`]));
      return this.once(`layer ${name}`, () => S.layers.make(name, this.arrays, this.index, names, this.segments));
    }

    pixel([x, y]) {
      return S.readPixel(y * this.size[0] + x, this.arrays, this.ids, this);
    }
  }

  /** @returns {Promise<Frame>} without its arrays */
  async function load(index, files, place) {
    const scene = await files.scenes.get(String(place.scene));
    const record = scene.frames.find((one) => one.frame === place.frame);
    if (!record) throw new Error(`scene ${place.scene} has no frame ${place.frame}; it has ${scene.frames.length} frames, counted from 0`);
    const damage = (record.complaints ?? []).filter(({ rule }) => String(rule).startsWith("damaged/"));
    const lost = damage.find(({ rule }) => rule === "damaged/picture");
    const image = lost ? new Error(lost.message) : await files.pictures.get(S.pathOf(index.rgb, place, record.suffix)).catch((/** @type {Error} */ error) => error);
    const predicted = index.predictions ? ((await files.predictions.get(String(place.scene))).frames[place.frame] ?? []) : null;
    const frame = new Frame(index, place, scene, record, image instanceof Error ? null : image, predicted);
    frame.damaged = damage.length > 0;
    const unread = record.camera ? "" : (damage[0]?.message ?? "no camera");
    frame.problem = image instanceof Error ? image.message : unread;
    return frame;
  }

  async function addArrays(frame, files) {
    if (frame.arrays || !frame.index.arrays) return;
    frame.arrays = await files.frames.get(`${frame.place.scene}/${frame.place.frame}`);
  }

  /** Loads the files of an image in advance. Errors are only reported when the image is opened. */
  async function preload(index, files, place, withArrays) {
    try {
      const frame = await load(index, files, place);
      if (withArrays) await addArrays(frame, files);
    } catch {
      // Opening the image repeats the request, and reports its error.
    }
  }

  S.preload = preload;
  S.loadFrame = load;
  S.addArrays = addArrays;
})((globalThis.Simgen ??= {}));
