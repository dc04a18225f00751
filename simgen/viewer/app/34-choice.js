"use strict";
/** Images that were chosen one by one, and lists of images as files. */
(function (/** @type {any} */ S) {
  const { el } = S;

  /** Numbers of chosen images. They are not in the address, which could not hold many. */
  class Choice {
    /** @param {() => void} changed */
    constructor(changed) {
      this.images = new Set();
      this.changed = changed;
    }

    has(/** @type {number} */ image) {
      return this.images.has(image);
    }

    flip(/** @type {number} */ image) {
      if (!this.images.delete(image)) this.images.add(image);
      this.changed();
    }

    add(/** @type {Uint32Array} */ images) {
      for (const image of images) this.images.add(image);
      this.changed();
    }

    clear() {
      this.images.clear();
      this.changed();
    }

    get size() {
      return this.images.size;
    }

    /** In the order of the dataset. */
    get sorted() {
      return [...this.images].sort((a, b) => a - b);
    }
  }

  /** What an image is called in files: its id in COCO files; where there are none, its name. */
  function idOf(app, /** @type {number} */ image) {
    const { index, selection } = app;
    if (index.named) return String((index.ids ?? index.names)[image]);
    const { scene, frame } = selection.place(image);
    return String(scene * index.frames_per_scene + frame + 1);
  }

  /** Lines of text as a file that the browser saves. */
  function save(/** @type {string} */ name, /** @type {string[]} */ lines) {
    const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    const link = el("a", { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** The chosen images; without any, those that pass the filters, in their order. */
  function saveList(app) {
    const images = app.choice.size ? app.choice.sorted : [...app.images];
    const name = app.index.name.replace(/[^\w.-]+/g, "_").replace(/^-+/, "") || "dataset";
    save(`${name}-images.txt`, images.map((image) => idOf(app, image)));
    const line = `simgen export coco ${S.datasetPath(app.index)} ${name}-chosen --images ${name}-images.txt`;
    S.fill(app.saved, el("span", {}, `${name}-images.txt is saved. Where it is, this makes a dataset of its images:`), S.command(line),
      el("button.quiet.small", { type: "button", "aria-label": "Close", onclick: () => (app.saved.hidden = true) }, "×"));
    app.saved.hidden = false;
  }

  S.Choice = Choice;
  S.saveList = saveList;
})((globalThis.Simgen ??= {}));
