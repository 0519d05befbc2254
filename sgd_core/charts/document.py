"""A chart with all that moves it in one HTML file: no server and no network, on any browser, in ten years too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import pandas as pd

from sgd_core.charts import player
from sgd_core.charts.look import Spec

WIDEST = 1100
"""Pixels of a plot."""
SCRIPT, CONTENTS = "vega.js", "index.html"
"""What the files of a folder share: what draws them, and the page that leads to each."""
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
"""
_CONTENTS = """body {{ background: {paper}; color: {ink}; font: 18px/1.5 sans-serif; }}
body {{ margin: 1.5rem auto; max-width: 45rem; padding: 0 1rem; }}
h1, h2 {{ font-family: serif; margin: 1.5rem 0 .3rem; }}
p {{ margin: .3rem 0; }}
a {{ color: inherit; }}
</style>
</head>
<body>
<h1>{title}</h1>
{about}
{listed}
</body>
</html>
"""
_PAGE = """body {{ background: {paper}; color: {ink}; font: 16px/1.5 sans-serif; }}
body {{ margin: 1.5rem auto; max-width: 1200px; padding: 0 1rem; }}
h1 {{ font-family: serif; margin: 0 0 .5rem; }}
footer {{ border-top: 1px solid #8886; font-size: .85rem; margin-top: 1.5rem; opacity: .85; }}
.vega-bindings {{ display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; order: -1; margin-bottom: .5rem; }}
.vega-embed {{ display: flex !important; flex-direction: column; }}
.vega-bind-name {{ margin-right: .5rem; }}
.vega-bind input[type=range] {{ width: min(28rem, 60vw); vertical-align: middle; }}
.vega-bind input[type=range] + * {{ display: none; }} /* its place as a number: not an epoch, nor T */
{style}
</style>
</head>
<body>
{back}
<h1>{title}</h1>
{before}
<div id="chart" role="img" aria-label="{alt}"></div>
{after}
<footer>{notes}</footer>
{library}
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


def with_data(spec: Spec, frame: pd.DataFrame | None) -> Spec:
    """The chart with its rows inside, None where they are, and plots whose width the page sets; what moves it stays."""
    rows = {} if frame is None else {"data": {"values": json.loads(frame.to_json(orient="records"))}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **{name: value for name, value in spec.items() if name != "autosize"},
        **rows,
    }


def html(
    title: str, spec: Spec, alt: str, before: Sequence[str], after: Sequence[str], notes: Sequence[str], ink: str,
    paper: str, site: bool = False,
) -> str:  # fmt: skip
    """The file; `spec` has its data inside. `before`, `after`, `notes`: sentences, in which ** marks what is bold.

    `site`: it is one of several in a folder, whose `SCRIPT` they share and whose `CONTENTS` leads to it.
    """
    script = f'<script src="{SCRIPT}"></script>' if site else f"<script>{library()}</script>"
    return (_HEAD + _PAGE).format(
        title=escape(title), alt=escape(alt), before=_paragraphs(before), after=_paragraphs(after),
        notes=_paragraphs(notes), ink=escape(ink), paper=escape(paper), widest=WIDEST, library=script,
        back=f'<p><a href="{CONTENTS}">All pictures</a></p>' if site else "",
        style=player.STYLE, player=player.SCRIPT,
        spec=json.dumps(spec).replace("</", "<\\/"),
    )  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A picture in a table of contents: what it asks, and its files by what they are called."""

    title: str
    question: str
    files: Mapping[str, str]


def contents(title: str, about: Sequence[str], entries: Sequence[Entry], ink: str, paper: str) -> str:
    """The page that leads to all files of a folder."""
    listed = "\n".join(
        f"<h2>{escape(each.title)}</h2>\n{_paragraphs([each.question])}\n<p>"
        + " · ".join(f'<a href="{escape(file)}">{escape(name)}</a>' for name, file in each.files.items())
        + "</p>"
        for each in entries
    )
    return (_HEAD + _CONTENTS).format(
        title=escape(title), about=_paragraphs(about), listed=listed, ink=escape(ink), paper=escape(paper)
    )


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
