"""Mistakes in schedules."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_PLAN, _PLAN_TESTS = "sgd_core/experiment/schedules.py", "tests/experiment/test_schedules.py"
MUTATIONS = (
    Mutation("T halved", _PLAN, "accumulate(mu * n for mu, n", "accumulate(mu * n / 2 for mu, n", _PLAN_TESTS),
    Mutation("momentum ignored", _PLAN, "mu * (n - momentum_still_cold(momentum, total - n, n))", "mu * n",
             _PLAN_TESTS),
    Mutation("momentum warm one update early", _PLAN, "momentum ** (first + 1)", "momentum**first", _PLAN_TESTS),
    Mutation("cosine that ends at zero", _PLAN, "math.cos(math.pi * k / epochs)",
             "math.cos(math.pi * k / (epochs - 1 or 1))",
             _PLAN_TESTS),
    Mutation("warm-up one epoch too long", _PLAN, "(spec.warmup_epochs + 1)", "(spec.warmup_epochs + 2)", _PLAN_TESTS),
    Mutation("time-based as Keras has it", _PLAN, "lambda mu, k: mu / (1 + k * d)",
             "lambda mu, k: spec.learning_rate / (1 + k * d)",
             _PLAN_TESTS),
)  # fmt: skip
