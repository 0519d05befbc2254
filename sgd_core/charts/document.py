"""A chart with all that moves it in one HTML file: no server and no network, on any browser, in ten years too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html import escape

import pandas as pd

from sgd_core.charts import player
from sgd_core.charts.look import Spec

WIDEST = 1100
"""Pixels of a plot."""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ background: {paper}; color: {ink}; font: 16px/1.5 sans-serif; }}
body {{ margin: 1.5rem auto; max-width: 1200px; padding: 0 1rem; }}
h1 {{ font-family: serif; margin: 0 0 .5rem; }}
footer {{ border-top: 1px solid #8886; font-size: .85rem; margin-top: 1.5rem; opacity: .85; }}
.vega-bindings {{ display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; order: -1; margin-bottom: .5rem; }}
.vega-embed {{ display: flex !important; flex-direction: column; }}
.vega-bind-name {{ margin-right: .5rem; }}
.vega-bind input[type=range] {{ width: min(28rem, 60vw); vertical-align: middle; }}
{style}
</style>
</head>
<body>
<h1>{title}</h1>
{before}
<div id="chart" role="img" aria-label="{alt}"></div>
{after}
<footer>{notes}</footer>
<script>{library}</script>
<script>
{player}
makePlayButtons();
const spec = {spec};
spec.background = "transparent";
const wide = Math.max(240, Math.min({widest}, document.body.clientWidth - 110));
for (const view of spec.vconcat || [spec]) view.width = wide;
vegaEmbed("#chart", spec, {{actions: false, renderer: "canvas"}}).then(made => {{ window.chart = made.view; }});
</script>
</body>
</html>
"""


def with_data(spec: Spec, frame: pd.DataFrame) -> Spec:
    """The chart with its rows inside, and plots whose width the page sets; what moves it stays."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **{name: value for name, value in spec.items() if name != "autosize"},
        "data": {"values": json.loads(frame.to_json(orient="records"))},
    }


def html(
    title: str, spec: Spec, alt: str, before: Sequence[str], after: Sequence[str], notes: Sequence[str], ink: str,
    paper: str,
) -> str:  # fmt: skip
    """The file; `spec` has its data inside. `before`, `after`, `notes`: sentences, in which ** marks what is bold."""
    return _PAGE.format(
        title=escape(title), alt=escape(alt), before=_paragraphs(before), after=_paragraphs(after),
        notes=_paragraphs(notes), ink=escape(ink), paper=escape(paper), widest=WIDEST, library=library(),
        style=player.STYLE, player=player.SCRIPT,
        spec=json.dumps(spec).replace("</", "<\\/"),
    )  # fmt: skip


@cache
def library() -> str:
    """Vega-Embed and what it needs, as one script (0.9 MB); made once a process, in a few seconds."""
    import vl_convert  # 100 MB once loaded, so only when somebody asks for a file

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script")


def _paragraphs(sentences: Sequence[str]) -> str:
    return "\n".join(f"<p>{_bold(escape(sentence))}</p>" for sentence in sentences if sentence)


def _bold(text: str) -> str:
    parts = text.split("**")
    return "".join(f"<b>{part}</b>" if i % 2 else part for i, part in enumerate(parts))
