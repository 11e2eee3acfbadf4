"""What does the one page look like that shows a comparison to people without a terminal?"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from dispatch.simulation.policies import TITLES, PolicyName
from dispatch.simulation.report import COLUMNS, Comparison, as_text
from dispatch.simulation.runs import mean_of

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.25rem .7rem;text-align:right}"
    "td:first-child,th:first-child{text-align:left}tr+tr{border-top:1px solid #ddd}img{max-width:100%}"
)


def write_page(comparisons: Sequence[Comparison], pictures: Sequence[Path], path: Path) -> None:
    """Write one HTML file with every table and, inside it, every picture."""
    sections = [_section(each, picture) for each, picture in zip(comparisons, pictures, strict=True)]
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Lamplight: who goes</title><style>{STYLE}</style>'
        f"<h1>Who goes: policies compared</h1>{''.join(sections)}</html>\n",
        encoding="utf-8",
    )


def _section(comparison: Comparison, picture: Path) -> str:
    gaps = comparison.against(PolicyName.GREEDY) if PolicyName.GREEDY in comparison.runs else {}
    head = "".join(f"<th>{escape(title)}</th>" for title in ("policy", *(title for _, title in COLUMNS), "to greedy"))
    rows = []
    for name, runs in comparison.runs.items():
        cells = [TITLES[name], *(f"{mean_of(runs, key):.2f}" for key, _ in COLUMNS)]
        cells.append(as_text(gaps[name]) if name in gaps else "")
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    data = base64.b64encode(picture.read_bytes()).decode("ascii")
    title = escape(comparison.scenario.name)
    image = f'<img alt="waits, unserved places and load, {title} volunteers" src="data:image/png;base64,{data}">'
    return f"<h2>{title} volunteers</h2><table><tr>{head}</tr>{''.join(rows)}</table>{image}"
