// A sheet with a picture's axes: a curve is drawn on it by mouse, finger or keys, and the truth plays over what was drawn.
// While a curve is drawn nothing is sent; once a stroke has ended, its points are (Python: evidence/guesses.py).

const POINTS = 64;
const SETTLES_MS = 400; // after the last press of a key
const STEP = 0.01; // of the axis, a press of a key
const NS = "http://www.w3.org/2000/svg";

const sheets = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!sheets.has(parentElement)) sheets.set(parentElement, new Sheet(parentElement));
  const sheet = sheets.get(parentElement);
  sheet.show(data, (points) => setStateValue("curve", points));
  const watch = new ResizeObserver(() => sheet.layOut());
  watch.observe(sheet.svg);
  return () => watch.disconnect();
}

class Sheet {
  constructor(place) {
    const sheet = html(place, "div", "sheet");
    this.legend = html(sheet, "div", "legend");
    this.svg = add(html(sheet, "div", "plot"), "svg", { role: "group" });
    this.again = html(this.svg.parentElement, "button", "again");
    this.again.textContent = "Draw again";
    this.again.onclick = () => this.clear();
    this.heights = empty(); // of the own curve, as shares of the axis; NaN where it has not been drawn
    this.own = false; // whether the curve was drawn here, so that it is newer than what Python says
    this.hold = null; // what a pointer is doing: drawing, or dragging the end
    this.played = null; // which sheet's truth has played here
    this.way = 1; // how much of it is uncovered
  }

  show(data, send) {
    const covered = !data.asked.points.length;
    if (this.data?.id !== data.id || !data.drawable) {
      this.hold = null;
      this.own = false;
      this.heights = empty();
    }
    if (this.data?.id !== data.id || covered) this.played = this.film = null;
    this.data = data;
    this.send = send;
    if (data.drawable && !this.own && data.guesses.length) this.take(data.guesses[0]);
    this.entitle();
    this.layOut();
    if (!covered && this.played !== data.id) this.play();
  }

  take(points) {
    this.heights = empty();
    for (const [x, y] of points) this.heights[Math.round(x * (POINTS - 1))] = this.share(y);
    this.close();
  }

  entitle() {
    const { known, asked } = this.data;
    const covered = asked.points.length ? "" : " ?";
    this.legend.replaceChildren();
    for (const line of [...known, asked]) {
      const entry = html(this.legend, "span", "entry");
      const sign = add(entry, "svg", { viewBox: "0 0 26 8", "aria-hidden": "true" });
      add(sign, "line", { x1: 0, x2: 26, y1: 4, y2: 4, ...stroke(line, 3) });
      entry.append(line === asked ? line.name + covered : line.name);
    }
  }

  layOut() {
    const { svg, data } = this;
    if (this.hold || !svg.clientWidth) return; // a pointer would lose what it draws on; what has gone has no size
    const type = parseFloat(getComputedStyle(svg).fontSize);
    const box = { left: 5.2 * type, top: 0.7 * type, right: 1.1 * type, bottom: 3.3 * type };
    this.wide = Math.max(40, svg.clientWidth - box.left - box.right);
    this.high = Math.max(40, svg.clientHeight - box.top - box.bottom);
    this.box = box;
    this.type = type;
    svg.setAttribute("aria-label", data.alt);
    const focused = Boolean(this.end) && svg.getRootNode().activeElement === this.end;
    svg.replaceChildren();
    this.axes(add(svg, "g", { "aria-hidden": "true" }));
    add(add(svg, "clipPath", { id: "inside" }), "rect", this.rectangle());
    const curves = add(svg, "g", { "clip-path": "url(#inside)", "aria-hidden": "true" });
    for (const line of data.known) this.curve(curves, line.points, { ...stroke(line, 3), opacity: 0.55 });
    svg.classList.toggle("drawable", data.drawable);
    if (data.drawable) this.pad(focused);
    else this.lay(curves);
    this.again.hidden = !data.drawable || !this.drawn();
  }

  axes(group) {
    const { x, y } = this.data;
    const { left, top } = this.box;
    const bottom = top + this.high;
    for (const [at, label] of y.ticks) {
      const level = this.down(this.share(at));
      add(group, "line", { class: "grid", x1: left, x2: left + this.wide, y1: level, y2: level });
      write(group, label, { x: left - 0.5 * this.type, y: level, "text-anchor": "end", dy: "0.35em" });
    }
    add(group, "line", { class: "axis", x1: left, x2: left + this.wide, y1: bottom, y2: bottom });
    for (const [at, label] of x.ticks) {
      const across = left + at * this.wide;
      add(group, "line", { class: "axis", x1: across, x2: across, y1: bottom, y2: bottom + 5 });
      const anchor = at > 0.97 ? "end" : "middle";
      write(group, label, { x: across, y: bottom + 1.35 * this.type, "text-anchor": anchor });
    }
    const middle = left + this.wide / 2;
    write(group, x.title, { class: "title", x: middle, y: bottom + 2.7 * this.type, "text-anchor": "middle" });
    const turned = `translate(${this.type}, ${top + this.high / 2}) rotate(-90)`;
    write(group, y.title, { class: "title", transform: turned, "text-anchor": "middle" });
  }

  // Own curve

  pad(focused) {
    const { svg } = this;
    const name = this.data.asked.name;
    const hint = { class: "hint", x: this.box.left + this.wide / 2, y: this.box.top + this.high * 0.45 };
    this.hint = write(svg, `Draw ${name} here, from left to right`, { ...hint, "text-anchor": "middle" });
    this.path = add(svg, "path", { class: "own", "aria-hidden": "true" });
    const pad = add(svg, "rect", { class: "pad", ...this.rectangle(this.box.right) });
    this.label = write(svg, "", { class: "value", "text-anchor": "end", "aria-hidden": "true" });
    this.end = add(svg, "g", { class: "end", tabindex: 0, role: "slider", "aria-orientation": "vertical" });
    this.end.setAttribute("aria-label", `Where ${name} ends. Arrow keys up and down move it.`);
    add(this.end, "circle", { class: "touch", r: 1.3 * this.type });
    add(this.end, "circle", { class: "dot", r: 0.5 * this.type });
    this.listen(pad, "drawing");
    this.listen(this.end, "end");
    this.end.onkeydown = (event) => this.key(event);
    this.end.onblur = () => this.settle(0);
    this.redraw();
    if (focused) this.end.focus();
  }

  listen(node, hold) {
    node.onpointerdown = (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      this.hold = hold;
      this.own = true;
      this.last = null;
      this.move(event);
    };
    node.onpointermove = (event) => {
      if (this.hold !== hold || !event.isPrimary) return;
      for (const each of event.getCoalescedEvents?.() ?? []) this.move(each);
      this.move(event);
    };
    node.onpointerup = node.onpointercancel = (event) => {
      if (this.hold !== hold || !event.isPrimary) return;
      this.hold = null;
      this.close();
      this.layOut();
      this.tell();
    };
  }

  move(event) {
    const frame = this.svg.getBoundingClientRect();
    const x = within((event.clientX - frame.left - this.box.left) / this.wide);
    const height = within(1 - (event.clientY - frame.top - this.box.top) / this.high);
    if (this.hold === "end") this.lift(height - this.heights[POINTS - 1]);
    else this.stroke(x * (POINTS - 1), height);
    this.redraw();
  }

  stroke(at, height) {
    const from = this.last ?? { at, height };
    const [low, high] = [Math.min(from.at, at), Math.max(from.at, at)];
    for (let place = Math.round(low); place <= Math.round(high); place++) {
      const way = at === from.at ? 1 : within((place - from.at) / (at - from.at));
      this.heights[place] = from.height + way * (height - from.height);
    }
    this.last = { at, height };
  }

  // Fill what a stroke has left out: between its parts straight, and flat to the right edge.
  close() {
    let before = -1;
    for (let place = 0; place < POINTS; place++) {
      if (Number.isNaN(this.heights[place])) continue;
      const gap = place - before;
      for (let step = 1; before >= 0 && step < gap; step++) {
        const way = step / gap;
        this.heights[before + step] = this.heights[before] * (1 - way) + this.heights[place] * way;
      }
      before = place;
    }
    if (before >= 0) this.heights.fill(this.heights[before], before);
  }

  // Move the end, and the curve with it, the less the further from its end.
  lift(by) {
    const end = POINTS - 1;
    if (!this.drawn()) this.heights[end] = 0.5;
    this.heights = this.heights.map((height, place) => within(height + (by * place) / end));
  }

  key(event) {
    const by = { ArrowUp: STEP, ArrowDown: -STEP, PageUp: 10 * STEP, PageDown: -10 * STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // these keys are the lesson's everywhere else
    this.own = true;
    this.lift(by);
    this.redraw();
    this.settle(SETTLES_MS);
  }

  settle(wait) {
    if (wait) this.unsent = true;
    if (!this.unsent) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.unsent = false;
      this.tell();
    }, wait);
  }

  clear() {
    this.heights = empty();
    this.own = true;
    this.layOut();
    this.send([]);
  }

  tell() {
    this.again.hidden = false;
    this.send(this.points().map(([x, height]) => [digits(x), digits(this.value(height))]));
  }

  redraw() {
    const drawn = this.drawn();
    const height = drawn ? this.points().at(-1)[1] : 0.5;
    const x = this.box.left + this.wide;
    this.path.setAttribute("d", this.along(this.points()));
    this.hint.style.display = drawn ? "none" : "";
    const whole = !Number.isNaN(this.heights[POINTS - 1]);
    this.end.classList.toggle("unset", !whole);
    this.end.setAttribute("transform", `translate(${x}, ${this.down(height)})`);
    const value = this.value(height);
    this.end.setAttribute("aria-valuemin", this.data.y.low);
    this.end.setAttribute("aria-valuemax", this.data.y.high);
    this.end.setAttribute("aria-valuenow", digits(value));
    this.end.setAttribute("aria-valuetext", drawn ? this.said(value) : "not guessed yet");
    this.label.textContent = whole ? this.said(value) : "";
    this.put(this.label, height, 1);
  }

  // All curves, and the truth

  lay(group) {
    const { guesses, middle, asked } = this.data;
    const many = guesses.length > 1;
    const faint = { class: "guess", opacity: Math.max(0.15, Math.min(0.5, 10 / guesses.length)) };
    for (const points of guesses) this.curve(group, points, many ? faint : { class: "own" });
    if (many) this.curve(group, middle, { class: "own" });
    if (!asked.points.length) return;
    this.clip = add(add(this.svg, "clipPath", { id: "played" }), "rect", this.rectangle());
    const truth = add(group, "g", { "clip-path": "url(#played)" });
    this.curve(truth, asked.points, { ...stroke(asked, 5), class: "truth" });
    this.ends = add(this.svg, "g", { class: "ends", "aria-hidden": "true" });
    this.name(asked.points, guesses.length ? (many ? middle : guesses[0]) : [], many);
    this.uncover();
  }

  uncover() {
    this.clip?.setAttribute("width", this.way * this.wide + (this.way === 1 ? this.box.right : 0));
    this.ends?.classList.toggle("coming", this.way < 1);
  }

  // Write at its right end what the truth is, and on the other side of that what was guessed.
  name(truth, guess, many) {
    const end = this.share(truth.at(-1)[1]);
    const told = guess.length ? this.share(guess.at(-1)[1]) : null;
    const above = told === null || end >= told ? 1 : -1;
    const said = write(this.ends, `${this.data.asked.name}: ${this.said(truth.at(-1)[1])}`, { class: "value" });
    said.style.fill = this.data.asked.colour;
    const taken = this.put(said, end, above);
    if (told === null) return;
    const what = many ? "the middle guess" : "guessed";
    const text = write(this.ends, `${what}: ${this.said(guess.at(-1)[1])}`, { class: "value" });
    if (Math.abs(this.put(text, told, -above) - taken) < 1.3 * this.type) {
      text.setAttribute("y", taken + (taken < this.box.top + this.high / 2 ? 1.3 : -1.3) * this.type);
    }
  }

  play() {
    this.played = this.data.id;
    this.way = 1;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const film = (this.film = {});
    const began = performance.now();
    const draw = (now) => {
      if (this.film !== film || !this.svg.isConnected) return;
      this.way = within((now - began) / (1000 * this.data.seconds));
      this.uncover();
      if (this.way < 1) requestAnimationFrame(draw);
    };
    draw(began);
  }

  // From data to pixels and back

  share(y) {
    const { low, high } = this.data.y;
    return this.data.loss ? Math.log(y / low) / Math.log(high / low) : (y - low) / (high - low);
  }

  value(share) {
    const { low, high } = this.data.y;
    return this.data.loss ? low * (high / low) ** share : low + share * (high - low);
  }

  said(value) {
    return this.data.loss ? value.toPrecision(2) : `${(100 * value).toFixed(1)}%`;
  }

  down(share) {
    return this.box.top + (1 - share) * this.high;
  }

  rectangle(more = 0) {
    return { x: this.box.left, y: this.box.top - 1, width: this.wide + more, height: this.high + 2 };
  }

  curve(group, points, look) {
    const shares = points.map(([x, y]) => [x, this.share(y)]);
    if (shares.length === 1) {
      const [[x, share]] = shares;
      return add(group, "circle", { cx: this.box.left + x * this.wide - 6, cy: this.down(share), r: 6, ...look });
    }
    return add(group, "path", { d: this.along(shares), ...look });
  }

  along(shares) {
    const at = ([x, share]) => `${digits(this.box.left + x * this.wide)},${digits(this.down(share))}`;
    return shares.length ? `M${shares.map(at).join("L")}` : "";
  }

  // A text at the right end of a curve: above it or below, within the plot. Returns its height in pixels.
  put(text, share, above) {
    const line = this.down(within(share));
    const [highest, lowest] = [this.box.top + this.type, this.box.top + this.high - 0.4 * this.type];
    const over = line - 0.6 * this.type;
    const under = line + 1.5 * this.type;
    const y = (above > 0 && over > highest) || under > lowest ? over : under;
    text.setAttribute("x", this.box.left + this.wide - this.type);
    text.setAttribute("y", y);
    text.setAttribute("text-anchor", "end");
    return y;
  }

  points() {
    return this.heights.flatMap((height, place) => (Number.isNaN(height) ? [] : [[place / (POINTS - 1), height]]));
  }

  drawn() {
    return this.heights.some((height) => !Number.isNaN(height));
  }
}

const empty = () => Array(POINTS).fill(NaN);
const within = (share) => Math.min(1, Math.max(0, share));
const digits = (number) => Number(number.toPrecision(4));
const stroke = (line, width) => ({ stroke: line.colour, "stroke-width": width, "stroke-dasharray": line.dash.join(" ") });

function html(place, name, kind) {
  const node = document.createElement(name);
  node.className = kind;
  place.append(node);
  return node;
}

function add(place, name, attributes) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  place.append(node);
  return node;
}

function write(place, text, attributes) {
  const node = add(place, "text", attributes);
  node.textContent = text;
  return node;
}
