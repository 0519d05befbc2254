"""Mistakes in the live walk: its random numbers and steps, its theory, its badge, its sentences, and its settings."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_LIVE, _BROWSER = "sgd_core/ui/shell/live", "tests/browser"
_NUMBERS, _WORDS = f"{_BROWSER}/test_live_numbers.py", f"{_BROWSER}/test_live_words.py"
_SETTINGS, _SETTINGS_TESTS = f"{_LIVE}/settings.py", "tests/ui/test_live_settings.py"
_STATIONARY, _STATIONARY_TESTS = "sgd_core/noise/stationary.py", "tests/noise/test_stationary.py"
MUTATIONS = (
    Mutation("an example drawn twice in a batch without replacement", f"{_LIVE}/walk.js",
             "k + Math.floor(next() / 4294967296 * (N - k))", "Math.floor(next() / 4294967296 * N)", _NUMBERS),
    Mutation("a batch gradient that is a sum", f"{_LIVE}/walk.js", "v1[i] + g1 / B", "v1[i] + g1", _NUMBERS),
    Mutation("momentum that is left out of a step", f"{_LIVE}/walk.js", "m * v2[i] +", "v2[i] * 0 +", _NUMBERS),
    Mutation("a ring that knows no covariance between axes", f"{_LIVE}/theory.js", "turned(settle(0, 0), settle(0, 1),",
             "turned(settle(0, 0), 0,", _NUMBERS),
    Mutation("an edge without momentum", f"{_LIVE}/theory.js", "2 * (1 + m) / h[1]", "2 / h[1]", _NUMBERS),
    Mutation("the sampling factor of N instead of N - 1", f"{_LIVE}/theory.js", "(N - B) / (N - 1)", "(N - B) / N",
             _NUMBERS),
    Mutation("every step counted as a sample", f"{_LIVE}/meter.js", "Math.sqrt(squares / (n - 1) / n)",
             "Math.sqrt(squares / (n - 1) / n / 10)", _NUMBERS),
    Mutation("measured before the start is forgotten", f"{_LIVE}/meter.js", "if (this.left > 0) {", "if (false) {",
             _NUMBERS),
    Mutation("within and beyond swapped", f"{_LIVE}/words.js", "Math.abs(z) <= LARGEST_Z", "Math.abs(z) > LARGEST_Z",
             _NUMBERS),
    Mutation("larger said of a smaller cloud", f"{_LIVE}/words.js", 'one.relative > 0 ? "larger"',
             'one.relative < 0 ? "larger"', _WORDS),
    Mutation("first and second swapped beyond the edge", f"{_LIVE}/words.js",
             'theory.stable ? "" : ["first", "second"]', 'theory.stable ? "" : ["second", "first"]', _WORDS),
    Mutation("long steps blamed for what sampling does", f"{_LIVE}/words.js", "steps = apart / sampling",
             "steps = apart", _WORDS),
    Mutation("a lock that lets the ratio go", f"{_LIVE}/settings.js", "leads * sizes[follows]", "leads * sizes[i]",
             _NUMBERS),
    Mutation("a link that loses the second batch", _SETTINGS, 'query.get("B2")', 'query.get("B")', _SETTINGS_TESTS),
    Mutation("a lock that is shut whatever the link says", _SETTINGS, 'query.get("lock") != "off" and', "True or",
             _SETTINGS_TESTS),
    Mutation("a cloud beyond the edge", _STATIONARY, "eigvalsh(hessian)[-1]", "eigvalsh(hessian)[0]",
             _STATIONARY_TESTS),
    Mutation("noise that kicks w but not v", _STATIONARY, "[-learning_rate * eye, eye]",
             "[-learning_rate * eye, 0 * eye]", _STATIONARY_TESTS),
    Mutation("the limit of small steps without momentum", _STATIONARY, "along / (1 - momentum) /", "along /",
             _STATIONARY_TESTS),
)  # fmt: skip
