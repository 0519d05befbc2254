"""Mistakes in what is kept for all visitors, in what is given back, and in how a class is measured."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SHARED, _SHARED_TESTS = "sgd_core/ui/shell/shared.py", "tests/ui/test_shared.py"
_HOUSE, _HOUSE_TESTS = "sgd_core/ui/shell/housekeeping.py", "tests/ui/test_housekeeping.py"
_PRIVATE = "sgd_core/ui/shell/streamlit_private.py"
_BENCH, _BENCH_TESTS = "tools/visitors.py", "tests/tools/test_visitors.py"
MUTATIONS = (
    Mutation("entries counted, not bytes", _SHARED, "getsizeof=lambda value: ENTRY + size_of(value)",
             "getsizeof=lambda value: 1", _SHARED_TESTS),
    Mutation("an entry's key not counted", _SHARED, "ENTRY + size_of(value)", "size_of(value)", _SHARED_TESTS),
    Mutation("made once for each who asks at once", _SHARED, "cached(cache, key, condition=_TURN)",
             "cached(cache, key)", _SHARED_TESTS),
    Mutation("an argument left out of the key", _SHARED, "*(given.arguments[each] for each in named)",
             "*(given.arguments[each] for each in named[:1])", _SHARED_TESTS),
    Mutation("two functions under one key", _SHARED, "return (name, ", 'return ("", ', _SHARED_TESTS),
    Mutation("text in tables not counted", _SHARED, "value.memory_usage(deep=True).sum()",
             "value.memory_usage(deep=False).sum()", _SHARED_TESTS),
    Mutation("what dataclasses hold not counted", _SHARED, "if is_dataclass(value):", "if False:", _SHARED_TESTS),
    Mutation("sessions let go of and not ended", _PRIVATE, "        kept.session.shutdown()\n", "        pass\n",
             _HOUSE_TESTS),
    Mutation("memory given back at every look", _HOUSE, "if streamlit_private.forget_sessions():", "if True:",
             _HOUSE_TESTS),
    Mutation("garbage left", _HOUSE, "    gc.collect()\n", "", _HOUSE_TESTS),
    Mutation("an arena a thread", _HOUSE, "        set_to(_M_ARENA_MAX, ARENAS)\n", "", _HOUSE_TESTS),
    Mutation("large tables kept by the C library", _HOUSE, "        set_to(_M_MMAP_THRESHOLD, LARGE)\n", "",
             _HOUSE_TESTS),
    Mutation("Arrow keeps memory of its own", _HOUSE, "    pa.set_memory_pool(pa.system_memory_pool())\n", "",
             _HOUSE_TESTS),
    Mutation("a published run's epochs with its neighbour's first", "sgd_core/evidence/ends.py",
             "slice(begin, end) for", "slice(begin, end + 1) for", "tests/ui/test_made_once.py"),
    Mutation("covered runs among the epochs", "sgd_core/ui/figures/reckoned.py",
             'epochs[~epochs["run"].isin(covered)] if covered else epochs', "epochs", "tests/ui/test_made_once.py"),
    Mutation("a figure's lines made for every view", "sgd_core/ui/figures/reckoned.py", "@shared\ndef _of_all",
             "def _of_all", "tests/ui/test_made_once.py"),
    Mutation("a change in the noise lab draws the menu again", "sgd_core/ui/noise_lab/motion.py",
             "@words.fragment  # a control here leaves menu and title as they are\n", "", _BENCH_TESTS),
    Mutation("one process of several measured", _BENCH, "[process, *process.children(recursive=True)]", "[process]",
             _BENCH_TESTS),
    Mutation("failed answers among the quick ones", _BENCH, " if not each.opened and not each.failed]",
             " if not each.opened]", _BENCH_TESTS),
    Mutation("opened pages among the changes", _BENCH, " if not each.opened and not each.failed]",
             " if not each.failed]", _BENCH_TESTS),
    Mutation("the lowest for the highest twentieth", _BENCH, 'n=20, method="inclusive")[-1]',
             'n=20, method="inclusive")[0]', _BENCH_TESTS),
    Mutation("CPU of good answers only", _BENCH, "1000 * crowd.cpu / len(crowd.answers)",
             "1000 * crowd.cpu / len(good)", _BENCH_TESTS),
    Mutation("the last look at memory for its peak", _BENCH, "max(each.megabytes for each in crowd.memory)",
             "crowd.memory[-1].megabytes", _BENCH_TESTS),
    Mutation("disabled controls moved", _BENCH, " if not each.widget.disabled]", "]", _BENCH_TESTS),
)  # fmt: skip
