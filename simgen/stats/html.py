"""The page itself: charts and tables to HTML. All text is escaped here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from simgen.stats.charts import Chart

_ROWS = 400
"""Of a table on the page; `stats.json` has all."""


@dataclass(frozen=True)
class Section:
    """A part of the page. words: below its heading. html: ready, between words and charts."""

    title: str
    words: str
    charts: Sequence[Chart]
    html: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    value: str
    name: str


def page(title: str, subtitle: str, tiles: Sequence[Tile], sections: Sequence[Section]) -> str:
    """A whole document that asks for nothing else. title, subtitle and all else are plain text."""
    kept = [part for part in sections if part.charts or part.html]
    links = "".join(f'<a href="#{_anchor(s.title)}">{escape(s.title)}</a>' for s in kept)
    figures = "".join(
        f"<div><dt>{escape(t.name)}</dt><dd>{escape(t.value)}</dd></div>" for t in tiles
    )
    body = "".join(_section(part) for part in kept)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">"
        f'<link rel="icon" href="data:,"><title>{escape(title)}: statistics</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<header><h1>{escape(title)}</h1><p>{escape(subtitle)}</p>"
        f"<dl class=tiles>{figures}</dl><nav>{links}</nav></header>"
        f"<main>{body}</main></body></html>\n"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Cells are plain text; the first of each row is its heading."""
    top = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    lines = "".join(
        f"<tr><th scope=row>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows[:_ROWS]
    )
    more = len(rows) - _ROWS
    rest = f"<p>{more} more rows are in stats.json.</p>" if more > 0 else ""
    return (
        f'<div class=scroll tabindex=0 role=region aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{rest}"
    )


def comparison_key(first: str, second: str) -> str:
    """What the filled shape and the line of a comparison are."""
    return (
        f"<p class=key><span><i></i>{escape(first)} (first)</span>"
        f"<span><i class=line></i>{escape(second)} (second)</span></p>"
    )


def words(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _section(part: Section) -> str:
    charts = "".join(_chart(chart) for chart in part.charts)
    return (
        f'<section id="{_anchor(part.title)}"><h2>{escape(part.title)}</h2>'
        f"{words(part.words) if part.words else ''}{part.html}"
        f"<div class=charts>{charts}</div></section>"
    )


def _chart(chart: Chart) -> str:
    kind = "chart warn" if chart.warn else "chart"
    return (
        f'<figure class="{kind}"><figcaption><h3>{escape(chart.title)}</h3>'
        f"{words(chart.note) if chart.note else ''}</figcaption>{chart.svg}"
        f"<details><summary>Table</summary>{table(chart.head, chart.rows, chart.title)}"
        "</details></figure>"
    )


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


_STYLE = """
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#57606a;
--line:#d0d7de;--first:#2b7bc4;--second:#c2410c;--warn:#b42318;--part1:#e08a1e;--part2:#2f9e6e;
--part3:#8b5cf6;--part4:#d6457f;--part5:#7a8391}
@media(prefers-color-scheme:dark){:root{--paper:#0f1216;--card:#171b21;--ink:#e6e9ee;
--soft:#9aa4b0;--line:#353c46;--first:#4c9be8;--second:#fb923c;--warn:#ff7b6e;--part1:#f0a840;
--part2:#4cc38a;--part3:#a78bfa;--part4:#f27ba8;--part5:#a0a9b5}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{margin:0;font-size:26px;line-height:1.25;overflow-wrap:anywhere}
header p{margin:2px 0 16px;color:var(--soft);overflow-wrap:anywhere}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:0 0 16px}
.tiles div{display:flex;flex-direction:column-reverse;background:var(--card);
border:1px solid var(--line);border-radius:10px;padding:10px 16px;min-width:104px}
.tiles dd{margin:0;font-size:22px;font-weight:650;line-height:1.2}
.tiles dt{font-size:13px;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:6px 16px;padding:10px 0;border-bottom:1px solid var(--line)}
nav a{color:var(--first);text-decoration:none}nav a:hover{text-decoration:underline}
section{padding-top:22px}
h2{font-size:19px;margin:0 0 4px}
section>p{margin:0 0 12px;color:var(--soft);max-width:75ch}
.charts{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));
margin-top:12px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:14px 16px 10px;min-width:0;display:flex;flex-direction:column}
.warn{border-color:var(--warn);box-shadow:inset 3px 0 0 var(--warn)}
h3{margin:0;font-size:15px;overflow-wrap:anywhere}
figcaption p{margin:1px 0 6px;color:var(--soft);font-size:13px;line-height:1.4}
svg{width:100%;height:auto;display:block;max-height:900px}
svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif!important}
svg *{stroke-linejoin:round;stroke-linecap:butt}
svg image{image-rendering:pixelated}
details{margin-top:auto;border-top:1px solid var(--line);padding-top:6px;font-size:13px}
summary{cursor:pointer;color:var(--soft);width:max-content}
.scroll{overflow:auto;max-height:420px}
section>.scroll{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:4px 16px 8px;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:4px 0}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);text-align:right}
thead th{position:sticky;top:0;background:var(--card);vertical-align:bottom}
th:first-child{text-align:left;font-weight:500;overflow-wrap:anywhere;min-width:110px}
.key i{display:inline-block;width:22px;height:10px;border-radius:2px;margin:0 6px 0 0;
background:var(--first)}
.key i.line{height:0;border-top:3px solid var(--second);background:none;vertical-align:middle}
.key span{margin-right:20px;overflow-wrap:anywhere}
.swatch{display:inline-block;width:22px;height:22px;border-radius:6px;border:1px solid var(--line);
vertical-align:-5px;margin-right:8px}
main{padding-bottom:60px}
@media(max-width:480px){header,main{padding-left:12px;padding-right:12px}
.tiles div{flex:1 1 40%;padding:8px 12px}}
@media print{details{display:none}figure{break-inside:avoid}}
"""
