"use strict";
/**
 * The display of an image with its overlays and the compared layer: zoom, pan, wipe. Overlays have
 * their own canvas above the image's, so that their opacity can change independently.
 */
(function (/** @type {any} */ S) {
  const { el } = S;
  const CLOSEST = 64;
  /** Below this scale pixels are smoothed; above it, they stay distinct. */
  const CRISP = 1.5;

  class Stage {
    /** @param {any} on probe(pixel or null, event), pick(pixel), over(ctx, view, unit, scale, onLayer) */
    constructor(on) {
      this.on = on;
      this.base = el("canvas");
      this.over = el("canvas.over");
      this.cross = [el("div.cross", { hidden: true }), el("div.cross", { hidden: true })];
      this.handle = el("div.wipe", { role: "slider", tabindex: "0", hidden: true, "aria-label": "Wipe between image and layer", "aria-valuemin": "0", "aria-valuemax": "100" });
      this.message = el("p.alert.stage-message", { role: "alert", hidden: true });
      this.node = el("div.stage", { tabindex: "0", role: "application", "aria-label": "Image: Shift and arrow keys move the pixel probe", id: "stage" },
        this.base, this.over, ...this.cross, this.handle, this.message);
      this.size = [1, 1];
      this.wipe = 0.5;
      this.image = this.layer = this.probed = null;
      this.mode = "wipe";
      this.view = { scale: 1, x: 0, y: 0 };
      S.gestures(this);
      new ResizeObserver(() => this.fit()).observe(this.node);
    }

    /** Shows another image; the zoom is kept if the size is the same. */
    set({ size, image, layer, mode }) {
      const refit = String(size) !== String(this.size) || (this.layer && this.mode === "side") !== (layer && mode === "side");
      Object.assign(this, { size, image, layer, mode });
      this.handle.hidden = !(layer && mode === "wipe");
      if (refit) this.fit();
      else this.paintSoon();
    }

    /** The rectangles that each show the image: two side by side, otherwise one. */
    panes() {
      const { clientWidth: w, clientHeight: h } = this.node;
      if (!(this.layer && this.mode === "side")) return [{ x: 0, y: 0, w, h }];
      const beside = w / h > this.size[0] / this.size[1];
      const half = beside ? { w: w / 2 - 1, h } : { w, h: h / 2 - 1 };
      return [{ x: 0, y: 0, ...half }, { x: beside ? w / 2 + 1 : 0, y: beside ? 0 : h / 2 + 1, ...half }];
    }

    fitScale() {
      const [pane] = this.panes();
      return Math.min(pane.w / this.size[0], pane.h / this.size[1]);
    }

    fit() {
      const [pane] = this.panes();
      const scale = this.fitScale();
      this.view = { scale, x: (pane.w - this.size[0] * scale) / 2, y: (pane.h - this.size[1] * scale) / 2 };
      this.paintSoon();
    }

    /** Zooms by a factor around the point (x, y) of the pane. */
    zoom(factor, x, y) {
      const least = this.fitScale();
      const scale = Math.min(Math.max(this.view.scale * factor, least), Math.max(CLOSEST, least));
      const part = scale / this.view.scale;
      this.view = { scale, x: x - (x - this.view.x) * part, y: y - (y - this.view.y) * part };
      this.pan(0, 0);
    }

    zoomMiddle(factor) {
      const [pane] = this.panes();
      this.zoom(factor, pane.w / 2, pane.h / 2);
    }

    /** Moves the image within its pane. */
    pan(dx, dy) {
      const [pane] = this.panes();
      const held = (offset, length, room) =>
        length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, offset));
      this.view.x = held(this.view.x + dx, this.size[0] * this.view.scale, pane.w);
      this.view.y = held(this.view.y + dy, this.size[1] * this.view.scale, pane.h);
      this.paintSoon();
    }

    zoomed() {
      return this.view.scale > this.fitScale() * 1.001;
    }

    /** @returns {{pane: any, x: number, y: number, pixel: number[] | null}} the position of a pointer */
    locate(/** @type {MouseEvent} */ event) {
      const frame = this.node.getBoundingClientRect();
      const [px, py] = [event.clientX - frame.left, event.clientY - frame.top];
      const panes = this.panes();
      const pane = panes.find((one) => px >= one.x && py >= one.y && px < one.x + one.w && py < one.y + one.h) ?? panes[0];
      const [x, y] = [px - pane.x, py - pane.y];
      const pixel = [Math.floor((x - this.view.x) / this.view.scale), Math.floor((y - this.view.y) / this.view.scale)];
      const inside = pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] < this.size[0] && pixel[1] < this.size[1];
      return { pane, x, y, pixel: inside ? pixel : null };
    }

    /** Marks a pixel in every pane; null for none. */
    mark(pixel) {
      this.probed = pixel;
      this.placeMarks();
    }

    placeMarks() {
      const panes = this.panes();
      this.cross.forEach((cross, i) => {
        cross.hidden = !this.probed || !panes[i];
        if (cross.hidden) return;
        const side = Math.max(this.view.scale, 7);
        const at = (k) => this.view[k ? "y" : "x"] + (this.probed[k] + 0.5) * this.view.scale - side / 2;
        cross.style.width = cross.style.height = `${side}px`;
        cross.style.transform = `translate(${panes[i].x + at(0)}px, ${panes[i].y + at(1)}px)`;
      });
    }

    fail(/** @type {string} */ text) {
      this.message.textContent = text;
      this.message.hidden = !text;
    }

    paintSoon() {
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.paint();
      });
    }

    paint() {
      const unit = window.devicePixelRatio || 1;
      const { clientWidth: w, clientHeight: h } = this.node;
      if (!w || !h) return;
      const [base, over] = [this.base, this.over].map((canvas) => {
        canvas.width = Math.round(w * unit);
        canvas.height = Math.round(h * unit);
        return canvas.getContext("2d");
      });
      this.panes().forEach((pane, i) => {
        this.inPane(base, pane, unit, () => this.paintImage(base, i, pane, unit));
        this.inPane(over, pane, unit, () => this.paintOver(over, i, pane, unit));
      });
      this.handle.style.left = `${this.wipe * 100}%`;
      this.handle.setAttribute("aria-valuenow", String(Math.round(this.wipe * 100)));
      this.node.style.touchAction = this.zoomed() ? "none" : "pan-y";
      this.placeMarks();
    }

    inPane(ctx, pane, unit, draw) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(pane.x * unit, pane.y * unit, pane.w * unit, pane.h * unit);
      ctx.clip();
      ctx.translate(pane.x * unit, pane.y * unit);
      draw();
      ctx.restore();
    }

    toCanvas([x, y], unit) {
      return [(this.view.x + x * this.view.scale) * unit, (this.view.y + y * this.view.scale) * unit];
    }

    /** Draws a picture of any resolution in the rectangle of the image. */
    put(ctx, source, unit) {
      const [x, y] = this.toCanvas([0, 0], unit);
      ctx.imageSmoothingEnabled = this.view.scale * unit < CRISP;
      ctx.drawImage(source, x, y, this.size[0] * this.view.scale * unit, this.size[1] * this.view.scale * unit);
    }

    /** Where the layer begins, as a fraction of the pane's width: 0 shows all of it, 1 none. */
    layerFrom(/** @type {number} */ number) {
      if (!this.layer || (this.mode === "side" && number === 0)) return 1;
      return this.mode === "wipe" ? this.wipe : 0;
    }

    paintImage(ctx, number, pane, unit) {
      const from = this.layerFrom(number);
      if (this.image && from > 0) this.put(ctx, this.image, unit);
      if (from < 1) this.within(ctx, from, 1, pane, unit, () => this.put(ctx, this.layer, unit));
    }

    /** Draws overlays; over a layer, filled areas are drawn as outlines so as not to cover it. */
    paintOver(ctx, number, pane, unit) {
      const from = this.layerFrom(number);
      const view = (point) => this.toCanvas(point, unit);
      const draw = (onLayer) => () => this.on.over(ctx, view, unit, this.view.scale * unit, onLayer);
      if (from > 0) this.within(ctx, 0, from, pane, unit, draw(false));
      if (from < 1) this.within(ctx, from, 1, pane, unit, draw(true));
    }

    within(ctx, from, to, pane, unit, draw) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(from * pane.w * unit, 0, (to - from) * pane.w * unit, pane.h * unit);
      ctx.clip();
      draw();
      ctx.restore();
    }
  }

  S.Stage = Stage;
})((globalThis.Simgen ??= {}));
