"""Mistakes in what the noise lab's pages say, in their charts' arithmetic and in the statistics behind both."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SAID, _SAID_TESTS = "sgd_core/evidence/sentences", "tests/evidence/sentences"
_BADGES, _BADGE_TESTS = f"{_SAID}/badges.py", f"{_SAID_TESTS}/test_badges.py"
_GUESS, _GUESS_TESTS = f"{_SAID}/guess.py", f"{_SAID_TESTS}/test_guess.py"
_MOTION, _MOTION_TESTS = f"{_SAID}/motion.py", f"{_SAID_TESTS}/test_motion.py"
_VALLEYS, _VALLEY_TESTS = f"{_SAID}/valleys.py", f"{_SAID_TESTS}/test_valleys.py"
_LIMITS, _LIMIT_TESTS = f"{_SAID}/limits.py", f"{_SAID_TESTS}/test_limits.py"
_NETWORK, _NETWORK_TESTS = f"{_SAID}/network.py", f"{_SAID_TESTS}/test_network.py"
_GRADIENTS, _GRADIENT_TESTS = "sgd_core/noise/gradients.py", "tests/noise/test_gradients.py"
_AGREEMENT, _AGREEMENT_TESTS = "sgd_core/noise/agreement.py", "tests/noise/test_agreement.py"
_CLOUDS, _CLOUD_TESTS = "sgd_core/noise/clouds.py", "tests/noise/test_clouds.py"
_NOISE, _NOISE_TESTS = "sgd_core/evidence/noise.py", "tests/evidence/test_noise.py"
_STATISTICS, _STATISTIC_TESTS = "sgd_core/noise/statistics.py", "tests/noise/test_statistics.py"
_COUPLING, _COUPLING_TESTS = "sgd_core/evidence/coupling.py", "tests/evidence/test_coupling.py"
_WELLS, _WELL_TESTS = "sgd_core/charts/wells.py", "tests/charts/test_wells.py"
_BOWLS, _BOWL_TESTS = "sgd_core/charts/bowls.py", "tests/charts/test_bowls.py"
_PLANES, _PLANE_TESTS = "sgd_core/charts/planes.py", "tests/charts/test_planes.py"
_DOTS, _DOT_TESTS = "sgd_core/charts/dots.py", "tests/charts/test_dots.py"
_MAPS, _MAP_TESTS = "sgd_core/charts/maps.py", "tests/charts/test_maps.py"
_SHARES, _MEASURED_TESTS = "sgd_core/evidence/shares.py", "tests/evidence/test_measured.py"
_ALONG, _ALONG_TESTS = "sgd_core/charts/along.py", "tests/charts/test_along.py"
MUTATIONS = (
    Mutation("agreement said the wrong way", _BADGES, '"agrees with theory" if', '"differs from theory" if not',
             _BADGE_TESTS),
    Mutation("a slope's blindness said as a share", _BADGES, 'if slope else f"', 'if not slope else f"', _BADGE_TESTS),
    Mutation("three standard errors called seen", _AGREEMENT, "(LARGEST_Z + CAUGHT_Z) *", "LARGEST_Z *",
             _AGREEMENT_TESTS),
    Mutation("only differences upwards count", _AGREEMENT, "abs(self.z) <= LARGEST_Z", "self.z <= LARGEST_Z",
             _AGREEMENT_TESTS),
    Mutation("a guess's share of the gradient upside down", _GUESS, "{median / length:.0%}", "{length / median:.0%}",
             _GUESS_TESTS),
    Mutation("uphill counted as downhill", _GRADIENTS, ".real > 0)", ".real < 0)", _GRADIENT_TESTS),
    Mutation("a batch of one drawn, not looked up", _GRADIENTS, "each if size == 1 else", "each if size == 0 else",
             _GRADIENT_TESTS),
    Mutation("everything said of nearly everything", f"{_SAID}/words.py", "if 0.995 <= share < 1:",
             "if 0.995 > share > 1:", f"{_SAID_TESTS}/test_words.py"),
    Mutation("a whole data set drawn with replacement called exact", _GUESS, "size == images and not replacement",
             "size == images", _GUESS_TESTS),
    Mutation("sentences with and without replacement swapped", _GUESS, "    if replacement:\n        return f",
             "    if not replacement:\n        return f", _GUESS_TESTS),
    Mutation("steeper said whatever the interval", _GUESS, "if high < -1 else", "if low < -1 else", _GUESS_TESTS),
    Mutation("theory with and without replacement swapped", _NOISE,
             "WITH: theory.batch_gradient_variance(trace, sizes)",
             "WITH: theory.batch_gradient_variance(trace, sizes, images)", _NOISE_TESTS),
    Mutation("a slope that weighs all sizes alike", _NOISE, "standard_error\"].to_numpy(dtype=float)) ** 2",
             "standard_error\"].to_numpy(dtype=float)) ** 0", _NOISE_TESTS),
    Mutation("momentum ignored at the edge", _CLOUDS, "theory.stability_limit(self.curvature, self.momentum)",
             "theory.stability_limit(self.curvature)", _CLOUD_TESTS),
    Mutation("momentum ignored in the variance", _CLOUDS, "self.variance, self.momentum", "self.variance, 0.0",
             _CLOUD_TESTS),
    Mutation("a picture that waits for what left", _CLOUDS, "if each.stable]", "if not each.stable]", _CLOUD_TESTS),
    Mutation("the smaller cloud called larger", _MOTION, "(second, apart) if apart > 0", "(second, apart) if apart < 0",
             _MOTION_TESTS),
    Mutation("points of the limit said as fractions", _MOTION, "_three_digits(100 * cloud.of_limit)",
             "_three_digits(cloud.of_limit)", _MOTION_TESTS),
    Mutation("alike said of clouds that are not", _MOTION, "abs(apart) < SAME", "abs(apart) > SAME", _MOTION_TESTS),
    Mutation("the one that stayed said to fly apart", _MOTION, "if not cloud.stable]", "if cloud.stable]",
             _MOTION_TESTS),
    Mutation("a picture that ends later than it does", _MOTION, "if shown < left else", "if shown > left else",
             _MOTION_TESTS),
    Mutation("flat and sharp swapped", _VALLEYS, "right.width / (left.width + right.width)",
             "left.width / (left.width + right.width)", _VALLEY_TESTS),
    Mutation("rises and falls swapped", _VALLEYS, "'rises' if last > first", "'falls' if last < first", _VALLEY_TESTS),
    Mutation("a largest share named among equals", _VALLEYS, "<= 2 * np.hypot", "<= 0 * np.hypot", _VALLEY_TESTS),
    Mutation("overlap of errors said the wrong way round", _VALLEYS, "<= 2 * np.hypot", ">= 2 * np.hypot",
             _VALLEY_TESTS),
    Mutation("low and high swapped", _VALLEYS, "'low' if off < 0", "'low' if off > 0", _VALLEY_TESTS),
    Mutation("growth upside down", _VALLEYS, "last['steps'] / first['steps']", "first['steps'] / last['steps']",
             _VALLEY_TESTS),
    Mutation("walkers thrown out counted as left", _VALLEYS, '" left" if lost else', '" left" if not lost else',
             _VALLEY_TESTS),
    Mutation("reshuffling over the epoch and at its end swapped", _LIMITS, "{over_epoch:.1%}", "{at_end:.1%}",
             _LIMIT_TESTS),
    Mutation("the runs with the largest learning rate", _LIMITS, 'runs["learning_rate"].min()]',
             'runs["learning_rate"].max()]', _LIMIT_TESTS),
    Mutation("the edge of alike examples for unlike ones", _LIMITS, "batch, 1.0, 1.0)) / limit",
             "batch, 1.0, 0.0)) / limit", _LIMIT_TESTS),
    Mutation("sharpness over sharpness upside down", _LIMITS, "{sharpness / least:.3g}", "{least / sharpness:.3g}",
             _LIMIT_TESTS),
    Mutation("T halved", _COUPLING, "[-1].training_time\n", "[-1].training_time / 2\n", _COUPLING_TESTS),
    Mutation("B forgotten in the noise", _COUPLING, "spec.learning_rate / spec.batch_size", "spec.learning_rate",
             _COUPLING_TESTS),
    Mutation("the first measurement called the last", _NETWORK, ".idxmax()", ".idxmin()", _NETWORK_TESTS),
    Mutation("masks that reshuffling takes back", _SHARES, '("crops", "masks") if crops', '("crops",) if crops',
             _MEASURED_TESTS),
    Mutation("the images' part called fresh", _SHARES, 'else ("masks",))', "else (TOGETHER,))", _MEASURED_TESTS),
    Mutation("masks' share of the rest", _SHARES, '"share": trace / rows["total_trace"]',
             '"share": trace / (rows["total_trace"] - trace)', _MEASURED_TESTS),
    Mutation("dropout called on where it is off", _SHARES, '== "dropout off"]', '== "dropout on"]', _MEASURED_TESTS),
    Mutation("a coarse B_simple before the one with an error", _SHARES, '~scales["run"].isin(on["run"])',
             'scales["run"].notna()', _MEASURED_TESTS),
    Mutation("at least said where all is known", _NETWORK, "if fresh.crops else", "if not fresh.crops else",
             _NETWORK_TESTS),
    Mutation("B_simple without dropout over that with it", _NETWORK,
             'paired["noise_scale"] / paired["noise_scale_off"]', 'paired["noise_scale_off"] / paired["noise_scale"]',
             _NETWORK_TESTS),
    Mutation("compared where the longer run ends", _NETWORK, "place = float(ends.min())", "place = float(ends.max())",
             _NETWORK_TESTS),
    Mutation("alike said of runs that are not", _NETWORK, "if alike else", "if not alike else", _NETWORK_TESTS),
    Mutation("what is missing named where it is there", _NETWORK, "if not runs:\n", "if runs:\n", _NETWORK_TESTS),
    Mutation("the network's share said where it was not measured", _LIMITS, "over all parameters.\" if fresh else",
             "over all parameters.\" if not fresh else", _LIMIT_TESTS),
    Mutation("0 = 0 called agreement", "sgd_core/experiment/equivalence.py", "min(a, b) > sys.float_info.min and ", "",
             f"{_SAID_TESTS}/test_workbench.py"),
    Mutation("large batches without replacement forgotten", f"{_SAID}/workbench.py", "if not apart or", "if apart or",
             f"{_SAID_TESTS}/test_workbench.py"),
    Mutation("noise called constant that is not", _NETWORK, "if change >= 1 + ALIKE", "if change < 1 + ALIKE",
             _NETWORK_TESTS),
    Mutation("a full batch without any noise", f"{_SAID}/workbench.py", "masks make is left,", "masks make is gone,",
             f"{_SAID_TESTS}/test_workbench.py"),
    Mutation("shares drawn from the top down", _ALONG, "shares.cumsum(axis=1)", "1 - shares.cumsum(axis=1)",
             _ALONG_TESTS),
    Mutation("the part below's error at the upper border", _ALONG, "if below == names[0] else above",
             "if below != names[0] else above", _ALONG_TESTS),
    Mutation("twice the batch, twice the variance", _NETWORK, "{2**slope:.2f}", "{2**-slope:.2f}", _NETWORK_TESTS),
    Mutation("errors added up, not their squares", _STATISTICS, "np.sqrt((errors**2).sum())", "errors.sum()",
             _STATISTIC_TESTS),
    Mutation("the worst known weighs most", _STATISTICS, "for one in estimates]) ** -2", "for one in estimates]) ** 2",
             _STATISTIC_TESTS),
    Mutation("walkers drawn off the loss", _WELLS, "- 2 * pow(datum.side.u, 2))", "- pow(datum.side.u, 2))",
             _WELL_TESTS),
    Mutation("valleys of the walkers swapped", _WELLS, "datum.w < 0 ? {left} : {right}",
             "datum.w > 0 ? {left} : {right}", _WELL_TESTS),
    Mutation("walkers of one bowl on the other", _BOWLS, "{curvature / 2} * datum.w", "0.5 * datum.w", _BOWL_TESTS),
    Mutation("films by steps, not time", _BOWLS, "np.round(times / panel.learning_rate)", "np.round(times)",
             _BOWL_TESTS),
    Mutation("an arrow's head turned the other way", _PLANES, "90 - atan2(", "90 + atan2(", _PLANE_TESTS),
    Mutation("steps along the gradient, not against it", _PLANES, "there = weights - gradients",
             "there = weights + gradients", _PLANE_TESTS),
    Mutation("the line through both weights, not across", _PLANES, "np.array([-weights[1], weights[0]])",
             "np.array([weights[1], weights[0]])", _PLANE_TESTS),
    Mutation("bars of one standard error", _DOTS, "ERRORS = 2.0", "ERRORS = 1.0", _DOT_TESTS),
    Mutation("the other line stands out", _DOTS, '"value": 1}, "value": 0.4', '"value": 0.4}, "value": 1', _DOT_TESTS),
    Mutation("lines of constant noise through the shades", _MAPS, "np.arange(-8, 6) - 0.5", "np.arange(-8, 6) - 0.0",
             _MAP_TESTS),
)  # fmt: skip
