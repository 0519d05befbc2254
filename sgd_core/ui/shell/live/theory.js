// Where the walkers settle if the loss is quadratic: sgd_core/noise/stationary.py and theory.py, in the browser.

// Eigenvalues (small, large) and orthonormal axes of a symmetric matrix [a, b, c] = ((a, b), (b, c)).
function eigen([a, b, c]) {
  const middle = (a + c) / 2, half = Math.hypot((a - c) / 2, b);
  const angle = half === 0 ? 0 : Math.atan2(b, (a - c) / 2) / 2;
  const large = [Math.cos(angle), Math.sin(angle)];
  return {values: [middle - half, middle + half], axes: [[-large[1], large[0]], large]};
}

// The solution of a small linear system, by elimination with pivots.
function solve(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]]), n = rows.length;
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[best][i])) best = r;
    [rows[i], rows[best]] = [rows[best], rows[i]];
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r][i] / rows[i][i];
      for (let k = i; k <= n; k++) rows[r][k] -= factor * rows[i][k];
    }
  }
  const found = new Array(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i][n];
    for (let k = i + 1; k < n; k++) rest -= rows[i][k] * found[k];
    found[i] = rest / rows[i][i];
  }
  return found;
}

// E w_i w_j along two axes of curvature h_i, h_j whose noises have covariance q: the Lyapunov equation
// P = A_i P A_j^T + q b b^T of the state (w, v), A = ((1 - mu h, -mu m), (h, m)), b = (-mu, 1).
function crossCovariance(mu, hi, hj, q, m) {
  const left = [[1 - mu * hi, -mu * m], [hi, m]], right = [[1 - mu * hj, -mu * m], [hj, m]], kick = [-mu, 1];
  const matrix = [], added = [];
  for (let r = 0; r < 2; r++) for (let s = 0; s < 2; s++) {
    const row = [];
    for (let k = 0; k < 2; k++) for (let l = 0; l < 2; l++) {
      row.push((r === k && s === l ? 1 : 0) - left[r][k] * right[s][l]);
    }
    matrix.push(row);
    added.push(q * kick[r] * kick[s]);
  }
  return solve(matrix, added)[0];
}

// Factor by which a step shrinks the distance from the bottom in the long run: theory.contraction.
function contraction(mu, h, m) {
  const half = (1 + m - mu * h) / 2, inside = half * half - m;
  return inside < 0 ? Math.sqrt(m) : Math.max(Math.abs(half + Math.sqrt(inside)), Math.abs(half - Math.sqrt(inside)));
}

const samplingFactor = (B, N, replacement) => replacement || N <= 1 ? 1 : (N - B) / (N - 1);

// What theory says of a setting. law: {hessian, covariance, N}, both matrices [a, b, c], at the minimum.
function predicted(law, {mu, B, m, replacement}) {
  const {values: h, axes} = eigen(law.hessian);
  const edge = 2 * (1 + m) / h[1], stable = mu < edge, sampling = samplingFactor(B, law.N, replacement);
  const [a, b, c] = law.covariance, share = sampling / B;
  const along = (i, j) => share
    * (axes[i][0] * (a * axes[j][0] + b * axes[j][1]) + axes[i][1] * (b * axes[j][0] + c * axes[j][1]));
  const turned = (p11, p12, p22) => [0, 1, 2].map(entry => {
    const [r, s] = [[0, 0], [0, 1], [1, 1]][entry];
    return p11 * axes[0][r] * axes[0][s] + p12 * (axes[0][r] * axes[1][s] + axes[1][r] * axes[0][s])
      + p22 * axes[1][r] * axes[1][s];
  });
  const settle = (i, j) => crossCovariance(mu, h[i], h[j], along(i, j), m);
  const limit = (i, j) => mu * along(i, j) / (1 - m) / (h[i] + h[j]);
  const covariance = stable ? turned(settle(0, 0), settle(0, 1), settle(1, 1)) : [Infinity, Infinity, Infinity];
  return {
    stable, edge, sampling, covariance, steepest: h[1],
    trace: stable ? covariance[0] + covariance[2] : Infinity,
    smallSteps: limit(0, 0) + limit(1, 1),
    kept: Math.max(contraction(mu, h[0], m), contraction(mu, h[1], m)),
  };
}
