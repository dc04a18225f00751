"use strict";
/** A slider through the frames of a scene. */
(function (/** @type {any} */ S) {
  const { el } = S;

  class Scrubber {
    /** @param {any} app provides index, state, update(patch) */
    constructor(app) {
      const last = app.index.frames_per_scene - 1;
      this.app = app;
      this.input = el("input", { type: "range", id: "scrubber", min: 0, max: last, step: 1, "aria-label": "Frame of the scene", oninput: () => this.moved() });
      this.said = el("span.count", { "aria-hidden": "true" });
      this.node = el("label.scrubber", { hidden: Boolean(app.index.named) || last < 1 }, this.input, this.said);
    }

    /** Frames that are still loading are skipped: the next one asked for is the one under the pointer. */
    async moved() {
      this.show(Number(this.input.value));
      if (this.moving) return;
      this.moving = true;
      try {
        for (let { place } = this.app.state; place && place.frame !== Number(this.input.value); { place } = this.app.state) {
          await this.app.update({ place: { ...place, frame: Number(this.input.value) } });
        }
      } finally {
        this.moving = false;
      }
    }

    show(/** @type {number} */ frame) {
      this.said.textContent = `${frame + 1} / ${this.app.index.frames_per_scene}`;
      this.input.setAttribute("aria-valuetext", `frame ${frame}`);
    }

    follow() {
      const { place } = this.app.state;
      if (!place || this.moving) return;
      this.input.value = String(place.frame);
      this.show(place.frame);
    }
  }

  S.Scrubber = Scrubber;
})((globalThis.Simgen ??= {}));
