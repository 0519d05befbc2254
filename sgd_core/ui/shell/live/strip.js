const STRIP = {low: 1e-3, high: 10};

// Mean squared distance from the minimum over the last stretch of time, with theory's value dashed, on a still log axis.
class Strip {
  constructor(canvas) {
    this.canvas = canvas;
    this.ground = new Ground((ctx, w, h, look) => {
      ctx.fillStyle = ctx.strokeStyle = look.ink;
      ctx.font = look.font;
      for (const tick of [0.001, 0.01, 0.1, 1, 10]) {
        ctx.globalAlpha = 0.2;
        const at = Math.round(this.height(tick, h)) + 0.5;
        ctx.beginPath();
        ctx.moveTo(40, at); ctx.lineTo(w, at);
        ctx.stroke();
        ctx.globalAlpha = 1;
        ctx.textAlign = "right";
        ctx.fillText(tick, 36, Math.min(h - 3, Math.max(10, at + 4)));
      }
    });
  }

  height(value, h) {
    const share = Math.log(Math.max(value, STRIP.low / 2) / STRIP.low) / Math.log(STRIP.high / STRIP.low);
    return h - 4 - share * (h - 8);
  }

  // `histories` hold [steps, time, measured, predicted]; the axis is `along` 0 or 1 and shows the last `reach` of it.
  draw(histories, along, reach, look) {
    const place = fitted(this.canvas), {ctx, w, h} = place;
    this.ground.onto(place, look);
    ctx.save();
    ctx.beginPath();
    ctx.rect(40, 0, w - 40, h);
    ctx.clip();
    histories.forEach((history, i) => {
      if (!history.length) return;
      const now = history[history.length - 1][along];
      ctx.strokeStyle = look.walks[i];
      for (const [entry, dash, width] of [[3, [6, 4], 2], [2, [], 1.2]]) {
        ctx.setLineDash(dash);
        ctx.lineWidth = width;
        ctx.beginPath();
        let drawn = false;
        for (const point of history) {
          const x = w - (now - point[along]) / reach * (w - 40), there = x > 0 && Number.isFinite(point[entry]);
          if (there) ctx[drawn ? "lineTo" : "moveTo"](x, this.height(point[entry], h));
          drawn = there;  // no line over a stretch without a value: beyond the edge theory has none
        }
        ctx.stroke();
      }
    });
    ctx.restore();
  }
}
