// What a reader sets: {mu: [first, second], B: [first, second], m, time, many, replacement, lock, speed}.

const FIELDS = ["mu", "B", "m", "time", "many", "replacement", "lock", "speed"];
const same = settings => JSON.stringify(FIELDS.map(field => settings[field]));
// Settings after a slider of mu or B of walk i was moved to its k-th value. Under the lock mu/B stays one in both; where
// mu would leave its slider, B stops.
function moved({mu, B, lock}, name, i, k, {rates, batches}) {
  const other = 1 - i, mus = [...mu], sizes = [...B];
  if (name === "B") sizes[i] = batches[k]; else mus[i] = rates[k];
  if (!lock) return {mu: mus, B: sizes};
  const follows = name === "B" ? i : other, leads = name === "B" ? mu[other] / B[other] : mus[i] / sizes[i];
  const wanted = leads * sizes[follows];
  const nearest = rates.reduce((best, rate) => Math.abs(rate - wanted) < Math.abs(best - wanted) ? rate : best);
  if (Math.abs(nearest / wanted - 1) > 1e-6) return {mu, B};
  mus[follows] = nearest;
  return {mu: mus, B: sizes};
}

// The second walk's settings where the lock is put on: the mu/B of the first, with the second's B where mu allows it.
function locked({mu, B}, {rates, batches}) {
  const at = moved({mu, B, lock: true}, "B", 1, batches.indexOf(B[1]), {rates, batches});
  const done = Math.abs(at.mu[1] / at.B[1] / (mu[0] / B[0]) - 1) < 1e-6;
  return done ? at : {mu: [mu[0], mu[0]], B: [B[0], B[0]]};
}
