"""What the picture of the Train page draws: a reader's runs by setting and seed, their means, and runs beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from sgd_core.charts.growing import Curve
from sgd_core.charts.lines import Line
from sgd_core.evidence import figures, under_way
from sgd_core.evidence.sentences import train as sentences
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.shell import kept, replay, theme


@dataclass(frozen=True)
class Drawn:
    """A run to be drawn.

    `epochs` hold accuracies, images_seen, `of`, the images that an accuracy is of, and `sampled`, whether these are a
    sample: such points, and the untrained head at epoch -1, are drawn and compared with nothing.
    """

    name: str
    spec: RunSpec
    images: int
    epochs: pd.DataFrame
    ended: bool
    early: bool = False
    """Whether it has, or is about to have, points before the end of its first epoch."""
    title: str = ""
    """Its setting in words, without its seed."""

    @property
    def whole(self) -> pd.DataFrame:
        """Its finished epochs."""
        return self.epochs[(self.epochs["epoch"] >= 0) & ~self.epochs["sampled"]]


class Picture:
    """The reader's runs and those beside, for one measure."""

    def __init__(self, own: Sequence[Drawn], others: Sequence[Drawn], column: str) -> None:
        self.column = column
        self.own, self.others = [self._placed(run) for run in _titled(own)], [self._placed(run) for run in others]
        titles = list(dict.fromkeys(run.title for run in self.own))
        self.settings = {title: [run for run in self.own if run.title == title] for title in titles}
        firsts = [runs[0] for runs in self.settings.values()]
        names = [run.title.removeprefix(f"{run.spec.dataset}, ") for run in firsts]
        names += [run.name.removeprefix(f"{run.spec.dataset}, ") for run in self.others]
        labels = sentences.told_apart(names) if names else []
        self._labels = dict(zip(titles, labels, strict=False))
        self._beside = labels[len(titles) :]

    def _placed(self, run: Drawn) -> Drawn:
        """With progress where a point of this measure belongs, in its order; a sample's has short steps and stays."""
        sampled = run.epochs["sampled"]
        parts = [figures.mid_epoch(run.epochs[~sampled], self.column), run.epochs[sampled]]
        return replace(run, epochs=pd.concat(parts).sort_values("epoch", kind="stable") if sampled.any() else parts[0])

    @cached_property
    def means(self) -> dict[str, pd.DataFrame]:
        """Setting -> the mean over its seeds that have ended; no rows where these are fewer than two."""
        return {title: under_way.mean_of(self._ended(title), self.column) for title in self.settings}

    @cached_property
    def curves(self) -> list[Curve]:
        """Every curve of the chart, those beside first."""
        beside = [
            Curve(run.name, run.spec, run.images, run.epochs, "other", label)
            for run, label in zip(self.others, self._beside, strict=True)
        ]
        return [*beside, *(curve for title in self.settings for curve in self._of_setting(title))]

    def lines(self, ink: str) -> list[Line]:
        """How each curve looks: a colour for a setting, dashes for a seed, those beside in ink."""
        colours = dict(zip(self.settings, self._colours(), strict=True))
        seeds = sorted({run.spec.seed for run in self.own})
        dashes = {run.name: replay.DASHES[seeds.index(run.spec.seed) % len(replay.DASHES)] for run in self.own}
        titles = {run.name: run.title for run in self.own} | {f"{title}, mean": title for title in self.settings}
        return [
            Line(curve.name, ink, (5, 3))
            if curve.kind == "other"
            else Line(curve.name, colours[titles[curve.name]], dashes.get(curve.name, ()))
            for curve in self.curves
        ]

    def takeaway(self, axis: sentences.Along) -> str:
        """Where the reader's runs stand."""
        ended = {self._labels[title]: self._ended(title) for title in self.settings}
        if len(self.settings) > 1:
            curves = {self._labels[title]: self._foremost(title) for title in self.settings}
            found = under_way.standing(curves, ended, self.column, axis.column)
            if found is not None:
                return sentences.compared(found, axis, self.column == "train_loss")
        for title, mean in self.means.items():
            if len(mean):
                return sentences.seeds(title, mean, len(self._ended(title)), self.column, axis)
        begun = [run for run in self.own if run.whole[self.column].notna().any()]
        if not begun:
            return ""
        other = (self.others[0].name, self.others[0].epochs) if self.others and len(self.own) == 1 else None
        return sentences.takeaway((begun[-1].name, begun[-1].whole), other, self.column, axis)

    def _of_setting(self, title: str) -> Iterable[Curve]:
        runs, label = self.settings[title], self._labels[title]
        if len(runs) == 1:
            (run,) = runs
            seed = f", seed {run.spec.seed}" if len(self.settings) == 1 else ""
            yield Curve(run.name, run.spec, run.images, run.epochs, "own", f"{label}{seed}", run.early)
            return
        mean = self.means[title]
        for run in runs:
            named = f"seed {run.spec.seed}" if len(self.settings) == 1 else f"{label}, seed {run.spec.seed}"
            yield Curve(run.name, run.spec, run.images, run.epochs, "seed", named, run.early, len(mean) > 0)
        ended = max(2, len(self._ended(title)))
        yield Curve(f"{title}, mean", runs[0].spec, runs[0].images, mean, "mean", f"{label}, mean of {ended}")

    def _ended(self, title: str) -> Mapping[int, pd.DataFrame]:
        return {run.spec.seed: run.whole for run in self.settings[title] if run.ended and len(run.whole)}

    def _foremost(self, title: str) -> pd.DataFrame:
        """The mean of the seeds that have ended, or the seed that has come furthest."""
        mean = self.means[title]
        if len(mean):
            return mean
        return max((run.whole for run in self.settings[title]), key=len)

    def _colours(self) -> list[str]:
        """By mean mu/B, as everywhere; where that does not tell the settings apart, a colour of its own for each."""
        runs = [runs[0] for runs in self.settings.values()]
        noise = [Curve(run.name, run.spec, run.images, run.epochs, "own").noise() for run in runs]
        if len(set(theme.two_digits(noise))) == len(noise) > 1:
            return theme.by_noise(noise)
        accents = theme.accents()
        return [accents[place % len(accents)] for place in range(len(runs))]


def _titled(runs: Sequence[Drawn]) -> list[Drawn]:
    """The runs with their titles, with V in title and name where one setting is there with several."""
    titles = [kept.title_of(run.spec) for run in runs]
    views = {
        title: {run.spec.views for run, each in zip(runs, titles, strict=True) if each == title} for title in titles
    }
    notes = [f", V={run.spec.views}" if len(views[title]) > 1 else "" for run, title in zip(runs, titles, strict=True)]
    return [
        replace(run, name=run.name + note, title=title + note)
        for run, title, note in zip(runs, titles, notes, strict=True)
    ]
