"use strict";
/** The page of an image. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const STILLS_PER_SECOND = 2;

  class ImagePage {
    /** @param {any} app provides index, files, state, update(patch), step(by), close() */
    constructor(app) {
      this.app = app;
      this.frame = null;
      this.pixel = this.pointer = null;
      this.wanted = "";
      this.hovered = null;
      this.stage = new S.Stage({
        over: (...given) => this.tryPainting(...given),
        probe: (pixel, event) => this.probeAt(pixel, event),
        pick: (pixel) => this.pick(pixel),
      });
      this.controls = new S.Controls(app, (opacity) => (this.stage.over.style.opacity = String(opacity)));
      this.probe = new S.Probe();
      /** The detection that stands out; and which one will, on the image to come. */
      this.pointed = this.pointing = null;
      this.detections = app.index.predictions ? new S.DetectionList(app, { hover: (one) => this.point(one) }) : null;
      this.objects = new S.Objects({ choose: (instance) => app.update({ instance }), hover: (id) => this.hover(id) });
      this.wrong = el("div.wrong");
      this.about = el("div.about");
      this.card = el("div.card", { hidden: true, role: "tooltip" });
      this.build();
    }

    build() {
      const button = (title, key, text, onclick) => el("button.quiet", { type: "button", title: `${title} (${key})`, "aria-label": title, "aria-keyshortcuts": key, onclick }, text);
      const { app } = this;
      this.title = el("h1.place", { tabindex: "-1" });
      this.tags = el("span.tags");
      this.count = el("span.count", { role: "status" });
      this.scrubber = new S.Scrubber(app);
      this.player = button("Play", "Space", "▶", () => this.togglePlay());
      const bar = el("div.imagebar", {},
        button("Back to the grid", "Escape", "‹ Grid", () => app.close()), this.title, this.tags, this.scrubber.node, el("span.push"), this.count,
        button("Previous image", "p", "←", () => app.step(-1)), this.player, button("Next image", "n", "→", () => app.step(1)),
        button("Fit to the window", "f", "Fit", () => this.stage.fit()));
      const side = el("div.side", {}, this.wrong, ...(this.detections ? [this.detections.node] : []), this.controls.node, this.probe.node, this.objects.node, this.about);
      this.node = el("main.image", { hidden: true }, bar, el("div.looking", {}, this.stage.node, this.card), side);
    }

    /** Shows the image of the state; the current one stays until the new one is loaded. */
    async follow() {
      const { state, index, files } = this.app;
      this.node.hidden = !state.place;
      if (!state.place) return this.leave();
      this.controls.follow();
      this.scrubber.follow();
      const wanted = `${state.place.scene}/${state.place.frame}`;
      const other = wanted !== this.shown;
      this.wanted = wanted;
      try {
        const frame = other ? await S.loadFrame(index, files, state.place) : this.frame;
        if (this.wanted !== wanted) return;
        if (state.layer) await S.addArrays(frame, files);
        if (this.wanted === wanted) this.show(frame, wanted, other);
      } catch (error) {
        if (this.wanted === wanted) this.fail(error);
      }
    }

    leave() {
      this.stop();
      this.wanted = "";
      this.pointer = null;
      this.card.hidden = true;
      this.app.announce("");
    }

    /** Shows an error. This app's own errors are plain `Error`s; others come from damaged records. */
    fail(error) {
      this.stop();
      const damaged = error.constructor !== Error;
      this.stage.fail(damaged ? `${this.wanted}: its labels are damaged (${error.message}); run simgen validate` : error.message);
    }

    show(frame, key, other) {
      const { state } = this.app;
      this.frame = frame;
      if (other) {
        this.pointed = frame.detections?.[this.pointing] ?? null;
        this.pointing = null;
      }
      this.shown = key;
      const layer = frame.layer(state.layer);
      this.stage.set({ size: frame.size, image: frame.image, layer: layer?.canvas ?? null, mode: state.mode });
      this.stage.fail(frame.problem);
      this.controls.setLegend(layer);
      const threshold = this.app.threshold();
      this.detections?.show(frame);
      this.objects.show(frame.record.objects, state.instance, frame.colourOf(state.colour, threshold), frame.detections && ((item) => frame.labelOutcome(item, threshold)));
      if (other) this.showAbout(frame);
      this.refreshProbe();
      this.node.dataset.shown = key;
      this.addArraysSoon(frame, key);
    }

    showAbout(frame) {
      const { index, state } = this.app;
      const open = new Set([...this.about.querySelectorAll("details[open]")].map((node) => node.id));
      this.about.replaceChildren(...S.about(index, frame.scene, frame.record));
      for (const id of open) this.about.querySelector(`#${id}`)?.setAttribute("open", "");
      this.title.textContent = S.state.title(state.place);
      const tag = (text, kind = "") => el(`span.tag${kind}`, {}, text);
      S.fill(this.wrong, S.complaints(frame.record.complaints));
      S.fill(this.tags, frame.damaged && tag("damaged", ".bad"), (frame.record.split ?? frame.scene.split) && tag(frame.record.split ?? frame.scene.split), frame.scene.case && tag(frame.scene.case, ".case"));
      this.countUp();
    }

    /** Shows the position of this image among the filtered ones. */
    countUp() {
      this.count.textContent = this.app.position();
    }

    /** Loads the arrays for the probe once the image has been open for a moment. */
    addArraysSoon(frame, key) {
      clearTimeout(this.later);
      if (frame.arrays) this.node.dataset.arrays = key;
      if (this.playing) return;
      this.later = setTimeout(async () => {
        try {
          await S.addArrays(frame, this.app.files);
          if (this.shown === key) this.refreshProbe();
          this.node.dataset.arrays = key;
          await S.ahead(this.app);
          this.node.dataset.near = key;
        } catch (error) {
          if (this.shown === key) this.fail(error);
        }
      }, 60);
    }

    /** Paints overlays; errors from damaged records do not break the page. */
    tryPainting(...given) {
      try {
        this.paintOver(...given);
      } catch (error) {
        this.fail(error);
      }
    }

    paintOver(ctx, view, unit, scale, onLayer) {
      const { frame, app } = this;
      if (!frame) return;
      const show = new Set(app.state.show);
      const { colour } = app.state;
      const threshold = app.threshold();
      const apart = Boolean(frame.detections && show.has("detections"));
      // Labels are outlines under the masks of detections, as they are over a layer.
      const detected = apart && show.has("masks") ? frame.detectionMasks(colour, threshold, !onLayer) : null;
      for (const [name, picture] of [["masks", () => frame.masks(colour, !onLayer && !detected, threshold)], ["masks", () => detected], ["silhouettes", () => frame.silhouettes(colour, threshold)]]) {
        const drawn = show.has(name) ? picture() : null;
        if (!drawn) continue;
        ctx.imageSmoothingEnabled = false;
        ctx.drawImage(drawn, ...view([0, 0]), frame.size[0] * scale, frame.size[1] * scale);
      }
      const chosen = this.hovered ?? app.state.instance;
      const own = apart ? new Set([...show].filter((name) => !["boxes", "names"].includes(name))) : show;
      S.overlays.draw(ctx, view, frame.items, own, frame.colourOf(colour, threshold), unit, chosen);
      if (apart) S.drawDetections(ctx, view, frame, unit, { show, mode: colour, threshold, chosen, hovered: this.pointed });
    }

    /** Sets a detection off from the others; null for none. */
    point(one) {
      this.pointed = one;
      this.stage.paintSoon();
    }

    hover(id) {
      if (id === this.hovered) return;
      this.hovered = id;
      this.stage.paintSoon();
    }

    probeAt(pixel, event = null, aloud = false) {
      if (!this.frame) return;
      this.pointer = event;
      this.probeAgain(pixel, aloud);
    }

    probeAgain(pixel, aloud = false) {
      this.pixel = pixel;
      this.stage.mark(pixel);
      this.probe.show(pixel, pixel ? this.frame.pixel(pixel) : [], aloud);
      this.showCard(pixel, this.pointer);
    }

    /** Updates the probe at the same pixel, for another image or newly loaded arrays. */
    refreshProbe() {
      const [w, h] = this.frame.size;
      this.probeAgain(this.pixel && this.pixel[0] < w && this.pixel[1] < h ? this.pixel : null);
    }

    showCard(pixel, event) {
      const item = pixel && event && !event.buttons ? this.frame.objects.get(this.frame.instanceAt(pixel)) : null;
      this.card.hidden = !item || event.pointerType === "touch";
      if (this.card.hidden) return;
      if (this.card.dataset.instance !== `${this.shown} ${item.instance_id}`) this.card.replaceChildren(...S.objectCard(item));
      this.card.dataset.instance = `${this.shown} ${item.instance_id}`;
      const room = this.card.parentElement.getBoundingClientRect();
      const [x, y] = [event.clientX - room.left, event.clientY - room.top];
      const left = x + 18 + this.card.offsetWidth < room.width ? x + 18 : Math.max(0, x - 18 - this.card.offsetWidth);
      const top = Math.min(y + 18, Math.max(0, room.height - this.card.offsetHeight - 4));
      this.card.style.transform = `translate(${left}px, ${top}px)`;
    }

    pick(pixel) {
      if (!pixel || !this.frame) return;
      const instance = this.frame.instanceAt(pixel) || null;
      if (instance !== this.app.state.instance) this.app.update({ instance });
    }

    /** Moves the probe, starting from the centre of the image. */
    moveProbe(dx, dy) {
      if (!this.frame) return;
      const [w, h] = this.frame.size;
      const [x, y] = this.pixel ?? [w >> 1, h >> 1];
      const held = (value, end) => Math.min(Math.max(value, 0), end - 1);
      this.probeAt([held(x + dx, w), held(y + dy, h)], null, true);
    }

    togglePlay() {
      if (this.playing) this.stop();
      else this.play();
    }

    async play() {
      const turn = (this.playing = {});
      this.player.textContent = "❚❚";
      this.player.setAttribute("aria-pressed", "true");
      const { index } = this.app;
      const pause = 1000 / (index.sequence && index.frame_rate ? Math.min(index.frame_rate, 30) : STILLS_PER_SECOND);
      while (this.playing === turn) {
        const due = performance.now() + pause;
        await this.app.playOn();
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      }
    }

    stop() {
      if (!this.playing) return;
      this.playing = null;
      this.player.textContent = "▶";
      this.player.setAttribute("aria-pressed", "false");
      if (this.frame) this.addArraysSoon(this.frame, this.shown);
    }

    key(/** @type {string} */ key) {
      if (key === " ") this.togglePlay();
      else if (key === "f") this.stage.fit();
      else if (key === "+" || key === "=") this.stage.zoomMiddle(1.5);
      else if (key === "-") this.stage.zoomMiddle(1 / 1.5);
      else return this.controls.key(key);
      return true;
    }
  }

  S.ImagePage = ImagePage;
})((globalThis.Simgen ??= {}));
