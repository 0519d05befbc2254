// The controls and canvases, and how the one is read from the other.

const slider = (name, words, list, format, note = "") => `<label class="slide"><span>${words} <output data-out="${name}"></output></span>
  <input type="range" data-set="${name}" min="0" max="${list.length - 1}" step="1" aria-label="${note || words}"></label>`;

const choice = (name, words, options, id) => `<fieldset><legend>${words}</legend>${options.map(([value, label]) =>
  `<label><input type="radio" name="${id}-${name}" data-choose="${name}" value="${value}">${label}</label>`).join("")}</fieldset>`;

const picture = (what, words) => `<canvas class="${what}" role="img" aria-label="${words}"></canvas>`;

function panel(i, {rates, batches}, small) {
  const name = ["First", "Second"][i];
  const plane = picture("plane", `${name} walk: weights around the minimum`);
  if (small) return `<section class="walk" data-walk="${i}">${plane}<p class="now"></p></section>`;
  return `<section class="walk" data-walk="${i}" aria-label="${name} walk">
    <div class="pair"><b class="name">${name}</b>${slider(`mu${i}`, "μ", rates, general, `${name} learning rate μ`)}
      ${slider(`B${i}`, "B", batches, String, `${name} batch size B`)}</div>
    <div class="pictures">${plane}<div class="side">${picture("inset", `${name} walk: the examples and the last batch`)}
      <p class="now"></p><p><span class="chip"></span></p></div></div></section>`;
}

function markup(data, id) {
  const run = `<button type="button" data-do="run" aria-keyshortcuts="Space"></button>`;
  const walks = [0, 1].slice(0, data.small ? 1 : 2).map(i => panel(i, data, data.small)).join("");
  if (data.small) return `<div class="walks">${walks}</div><div class="bar">${run}</div>`;
  return `<div class="bar">${run}<button type="button" data-do="step">Step</button>
      <button type="button" data-do="restart">Restart</button>
      ${slider("speed", "Speed", data.speeds, String)}${slider("m", "Momentum m", data.momenta, String)}
      <label class="tick"><input type="checkbox" data-tick="lock">Same μ/B</label></div>
    <div class="bar">${choice("time", "Time in", [["steps", "steps"], ["mu", "μ × steps"]], id)}
      ${choice("walkers", "Walkers", [["many", data.walkers], ["one", "one"]], id)}
      ${choice("drawn", "Batch drawn", [["without", "without replacement"], ["with", "with"]], id)}</div>
    <div class="walks">${walks}</div>
    <p class="axis"></p>${picture("strip", "Mean squared distance from the minimum over time")}
    <p class="beside"></p>
    <div class="walks badges">${["First", "Second"].map((name, i) =>
      `<p data-said="${i}"><b class="name">${name}.</b> <span></span></p>`).join("")}</div>`;
}
