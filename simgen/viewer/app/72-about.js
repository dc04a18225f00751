"use strict";
/** Details of a scene: the command to render it again, problems, factors. */
(function (/** @type {any} */ S) {
  const { el } = S;

  /** Creates a command line with a button that copies it. */
  function command(/** @type {string} */ text) {
    const said = el("span.copied", { role: "status" });
    const line = el("code", { tabindex: "0" }, text);
    const button = el("button.quiet", {
      type: "button", id: "copy",
      onclick: async () => {
        const copied = await S.copy(text);
        said.textContent = copied ? "copied" : "press Ctrl+C";
        if (!copied) getSelection()?.selectAllChildren(line);
      },
    }, "Copy");
    return el("div.command", {}, line, button, said);
  }

  function complaint({ rule, message, fix, severity = "error" }) {
    return el("li", {}, el("span.tag.bad", {}, severity), " ", el("strong", {}, rule), el("p", {}, message), fix ? el("p.hint", {}, fix) : null);
  }

  /** @returns {Element | null} the list of problems; null if there are none */
  function complaints(list, title = "Problems of this image") {
    if (!list?.length) return null;
    return el("section.panel.complaint-list", { "aria-label": title }, el("h2", {}, `${title} `, el("span.count", {}, String(list.length))), el("ul", {}, ...list.map(complaint)));
  }

  const shown = (value) => (typeof value === "number" ? S.number(value, 4) : String(value));
  const listed = (values) => (values.length ? values.slice(0, 12).map(shown).join(", ") + (values.length > 12 ? " …" : "") : "none");

  /** Lists the sampled factors of a scene, by group. */
  function factors(scene) {
    const groups = new Map();
    for (const [key, values] of Object.entries(scene.factors ?? {})) {
      const [group, ...rest] = key.split(".");
      const title = rest.join(".").replace(/_range$/, "").replaceAll("_", " ");
      groups.set(group, [...(groups.get(group) ?? []), el("dt", {}, title || group), el("dd", {}, listed([values].flat()))]);
    }
    const parts = [...groups].map(([group, rows]) => el("div", {}, el("h3", {}, group), el("dl.facts.wide", {}, ...rows)));
    const body = parts.length ? parts : [el("p.hint", {}, "The sampled values of this scene are not available.")];
    return el("details.panel.factors", { id: "factors" }, el("summary", {}, el("h2", {}, "Sampled values of this scene")), ...body);
  }

  /** Lists the properties of the camera. */
  function camera(record) {
    const { lens, K, width, height, rig } = record.camera;
    const size = ["image", `${width} × ${height} px`];
    if (!lens) return el("section.panel", { "aria-label": "File" }, el("h2", {}, "File"), el("dl.facts", {}, ...[["name", record.file ?? ""], size].flatMap(([title, text]) => [el("dt", {}, title), el("dd", {}, text)])));
    const rows = [
      ...(rig ? [["of the rig", rig.name]] : []),
      size,
      ["lens", `${lens.model.replaceAll("_", " ")}${lens.focal_length_mm ? `, ${S.number(lens.focal_length_mm, 3)} mm` : ""}`],
      ["fx, fy", `${S.number(K[0][0])}, ${S.number(K[1][1])} px`],
      ["cx, cy", `${S.number(K[0][2])}, ${S.number(K[1][2])} px`],
    ];
    if (record.exposure_stops !== undefined && record.exposure_stops !== null) rows.push(["exposure", `${S.number(record.exposure_stops, 3)} stops`]);
    return el("details.panel", { id: "camera" }, el("summary", {}, el("h2", {}, "Camera")), el("dl.facts", {}, ...rows.flatMap(([title, text]) => [el("dt", {}, title), el("dd", {}, text)])));
  }

  const quoted = (/** @type {string} */ text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

  /**
   * A dataset in a command. A view does not say where it lies, since it may be passed on; but if it
   * is opened within its dataset, the address of the page does. Otherwise it is the name alone.
   */
  function datasetPath(index) {
    const within = location.protocol === "file:" && index.rgb.startsWith("../") && /^(.*)\/[^/]+\/[^/]*$/.exec(location.pathname);
    return quoted(within ? decodeURIComponent(within[1]) : index.name);
  }

  /** The command for a scene. */
  const replay = (index, /** @type {number} */ scene) => `simgen replay ${datasetPath(index)} --scene ${scene}`;

  /** All of it for a frame. */
  function about(index, scene, record) {
    return [
      index.replay && el("section.panel", { "aria-label": "Make this scene again" }, el("h2", {}, "Make this scene again"), command(replay(index, scene.scene))),
      record.camera && camera(record),
      !index.named && factors(scene),
    ].filter(Boolean);
  }

  S.command = command;
  S.datasetPath = datasetPath;
  S.about = about;
  S.complaints = complaints;
})((globalThis.Simgen ??= {}));
