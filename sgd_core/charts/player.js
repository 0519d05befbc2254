// Makes a button of the box that Vega binds to the signal `play`: for ears, for Enter, and for the space bar anywhere.

function makePlayButtons() {
  if (window.sgdLabPlays) return;
  window.sgdLabPlays = true;

  const isPlay = (node) => node.matches?.('.vega-bind input[name="play"]');
  const dress = (box) => {
    box.setAttribute("role", "button");
    box.setAttribute("aria-label", "Play");
    box.setAttribute("aria-pressed", box.checked);
  };
  document.querySelectorAll('.vega-bind input[name="play"]').forEach(dress);
  // Cheaper than to watch the page for new charts: player.css lets every new box begin an animation.
  document.addEventListener("animationstart", (event) => isPlay(event.target) && dress(event.target));
  document.addEventListener("change", (event) => isPlay(event.target) && dress(event.target));

  const inView = (box) => {
    const at = box.getBoundingClientRect();
    return at.width > 0 && at.bottom > 0 && at.top < innerHeight;
  };
  const USED = "input, button, select, textarea, a, summary, [role], [contenteditable]";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    let box = null;
    if (event.key === "Enter" && isPlay(event.target)) box = event.target;
    if (event.key === " " && !event.target.closest?.(USED)) {
      box = [...document.querySelectorAll('.vega-bind input[name="play"]')].find(inView);
    }
    if (!box) return;
    event.preventDefault();
    box.click();
  });
}
