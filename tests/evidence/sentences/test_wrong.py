"""What is said of the images that a run gets wrong."""

from __future__ import annotations

import pytest

from sgd_core.evidence.sentences import wrong as sentences
from sgd_core.evidence.wrong import Found, Image

TWO = Found(2000, 2, (Image(1, 0, 1), Image(2, 5, 8)))
ONE = Found(409, 1, (Image(1, 0, 1),))


def many(wrong: int) -> Found:
    return Found(2000, wrong, tuple(Image(i, 5, 8) for i in range(wrong)))


@pytest.mark.parametrize(
    ("split", "found", "confused", "twins", "in_all", "runs", "said"),
    [
        ("val", Found(409, 0, ()), None, 0, 0, 6, "None of the 409 validation images is wrong."),
        ("train", Found(2967, 1200, ()), None, None, None, 1,
         "**1,200 of 2,967** training images are wrong (40%). So many are not kept one by one."),
        ("test", many(124), ("carrot", "potato", 19), 5, 11, 2,
         "**124 of 2,000** test images are wrong (6%). Most often carrot is taken for potato: 19 times. 5 of them have "
         "a near-twin among the training images. 11 of them are wrong in both runs compared here."),
        ("test", TWO, None, 1, 0, 6,
         "**2 of 2,000** test images are wrong (less than 1%). 1 of them has a near-twin among the training images. "
         "None of them is wrong in all 6 runs compared here."),
        ("test", TWO, None, 0, 1, 3,
         "**2 of 2,000** test images are wrong (less than 1%). None of them has a near-twin among the training images. "
         "1 of them is wrong in all 3 runs compared here."),
        ("val", ONE, None, 0, 1, 6,
         "**1 of 409** validation images is wrong (less than 1%). It does not have a near-twin among the training "
         "images. It is wrong in all 6 runs compared here."),
        ("val", ONE, None, 1, 0, 2,
         "**1 of 409** validation images is wrong (less than 1%). It has a near-twin among the training images. It is "
         "not wrong in both runs compared here."),
        ("train", TWO, None, None, None, 1, "**2 of 2,000** training images are wrong (less than 1%)."),
    ],
)  # fmt: skip
def test_how_many_of_how_many(
    split: str,
    found: Found,
    confused: tuple[str, str, int] | None,
    twins: int | None,
    in_all: int | None,
    runs: int,
    said: str,
) -> None:
    assert sentences.told(split, found, confused, twins, in_all, runs) == said


def test_whose_end_it_is() -> None:
    assert sentences.whose("B=16", 1, 33, True) == "At the end of B=16, seed 1, V=33: one run."
    assert sentences.whose("B=16", 0, 33, False) == (
        "At the end of B=16, seed 0, V=33: one run. The curve is of other runs with these settings."
    )


def test_one_image() -> None:
    assert sentences.said_of("carrot", "potato") == "carrot, taken for potato"
    assert [sentences.marks(*which) for which in ((True, True), (True, False), (False, True), (False, False))] == [
        "near-twin, in all runs", "near-twin", "in all runs", "",
    ]  # fmt: skip
    assert sentences.class_name(("bean", "carrot"), 1) == "carrot"
    assert sentences.class_name(None, 1) == "class 2"
    assert sentences.class_name(("bean", "carrot"), 2) == "class 3"


def test_what_is_not_shown_and_not_measured() -> None:
    assert sentences.cut(40, 1124) == "The first 40 of 1,124 are shown."
    assert sentences.cut(12, 12) == ""
    assert (
        sentences.not_measured("B=16", "make it")
        == "Which images B=16 still gets wrong is not measured yet: `make it`."
    )
