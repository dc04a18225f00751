"use strict";
/** Preloading of the images next to the open one. */
(function (/** @type {any} */ S) {
  /** Preloads the next image in the current direction first, as far as the cache has room. */
  async function ahead(app) {
    const turn = (app.preloading = {});
    const [at, room] = [app.at(), app.files.frames.limit - 1];
    for (const [number, by] of [app.way, -app.way].entries()) {
      const image = at < 0 ? undefined : app.images[at + by];
      const place = image === undefined ? null : app.selection.place(image);
      if (place && app.preloading === turn) await S.preload(app.index, app.files, place, number < room);
    }
  }

  S.ahead = ahead;
})((globalThis.Simgen ??= {}));
