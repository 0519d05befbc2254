"""How a lesson's screen looks: one question, one picture that fills the rest, what it showed, a note, the keys.

Everything stands within the height of the window; the picture takes what the texts leave.
"""

from __future__ import annotations

from sgd_core.ui.shell.streamlit_private import style

STYLE = style("""
<style>
$SIDEBAR, $CLOSED_SIDEBAR, $HEADER { display: none; }
.stMainBlockContainer { max-width: 100%; padding: 0.9rem 1.6rem 0.5rem; overflow: hidden; }
.st-key-screen { flex: none; height: calc(100dvh - 1.4rem); flex-wrap: nowrap; overflow: hidden; }
.st-key-screen > * { flex-shrink: 0; }
.st-key-screen > :has($CHART), .st-key-screen > [class*="st-key-drawing-"] {
  flex: 1 1 0 !important; min-height: 0; overflow: hidden; }
.st-key-screen h1 { font-size: clamp(1.3rem, 1rem + 1.6vmin + 0.5vw, 3rem); line-height: 1.18; padding: 0;
  text-wrap: balance; }
.st-key-answer p { font-size: clamp(1rem, 0.6rem + 1.3vmin + 0.3vw, 1.9rem); line-height: 1.3; margin: 0; }
.st-key-read p { font-size: clamp(0.82rem, 0.62rem + 0.55vmin, 1.15rem); line-height: 1.3; margin: 0; }
[class*="st-key-choosing-"] button p { font-size: clamp(0.9rem, 0.6rem + 1.1vmin, 1.7rem); }
.st-key-answer, .st-key-read, .st-key-note, .st-key-keys { flex: none; }
.st-key-screen div:has(> p) { margin-bottom: 0; }
.st-key-answer { animation: appear 0.5s both; }
@media (prefers-reduced-motion: reduce) { .st-key-answer { animation-name: none; } }
@keyframes appear { from { opacity: 0; } }
.st-key-note { border-left: 0.3rem solid; padding: 0.4rem 0.8rem; max-height: 30dvh;
  overflow-y: auto; }
.st-key-note p { font-size: clamp(0.88rem, 0.68rem + 0.6vmin, 1.25rem); line-height: 1.35; margin: 0; }
.st-key-keys p { margin: 0; }
.st-key-count { flex: none; white-space: nowrap; }
@media (max-width: 600px) {
  .stMainBlockContainer { padding: 0.7rem 0.8rem 0.4rem; }
  .st-key-keys { gap: 0.3rem !important; }
  .st-key-keys button kbd, .st-key-end { display: none; }
  .st-key-open-room, .st-key-room-code { display: none; }
}
</style>
""")

SECOND = style("""
<style>
.st-key-keys { flex-wrap: wrap; }
.st-key-note-key { display: none; }
.st-key-count { order: 1; flex-basis: 100%; }
</style>
""")
"""The teacher's second screen, which has no picture."""

JOIN = style("""
<style>
.st-key-join { min-height: calc(100dvh - 3rem); flex-wrap: wrap; justify-content: center; }
.st-key-join-code { flex: 0 1 min(78dvh, 45vw); min-width: 15rem; }
.st-key-join-code img { display: block; width: 100%; border-radius: 0.6rem; }
.st-key-join-how { flex: 1 1 20rem; max-width: 40rem; }
.st-key-join-how p { font-size: clamp(1rem, 0.6rem + 1.3vmin + 0.3vw, 1.9rem); line-height: 1.35; }
.letters { font-size: clamp(4rem, 13vw, 12rem); font-weight: 700; letter-spacing: 0.12em; line-height: 1;
  font-variant-numeric: tabular-nums; }
.st-key-join-teacher p { font-size: 0.95rem; }
.stMainBlockContainer { overflow: visible; }
@media (max-width: 800px) {
  .st-key-join { flex-direction: column; flex-wrap: nowrap; gap: 1rem !important; }
  .st-key-join-code { flex: none; width: min(80vw, 20rem); align-self: center; }
  .st-key-join-how { flex: none; width: 100%; }
}
</style>
""")

PHONE = style("""
<style>
$SIDEBAR, $CLOSED_SIDEBAR, $HEADER { display: none; }
.stMainBlockContainer { padding: 1rem 1rem 0.5rem; max-width: 40rem; }
.st-key-phone { flex: none; min-height: calc(100dvh - 1.6rem); flex-wrap: nowrap; }
.st-key-phone > * { flex-shrink: 0; }
.st-key-phone > [class*="st-key-drawing-"] { flex: 1 1 0 !important; min-height: 18rem; max-height: 40rem; }
.st-key-phone h1 { font-size: clamp(1.3rem, 5.5vw, 2rem); line-height: 1.2; padding: 0; text-wrap: balance; }
.st-key-phone p { font-size: 1.1rem; line-height: 1.35; margin: 0; }
.st-key-phone [class*="st-key-choosing-"], .st-key-phone [class*="st-key-choosing-"] div { width: 100% !important; }
.st-key-phone $CHOICES > div { flex-direction: column; gap: 0.6rem; }
.st-key-phone $CHOICES button { width: 100%; min-height: 3.2rem; white-space: normal; }
</style>
""")


ROOM = """
<style>
.st-key-answer, .st-key-read { min-height: calc(2 * 1.3 * clamp(1rem, 0.6rem + 1.3vmin + 0.3vw, 1.9rem)); }
@media (max-width: 600px) { .st-key-answer, .st-key-read { min-height: calc(4 * 1.3 * 1rem); } }
</style>
"""
"""What keeps the room of the answer free before it stands there, so that a sheet stays where it is."""


def after(seconds: float) -> str:
    """What keeps the answer away until the picture has moved for so long."""
    return f"<style>.st-key-answer {{ animation-delay: {seconds:g}s; }}</style>"
