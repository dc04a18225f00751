"use strict";
/** What there is to set and to read about predictions: the threshold, counts, lists. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const STEP = 0.01;
  const css = (/** @type {any} */ outcome) => S.colours.css(S.Outcomes.colour(outcome));

  /** A count in the colour of its outcome, with its sign. */
  function badge(/** @type {string} */ outcome, /** @type {number} */ count, text = "") {
    const node = el("span.badge", { "data-outcome": outcome, title: text }, `${S.Outcomes.SIGNS[outcome]} ${S.number(count)}${text ? ` ${text}` : ""}`);
    node.style.setProperty("--outcome", css(outcome));
    return node;
  }

  /** On a thumbnail: only what is wrong. */
  function fillBadges(link, counts) {
    link.querySelector(".badges")?.remove();
    const wrong = ["missed", "false"].filter((id) => counts?.[id]);
    if (wrong.length) link.append(el("span.badges", {}, ...wrong.map((id) => badge(id, counts[id]))));
  }

  /** The slider of the score threshold; there is one on each page. */
  class Threshold {
    constructor(app) {
      this.app = app;
      const { low, high } = app.index.predictions;
      this.input = el("input", { type: "range", min: low, max: high, step: (high - low) * STEP, "aria-label": "Score threshold", oninput: () => this.changed() });
      this.output = el("output");
      this.usual = el("button.quiet.small", { type: "button", title: "The threshold with the best F1", onclick: () => app.update({ score: null }) }, "best F1");
      this.node = el("div.threshold", {}, el("label", {}, el("span", {}, "score from"), this.input), this.output, this.usual);
    }

    changed() {
      this.show(Number(this.input.value));
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.app.update({ score: Number(Number(this.input.value).toPrecision(6)) });
      });
    }

    show(/** @type {number} */ value) {
      this.output.textContent = S.number(value, 3);
      this.usual.hidden = this.app.state.score === null;
    }

    follow() {
      const value = this.app.threshold();
      if (document.activeElement !== this.input || this.app.state.score === null) this.input.value = String(value);
      this.show(value);
    }
  }

  const part = (/** @type {number} */ some, /** @type {number} */ all) => (all ? S.percent(some / all) : "–");

  /** Over the filters of the grid. */
  class PredictionsPanel {
    constructor(app) {
      this.app = app;
      this.threshold = new Threshold(app);
      this.summary = el("div.summary", { role: "status" });
      this.boxes = [["missed", "images with missed objects"], ["false", "images with false detections"]].map(([id, title]) => {
        const box = el("input", { type: "checkbox", onchange: () => app.setFilter(id, box.checked ? { min: 1 } : null) });
        const count = el("span.count");
        return { id, box, count, node: el("label.choice", {}, box, el("span", {}, title), count) };
      });
      this.node = el("section.group.predictions", { "aria-label": "Predictions", id: "predictions" }, el("h2", { title: app.index.predictions.name }, "predictions"),
        this.threshold.node, this.summary, ...this.boxes.map(({ node }) => node));
    }

    follow() {
      const { outcomes } = this.app.files;
      this.threshold.follow();
      const sums = outcomes.totals(this.app.images);
      S.fill(this.summary, el("div.badges-line", {}, badge("found", sums.found, "found"), badge("missed", sums.missed, "missed"), badge("false", sums.false, "false")),
        el("p.hint", {}, `precision ${part(sums.found, sums.found + sums.false)}, recall ${part(sums.found, sums.found + sums.missed)}`));
      for (const { id, box, count } of this.boxes) {
        box.checked = Boolean(this.app.state.filters[id]);
        count.textContent = S.number(outcomes.imagesWith(id));
      }
    }
  }

  /** On the page of an image: its detections, false ones first, then by score. */
  class DetectionList {
    /** @param {any} on hover(detection or null) */
    constructor(app, on) {
      this.app = app;
      this.on = on;
      this.threshold = new Threshold(app);
      this.summary = el("div.badges-line");
      this.list = el("ul.objects", { onpointerleave: () => on.hover(null) });
      this.node = el("section.panel", { "aria-label": "Detections", id: "detections" }, el("h2", { title: app.index.predictions.name }, "Detections"), this.threshold.node, this.summary, this.list);
    }

    show(frame) {
      this.threshold.follow();
      const threshold = this.app.threshold();
      const counted = (frame.detections ?? []).filter(({ score }) => score >= threshold);
      const labels = frame.items.map((item) => frame.labelOutcome(item, threshold));
      const of = (list, outcome) => list.filter((one) => one === outcome).length;
      const wrong = counted.map(({ kind }) => S.Outcomes.of(kind));
      S.fill(this.summary, badge("found", of(labels, "found"), "found"), badge("missed", of(labels, "missed"), "missed"), badge("false", of(wrong, "false"), "false"));
      const isFalse = ({ kind }) => S.Outcomes.of(kind) === "false";
      this.list.replaceChildren(...counted.filter(isFalse).concat(counted.filter((one) => !isFalse(one))).map((one) => this.row(one)));
    }

    row(one) {
      const outcome = S.Outcomes.of(one.kind);
      const swatch = el("span.swatch", { "aria-hidden": "true" });
      swatch.style.background = css(outcome);
      const why = outcome === "false" ? `false: ${one.kind}` : outcome;
      const hover = () => this.on.hover(one);
      return el("li", {}, el("button.object.detection", { type: "button", "data-outcome": outcome, title: this.app.index.predictions.about[one.kind] ?? "", onpointerenter: hover, onfocus: hover, onblur: () => this.on.hover(null) },
        swatch, el("span.object-name", {}, `${one.class_name} ${S.number(one.score, 2)}`), el("span.object-state", {}, why)));
    }
  }

  S.PredictionsPanel = PredictionsPanel;
  S.DetectionList = DetectionList;
  S.fillBadges = fillBadges;
})((globalThis.Simgen ??= {}));
