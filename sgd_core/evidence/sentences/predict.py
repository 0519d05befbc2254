"""What is said of a guess once the truth is out (Markdown)."""

from __future__ import annotations

from sgd_core.evidence.sentences.figures import gap


def verdict(name: str, guess: float, end: float, loss: bool) -> str:
    """A guess against the result: by how much it is off, and on which side; a guess as good as it is shown is right."""
    shown = (f"{guess:.2f}", f"{end:.3f}") if loss else (f"{guess:.0%}", f"{end:.1%}")
    off = gap(guess, end, loss)
    if off == gap(0, 0, loss):
        return f"**{name}**: you said {shown[0]}, and it ended there: {shown[1]} (mean of the last ten epochs)."
    side = "too high" if guess > end else "too low"
    return f"**{name}**: you said {shown[0]}, it ended at {shown[1]} (mean of the last ten epochs): {off} {side}."
