// The component: controls that act at the next step, a clock, and when it stands still. Streamlit calls the default
// function at the start and whenever its data or theme change; the walk lives on between the calls.

const BUDGET_MS = 9, WORDS_MS = 400, AHEAD = 400, WINDOW_S = 12, REPORT_MS = 300;
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

class Live {
  constructor(parent, data) {
    this.data = data;
    this.root = document.createElement("div");
    this.root.style.containerType = "inline-size";
    this.box = document.createElement("div");
    this.box.innerHTML = markup(data, `live-${Math.random().toString(36).slice(2)}`);
    this.root.append(this.box);
    parent.append(this.root);
    this.root.live = this; // for whoever looks from the console
    const problem = {x: data.points.map(p => p[0]), y: data.points.map(p => p[1]), labels: data.labels};
    const flat = ([[a, b], [, c]]) => [a, b, c];
    const law = {hessian: flat(data.hessian), covariance: flat(data.covariance), N: data.labels.length};
    const lines = levelLines(problem, data.minimum);
    this.walks = [...this.box.querySelectorAll("section.walk")].map((section, i) =>
      new WalkView(section, this.box.querySelector(`[data-said="${i}"] span`), problem, law, data, i, lines));
    const strip = this.box.querySelector(".strip");
    this.strip = strip && new Strip(strip);
    this.settings = structuredClone(data.start);
    this.synced = same(data.start);
    this.reports = data.seen ?? 0;
    this.running = !CALM.matches;
    this.listen();
    this.apply();
    if (CALM.matches) this.advance(AHEAD);
  }

  // What Streamlit says anew: a theme, a seed, or other settings in the link. What this side reported is no news.
  receive(data, setStateValue) {
    this.tellStreamlit = setStateValue;
    if (data.seed !== this.data.seed) this.walks.forEach(walk => walk.restart(data.seed));
    if (same(data.start) !== this.synced && (data.seen ?? 0) >= this.reports) {
      this.before = this.snapshot();
      this.settings = structuredClone(data.start);
      this.synced = same(data.start);
    }
    this.data = data;
    this.box.className = ["live", data.small && "small", data.large && "large"].filter(Boolean).join(" ");
    this.dress();
    this.apply();
    if (!this.dragging) this.before = null;
    this.schedule();
  }

  // What theory said before a change, to be left behind as faint rings.
  snapshot() { return this.walks.map(walk => ({theory: walk.theory, ghosts: walk.ghosts})); }

  dress() {
    const style = getComputedStyle(this.box), value = name => style.getPropertyValue(name).trim();
    const accents = value("--st-chart-categorical-colors").split(",").map(each => each.trim());
    this.look = {
      ink: value("--st-text-color"), paper: value("--st-background-color"), walks: accents.slice(0, 2),
      labels: [accents[3], accents[2]], font: `${this.data.large ? 15 : 11}px ${style.fontFamily}`,
    };
    this.look.walks.forEach((colour, i) => this.box.style.setProperty(`--walk-${i}`, colour));
  }

  listen() {
    this.ending = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, {signal: this.ending.signal});
    on(this.box, "input", event => this.changed(event.target));
    on(this.box, "change", event => {
      this.before = null;
      this.dragging = false;
      this.report();
    });
    on(this.box, "click", event => {
      const act = event.target.closest("[data-do]")?.dataset.do;
      if (act === "run") this.toggle();
      if (act === "step") { this.running = false; this.advance(1); this.show(); }
      if (act === "restart") { this.walks.forEach(walk => walk.restart(this.data.seed)); this.show(); }
      const walk = this.walks.find(each => each.plane.canvas === event.target);
      if (walk && !this.data.small) { walk.choose(event.offsetX, event.offsetY); this.show(); }
    });
    on(this.box, "pointerenter", () => { this.over = true; });
    on(this.box, "pointerleave", () => { this.over = false; });
    on(document, "keydown", event => {
      const path = event.composedPath(), taken = "button, a, textarea, select, input:not([type=range])";
      if (event.code !== "Space" || !(this.over || path.includes(this.box)) || path[0].closest?.(taken)) return;
      event.preventDefault();
      this.toggle();
    });
    on(document, "visibilitychange", () => this.schedule());
    on(CALM, "change", () => { if (CALM.matches) this.running = false; this.show(); });
    this.sight = new IntersectionObserver(([entry]) => { this.seen = entry.isIntersecting; this.schedule(); });
    this.sight.observe(this.root);
    this.size = new ResizeObserver(() => this.show());
    this.size.observe(this.root);
  }

  end() {
    this.ending.abort();
    this.sight.disconnect();
    this.size.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.later);
    this.root.remove();
  }

  toggle() {
    this.running = !this.running;
    this.show();
    this.schedule();
  }

  // A control was moved. Under the lock, B of one walk takes its mu along, and mu of one walk the other's.
  changed({dataset, value, checked}) {
    const {settings, data} = this;
    this.before ??= this.snapshot();
    this.dragging = true;
    if (dataset.tick) Object.assign(settings, {lock: checked}, checked ? locked(settings, data) : {});
    if (dataset.choose === "time") settings.time = value;
    if (dataset.choose === "walkers") settings.many = value === "many";
    if (dataset.choose === "drawn") settings.replacement = value === "with";
    const [, name, walk] = dataset.set?.match(/^(mu|B|m|speed)([01]?)$/) ?? [];
    if (name === "m") settings.m = data.momenta[value];
    if (name === "speed") settings.speed = data.speeds[value];
    if (name === "mu" || name === "B") Object.assign(settings, moved(settings, name, Number(walk), Number(value), data));
    this.apply();
  }

  apply() {
    const {settings, walks} = this;
    walks.forEach((walk, i) => {
      const {m, replacement} = settings;
      walk.set({mu: settings.mu[i], B: settings.B[i], m, replacement}, !settings.many);
      const former = this.before?.[i];
      if (former && former.theory.stable && same3(former.theory.covariance) !== same3(walk.theory.covariance)) {
        walk.ghosts = [...former.ghosts, former.theory.covariance].slice(-GHOSTS);
      }
    });
    this.show();
  }

  report() {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (same(this.settings) === this.synced) return;
      this.synced = same(this.settings);
      this.reports += 1;
      this.tellStreamlit("settings", {...this.settings, reports: this.reports});
    }, REPORT_MS);
  }

  // So many steps of the walk that takes most; the others as many, or as much of mu x steps.
  advance(steps) {
    const {mu, time} = this.settings, least = Math.min(...mu.slice(0, this.walks.length));
    const shares = this.walks.map((_, i) => time === "mu" ? least / mu[i] : 1);
    const costs = this.walks.map((walk, i) => (walk.due + steps * shares[i]) * walk.stepCost);
    const slower = steps > 1 && this.frame ? Math.min(1, BUDGET_MS / costs.reduce((a, b) => a + b, 0)) : 1;
    this.walks.forEach((walk, i) => {
      walk.due += slower * steps * shares[i];
      const now = Math.floor(walk.due + 1e-9);
      walk.due -= now;
      walk.advance(now);
    });
  }

  schedule() {
    const moves = this.running && this.seen && !document.hidden;
    if (moves && !this.frame) {
      this.last = performance.now();
      this.frame = requestAnimationFrame(now => this.tick(now));
    }
    if (!moves && this.frame) {
      cancelAnimationFrame(this.frame);
      this.frame = 0;
    }
  }

  tick(now) {
    const seconds = Math.min(Math.max(now - this.last, 0), 50) / 1000;
    this.last = now;
    this.advance(this.settings.speed * seconds);
    this.paint();
    if (!(now - this.told < WORDS_MS)) { this.told = now; this.tell(); }
    this.frame = 0;
    if (this.running && this.seen && !document.hidden) this.frame = requestAnimationFrame(next => this.tick(next));
  }

  show() {
    if (!this.look) return;
    this.controls();
    this.paint();
    this.tell();
    if (!this.running) this.schedule();
  }

  paint() {
    this.walks.forEach(walk => walk.draw(this.look));
    this.strip?.draw(this.walks.map(walk => walk.history), this.settings.time === "mu" ? 1 : 0, this.reach, this.look);
  }

  get reach() {
    const {time, speed, mu} = this.settings;
    return WINDOW_S * speed * (time === "mu" ? Math.min(...mu) : 1);
  }

  controls() {
    const {settings, data, box} = this;
    const put = (name, list, value, words) => {
      const input = box.querySelector(`[data-set="${name}"]`);
      if (!input) return;
      input.value = list.indexOf(value);
      input.setAttribute("aria-valuetext", words);
      write(box.querySelector(`[data-out="${name}"]`), words);
    };
    [0, 1].forEach(i => {
      put(`mu${i}`, data.rates, settings.mu[i], general(settings.mu[i], 4));
      put(`B${i}`, data.batches, settings.B[i], String(settings.B[i]));
    });
    put("m", data.momenta, settings.m, String(settings.m));
    put("speed", data.speeds, settings.speed, `${settings.speed} steps/s`);
    const chosen = {
      time: settings.time, walkers: settings.many ? "many" : "one", drawn: settings.replacement ? "with" : "without",
    };
    for (const radio of box.querySelectorAll("[data-choose]")) radio.checked = chosen[radio.dataset.choose] === radio.value;
    const lock = box.querySelector("[data-tick]");
    if (lock) lock.checked = settings.lock;
    write(box.querySelector("[data-do=run]"), this.running ? "Pause" : "Run");
  }

  tell() {
    this.walks.forEach(walk => walk.tell());
    if (this.data.small) return;
    const [first, second] = this.walks, words = beside(first.setting, second.setting, first.theory, second.theory);
    write(this.box.querySelector(".beside"), words);
    const unit = this.settings.time === "mu" ? `${short(this.reach, 2)} of μ × steps` : `${whole(this.reach)} steps`;
    write(this.box.querySelector(".axis"),
      `Mean squared distance from the minimum over the last ${unit}. Solid: measured. Dashed: theory.`);
  }
}

const keptWalks = new WeakMap();

export default function ({data, parentElement, setStateValue}) {
  if (!keptWalks.has(parentElement)) keptWalks.set(parentElement, new Live(parentElement, data));
  keptWalks.get(parentElement).receive(data, setStateValue);
  return () => {
    keptWalks.get(parentElement)?.end();
    keptWalks.delete(parentElement);
  };
}
