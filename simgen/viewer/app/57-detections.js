"use strict";
/** Detections over labels: detections as solid boxes, labels that were found dashed, missed ones thick. */
(function (/** @type {any} */ S) {
  const { Outcomes } = S;

  const strengths = { found: 1.6, missed: 2.6, false: 2.2, ignored: 1.2, none: 1.2 };

  /** The colour of a detection: by what became of it, or as labels have it. */
  function detectionColour(frame, /** @type {string} */ mode, one) {
    return mode === "outcome" ? Outcomes.colour(Outcomes.of(one.kind)) : frame.colourOf(mode)({ class_id: one.class_id, instance_id: one.target });
  }

  /**
   * @param {any} frame
   * @param {any} look show: set of overlays; mode: of colours; threshold; chosen: instance or null;
   *   hovered: detection or null
   */
  function draw(ctx, view, frame, unit, { show, mode, threshold, chosen, hovered }) {
    const { line, stroke, cornersOf } = S.overlays;
    const shown = frame.detections.filter(({ score }) => score >= threshold);
    const colour = (one, outcome) => ("kind" in one ? detectionColour(frame, mode, one) : mode === "outcome" ? Outcomes.colour(outcome) : frame.colourOf(mode)(one));
    const tags = [];
    const box = (one, outcome, label, main) => {
      const rgb = colour(one, outcome);
      const dash = label && outcome !== "missed" ? [4 * unit, 3 * unit] : [];
      ctx.globalAlpha = (chosen !== null || hovered) && !main ? 0.4 : 1;
      line(ctx, view, cornersOf(one.bbox), true);
      stroke(ctx, S.colours.css(rgb), strengths[outcome] * unit * (main ? 1.6 : 1), dash);
      return rgb;
    };
    for (const item of show.has("boxes") ? frame.items.filter((one) => one.bbox) : []) {
      const outcome = frame.labelOutcome(item, threshold);
      const main = item.instance_id === chosen || (hovered && hovered.target === item.instance_id);
      const rgb = box(item, outcome, true, main);
      if (outcome === "missed") tags.push({ text: `missed ${item.class_name}`, box: item.bbox, rgb, first: main });
    }
    for (const one of shown) {
      const outcome = Outcomes.of(one.kind);
      const main = hovered ? one === hovered : chosen !== null && one.target === chosen;
      const rgb = box(one, outcome, false, main);
      tags.push({ text: `${Outcomes.SIGNS[outcome]} ${one.class_name} ${one.score.toFixed(2)}`, box: one.bbox, rgb, first: main });
    }
    ctx.globalAlpha = 1;
    if (show.has("names")) S.tags.draw(ctx, view, tags, unit);
  }

  /** For a thumbnail: missed labels and what was detected, with their colours. */
  function outcomeBoxes(index, record, /** @type {any[]} */ rows, /** @type {number} */ threshold) {
    const detections = rows.map(Outcomes.detection(index)).filter(({ score }) => score >= threshold);
    const found = new Set(detections.filter(({ kind }) => kind === "correct").map(({ target }) => target));
    const missed = (record.objects ?? []).filter((item) => item.visible_pixels > 0 && !item.crowd && !found.has(item.instance_id));
    return {
      items: [...missed, ...detections],
      colour: (item) => Outcomes.colour("kind" in item ? Outcomes.of(item.kind) : "missed"),
    };
  }

  S.detectionColour = detectionColour;
  S.outcomeBoxes = outcomeBoxes;
  S.drawDetections = draw;
})((globalThis.Simgen ??= {}));
