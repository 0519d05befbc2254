"""What a reader sets of two live walks, as the link has it: only what is not at its default."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

T = TypeVar("T", int, float)

RATES = [round(0.1 * part * 2.0**power, 10) for power in range(-2, 9) for part in (1, 1.25, 1.5, 1.75)]
"""0.025 to 44.8, four to an octave: twice a learning rate is among them too, as mu/B wants it. The edge is at 16.2
without momentum."""
BATCHES = [2**k for k in range(9)]
MOMENTA = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95]
SPEEDS = [1, 4, 15, 60, 240, 960]
"""Steps a second; up to a screen's 60 frames each step is seen."""


@dataclass(frozen=True)
class Settings:
    """Two walks: learning rates and batch sizes of both, and what they share."""

    mu: tuple[float, float] = (0.4, 0.8)
    B: tuple[int, int] = (8, 16)
    m: float = 0.0
    time: str = "steps"
    """In what both go equally fast: steps, or mu x steps ("mu")."""
    many: bool = True
    """All walkers, or one."""
    replacement: bool = False
    lock: bool = True
    """Whether moving a slider keeps mu/B the same in both walks."""
    speed: int = 60

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Settings:
        """Settings of a link; what is not among a control's choices is dropped, and a lock that does not hold."""
        start = cls()
        mu = (_among(RATES, query.get("mu"), start.mu[0]), _among(RATES, query.get("mu2"), start.mu[1]))
        batch = (_among(BATCHES, query.get("B"), start.B[0]), _among(BATCHES, query.get("B2"), start.B[1]))
        return cls(
            mu, batch, _among(MOMENTA, query.get("m"), start.m),
            "mu" if query.get("time") == "mu" else "steps", query.get("walkers") != "one", query.get("drawn") == "with",
            query.get("lock") != "off" and abs(mu[0] * batch[1] / (mu[1] * batch[0]) - 1) < 1e-6,
            _among(SPEEDS, query.get("speed"), start.speed),
        )  # fmt: skip

    @classmethod
    def of_component(cls, told: Mapping[str, Any]) -> Settings:
        """What the component reported; raises KeyError or TypeError where it is not of that form."""
        return cls(
            (told["mu"][0], told["mu"][1]), (told["B"][0], told["B"][1]), told["m"], told["time"], told["many"],
            told["replacement"], told["lock"], told["speed"],
        )  # fmt: skip

    def query(self) -> dict[str, str]:
        """The link's part: what is not at its default."""
        return {name: value for name, value in _named(self).items() if value != _named(Settings())[name]}

    def told(self) -> dict[str, Any]:
        """As the component has it."""
        return asdict(self)


NAMES = ("mu", "B", "mu2", "B2", "m", "time", "walkers", "drawn", "lock", "speed")
"""What a link may say of the walks."""


def _named(of: Settings) -> dict[str, str]:
    values = (
        f"{of.mu[0]:g}", str(of.B[0]), f"{of.mu[1]:g}", str(of.B[1]), f"{of.m:g}", of.time,
        "many" if of.many else "one", "with" if of.replacement else "without", "on" if of.lock else "off",
        str(of.speed),
    )  # fmt: skip
    return dict(zip(NAMES, values, strict=True))


def _among(choices: Sequence[T], said: str | None, default: T) -> T:
    try:
        wanted = float(said) if said is not None else default
    except ValueError:
        return default
    return next((one for one in choices if math.isclose(one, wanted)), default)
