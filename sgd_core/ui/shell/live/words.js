// What is said of a walk while it runs. `compared`, `verdict` and `blindTo` say what evidence/sentences/badges.py says.

const LARGEST_Z = 3, CAUGHT_Z = 1.645, WORTH_SEEING = 0.05, SAME = 0.1;

const minus = text => text.replaceAll("-", "−").replaceAll("e−", "e-");

// A number with so many digits, as Python's format "g".
function general(value, digits = 3) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
  const [mantissa, power] = value.toExponential(digits - 1).split("e").map(Number);
  if (power < -4 || power >= digits) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const fixed = value.toFixed(Math.max(0, digits - 1 - power));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

const whole = value => Math.round(value).toLocaleString("en-GB");
// A number for a sentence: so many digits that count, never with a power of ten.
const short = (value, digits = 3) => value.toLocaleString("en-GB", {maximumSignificantDigits: digits});
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)}%`;

// The difference in standard errors, and as a share: noise/agreement.py.
function agreement(measured, error, predicted) {
  const close = Math.abs(measured - predicted) <= Math.max(1e-9 * Math.max(Math.abs(measured), Math.abs(predicted)), 1e-20);
  const far = error === 0 || !Number.isFinite(predicted);
  const z = close ? 0 : far ? Math.sign(measured - predicted) * Infinity : (measured - predicted) / error;
  return {
    measured, error, predicted, z,
    within: Math.abs(z) <= LARGEST_Z,
    relative: predicted && Number.isFinite(predicted) ? measured / predicted - 1 : measured === predicted ? 0 : NaN,
    resolution: predicted ? (LARGEST_Z + CAUGHT_Z) * error / Math.abs(predicted) : NaN,
  };
}

function verdict(one) {
  const agrees = one.within ? "agrees with theory" : "differs from theory";
  return Number.isFinite(one.z) ? `${agrees}, z = ${Math.abs(one.z).toFixed(1)}` : agrees;
}

function compared(one) {
  const both = minus(
    `measured ${general(one.measured, 4)} ± ${general(one.error, 2)}, predicted ${general(one.predicted, 4)}`);
  if (!Number.isFinite(one.z)) return `${both}.`;
  const apart = `${one.relative >= 0 ? "+" : ""}${percent(one.relative, 1)}`.replace("-0.0%", "+0.0%");
  return `${both} (${apart.replace("-", "−")}).`;
}

function blindTo(one) {
  if (!(one.resolution > WORTH_SEEING)) return "";
  if (one.resolution >= 1) {
    return "These samples say next to nothing about the formula: they would hardly tell it from one that gives zero.";
  }
  return `So few samples find a wrong formula 95 times in 100 only where it is off by ${percent(one.resolution)} or `
    + "more; smaller mistakes may go unseen.";
}

// The samples behind a reading, and why they count as independent.
function counted({samples}, {alone, steps, length}) {
  return alone
    ? `Samples: ${samples} pieces of one path, each of ${PIECE} relaxation times (${whole(length)} steps).`
    : `Samples: ${samples} walkers, each averaged over ${whole(steps)} steps.`;
}

// Why the linear theory misses, where it does.
function misses(one, theory) {
  if (one.within) return "";
  const wide = general(2 * Math.sqrt(theory.trace / 2), 2);
  return `The measured cloud is ${percent(Math.abs(one.relative))} ${one.relative > 0 ? "larger" : "smaller"}: the theory `
    + `takes the loss as quadratic and its noise as that of the minimum, and over a cloud this wide (± ${wide}) they are not.`;
}

function unstable(setting, theory, squared) {
  return `Beyond the edge of stability: μh = ${general(setting.mu * theory.steepest)} is above 2(1+m) = `
    + `${general(2 * (1 + setting.m))}, so the linear theory has no cloud. Here gradients are bounded, so the walkers are `
    + `thrown about instead of leaving for good; mean squared distance now ${short(squared)}.`;
}

function still(squared) {
  return "B = N without replacement: every batch is the whole data set, so there is no noise, and theory predicts 0. "
    + `Mean squared distance from the minimum now ${general(squared, 2)}.`;
}

function settling(left) {
  return `Settling: ${whole(left)} ${left === 1 ? "step" : "steps"} until the former place is forgotten.`;
}

// Whether two settings of these theories have one mu/B and one cloud, and what makes the difference if not.
function beside(first, second, one, other) {
  const [a, b] = [first.mu / first.B, second.mu / second.B];
  const same = Math.abs(a / b - 1) < 1e-6;
  const ratio = same ? `μ/B = ${general(a)} in both` : `μ/B = ${general(a)} and ${general(b)}`;
  const gone = [one, other].map((theory, i) => theory.stable ? "" : ["first", "second"][i]).filter(Boolean);
  if (gone.length === 2) return `${ratio}, and both are beyond the edge of stability: there is no cloud at all.`;
  if (gone.length) return `${ratio}, but the ${gone[0]} is beyond the edge of stability: μ/B does not say whether a step is too long.`;
  const none = [one, other].map((theory, i) => theory.trace > 0 ? "" : ["first", "second"][i]).filter(Boolean);
  if (none.length === 2) return `${ratio}, and neither has any noise: B = N.`;
  if (none.length) return `${ratio}, but the ${none[0]} has no noise at all: its batch is the whole data set.`;
  const apart = other.trace / one.trace;
  if (!same) return `${ratio}, a factor of ${general(b / a)}: the second cloud's predicted variance is ${general(apart)} times the first's.`;
  if (Math.abs(apart - 1) < SAME) {
    return first.mu === second.mu
      ? `${ratio}, with the same μ and B: only the random numbers differ.`
      : `${ratio}: the predicted variances are ${percent(Math.abs(apart - 1), 1)} apart, though the second's step is `
        + `${general(second.mu / first.mu)} times the first's.`;
  }
  const sampling = other.sampling / one.sampling, steps = apart / sampling;
  const reasons = [
    [`(N−B)/(N−1) makes it ${general(sampling)} times`, sampling],
    [`steps that are long beside the edge make it ${general(steps)} times`, steps],
  ].filter(([, factor]) => Math.abs(factor - 1) > 0.03).map(([words]) => words);
  return `${ratio}, and yet the second cloud's predicted variance is ${general(apart)} times the first's: ${reasons.join(", ")}.`;
}
