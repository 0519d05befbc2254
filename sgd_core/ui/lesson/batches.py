"""Pictures of a lesson that need no run: batches as tiles, the cloud of batch steps, and kick and forget on a bowl."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from sgd_core.charts import batches, bowls, kicks, planes, screen
from sgd_core.evidence.sentences import lesson as sentences
from sgd_core.evidence.sentences import motion
from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.noise import clouds
from sgd_core.noise.clouds import Cloud
from sgd_core.ui.lesson.picture import Moment, Picture, Shown, look
from sgd_core.ui.lesson.script import Part
from sgd_core.ui.noise_lab import guess
from sgd_core.ui.noise_lab import motion as bowl

Size = Annotated[int, Field(ge=1, le=TRAIN_IMAGES)]
START = "the start"
STEPS, FRAME_MS = 120, 40
"""Frames in which a batch grows to the size that is asked about, and their milliseconds."""
WINDOW = (1.5, 1.1)
"""How far the picture of the cloud reaches from the tip of the arrow, across and up."""


class Tiles(Part):
    """Batch sizes side by side: a batch of each as dots, then an epoch as one tile a step."""

    sizes: tuple[Size, Size] = (16, 512)


class Scatter(Part):
    """The steps of many batches of one size, then of a larger one."""

    sizes: tuple[int, int] = (4, 64)

    @model_validator(mode="after")
    def _sizes_are_known(self) -> Self:
        if not all(size in guess.SIZES for size in self.sizes) or self.sizes[0] >= self.sizes[1]:
            raise ValueError(f"must have as sizes two of {', '.join(map(str, guess.SIZES))}, the smaller one first")
        return self


class Setting(Part):
    """Learning rate and batch size of SGD on the bowl."""

    rate: Annotated[float, Field(gt=0, lt=2)]
    batch: Annotated[int, Field(ge=1, le=64)]


class Bowls(Part):
    """Two settings of SGD on the same bowl; the second is covered at first."""

    first: Setting = Setting(rate=0.025, batch=1)
    second: Setting = Setting(rate=0.1, batch=4)


def tiles(settings: Tiles, moment: Moment) -> Shown:
    """A batch of each size; then an epoch."""
    sizes = settings.sizes
    if moment.presses == 0:
        said = " and ".join(f"a batch of {size}" for size in sizes)
        return Shown(
            screen.filling(batches.batch(sizes, look()), look().ink),
            f"Two squares of dots: {said}, a dot an image.",
            read="Every dot is an image. A step looks at one batch, and then moves the weights.",
        )
    answer = sentences.epoch(sizes, TRAIN_IMAGES)
    chart = screen.filling(batches.epoch(sizes, TRAIN_IMAGES, look()), look().ink)
    return Shown(
        screen.once(chart, 0, batches.FRAMES, 1, batches.FRAME_MS),
        f"All images as one tile a step. {answer}",
        answer=answer,
        seconds=batches.FRAMES * batches.FRAME_MS / 1000,
    )


def scatter(settings: Scatter, moment: Moment) -> Shown:
    """Steps of batches of the small size; then the batch grows to the large one."""
    low, high = (guess.SIZES.index(size) for size in settings.sizes)
    sizes = guess.SIZES[low : high + 1]
    weights, full = guess.weights_at(START), guess.gradients_at(START).mean(axis=0)
    gradients = guess.cloud_at(START, True, 0).gradients[low : high + 1]
    tip = weights - full
    window = ((tip[0] - WINDOW[0], tip[0] + WINDOW[0]), (tip[1] - WINDOW[1], tip[1] + WINDOW[1]))
    chart = planes.steps(guess.level_lines(), weights, full, sizes, sizes[0], look(), window)
    last = len(sizes) - 1
    end = last if moment.presses else 0
    moving = screen.once(screen.filling(chart, look().ink), 0, end, last / STEPS, FRAME_MS)
    off = [float(np.sqrt(np.mean(np.sum((gradients[at] - full) ** 2, axis=1)))) for at in (0, last)]
    answer = sentences.narrower(*settings.sizes, (off[0], off[1])) if moment.presses else ""
    return Shown(
        moving,
        f"The steps of {guess.DRAWN} batches around the arrow of the full gradient. {answer}",
        planes.places(weights, gradients),
        f"Arrow: the step of all examples. Dots: the steps of {guess.DRAWN} batches of B. Thin lines: equal loss.",
        answer,
        STEPS * FRAME_MS / 1000,
    )


def walkers(settings: Bowls, moment: Moment) -> Shown:
    """The first cloud; then both."""
    both = (_cloud("First", settings.first), _cloud("Second", settings.second))
    end, reach = clouds.shared_end(*both), bowl.reach_of(both)
    panels = [
        bowls.Panel(
            each.name, motion.label(each).partition(": ")[2], "", each.curvature, each.learning_rate, each.exact,
            each.walk.variance,
        )
        for each in both
    ]  # fmt: skip
    covered = [] if moment.presses else [both[1].name]
    films = [
        bowls.film(panel, each.walk.paths, end, reach)
        for panel, each in zip(panels, both, strict=True)
        if panel.name not in covered
    ]
    chart = screen.filling(kicks.chart(panels, reach, covered, look()), look().ink)
    answer = ""
    if not covered:
        measured = (both[0].walk.stationary.value, both[1].walk.stationary.value)
        answer = sentences.clouds((both[0].noise, both[1].noise), measured)
    return Shown(
        screen.once(chart, 0, bowls.FRAMES, kicks.PACE, kicks.FRAME_MS),
        f"Walkers on a bowl of loss: {motion.label(both[0])} and {motion.label(both[1])}. {answer}",
        bowls.packed(films),
        "Every dot is an SGD run of one weight. Noise kicks it up the slope, the slope pulls it back. Bar: ± 2 "
        "standard deviations, by theory.",
        answer,
        bowls.FRAMES / kicks.PACE * kicks.FRAME_MS / 1000,
    )


def _cloud(name: str, setting: Setting) -> Cloud:
    return bowl.cloud(name, setting.rate, setting.batch, 1.0, 0.0, 0 if name == "First" else 10_000)


def _one(settings: Part) -> int:
    return 1


PICTURES = {
    "batches": Picture(Tiles, _one, tiles),
    "cloud": Picture(Scatter, _one, scatter),
    "bowl": Picture(Bowls, _one, walkers),
}
