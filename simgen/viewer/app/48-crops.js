"use strict";
/**
 * The grid of objects: each cut out of its image. Images are loaded one after the other and let go, so
 * that it takes the memory of a few, however large they are.
 */
(function (/** @type {any} */ S) {
  const { el } = S;
  const KINDS = [["all", "all objects"], ["missed", "missed objects"], ["found", "found objects"], ["false", "false detections"]];
  const STILL = 60;
  const AT_ONCE = 3;
  /** Around a box, as part of its longer side; and at least so many pixels of the image are shown. */
  const MARGIN = 0.2;
  const LEAST = 24;

  /** The square of the image that shows a box, moved into the image where it is large enough. */
  function region([x, y, w, h], [width, height]) {
    const side = Math.min(Math.max(Math.max(w, h) * (1 + 2 * MARGIN), LEAST), Math.max(width, height, w, h));
    const held = (/** @type {number} */ middle, /** @type {number} */ length) =>
      side >= length ? (length - side) / 2 : Math.min(Math.max(middle - side / 2, 0), length - side);
    return [held(x + w / 2, width), held(y + h / 2, height), side];
  }

  /** Draws a part of an image into a canvas, and the box in it. */
  function drawCrop(canvas, image, box, rgb) {
    const unit = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(canvas.clientWidth * unit) || 1;
    const ctx = canvas.getContext("2d");
    const [left, top, side] = region(box, [image.naturalWidth, image.naturalHeight]);
    const scale = canvas.width / side;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(image, -left * scale, -top * scale, image.naturalWidth * scale, image.naturalHeight * scale);
    const view = (/** @type {number[]} */ [x, y]) => [(x - left) * scale, (y - top) * scale];
    S.overlays.line(ctx, view, S.overlays.cornersOf(box), true);
    S.overlays.stroke(ctx, S.colours.css(rgb), 1.4 * unit);
    canvas.classList.add("there");
  }

  /** Rows of a list of objects: which image, and which object or detection of it. */
  class Rows {
    constructor(list, /** @type {string} */ kind) {
      this.kind = kind;
      this.image = list.image;
      this.class = list.class;
      this.score = list.score;
      this.number = kind === "false" ? numbered(list.image) : list.instance;
    }
  }

  /** The place of each detection among those of its image, which stand together. */
  function numbered(/** @type {Uint32Array} */ images) {
    const found = new Uint32Array(images.length);
    for (let i = 1; i < images.length; i++) found[i] = images[i] === images[i - 1] ? found[i - 1] + 1 : 0;
    return found;
  }

  class Crops extends S.Grid {
    constructor(app, look = {}) {
      super(app, { id: "crops", label: "Objects", cells: "crop", choosing: false, least: 132, aspect: () => 1, ...look });
      this.sharp = null;
      this.boxes = { follow: (cells) => this.drawSoon(cells) };
      this.kind = el("select", { "aria-label": "Which objects", onchange: () => app.update({ objects: this.kind.value }) },
        ...KINDS.filter(([kind]) => kind === "all" || app.index.predictions).map(([kind, title]) => el("option", { value: kind }, title)));
      this.total = el("span.count", { role: "status" });
      this.bar = el("div.crops-bar", {}, this.kind, this.total);
      this.list = null;
    }

    /** Takes the objects of the images that are left, those that pass the filters of objects. */
    async show() {
      const { app } = this;
      const { objects, filters } = app.state;
      const turn = (this.turn = {});
      const list = objects === "all" || !app.files.outcomes ? await app.files.instances() : app.files.outcomes[objects === "false" ? "detections" : "labels"];
      if (this.turn !== turn) return;
      const known = new Rows(list, objects);
      const keep = S.select.rows(list, filters, app.index.classes);
      if (objects !== "all" && app.files.outcomes) app.files.outcomes.only(objects, keep);
      this.list = known;
      this.kind.value = objects;
      const chosen = S.select.inOrder(known.image, keep, app.images, app.index.images);
      if (objects === "false") chosen.sort((a, b) => known.score[b] - known.score[a]);
      this.total.textContent = `${S.number(chosen.length)} in ${S.number(app.images.length)} images`;
      this.setImages(chosen);
    }

    imageOf(/** @type {number} */ row) {
      return this.list.image[row];
    }

    makeCell() {
      return this.cellOf([el("canvas.crop")]);
    }

    openActive() {
      const row = this.images[this.active];
      const isDetection = this.list.kind === "false";
      this.app.page.pointing = isDetection ? this.list.number[row] : null;
      this.app.open(this.imageOf(row), isDetection ? null : this.list.number[row]);
    }

    fillCell(cell, /** @type {number} */ at) {
      const row = this.images[at];
      const there = at < this.images.length;
      const [link, caption] = cell.children;
      cell.style.visibility = there ? "" : "hidden";
      cell.dataset.at = String(at);
      cell.id = `${this.look.cells}-${at}`;
      link.firstChild.classList.remove("there");
      link.classList.remove("broken");
      cell.dataset.place = "";
      if (!there) return cell.removeAttribute("aria-label");
      const place = this.app.selection.place(this.imageOf(row));
      if (!place) return;
      const name = this.app.index.classes[this.list.class[row]] ?? "";
      const score = this.list.score?.[row];
      cell.dataset.place = `${place.scene}/${place.frame}`;
      link.href = this.app.linkTo(place);
      caption.firstChild.textContent = caption.firstChild.title = name;
      caption.lastChild.textContent = Number.isFinite(score) && this.list.kind !== "missed" ? S.number(score, 2) : "";
      cell.setAttribute("aria-label", `${name}, ${this.app.naming.title(place)}`);
    }

    drawSoon(/** @type {() => any[]} */ cells) {
      clearTimeout(this.later);
      this.drawing = null;
      this.later = setTimeout(() => this.drawAll(cells()), STILL);
    }

    /** Image by image, a few at once. */
    async drawAll(cells) {
      const turn = (this.drawing = {});
      const waiting = new Map();
      for (const cell of cells) {
        if (cell.querySelector(".crop.there") || cell.style.visibility === "hidden") continue;
        waiting.set(cell.dataset.place, [...(waiting.get(cell.dataset.place) ?? []), cell]);
      }
      const queue = [...waiting];
      const work = async () => {
        for (let next = queue.shift(); next && this.drawing === turn; next = queue.shift()) await this.drawOf(...next, turn);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    }

    async drawOf(/** @type {string} */ key, cells, turn) {
      const [scene, frame] = key.split("/").map(Number);
      try {
        const loaded = await S.loadFrame(this.app.index, this.app.files, { scene, frame });
        for (const cell of cells) {
          if (this.drawing !== turn || cell.dataset.place !== key) return;
          const row = this.images[Number(cell.dataset.at)];
          const number = this.list.number[row];
          const item = this.list.kind === "false" ? loaded.detections[number] : loaded.objects.get(number);
          if (!loaded.image || !item?.bbox) throw new Error("nothing to show");
          const colour = this.list.kind === "all" ? loaded.colourOf(this.app.state.colour, this.app.threshold())(item) : S.Outcomes.colour(this.list.kind);
          drawCrop(cell.querySelector("canvas"), loaded.image, item.bbox, colour);
        }
      } catch {
        for (const cell of cells) cell.firstChild.classList.add("broken");
      }
    }
  }

  S.Crops = Crops;
  S.Crops.region = region;
})((globalThis.Simgen ??= {}));
