"""RunSpec: every setting that changes a run's result, validated, and the key under which that result is kept.

The paper's symbols, said once for the whole project:

    paper    here            meaning
    mu_0     learning_rate   learning rate of the first epoch
    B, B_0   batch_size      images per update (of the first epoch)
    s        step_decay      factor on the learning rate every decay_every epochs
    s_B      batch_growth    factor on the batch size every decay_every epochs
    N_dec    decay_every     epochs between two steps
    r        decay_rate      exponential decay per epoch

A key names a result: it covers the settings that matter for that run and are not at their default, the fingerprints of
data and weights, the seed of the feature bank and the version of the numerical protocol. So a new setting changes the
key of no run that leaves it at its default, and a default must never change. Device, threads and versions are
provenance, not key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from sgd_core.errors import UserError
from sgd_core.experiment import schedules
from sgd_core.experiment.choice import OneOf
from sgd_core.experiment.datasets import DATASETS, OWN_NAME
from sgd_core.experiment.heads import HEADS

PROTOCOL = 1
"""Version of the numerical protocol: raise it whenever the same spec would give other records."""


class SpecError(UserError):
    """A setting that no run can have; each line is a sentence naming the field, the value and what is allowed."""


@dataclass(frozen=True)
class Fingerprints:
    """What a run stood on besides its settings: SHA-256 of the data, of the feature weights, and the bank's seed."""

    data: str
    weights: str
    bank_seed: int = 0

    def columns(self) -> dict[str, str | int]:
        """What a run stands on besides its settings, as columns of the table of runs."""
        return {
            "data_fingerprint": self.data,
            "weights_fingerprint": self.weights,
            "bank_seed": self.bank_seed,
            "protocol": PROTOCOL,
        }


class RunSpec(schedules.ScheduleSettings):
    """One run's settings; the defaults are the paper's nominal run (Figure 1, B=16, mu=1e-4)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dataset: Annotated[str, OneOf(DATASETS, OWN_NAME.pattern)] = "vegetables"
    images_per_class: int | None = Field(default=None, ge=2, le=10_000, description="None: all images")
    label_noise: float = Field(default=0.0, ge=0, le=0.9, description="share of training labels that are wrong")
    features: Annotated[str, OneOf(("imagenet", "random"))] = "imagenet"
    views: int = Field(default=151, ge=2, le=1001, description="augmented feature views that the epochs cycle through")
    augment: bool = Field(default=True, description="false: train and be scored on the images as they are, no crops")
    head: Annotated[str, OneOf(HEADS)] = Field(default="paper", description="the layers that are trained")
    dropout: float = Field(default=0.5, ge=0, le=0.9, description="share of a layer's inputs that a step leaves out")
    epochs: int = Field(default=150, ge=1, le=schedules.MOST_EPOCHS)
    updates: int | None = Field(
        default=None, ge=1, le=1_000_000, description="stop after exactly so many, whatever epochs says"
    )
    batch_size: int = Field(default=16, ge=1, le=4096)
    learning_rate: float = Field(default=1e-4, ge=1e-12, le=10)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_noise: float = Field(
        default=0.0, ge=0, le=10_000, description="variance of the random weight of each example's loss, mean 1"
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1)

    @field_validator("*", mode="wrap")
    @classmethod
    def _say_what_is_allowed(cls, value: Any, handler: Any, info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            field = str(info.field_name)
            raise PydanticCustomError("not_allowed", "{sentence}", {"sentence": _sentence(field, value)}) from None

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> RunSpec:
        """The spec with these values; raises SpecError with one sentence per field that cannot be."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise SpecError("\n".join(_sentences(error))) from None

    def settings(self) -> dict[str, Any]:
        """The fields that matter for this run's result, floats rounded to 12 significant digits."""
        unused = schedules.unused_fields(self)
        if self.updates is not None:
            unused.add("epochs")
        if not self.augment:
            unused.add("views")
        values = {name: value for name, value in self.model_dump().items() if name not in unused}
        return {name: float(f"{v:.12g}") + 0.0 if isinstance(v, float) else v for name, v in values.items()}  # -0 is 0

    def chosen(self) -> dict[str, Any]:
        """Those of `settings` that are not at their default: what makes this run another than the nominal one."""
        fields = type(self).model_fields
        return {name: value for name, value in self.settings().items() if value != fields[name].default}

    def command(self) -> str:
        """The command line that makes this run; options at their defaults are left out."""
        return "python -m sgd_core train" + "".join(f" {_option(*chosen)}" for chosen in self.chosen().items())

    def question(self) -> str:
        """What a reader asks for: the settings without `views`, as canonical JSON. Pages look runs up by it."""
        return _canonical({name: value for name, value in self.chosen().items() if name != "views"})

    def key(self, fingerprints: Fingerprints) -> str:
        """SHA-256 (64 hex digits) that names this run's result on these data, these weights and this protocol."""
        return key_of(self.chosen(), fingerprints)


def key_of(settings: Mapping[str, Any], fingerprints: Fingerprints) -> str:
    """The key of a run that these settings name."""
    named = {
        "settings": settings,
        "data": fingerprints.data,
        "weights": fingerprints.weights,
        "bank_seed": fingerprints.bank_seed,
        "protocol": PROTOCOL,
    }
    return hashlib.sha256(_canonical(named).encode()).hexdigest()


def allowed(field: str) -> str:
    """What a field of RunSpec may be, in words: 'a whole number from 1 to 4096'."""
    info = RunSpec.model_fields[field]
    if names := choices(field):
        own = ", or the name of images of your own: 1 to 40 lower-case letters, digits and hyphens"
        return "one of " + ", ".join(names) + (own if field == "dataset" else "")
    if info.annotation is bool:
        return "true or false"
    kind = "a whole number" if info.annotation in (int, int | None) else "a number"
    text = f"{kind} {_range(info)}"
    return f"{text}, or left out for {LEFT_OUT[field]}" if field in LEFT_OUT else text


LEFT_OUT = {"images_per_class": "all images", "updates": "as many as the epochs have"}
"""What it means that a field which may be None is."""


def choices(field: str) -> tuple[str, ...]:
    """The names that a field takes, in their order; none for a number."""
    return next((item.names for item in RunSpec.model_fields[field].metadata if isinstance(item, OneOf)), ())


def limits(field: str) -> tuple[float | None, float | None]:
    """The lowest and highest value of a numeric field (None where the limit itself is excluded)."""
    info = RunSpec.model_fields[field]
    return _bound(info, "ge"), _bound(info, "le")


def _bound(info: FieldInfo, name: str) -> Any:
    return next((getattr(item, name) for item in info.metadata if hasattr(item, name)), None)


def _range(info: FieldInfo) -> str:
    if _bound(info, "ge") is not None and _bound(info, "le") is not None:
        return f"from {_bound(info, 'ge')} to {_bound(info, 'le')}"
    low = f"at least {_bound(info, 'ge')}" if _bound(info, "ge") is not None else f"above {_bound(info, 'gt')}"
    high = f"at most {_bound(info, 'le')}" if _bound(info, "le") is not None else f"below {_bound(info, 'lt')}"
    return f"{low} and {high}"


def _sentence(field: str, value: Any) -> str:
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return f"{field} is {shown}, but must be {allowed(field)}."


def _sentences(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors():
        if item["type"] == "extra_forbidden":
            fields = ", ".join(RunSpec.model_fields)
            lines.append(f"{item['loc'][0]} is not a setting of a run; the settings are {fields}.")
        else:
            lines.append(item["msg"])
    return lines


def _option(name: str, value: Any) -> str:
    option = name.replace("_", "-")
    return f"--{option} {value}" if not isinstance(value, bool) else f"--{option}" if value else f"--no-{option}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
