"""What examples.EXAMPLES show: a comment with the runs' own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sgd_core.experiment.examples import BEST, EXAMPLES
from sgd_core.experiment.spec import RunSpec

Row = Mapping[str, Any]
"""A row of Store.runs."""
_NOMINAL = RunSpec()


def comment(title: str, rows: list[Row]) -> str:
    """What the example of that title shows; `rows` are of its runs, in their order."""
    return _COMMENTS[title](rows[0], rows[1:])


def _best(row: Row, beside: list[Row]) -> str:
    return (
        f"The authors' best: {BEST.reported:.1%} of the training images on random crops; here "
        f"{row['final_reported_accuracy']:.1%}, and {row['final_test_accuracy']:.1%} of the test images."
    )


def _too_small(row: Row, beside: list[Row]) -> str:
    (other,) = beside
    less = other["end_effective"] / row["end_effective"]
    return (
        f"{_test(row)}, where B={other['batch_size']} has {other['final_test_accuracy']:.1%}: it is unfinished. It has "
        f"trained {less:.2g} times less far (T_eff)."
    )


def _matched(row: Row, beside: list[Row]) -> str:
    (other,) = beside
    points = 100 * (row["final_test_accuracy"] - other["final_test_accuracy"])
    return (
        f"The same batch with {row['learning_rate'] / _NOMINAL.learning_rate:.3g} times the rate: {_test(row)}, "
        f"{abs(points):.1f} points {'above' if points > 0 else 'below'} B={other['batch_size']} at μ=1e-4. Equal "
        "noise, and equal training time: this pair cannot tell which of them does it."
    )


def _noisier(row: Row, beside: list[Row]) -> str:
    (other,) = beside
    louder = row["noise"] / other["noise"]
    return (
        f"Equal training time, equal updates, {louder:.3g} times the noise of B={other['batch_size']}: {_test(row)}, "
        f"against {other['final_test_accuracy']:.1%}."
    )


def _dies(row: Row, beside: list[Row]) -> str:
    return (
        f"μ falls by a factor e every epoch: after 20 of {row['epochs']} epochs nothing moves any more. {_test(row)}."
    )


def _chance(row: Row, beside: list[Row]) -> str:
    return (
        f"Too large a rate for so small a batch: it ends at chance, {row['final_test_accuracy']:.1%} of the test "
        f"images. B={beside[0]['batch_size']} learns at this very rate ({beside[0]['final_test_accuracy']:.1%} after "
        f"as many epochs)."
    )


def _diverged(row: Row, beside: list[Row]) -> str:
    return f"The loss left all bounds: training was stopped after {int(row['end_updates'])} updates."


def _test(row: Row) -> str:
    return f"{row['final_test_accuracy']:.1%} of the test images"


_COMMENTS: dict[str, Callable[[Row, list[Row]], str]] = dict(
    zip(EXAMPLES, (_best, _too_small, _matched, _noisier, _dies, _chance, _diverged), strict=True)
)
