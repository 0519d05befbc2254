"""What is said of a guess."""

from __future__ import annotations

import pytest

from sgd_core.evidence.sentences import predict

LAST = " (mean of the last ten epochs)"


@pytest.mark.parametrize(
    ("guess", "end", "loss", "said"),
    [
        (
            0.80,
            0.9144,
            False,
            f"**B=512**: you said 80%, it ended at 91.4%{LAST}: 11.4 points too low.",
        ),
        (
            0.95,
            0.9144,
            False,
            f"**B=512**: you said 95%, it ended at 91.4%{LAST}: 3.6 points too high.",
        ),
        (0.5, 0.25, True, f"**B=512**: you said 0.50, it ended at 0.250{LAST}: 0.250 too high."),
        (0.2, 0.25, True, f"**B=512**: you said 0.20, it ended at 0.250{LAST}: 0.050 too low."),
        (0.91, 0.9103, False, f"**B=512**: you said 91%, and it ended there: 91.0%{LAST}."),
        (0.25, 0.25, True, f"**B=512**: you said 0.25, and it ended there: 0.250{LAST}."),
    ],
)
def test_a_guess_against_the_result(guess: float, end: float, loss: bool, said: str) -> None:
    assert predict.verdict("B=512", guess, end, loss) == said
