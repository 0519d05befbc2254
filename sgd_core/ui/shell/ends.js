// Tells the page which run's end was clicked in a chart of curves: the value that stands there, or the last point. By
// where they are, because Vega-Lite leaves both without pointer events. ends.py fills in $$NAMES.

const NEAR = 10; // pixels from the middle of a point; a value is hit on its text and 2 pixels around it
const AROUND = 2;

export default function ({ setTriggerValue }) {
  const clicked = (event) => {
    const run = endAt(event);
    if (run) setTriggerValue("run", run);
  };
  const moved = (event) => {
    const picture = event.target.closest?.('$CHART svg.marks');
    if (picture) picture.style.cursor = endAt(event) ? "pointer" : "";
  };
  document.addEventListener("click", clicked, true);
  document.addEventListener("pointermove", moved, true);
  return () => {
    document.removeEventListener("click", clicked, true);
    document.removeEventListener("pointermove", moved, true);
  };
}

// Vega keeps what a mark stands for in the __data__ of its element.
function endAt({ target, clientX, clientY }) {
  const chart = target.closest?.('$CHART');
  if (!chart) return null;
  const within = ({ left, right, top, bottom }) =>
    clientX >= left - AROUND && clientX <= right + AROUND && clientY >= top - AROUND && clientY <= bottom + AROUND;
  const value = [...chart.querySelectorAll(".${VALUES}_marks text")].find((each) => within(each.getBoundingClientRect()));
  if (value) return value.__data__.datum.run;
  const far = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return Math.hypot(clientX - (left + right) / 2, clientY - (top + bottom) / 2);
  };
  const points = [...chart.querySelectorAll(".${POINTS}_marks path")].map((each) => [far(each), each]);
  const [distance, point] = points.sort(([one], [other]) => one - other)[0] ?? [Infinity];
  return distance <= NEAR ? point.__data__.datum.run : null;
}
