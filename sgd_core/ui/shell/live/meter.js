// The measured size of a cloud, E |w - minimum|^2, and how well it is known: the rule of sgd_core/noise/statistics.py.
// Steps of one walker depend on each other, walkers do not: many walkers are averaged over time each, and their averages
// are the samples. Of one walker the samples are pieces of its path, each of PIECE relaxation times.

const PIECE = 8;
const PIECES = {many: 4, alone: 60};
const FEWEST = 8;

// How long a start at a root mean square distance is remembered, as bowl.sizes plans: until it is 1% of the cloud.
function burnIn(kept, squared, trace) {
  if (!(kept < 1) || !(trace > 0)) return Infinity;
  const start = Math.sqrt(Math.max(squared, trace));
  return Math.max(20, Math.ceil(Math.log(Math.min(0.5, 0.01 * Math.sqrt(trace) / start)) / Math.log(Math.max(kept, 1e-9))));
}

function estimate(samples) {
  const n = samples.length;
  let sum = 0, squares = 0;
  for (const each of samples) sum += each;
  const value = sum / n;
  for (const each of samples) squares += (each - value) ** 2;
  return {value, error: Math.sqrt(squares / (n - 1) / n), samples: n};
}

class Meter {
  constructor(centre, many) {
    this.centre = centre;
    this.many = many;
    this.pieces = [];
  }

  // Measure anew, after a change of settings, of walkers that are now `squared` away on average.
  restart(theory, squared, alone) {
    this.alone = alone;
    this.left = burnIn(theory.kept, squared, theory.trace);
    this.length = theory.kept < 1 ? Math.max(4, Math.ceil(PIECE / -Math.log(Math.max(theory.kept, 1e-9)))) : 0;
    this.pieces = [];
  }

  get settling() { return this.left > 0; }

  // Note where walkers are after a step.
  note(walkers) {
    if (this.left > 0) { this.left -= 1; return; }
    let piece = this.pieces[this.pieces.length - 1];
    if (!piece || piece.steps === this.length) {
      piece = {steps: 0, sums: new Float64Array(this.alone ? 1 : this.many)};
      this.pieces.push(piece);
      if (this.pieces.length > PIECES[this.alone ? "alone" : "many"]) this.pieces.shift();
    }
    const {w1, w2, chosen} = walkers, [c1, c2] = this.centre;
    if (this.alone) piece.sums[0] += (w1[chosen] - c1) ** 2 + (w2[chosen] - c2) ** 2;
    else for (let i = 0; i < this.many; i++) piece.sums[i] += (w1[i] - c1) ** 2 + (w2[i] - c2) ** 2;
    piece.steps += 1;
  }

  get steps() { return this.pieces.reduce((sum, piece) => sum + piece.steps, 0); }

  // {value, error, samples}, or null where there are too few samples yet.
  get reading() {
    if (this.alone) {
      const whole = this.pieces.filter(piece => piece.steps === this.length);
      return whole.length < FEWEST ? null : estimate(whole.map(piece => piece.sums[0] / piece.steps));
    }
    const steps = this.steps;
    if (!steps || steps < this.length / 2) return null;
    const samples = new Float64Array(this.many);
    for (const piece of this.pieces) for (let i = 0; i < this.many; i++) samples[i] += piece.sums[i] / steps;
    return estimate(samples);
  }
}
