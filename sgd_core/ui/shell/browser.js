// What Streamlit 1.67 leaves to the browser on every page; browser.py says why, and fills in $$NAMES.

const PHONE = 768; // pixels; below it the menu lies over the page

export default function ({ data, setStateValue, setTriggerValue }) {
  keepHistory();
  makePlayButtons();

  const less = matchMedia("(prefers-reduced-motion: reduce)");
  const tell = () => less.matches !== data.still && setStateValue("still", less.matches);
  less.addEventListener("change", tell);
  tell();

  const app = document.querySelector('$APP');
  const paper = () => getComputedStyle(app).backgroundColor;
  let before = paper();
  const theme = new MutationObserver(() => {
    if (paper() === before) return;
    before = paper();
    setTriggerValue("repainted", true);
  });
  theme.observe(app, { attributes: true, attributeFilter: ["class"] });

  return () => {
    less.removeEventListener("change", tell);
    theme.disconnect();
  };
}

function keepHistory() {
  if (window.sgdLabKeepsHistory) return;
  window.sgdLabKeepsHistory = true;

  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  const place = () => location.pathname + location.search;
  let here = place();
  const wrapped = (change) => (state, title, url) => {
    change(url)(state, title, url);
    here = place();
  };
  const samePage = (url) => new URL(url ?? "", location.href).pathname === location.pathname;
  history.replaceState = wrapped(() => replace);
  history.pushState = wrapped((url) => (samePage(url) ? replace : push));

  addEventListener("popstate", (event) => {
    if (place() === here) return; // a heading's link
    event.stopImmediatePropagation();
    location.reload();
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('$PAGE_LINK');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    // The first page's link is empty, which would be this page.
    if (link.target !== "_blank") history.pushState({}, "", link.getAttribute("href").replace(/^(?=$$|\?)/, "./"));
    const menu = document.querySelector('$SIDEBAR');
    if (innerWidth <= PHONE && menu?.contains(link)) menu.querySelector('$CLOSE_SIDEBAR')?.click();
  }, true);
}
