"""Mistakes in what the page on the collapse counts and says."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_CORE, _CORE_TESTS = "sgd_core/evidence/collapse.py", "tests/evidence/test_collapse.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/collapse.py", "tests/evidence/sentences/test_collapse.py"
MUTATIONS = (
    Mutation("noise without B", _CORE, 'trained["learning_rate"] / trained["batch_size"]', 'trained["learning_rate"]',
             _CORE_TESTS),
    Mutation("noise of the last epoch only", _CORE, ".groupby(by).cumsum()", "", _CORE_TESTS),
    Mutation("runs that have ended still counted", "sgd_core/evidence/alignment.py", "if x[0] <= at <= x[-1]:",
             "if x[0] <= at:", _CORE_TESTS),
    Mutation("a fold the wrong way round", _CORE, "noise.max() / noise.min()", "noise.min() / noise.max()",
             _CORE_TESTS),
    Mutation("along T without momentum's name", _CORE, 'TIME = "effective_time"', 'TIME = "updates"', _CORE_TESTS),
    Mutation("the slope of an accuracy, not of its error", _CORE, "np.maximum(1 - y, LEAST_ERROR)", "y", _CORE_TESTS),
    Mutation("no error at all makes a logarithm endless", _CORE, "LEAST_ERROR = 1e-3", "LEAST_ERROR = 0", _CORE_TESTS),
    Mutation("the slope per factor e", _CORE, "np.log10(values", "np.log(values", _CORE_TESTS),
    Mutation("loss and error swapped", _SAID, "'loss' if loss else 'error'", "'error' if loss else 'loss'",
             _SAID_TESTS),
    Mutation("the slopes swapped", _SAID, "{_change(at_ends, loss)}; among", "{_change(at_equal, loss)}; among",
             _SAID_TESTS),
    Mutation("a collapse claimed where there is none", _SAID, "if met.gap >= ends_apart:", "if False:", _SAID_TESTS),
)  # fmt: skip
