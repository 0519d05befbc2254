// SGD on logistic regression with two weights, many walkers at once, from one seeded generator.
// A walk is a function of its seed and of the settings at each step; when the steps are drawn changes nothing.

// sfc32 of PractRand (public domain, C. Doty-Humphrey), seeded as there: (0, seed, stream, 1), twelve rounds.
function generator(seed, stream) {
  let a = 0, b = seed | 0, c = stream | 0, counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

class Walkers {
  // problem: {x, y, labels} of N examples. Each walker starts at rest at (0, 0).
  constructor(problem, seed, stream, many) {
    this.problem = problem;
    this.many = many;
    this.N = problem.labels.length;
    this.order = Uint16Array.from({length: this.N}, (_, n) => n);
    [this.w1, this.w2, this.v1, this.v2] = Array.from({length: 4}, () => new Float64Array(many));
    this.chosen = 0;
    this.batch = [];
    this.restart(seed, stream);
  }

  restart(seed, stream) {
    this.next = generator(seed, stream);
    this.order.forEach((_, n) => { this.order[n] = n; });
    for (const each of [this.w1, this.w2, this.v1, this.v2]) each.fill(0);
    this.batch = [];
    this.steps = 0;
    this.time = 0;
  }

  // One step of walkers 0 to count - 1, or of the chosen one alone: v = m v + g, w = w - mu v.
  step({mu, B, m, replacement}, alone) {
    const first = alone ? this.chosen : 0, last = alone ? this.chosen : this.many - 1;
    const whole = B === this.N && !replacement;
    const {x, y, labels} = this.problem, {order, w1, w2, v1, v2} = this;
    for (let i = first; i <= last; i++) {
      if (!whole) this.draw(B, replacement);
      let g1 = 0, g2 = 0;
      for (let k = 0; k < B; k++) {
        const n = replacement ? this.drawn[k] : order[k];
        const residual = 1 / (1 + Math.exp(-(x[n] * w1[i] + y[n] * w2[i]))) - labels[n];
        g1 += residual * x[n];
        g2 += residual * y[n];
      }
      v1[i] = m * v1[i] + g1 / B;
      v2[i] = m * v2[i] + g2 / B;
      w1[i] -= mu * v1[i];
      w2[i] -= mu * v2[i];
      if (i === this.chosen) this.batch = Array.from(replacement ? this.drawn : order.subarray(0, B));
    }
    this.steps += 1;
    this.time += mu;
  }

  // A batch of B: the first places of `order` after a partial shuffle (Fisher-Yates), or `drawn` anew.
  draw(B, replacement) {
    const {order, N, next} = this;
    if (replacement) {
      if (this.drawn?.length !== B) this.drawn = new Uint16Array(B);
      for (let k = 0; k < B; k++) this.drawn[k] = Math.floor(next() / 4294967296 * N);
      return;
    }
    for (let k = 0; k < B; k++) {
      const other = k + Math.floor(next() / 4294967296 * (N - k));
      const kept = order[k];
      order[k] = order[other];
      order[other] = kept;
    }
  }
}

// Mean, covariance [c11, c12, c22] about it, and mean squared distance from `centre`.
function spread(w1, w2, centre) {
  const n = w1.length;
  let a = 0, b = 0, aa = 0, ab = 0, bb = 0;
  for (let i = 0; i < n; i++) {
    const d = w1[i] - centre[0], e = w2[i] - centre[1];
    a += d; b += e; aa += d * d; ab += d * e; bb += e * e;
  }
  a /= n; b /= n;
  return {
    mean: [centre[0] + a, centre[1] + b],
    covariance: [aa / n - a * a, ab / n - a * b, bb / n - b * b],
    squared: (aa + bb) / n,
  };
}
