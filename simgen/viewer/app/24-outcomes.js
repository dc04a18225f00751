"use strict";
/**
 * What became of labels and detections at a score threshold. Matches hold for every threshold, since
 * better detections choose first; so this only compares scores.
 * @typedef {"found" | "missed" | "false" | "ignored" | "none"} Outcome
 */
(function (/** @type {any} */ S) {
  const COLUMNS = ["missed", "false", "found"];
  const TITLES = {
    missed: ["missed objects", "Labels that no detection above the threshold matches."],
    false: ["false detections", "Detections above the threshold that match no label."],
    found: ["found objects", "Labels that a detection above the threshold matches."],
  };
  /** Apart for people with any colour vision: blue-green, orange, magenta; of Okabe and Ito, lighter. */
  const COLOURS = { found: [56, 201, 150], missed: [255, 165, 0], false: [240, 84, 178], ignored: [150, 150, 150], none: [150, 150, 150] };
  const SIGNS = { found: "✓", missed: "?", false: "✕", ignored: "–", none: "" };

  /** Of a detection that counts. */
  const outcomeOf = (/** @type {string} */ kind) => (kind === "correct" ? "found" : kind === "ignored" ? "ignored" : "false");

  /** A detection from its row in a file of predictions. */
  const detection = (/** @type {any} */ index) => ([classId, score, x, y, w, h, kind, target, counts], /** @type {number} */ i) => ({
    number: i, class_id: classId, class_name: String(index.classes[classId] ?? `class ${classId}`),
    score: Number(score), bbox: [x, y, w, h].map(Number), kind: String(index.predictions.kinds[kind] ?? ""), target, counts: typeof counts === "string" ? counts : null,
  });

  class Outcomes {
    /** @param {any} columns of all detections and labels, as unpacked */
    constructor(index, { detections, labels }) {
      this.images = index.images;
      this.detections = detections;
      this.labels = labels;
      const kinds = index.predictions.kinds;
      this.correct = kinds.indexOf("correct");
      this.ignored = kinds.indexOf("ignored");
      this.counts = new Map();
      this.threshold = null;
      this.use(index.predictions.threshold);
      for (const id of COLUMNS) {
        const [title, about] = TITLES[id];
        index.columns.push({ id, title, about, group: "predictions", unit: "", kind: "number", min: 0, max: Infinity });
      }
    }

    has(/** @type {string} */ id) {
      return COLUMNS.includes(id);
    }

    /** A column as others are: a value for each image. */
    async column(/** @type {string} */ id) {
      return Float32Array.from(this.counts.get(id));
    }

    /** Counts for another threshold; whether it is another. */
    use(/** @type {number} */ threshold) {
      if (threshold === this.threshold) return false;
      this.threshold = threshold;
      const [missed, wrong, found] = COLUMNS.map(() => new Uint32Array(this.images));
      const { labels, detections } = this;
      // NaN, of labels that nothing finds at any threshold, compares false.
      for (let i = 0; i < labels.image.length; i++) (labels.score[i] >= threshold ? found : missed)[labels.image[i]] += 1;
      for (let i = 0; i < detections.image.length; i++) {
        const kind = detections.kind[i];
        if (kind !== this.correct && kind !== this.ignored && detections.score[i] >= threshold) wrong[detections.image[i]] += 1;
      }
      this.counts = new Map([["missed", missed], ["false", wrong], ["found", found]]);
      return true;
    }

    of(/** @type {number} */ image) {
      return Object.fromEntries(COLUMNS.map((id) => [id, this.counts.get(id)[image] ?? 0]));
    }

    /** Drops rows, of labels or of detections, that have another outcome. */
    only(/** @type {string} */ outcome, /** @type {Uint8Array} */ keep) {
      const { labels, detections, threshold } = this;
      for (let i = 0; i < keep.length; i++) {
        if (outcome === "false") keep[i] &= Number(detections.score[i] >= threshold && ![this.correct, this.ignored].includes(detections.kind[i]));
        else keep[i] &= Number(labels.score[i] >= threshold === (outcome === "found"));
      }
    }

    /** Over some images. */
    totals(/** @type {Uint32Array} */ images) {
      const sums = { missed: 0, false: 0, found: 0 };
      for (const id of COLUMNS) {
        const counts = this.counts.get(id);
        for (const image of images) sums[id] += counts[image];
      }
      return sums;
    }

    /** How many images have any of them. */
    imagesWith(/** @type {string} */ id) {
      return this.counts.get(id).reduce((sum, count) => sum + Number(count > 0), 0);
    }

    static colour(/** @type {Outcome} */ outcome) {
      return COLOURS[outcome] ?? COLOURS.none;
    }
  }

  Outcomes.COLUMNS = COLUMNS;
  Outcomes.SIGNS = SIGNS;
  Outcomes.of = outcomeOf;
  Outcomes.detection = detection;
  S.Outcomes = Outcomes;
})((globalThis.Simgen ??= {}));
