"""Mistakes in what is read of a curve from elsewhere, where it is drawn, and what is said of it."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_READ, _READ_TESTS = "sgd_core/runs/foreign.py", "tests/runs/test_foreign.py"
_DRAWN, _DRAWN_TESTS = "sgd_core/charts/foreign.py", "tests/charts/test_foreign.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/foreign.py", "tests/evidence/sentences/test_foreign.py"
_PAGE, _PAGE_TESTS = "sgd_core/ui/shell/elsewhere.py", "tests/app/test_elsewhere.py"
MUTATIONS = (
    Mutation("T of a rate that changes", _READ, "if len(rates) == 1 else None\n", "if rates else None\n", _READ_TESTS),
    Mutation("T without the rate", _READ, 'rate * updates for updates in along["updates"])',
             "updates for updates in along[\"updates\"])", _READ_TESTS),
    Mutation("T of the file overwritten", _READ, ' and "training_time" not in along', "", _READ_TESTS),
    Mutation("a row named by its place", _READ, "{table.rows[place]}", "{place}", _READ_TESTS),
    Mutation("steps that fall are taken", _READ, "if step < before:", "if step > 1e99:", _READ_TESTS),
    Mutation("percent as it is written", _READ, "value / 100 if percent", "value if percent", _READ_TESTS),
    Mutation("a typed B over that of the file", _READ, 'there, faults, whole=True) or _typed("B", asked.batch_size, '
             "whole=True)", 'there, faults, whole=True) and _typed("B", asked.batch_size, whole=True)', _READ_TESTS),
    Mutation("W&B's minimum drawn", _READ, '("__MIN", "__MAX")', '("__MAX",)', _READ_TESTS),
    Mutation("a point among decimal commas taken", _READ, 'if commas and "." in cell:', "if False:", _READ_TESTS),
    Mutation("a loss over accuracies", _DRAWN, " or curve.loss != measure.loss", "", _DRAWN_TESTS),
    Mutation("what lies beyond counted as seen", _DRAWN, "len(table) - seen, every", "len(table) - len(inside), every",
             _DRAWN_TESTS),
    Mutation("it does not wait for the clock", "sgd_core/charts/curves.py",
             'shown = ["glide >= 1", SHOWN["filter"].replace("position", "x")]', 'shown = ["glide >= 1"]',
             _DRAWN_TESTS),
    Mutation("not dashed", _DRAWN, '"strokeDash": DASH, ', "", _DRAWN_TESTS),
    Mutation("no badge", _DRAWN, '{"value": f"{BADGE}: {drawn.label}"}', '{"value": drawn.label}', _DRAWN_TESTS),
    Mutation("unknown for changing", _SAID, "{'changes' if curve.changing else",
             "{'changes' if not curve.changing else", _SAID_TESTS),
    Mutation("kinds swapped", _SAID, "kinds if curve.loss else", "kinds if not curve.loss else", _SAID_TESTS),
    Mutation("taken off and still there", _PAGE, "def _take_off() -> None:\n    st.session_state.pop(_BROUGHT, None)\n",
             "def _take_off() -> None:\n", _PAGE_TESTS),
    Mutation("a column keeps the kind of another", _PAGE,
             "kind = _LOSS if foreign.is_loss(brought.table, asked.column) else _ACCURACY\n        st", "st",
             _PAGE_TESTS),
)  # fmt: skip
