// One walk on the page: its walkers, what theory says of its setting, what was measured, and its pictures.

const TRAIL = 20, HISTORY = 1500, GHOSTS = 3;

class WalkView {
  constructor(section, said, problem, law, data, stream, lines) {
    Object.assign(this, {section, said, law, centre: data.minimum, small: data.small, stream});
    this.walkers = new Walkers(problem, data.seed, stream, data.walkers);
    this.meter = new Meter(data.minimum, data.walkers);
    this.plane = new Plane(section.querySelector(".plane"), {window: data.window, lines, centre: data.minimum});
    const inset = section.querySelector(".inset");
    this.inset = inset && new Inset(inset, problem);
    this.ghosts = [];
    this.cost = 2e-5; // milliseconds an example, measured as it goes
    this.due = 0;
    this.forget();
  }

  forget() {
    this.trail = [];
    this.history = [];
    this.smooth = null;
  }

  restart(seed) {
    this.walkers.restart(seed, this.stream);
    this.ghosts = [];
    this.due = 0;
    this.forget();
    if (this.setting) this.measure();
  }

  // Settings that hold from the next step on.
  set(setting, alone) {
    const before = JSON.stringify([this.setting, this.alone]);
    if (before === JSON.stringify([setting, alone])) return;
    if (this.alone !== alone) this.smooth = null;
    Object.assign(this, {setting, alone, theory: predicted(this.law, setting)});
    this.measure();
  }

  measure() { this.meter.restart(this.theory, this.squared(), this.alone); }

  squared() {
    const {w1, w2, chosen} = this.walkers;
    if (this.alone) return (w1[chosen] - this.centre[0]) ** 2 + (w2[chosen] - this.centre[1]) ** 2;
    return spread(w1, w2, this.centre).squared;
  }

  // Milliseconds that a step is expected to take.
  get stepCost() { return this.cost * this.setting.B * (this.alone ? 1 : this.walkers.many) + 0.002; }

  advance(steps) {
    if (!steps) return;
    const began = performance.now();
    for (let k = 0; k < steps; k++) {
      this.walkers.step(this.setting, this.alone);
      this.meter.note(this.walkers);
      this.trail.push([this.walkers.w1[this.walkers.chosen], this.walkers.w2[this.walkers.chosen]]);
      if (this.alone) {
        const now = this.squared(), kept = Math.min(this.theory.kept, 0.999);
        this.smooth = this.smooth === null ? now : this.smooth + (now - this.smooth) * (1 - kept) / 4;
      }
    }
    const each = (performance.now() - began) / steps / this.setting.B / (this.alone ? 1 : this.walkers.many);
    this.cost += 0.1 * (each - this.cost);
    this.trail.splice(0, this.trail.length - TRAIL);
    const measured = this.alone ? this.smooth : this.squared();
    this.history.push([this.walkers.steps, this.walkers.time, measured, this.theory.trace]);
    if (this.history.length > HISTORY) this.history.shift();
  }

  // Take another walker as the one whose batch is lit.
  choose(left, top) {
    this.walkers.chosen = this.plane.nearest(left, top, this.walkers);
    this.trail = [];
    if (this.alone) this.measure();
  }

  draw(look) {
    const {walkers, trail, alone, theory, ghosts} = this;
    const measured = alone || walkers.steps === 0 ? null : spread(walkers.w1, walkers.w2, this.centre);
    this.plane.draw({walkers, trail, alone, theory, ghosts, measured}, look, look.walks[this.stream]);
    this.inset?.draw(walkers, look);
  }

  // The numbers and sentences beside the pictures.
  tell() {
    const {setting, theory, walkers} = this;
    const lines = [`step ${whole(walkers.steps)}`, `μ/B = ${general(setting.mu / setting.B)}`];
    write(this.section.querySelector(".now"), this.small
      ? [`μ = ${general(setting.mu)}, B = ${setting.B}`, ...lines].join(" · ")
      : [...lines, `μ: ${short(100 * setting.mu / theory.edge, 2)}% of the edge`, this.sizes()].join("\n"));
    this.plane.canvas.ariaLabel = `Weights around the minimum: ${[...lines, this.sizes()].join(", ")}`;
    if (this.small) return;
    const {chip, words} = this.judged(), place = this.section.querySelector(".chip");
    write(place, chip);
    place.className = `chip ${chip.startsWith("✓") ? "agrees" : "differs"}`;
    write(this.said, words);
  }

  // Both clouds' widths, 2 standard deviations along an axis, as the rings show them.
  sizes() {
    const wide = trace => `± ${general(SDS * Math.sqrt(trace / 2), 2)}`, reading = this.meter.reading;
    const predicted = this.theory.stable ? wide(this.theory.trace) : "none";
    return `cloud ${predicted} by theory${reading ? `, ${wide(reading.value)} measured` : ""}`;
  }

  judged() {
    const {setting, theory, meter} = this;
    if (!theory.stable) return {chip: "", words: unstable(setting, theory, this.squared())};
    if (!(theory.trace > 0)) return {chip: "", words: still(this.squared())};
    if (meter.settling) return {chip: "", words: settling(meter.left)};
    const reading = meter.reading;
    if (!reading) return {chip: "", words: "Settled; too few samples yet."};
    const one = agreement(reading.value, reading.error, theory.trace);
    const rest = one.within ? blindTo(one) : misses(one, theory);
    return {
      chip: `${one.within ? "✓" : "✗"} ${verdict(one)}`,
      words: ["Mean squared distance from the minimum:", compared(one), counted(reading, meter), rest].join(" ").trim(),
    };
  }
}

// Text that is set only where it changed, so that a selection stays.
function write(node, text) { if (node.textContent !== text) node.textContent = text; }

const same3 = covariance => covariance.map(value => value.toPrecision(6)).join();
