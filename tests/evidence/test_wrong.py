"""What runs get wrong at their ends, from the rows that the gauge keeps, and what is known of the images."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.evidence import wrong
from sgd_core.evidence.wrong import End, Found, Image
from sgd_core.experiment.datasets import DATASETS
from sgd_core.images.places import VEGETABLES
from sgd_core.runs.kept import table

PAPERS = DATASETS["vegetables"].fingerprint


def _runs(*rows: tuple[str, str, int, int, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["run", "key", "seed", "views", "own"])
    return frame.assign(data_fingerprint="photographs")


def _measured(key: str, epoch: int, **values: float | None) -> list[dict[str, object]]:
    named = {name.replace("_of_", " of ").replace("__", " "): value for name, value in values.items()}
    return [
        {"key": key, "probe": "errors", "epoch": epoch, "name": name, "value": value} for name, value in named.items()
    ]


def _frame(*parts: list[dict[str, object]]) -> pd.DataFrame:
    return table.frame("measurements", [row for part in parts for row in part])


END = {"test_images": 200.0, "test_wrong": 2.0, "test__117_of_3": 4.0, "test__9_of_0": 1.0}


def test_an_end_is_what_was_measured_after_the_last_epoch() -> None:
    measured = _frame(
        _measured("a", 5, **END, val_images=40.0, val_wrong=0.0),
        _measured("a", -1, test_images=200.0, test_wrong=180.0),
    )
    found = wrong.ends(_runs(("B=16", "a", 1, 33, True)), {"a": 5}, measured)
    splits = {"test": Found(200, 2, (Image(9, 0, 1), Image(117, 3, 4))), "val": Found(40, 0, ())}
    assert found == {"B=16": End("B=16", 1, 33, "photographs", True, splits)}  # type: ignore[arg-type]
    assert wrong.ends(_runs(("B=16", "a", 1, 33, True)), {"a": 9}, measured) == {}  # it went on after that


def test_of_many_seeds_one_stands_and_the_curves_own_before_others() -> None:
    runs = _runs(("B=16", "a", 3, 33, True), ("B=16", "b", 1, 33, True), ("B=16", "c", 1, 151, True),
                 ("B=16", "d", 0, 151, False), ("B=32", "e", 2, 33, False), ("B=64", "f", 0, 33, True))  # fmt: skip
    measured = _frame(*(_measured(key, 5, **END) for key in "abcde"))
    found = wrong.ends(runs, dict.fromkeys("abcdef", 5), measured)
    assert [(end.run, end.seed, end.views, end.own) for end in found.values()] == [
        ("B=16", 1, 151, True), ("B=32", 2, 33, False),
    ]  # fmt: skip


def test_weights_that_were_not_finite_are_no_end() -> None:
    measured = _frame(_measured("a", 5, test_images=200.0, test_wrong=None))
    assert wrong.ends(_runs(("B=16", "a", 0, 33, True)), {"a": 5}, measured) == {}


def test_too_many_to_be_kept_are_not_whole() -> None:
    measured = _frame(_measured("a", 5, test_images=2000.0, test_wrong=1800.0, val_images=9.0, val_wrong=0.0))
    (end,) = wrong.ends(_runs(("B=16", "a", 0, 33, True)), {"a": 5}, measured).values()
    assert {split: found.whole for split, found in end.splits.items()} == {"test": False, "val": True}


def _end(*indices: int, wrong_of: int | None = None, data: str = "photographs") -> End:
    listed = tuple(Image(i, 0, 1) for i in indices)
    return End("run", 0, 33, data, True, {"test": Found(200, len(listed) if wrong_of is None else wrong_of, listed)})


@pytest.mark.parametrize(
    ("ends", "shared", "runs"),
    [
        ([_end(1, 2, 3), _end(3, 2, 9), _end(2, 3)], {2, 3}, 3),
        ([_end(1), _end(2)], set(), 2),
        ([_end(1), _end()], set(), 2),  # none wrong is a list too
        ([_end(1, 2), _end(2, 7), _end(wrong_of=1500)], {2}, 2),
        ([_end(1, 2)], None, 1),
        ([_end(1, 2), _end(wrong_of=1500)], None, 1),
        ([_end(1, 2), _end(1, 2, data="others")], None, 2),
    ],
)
def test_the_images_that_every_run_gets_wrong(ends: list[End], shared: set[int] | None, runs: int) -> None:
    assert wrong.in_all(ends, "test") == shared
    assert wrong.compared(ends, "test") == runs
    assert wrong.in_all(ends, "val") is None


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([(5, 8), (5, 8), (8, 5), (1, 0)], (5, 8, 2)),
        ([(5, 8), (5, 8), (8, 5), (8, 5)], None),  # none is the most
        ([(5, 8), (8, 5)], None),
        ([(5, 8)], None),
        ([], None),
    ],
)
def test_what_is_most_often_taken_for_what(pairs: list[tuple[int, int]], found: tuple[int, int, int] | None) -> None:
    assert wrong.confused([Image(i, *pair) for i, pair in enumerate(pairs)]) == found


def test_of_the_papers_images_every_index_has_a_name_and_its_class() -> None:
    names = wrong.class_names(PAPERS)
    assert names is not None
    assert names[1] == "bitter gourd"
    for split, images in (("train", 2967), ("val", 409), ("test", 2000)):
        places = [str(wrong.place(PAPERS, split, i)) for i in range(images)]  # type: ignore[arg-type]
        assert places == sorted(places, key=lambda place: (VEGETABLES.index(place.split("/")[1]), place))
        assert {place.split("/")[0] for place in places} == {split}
    assert wrong.place("others", "test", 0) is None
    assert wrong.class_names("others") is None


def test_near_twins_are_known_of_the_papers_images_alone() -> None:
    found = wrong.with_twins(PAPERS, "test")
    assert found is not None
    assert len(found) == 139
    assert 2 in found  # test/Bean/0003.jpg, the first of the list
    assert 5 not in found  # test/Bean/0006.jpg is alike, no twin
    assert wrong.with_twins(PAPERS, "train") is None
    assert wrong.with_twins("others", "test") is None
