"""The columns of the table of runs as a reader knows them: by which it is sorted, and what a scatter is drawn of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sgd_core.images.sets import PAPERS


@dataclass(frozen=True)
class Column:
    """One column of the table, which is the column `field` of Store.runs."""

    field: str
    format: str = "%g"
    """As st.column_config.NumberColumn has it; a share is shown in percent."""
    share: bool = False
    log: bool = False
    """Whether an axis of it is logarithmic where no value forbids that."""
    falling: bool = False
    """Whether the largest stands first."""


PAPERS_ACCURACY = "paper's accuracy"
NUMBERS = {
    "B": Column("batch_size", "%d", log=True),
    "μ₀": Column("learning_rate", log=True),
    "μ/B": Column("noise", "%.2e", log=True),
    "updates": Column("end_updates", "%d", log=True),
    "T": Column("end_time", "%.3g", log=True),
    "T_eff": Column("end_effective", "%.3g", log=True),
    "V": Column("views", "%d"),
    "seed": Column("seed", "%d"),
    PAPERS_ACCURACY: Column("final_reported_accuracy", "%.1f%%", share=True, falling=True),
    "validation": Column("final_val_accuracy", "%.1f%%", share=True, falling=True),
    "test": Column("final_test_accuracy", "%.1f%%", share=True, falling=True),
    "train loss": Column("final_train_loss", "%.3g", log=True),
    "validation loss": Column("final_val_loss", "%.3g", log=True),
    "test loss": Column("final_test_loss", "%.3g", log=True),
}


def called(name: str, images: Iterable[str]) -> str:
    """What a column is called above runs on these sets of images: the paper measured nothing but its own."""
    return "training accuracy" if name == PAPERS_ACCURACY and set(images) - {PAPERS} else name


SORTS = {"newest": Column("date", falling=True), **NUMBERS, "schedule": Column("schedule"), "epochs": Column("epochs")}
"""What the table can be sorted by."""
