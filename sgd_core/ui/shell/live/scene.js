// What is drawn: the plane of weights with its walkers and clouds, the examples, and the strip of variances.

const SDS = 2;
const LEVELS = 7;

// A canvas of CSS size w x h at the screen's own resolution; its context is in CSS pixels.
function fitted(canvas) {
  const w = canvas.clientWidth, h = canvas.clientHeight, scale = Math.min(window.devicePixelRatio || 1, 2);
  if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
  }
  const ctx = canvas.getContext("2d");
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  return {ctx, w, h, scale};
}

// A picture that is drawn once for a size and a theme, and copied from then on.
class Ground {
  constructor(paint) { this.paint = paint; }

  onto({ctx, w, h, scale}, look) {
    const key = [w, h, scale, look.ink, look.paper].join();
    if (this.key !== key) {
      this.key = key;
      this.canvas = document.createElement("canvas");
      this.canvas.width = Math.max(1, Math.round(w * scale));
      this.canvas.height = Math.max(1, Math.round(h * scale));
      const own = this.canvas.getContext("2d");
      own.setTransform(scale, 0, 0, scale, 0, 0);
      this.paint(own, w, h, look);
    }
    ctx.clearRect(0, 0, w, h);
    ctx.drawImage(this.canvas, 0, 0, w, h);
  }
}

const within = ([low, high], size, flipped) => value => {
  const at = (value - low) / (high - low) * size;
  return flipped ? size - at : at;
};

// Walkers beyond the picture lie on its frame.
const inside = (at, size) => Math.min(Math.max(at, 2), size - 2);

// Points of lines of equal loss around the minimum, by bisection along rays: the loss is convex.
function levelLines({x, y, labels}, centre) {
  const loss = (a, b) => {
    let sum = 0;
    for (let n = 0; n < labels.length; n++) {
      const score = x[n] * a + y[n] * b;
      sum += Math.log1p(Math.exp(-Math.abs(score))) + Math.max(score, 0) - labels[n] * score;
    }
    return sum / labels.length;
  };
  const least = loss(...centre), lines = [];
  for (let level = 0; level < LEVELS; level++) {
    const height = least + 0.012 * 2.2 ** level, line = [];
    for (let k = 0; k <= 60; k++) {
      const [cos, sin] = [Math.cos(k * Math.PI / 30), Math.sin(k * Math.PI / 30)];
      let [low, high] = [0, 40];
      for (let turn = 0; turn < 16; turn++) {
        const middle = (low + high) / 2;
        if (loss(centre[0] + middle * cos, centre[1] + middle * sin) > height) high = middle; else low = middle;
      }
      line.push([centre[0] + low * cos, centre[1] + low * sin]);
    }
    lines.push(line);
  }
  return lines;
}

class Plane {
  constructor(canvas, {window: range, lines, centre}) {
    Object.assign(this, {canvas, range, centre});
    this.ground = new Ground((ctx, w, h, look) => {
      const [px, py] = this.places(w, h);
      ctx.strokeStyle = look.ink;
      ctx.globalAlpha = 0.3;
      for (const line of lines) {
        ctx.beginPath();
        for (const [a, b] of line) ctx.lineTo(px(a), py(b));
        ctx.stroke();
      }
      ctx.globalAlpha = 0.6;
      ctx.strokeRect(0.5, 0.5, w - 1, h - 1);
      ctx.globalAlpha = 1;
      ctx.fillStyle = look.ink;
      ctx.font = look.font;
      ctx.textAlign = "center";
      for (let tick = Math.ceil(range[0][0]); tick < range[0][1] - 0.5; tick++) ctx.fillText(tick, px(tick), h - 5);
      ctx.textAlign = "left";
      for (let tick = Math.ceil(range[1][0]) + 1; tick < range[1][1] - 0.5; tick++) ctx.fillText(tick, 5, py(tick) + 4);
      ctx.fillText("w₂", 5, 14);
      ctx.textAlign = "right";
      ctx.fillText("w₁", w - 5, h - 5);
    });
  }

  // The same length along both axes, whatever the shape of the canvas.
  places(w, h) {
    const [[l1, h1], [l2, h2]] = this.range, unit = Math.min(w / (h1 - l1), h / (h2 - l2));
    const [m1, m2] = [(l1 + h1) / 2, (l2 + h2) / 2];
    return [a => w / 2 + (a - m1) * unit, b => h / 2 - (b - m2) * unit];
  }

  // The walker nearest to a place on the canvas.
  nearest(left, top, {w1, w2}) {
    const [px, py] = this.places(this.canvas.clientWidth, this.canvas.clientHeight);
    let best = 0, least = Infinity;
    for (let i = 0; i < w1.length; i++) {
      const away = (px(w1[i]) - left) ** 2 + (py(w2[i]) - top) ** 2;
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  draw({walkers, trail, alone, theory, ghosts, measured}, look, colour) {
    const place = fitted(this.canvas), {ctx, w, h} = place, [px, py] = this.places(w, h);
    this.ground.onto(place, look);
    const ellipse = (mean, covariance) => {
      if (!covariance.every(Number.isFinite)) return;
      const {values, axes} = eigen(covariance), [a, b] = values.map(v => SDS * Math.sqrt(Math.max(v, 0)));
      ctx.beginPath();
      for (let k = 0; k <= 48; k++) {
        const [s, t] = [a * Math.cos(k * Math.PI / 24), b * Math.sin(k * Math.PI / 24)];
        ctx.lineTo(px(mean[0] + s * axes[0][0] + t * axes[1][0]), py(mean[1] + s * axes[0][1] + t * axes[1][1]));
      }
      ctx.stroke();
    };
    ctx.fillStyle = colour;
    if (!alone) {
      ctx.globalAlpha = 0.5;
      for (let i = 0; i < walkers.many; i++) {
        ctx.fillRect(inside(px(walkers.w1[i]), w) - 1.5, inside(py(walkers.w2[i]), h) - 1.5, 3, 3);
      }
    }
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const [a, b] of trail) ctx.lineTo(px(a), py(b));
    ctx.stroke();
    ctx.strokeStyle = look.ink;
    ctx.lineWidth = 2.5;
    ctx.setLineDash([2, 4]);
    ghosts.forEach((ghost, age) => {
      ctx.globalAlpha = 0.9 - 0.25 * (ghosts.length - 1 - age);
      ellipse(this.centre, ghost);
    });
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
    ctx.lineWidth = 2;
    ctx.setLineDash([6, 4]);
    if (theory.stable) ellipse(this.centre, theory.covariance);
    ctx.setLineDash([]);
    if (measured) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = 2.5;
      ellipse(measured.mean, measured.covariance);
    }
    this.cross(ctx, px(this.centre[0]), py(this.centre[1]), look.ink);
    const i = walkers.chosen;
    ctx.beginPath();
    ctx.arc(inside(px(walkers.w1[i]), w), inside(py(walkers.w2[i]), h), 5, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.strokeStyle = look.paper;
    ctx.lineWidth = 2;
    ctx.fill();
    ctx.stroke();
  }

  cross(ctx, x, y, ink) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.moveTo(x - 4, y); ctx.lineTo(x + 4, y);
    ctx.moveTo(x, y - 4); ctx.lineTo(x, y + 4);
    ctx.stroke();
  }
}

// The examples in the plane of inputs, those of the chosen walker's last batch lit, and where that walker is undecided.
class Inset {
  constructor(canvas, problem) {
    Object.assign(this, {canvas, problem, range: [-4, 4]});
    this.ground = new Ground((ctx, w, h, look) => {
      const [px, py] = this.places(w, h);
      ctx.strokeStyle = look.ink;
      ctx.globalAlpha = 0.3;
      ctx.strokeRect(0.5, 0.5, w - 1, h - 1);
      problem.labels.forEach((label, n) => {
        this.mark(ctx, label, px(problem.x[n]), py(problem.y[n]), 2, look);
      });
      ctx.globalAlpha = 1;
    });
  }

  places(w, h) { return [within(this.range, w, false), within(this.range, h, true)]; }

  // Labels differ by shape as well as by colour.
  mark(ctx, label, x, y, size, look) {
    ctx.fillStyle = look.labels[label];
    if (label === 1) {
      ctx.beginPath();
      ctx.arc(x, y, size, 0, 2 * Math.PI);
      ctx.fill();
    } else ctx.fillRect(x - size, y - size, 2 * size, 2 * size);
  }

  draw(walkers, look) {
    const place = fitted(this.canvas), {ctx, w, h} = place, [px, py] = this.places(w, h);
    this.ground.onto(place, look);
    const {x, y, labels} = this.problem, [a, b] = [walkers.w1[walkers.chosen], walkers.w2[walkers.chosen]];
    const length = Math.hypot(a, b);
    ctx.strokeStyle = look.ink;
    if (length > 0) {
      ctx.lineWidth = 1.5;
      ctx.beginPath();
      ctx.moveTo(px(-6 * b / length), py(6 * a / length));
      ctx.lineTo(px(6 * b / length), py(-6 * a / length));
      ctx.stroke();
    }
    ctx.lineWidth = 1;
    const size = walkers.batch.length > 64 ? 2.5 : 4;
    for (const n of walkers.batch) {
      this.mark(ctx, labels[n], px(x[n]), py(y[n]), size, look);
      ctx.strokeRect(px(x[n]) - size - 0.5, py(y[n]) - size - 0.5, 2 * size + 1, 2 * size + 1);
    }
  }
}
