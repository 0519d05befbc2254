"""The controls of a run: one list, from which widgets, links, starts and what can be varied follow.

A control sets one field of RunSpec under one key in the URL. Keys and what they mean stay as they are, so that old
links go on working; a link or a button that sets controls takes the nearest that is offered. The controls of a schedule
are those of experiment.schedules.SLIDERS, so that a new one needs no line here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sgd_core.experiment.heads import HEADS
from sgd_core.experiment.schedules import SCHEDULES, SLIDERS
from sgd_core.experiment.spec import RunSpec, choices
from sgd_core.images import sets
from sgd_core.ui.shell import link

MOST_EPOCHS = 300
ALL = "all"
"""Training images of a class where there is no limit."""


@dataclass(frozen=True)
class Names:
    """Some names, all of them on screen."""

    names: tuple[str, ...]

    def nearest(self, value: Any) -> str:
        return str(value)

    def value(self, shown: Any) -> str:
        return str(shown)


class SetNames(Names):
    """The names of the image sets that there are here."""

    def __init__(self) -> None:
        pass

    @property
    def names(self) -> tuple[str, ...]:
        return sets.offered()

    def value(self, shown: Any) -> str:
        """The paper's where nothing is chosen, as by a link without images that lies back in the browser's history."""
        return sets.PAPERS if shown is None else str(shown)


@dataclass(frozen=True)
class Stops:
    """Some values, each under what a slider shows for it."""

    values: Mapping[Any, Any]

    def nearest(self, value: Any) -> Any:
        """By their ratio, where it is none of them."""
        exact = next((shown for shown, each in self.values.items() if each == value), None)
        if exact is not None:
            return exact
        numbers = [shown for shown, each in self.values.items() if each is not None]
        return min(numbers, key=lambda shown: abs(math.log(self.values[shown] / value)))

    def value(self, shown: Any) -> Any:
        return self.values[shown]


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high` in steps; `typed` in a field, else on a slider. Whole where `low` is."""

    low: float
    high: float
    step: float
    typed: bool = False

    def nearest(self, value: Any) -> float:
        return type(self.low)(min(max(value, self.low), self.high))

    def value(self, shown: Any) -> float:
        return type(self.low)(shown)


@dataclass(frozen=True)
class Control:
    """One setting of a run as a reader sets it."""

    field: str
    """Of RunSpec."""
    key: str
    """In the URL."""
    label: str
    offers: Names | Stops | Range
    help: str = ""

    def shown(self, spec: RunSpec) -> Any:
        """What it shows for a run: the run's own value, or the nearest that it offers."""
        return self.offers.nearest(getattr(spec, self.field))


@dataclass(frozen=True)
class Several:
    """A control of which several values can be asked for in one go: its name in the URL, and what is offered."""

    name: str
    values: Mapping[str, float]
    first: tuple[str, ...]


def _texts(*values: float) -> dict[str, float]:
    return {f"{value:g}": value for value in values}


BATCHES = {2**k: 2**k for k in range(13)}
RATES = {
    text: float(text)
    for text in (
        "1e-5", "2e-5", "5e-5", "1e-4", "2e-4", "4e-4", "8e-4", "1e-3", "16e-4", "32e-4", "5e-3", "0.01", "0.02",
        "0.05", "0.1", "0.5", "1",
    )
}  # fmt: skip
VIEWS = {views: views for views in (2, 4, 8, 17, 33, 65, 151)}
PER_CLASS: dict[Any, int | None] = {ALL: None} | {images: images for images in (2, 5, 10, 20, 50, 100, 200)}

_LIST = (
    Control("dataset", "data", "Images", SetNames(),
            "The paper's photographs, ten kinds of drawn shapes that need no download, or folders of SGD_DATA_DIR."),
    Control("batch_size", "B", "B₀, images per update", Stops(BATCHES)),
    Control("learning_rate", "mu", "μ₀, learning rate", Stops(RATES)),
    Control("schedule", "schedule", "Learning rate over time", Names(choices("schedule")),
            "\n".join(f"- {name}: {each.formula} ({each.source})" for name, each in SCHEDULES.items())),
    *(
        Control(field, slider.key, slider.label, Range(slider.low, slider.high, slider.step), slider.help)
        for field, slider in SLIDERS.items()
    ),
    Control("epochs", "epochs", "Epochs", Range(1, MOST_EPOCHS, 1)),
    Control("momentum", "m", "m, momentum", Range(0.0, 0.99, 0.01)),
    Control("seed", "seed", "Seed", Range(0, 9999, 1, typed=True),
            "It decides the first weights, the order of the images and dropout. The same seed repeats a run exactly."),
    Control("label_noise", "wrong", "Share of wrong labels", Range(0.0, 0.9, 0.05),
            "So many training labels are wrong. The images for validation keep their true ones."),
    Control("images_per_class", "per_class", "Training images per class", Stops(PER_CLASS)),
    Control("head", "head", "Head", Names(choices("head")),
            "\n".join(f"- {name}: {each.words} ({each.source})" for name, each in HEADS.items())),
    Control("dropout", "dropout", "Dropout", Range(0.0, 0.9, 0.05),
            "The share of a layer's inputs that every step leaves out. Its masks are most of the noise of a step."),
    Control("features", "features", "Features", Names(choices("features")),
            "What the frozen layers were trained on. ImageNet's weights are downloaded once (233 MB)."),
    Control("views", "views", "V, sets of random crops", Stops(VIEWS),
            "Each is made once, by the first run that needs it, and then used by every run."),
)  # fmt: skip
CONTROLS = {control.field: control for control in _LIST}
"""Field of RunSpec -> its control. Fields that are not here stay at their default in a run that a page asks for."""
SCHEDULE = ("batch_size", "learning_rate", "schedule", *SLIDERS)
"""The fields that make a schedule, besides its epochs."""
SEVERAL = {
    "batch_size": Several("B", _texts(*BATCHES), ("16", "64", "256")),
    "learning_rate": Several("μ₀", RATES, ("1e-4", "4e-4", "16e-4")),
    "step_decay": Several("s", _texts(0.1, 0.25, 0.375, 0.5, 0.75, 0.9), ("0.25", "0.5", "0.75")),
    "decay_rate": Several("r", _texts(0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2), ("0.1", "0.25", "0.5")),
    "decay_every": Several("N_dec", _texts(1, 2, 4, 6, 8, 10, 15, 20, 30, 60), ("2", "6", "10")),
    "batch_growth": Several("s_B", _texts(1, 1.25, 1.5, 2, 3, 4), ("1", "1.5", "2")),
    "momentum": Several("m", _texts(0, 0.5, 0.8, 0.9, 0.95, 0.99), ("0", "0.9")),
}
"""Field -> its values, of those of which several can be asked for in one go, in the order in which they are offered."""


def draw(field: str, start: RunSpec, prefix: str = "", place: DeltaGenerator | None = None, **said: Any) -> Any:
    """Draw a control and return its field's value; it begins at that of `start`.

    A `prefix` of the key tells two schedules apart. `said` replaces words of the list, or is for the widget alone.
    """
    control = CONTROLS[field]
    where = cast(DeltaGenerator, st) if place is None else place
    given = {
        "label": control.label, "help": control.help or None, "key": f"{prefix}{control.key}", "bind": "query-params",
        **said,
    }  # fmt: skip
    first = control.shown(start)
    match control.offers:
        case Names(names):
            shown = where.segmented_control(options=names, required=True, **{"default": first, **given})
        case Stops(values):
            link.leave_behind(given["key"], lambda brought: brought in list(values))
            shown = where.select_slider(options=list(values), value=first, **given)
        case Range(low, high, typed=True):
            link.leave_behind(given["key"], _is_number)
            shown = where.number_input(min_value=low, max_value=high, value=first, **given)
        case Range(low, high, step):
            link.leave_behind(given["key"], _is_number)
            fine = "%.3f" if isinstance(step, float) and step < 0.01 else None
            shown = where.slider(min_value=low, max_value=high, value=first, step=step, format=fine, **given)
    return control.offers.value(shown)


def _is_number(brought: object) -> bool:
    return isinstance(brought, int | float)


def controls_of(spec: RunSpec, fields: Iterable[str] = CONTROLS, prefix: str = "") -> dict[str, Any]:
    """The keys of these controls and what they show for a run."""
    return {f"{prefix}{CONTROLS[field].key}": CONTROLS[field].shown(spec) for field in fields}


def link_of(spec: RunSpec, fields: Iterable[str] = CONTROLS) -> dict[str, str]:
    """The same as the query of a link."""
    return {key: str(shown) for key, shown in controls_of(spec, fields).items()}


def varied(spec: RunSpec, field: str, texts: Iterable[str]) -> list[RunSpec]:
    """The run with each of these values of a field of SEVERAL."""
    kind = type(getattr(spec, field))  # m = 0 and m = 0.0 would have two keys
    return [spec.model_copy(update={field: kind(SEVERAL[field].values[text])}) for text in texts]
