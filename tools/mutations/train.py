"""Mistakes in what is said of a run before and while it trains, on the workbench, and on the page of every run."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_TRAIN, _TRAIN_TESTS = "sgd_core/evidence/sentences/train.py", "tests/evidence/sentences/test_train.py"
_LOOP, _LOOP_TESTS = "sgd_core/training/loop.py", "tests/training/test_loop.py"
_DUELS, _DUELS_TESTS = "sgd_core/experiment/duels.py", "tests/experiment/test_duels.py"
_UNDER_WAY, _UNDER_WAY_TESTS = "sgd_core/evidence/under_way.py", "tests/evidence/test_under_way.py"
_FORECAST, _FORECAST_TESTS = "sgd_core/evidence/sentences/forecast.py", "tests/evidence/sentences/test_forecast.py"
_ENGINE, _ENGINE_TESTS = "sgd_core/runs/queue/engine.py", "tests/runs/test_engine.py"
_WORDS, _WORDS_TESTS = "sgd_core/evidence/sentences/words.py", "tests/evidence/sentences/test_words.py"
_BENCH, _BENCH_TESTS = "sgd_core/evidence/sentences/workbench.py", "tests/evidence/sentences/test_workbench.py"
_EVERY, _EVERY_TESTS = "sgd_core/evidence/sentences/every_run.py", "tests/evidence/sentences/test_every_run.py"
_DIVERGENCE, _DIVERGENCE_TESTS = "sgd_core/evidence/divergence.py", "tests/evidence/test_divergence.py"
_PACE, _PACE_TESTS = "sgd_core/runs/pace.py", "tests/runs/test_pace.py"
_NEIGHBOURS, _NEIGHBOURS_TESTS = "sgd_core/ui/shell/neighbours.py", "tests/ui/test_neighbours.py"
_CONTROLS, _CONTROLS_TESTS = "sgd_core/ui/shell/run_controls.py", "tests/ui/test_run_controls.py"
_GRID, _GRID_TESTS = "sgd_core/experiment/grid.py", "tests/experiment/test_grid.py"
_SEARCH, _SEARCH_TESTS = "sgd_core/runs/kept/search.py", "tests/runs/test_search.py"
MUTATIONS = (
    Mutation("one more run than may be asked for", _TRAIN, "if wanted > most:", "if wanted > most + 1:", _TRAIN_TESTS),
    Mutation("a grid's equal updates an epoch's", _GRID, '"updates": end.updates}', '"updates": end.batch_size}',
             _GRID_TESTS),
    Mutation("a grid's equal time that with momentum", _GRID, "_until(each, end.training_time)",
             "_until(each, end.effective_time)", _GRID_TESTS),
    Mutation("a grid is found by its lowest values", _SEARCH, "{low:g}..{high:g}", "{low:g}..{low:g}", _SEARCH_TESTS),
    Mutation("a setting is taken for a phrase", _SEARCH, r"""(\d+) epochs\b(?!\s*[<>=])""", r"""(\d+) epochs\b""",
             _SEARCH_TESTS),
    Mutation("nearest neighbours sorted furthest first", _NEIGHBOURS, 'sort_values("away", kind="stable")',
             'sort_values("away", kind="stable", ascending=False)', _NEIGHBOURS_TESTS),
    Mutation("a neighbour with other labels", _NEIGHBOURS, "if same.any():", "if False:", _NEIGHBOURS_TESTS),
    Mutation("the forecast's T halved", _FORECAST, "T = {end.training_time:.3g}", "T = {end.training_time / 2:.3g}",
             _FORECAST_TESTS),
    Mutation("images of one epoch for all", _FORECAST, "images * len(epochs):,", "images:,", _FORECAST_TESTS),
    Mutation("noise that changes called the same", _FORECAST, "if all(math.isclose(first, each, rel_tol=1e-6) for",
             "if any(math.isclose(first, each, rel_tol=1e-6) for", _FORECAST_TESTS),
    Mutation("minutes said as seconds", _WORDS, "{seconds / 60:.0f} min", "{seconds:.0f} min", _WORDS_TESTS),
    Mutation("hours from half an hour on", _WORDS, "seconds < 5400", "seconds < 1800", _WORDS_TESTS),
    Mutation("the worst named first", _TRAIN, "__getitem__, reverse=not loss)", "__getitem__, reverse=loss)",
             _TRAIN_TESTS),
    Mutation("chance ranked", _TRAIN, "abs(first - last) < chance(", "abs(first - last) > chance(", _TRAIN_TESTS),
    Mutation("zero in the interval taken as a difference", _TRAIN, "interval()) > 0", "interval()) < 0", _TRAIN_TESTS),
    Mutation("labels say what is the same", _TRAIN, "part not in common", "part in common", _TRAIN_TESTS),
    Mutation("a mean over the seeds that are left", _UNDER_WAY, 'curve["n"] == len(ended)', 'curve["n"] > 0',
             _UNDER_WAY_TESTS),
    Mutation("pairs the other way round", _UNDER_WAY, "one[seed] - other[seed]", "other[seed] - one[seed]",
             _UNDER_WAY_TESTS),
    Mutation("a glimpse an epoch late", _LOOP, "epoch=k - 1 + step", "epoch=k + step", _LOOP_TESTS),
    Mutation("a glimpse trains on without dropout", _LOOP, "        self._head.train()\n        self.glimpsed(",
             "        self.glimpsed(", _LOOP_TESTS),
    Mutation("a glimpse of images that were trained on", _LOOP, "order[-looked.due[step] :]",
             "order[: looked.due[step]]", _LOOP_TESTS),
    Mutation("an address is a link", _WORDS, "(?<=:)(?=//)|", "", _WORDS_TESTS),
    Mutation("a duel of unequal updates", _DUELS, "batch_size=256, learning_rate=32e-4, updates=150",
             "batch_size=256, learning_rate=32e-4, updates=100", _DUELS_TESTS),
    Mutation("runs that differ taken for a duel", _DUELS, "== asked), None)", "& asked), None)", _DUELS_TESTS),
    Mutation("a short final called one of ten epochs", _FORECAST, "epochs >= FINAL_EPOCHS", "epochs >= 1",
             _FORECAST_TESTS),
    Mutation("the most images for the fewest", _UNDER_WAY, "float(min(of", "float(max(of", _UNDER_WAY_TESTS),
    Mutation("a loss said as a share", _TRAIN, 'f"{value:.3f}" if loss else', 'f"{value:.3f}" if not loss else',
             _TRAIN_TESTS),
    Mutation("a free worker said to train", _TRAIN, "elif training in (0, workers):", "elif training >= 0:",
             _TRAIN_TESTS),
    Mutation("a GPU said of a run on the CPU", _TRAIN, ' and job.device.startswith("cuda") else', " else",
             _TRAIN_TESTS),
    Mutation("a worker that is gone said to train", _TRAIN, "job.place is not None and job.place.gone:",
             "job.place is None:", _TRAIN_TESTS),
    Mutation("one more run handed over than there are workers", _ENGINE, "< max(1, workers)", "<= max(1, workers)",
             _ENGINE_TESTS),
    Mutation("the whole cluster's workers said to be gone", _ENGINE, "job.place.address not in there",
             "job.place.address in there", _ENGINE_TESTS),
    Mutation("the other run read at its end", _TRAIN, "np.interp(place, along, values)",
             "np.interp(along.max(), along, values)", _TRAIN_TESTS),
    Mutation("first and second swapped", _BENCH, "takes {second.updates:,} updates to the first's {first.updates:,}",
             "takes {first.updates:,} updates to the first's {second.updates:,}", _BENCH_TESTS),
    Mutation("which schedule passes N swapped", _BENCH,
             '{"first": equivalence.first_above(first, images), "second": equivalence.first_above(second, images)}',
             '{"second": equivalence.first_above(first, images), "first": equivalence.first_above(second, images)}',
             _BENCH_TESTS),
    Mutation("the epoch at which B passes N off by one", _BENCH, "At epoch {passed} B_k", "At epoch {passed + 1} B_k",
             _BENCH_TESTS),
    Mutation("the later of two ends", _BENCH, "passed = min(", "passed = max(", _BENCH_TESTS),
    Mutation("agreement said the wrong way", _BENCH, "if not stretches:", "if stretches:", _BENCH_TESTS),
    Mutation("half of T said of a quarter", _BENCH, "end.training_time / 2)", "end.training_time / 4)", _BENCH_TESTS),
    Mutation("Keras's end for the paper's", _BENCH, "(equivalence.paper_time_decay, equivalence.keras_time_decay)",
             "(equivalence.keras_time_decay, equivalence.paper_time_decay)", _BENCH_TESTS),
    Mutation("rounding where there is no agreement", _BENCH, "for k in agreeing if", "for k in range(len(one)) if",
             _BENCH_TESTS),
    Mutation("a diverged run taken as well ended", _DIVERGENCE, "[DIVERGED, UNTOLD,", "[WELL, UNTOLD,",
             _DIVERGENCE_TESTS),
    Mutation("an exploded loss taken as well ended", _DIVERGENCE, "            blew_up,\n", "            loss < 0,\n",
             _DIVERGENCE_TESTS),
    Mutation("chance taken as well ended", _DIVERGENCE, 'reported > _bounds(runs["train_images"], classes)',
             "reported > 0", _DIVERGENCE_TESTS),
    Mutation("noisier steps taken as less noisy", _DIVERGENCE, "one.batch_size <= other.batch_size",
             "one.batch_size >= other.batch_size", _DIVERGENCE_TESTS),
    Mutation("what ended well does not speak against a warning", _DIVERGENCE,
             "if any(each.end == WELL and at_least(each, own)", "if any(each.end == WELL and at_least(own, each)",
             _DIVERGENCE_TESTS),
    Mutation("a run without time to learn counted", _DIVERGENCE, ">= TIME_TO_LEARN * (1 - spec.momentum)", ">= 0",
             _DIVERGENCE_TESTS),
    Mutation("scoring left out of the time", _PACE, "+ SCORING * images", "", _PACE_TESTS),
    Mutation("time left of the whole run", _PACE, "plan(spec, images)[len(trained) :]", "plan(spec, images)",
             _PACE_TESTS),
    Mutation("the mean for the median", _PACE, "statistics.median(each)", "statistics.mean(each)", _PACE_TESTS),
    Mutation("several workers no faster", _PACE, " / at_once\n", "\n", _PACE_TESTS),
    Mutation("a control shows the next but one", _CONTROLS, "return min(numbers, key=", "return max(numbers, key=",
             _CONTROLS_TESTS),
    Mutation("whole values where fractions belong", _CONTROLS, "kind(SEVERAL[field].values[text])",
             "int(SEVERAL[field].values[text])", _CONTROLS_TESTS),
    Mutation("a word that finds runs blamed", _EVERY, "alone.items() if not runs]", "alone.items() if runs]",
             _EVERY_TESTS),
    Mutation("a run ends at its first value", _EVERY, '["y"].last()', '["y"].first()', _EVERY_TESTS),
)  # fmt: skip
