"""Mistakes in the step of SGD."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_STEP, _STEP_TESTS = "sgd_core/training/sgd.py", "tests/training/test_sgd.py"
MUTATIONS = (
    Mutation("momentum forgotten at every step", _STEP, "is_first_step=is_first", "is_first_step=True", _STEP_TESTS),
    Mutation("the gradient damped", _STEP, "dampening=0.0", "dampening=self.momentum", _STEP_TESTS),
    Mutation("a look ahead", _STEP, "nesterov=False", "nesterov=self.momentum > 0", _STEP_TESTS),
)  # fmt: skip
