"""The words of the app: what each means, and how a page explains one where it first stands.

A page draws its texts with `say` and `caption`: they explain every word of the list that the page has not explained
yet. The texts stay plain, so that sentences are what their tests say. An explanation opens by hover, by the keyboard
and by tap, without a rerun: a button with a popover, because a title does not show by touch. A word that is an
everyday word as well ("control") is explained where a page names it: `say(text, "control")`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from html import escape, unescape
from typing import Literal, ParamSpec
from zlib import crc32

import streamlit as st

P = ParamSpec("P")
PAPER = "Lynn and Maljković, section II"


@dataclass(frozen=True)
class Word:
    """One word of the list."""

    name: str
    meaning: str
    """One or two plain sentences."""
    forms: tuple[str, ...] = ()
    """Other ways in which it stands in a text."""
    source: str = ""
    everyday: bool = False
    """Whether it is an everyday word as well, which only a page that names it explains."""

    @property
    def title(self) -> str:
        """Its name at the beginning of a sentence."""
        return self.name[0].upper() + self.name[1:] if self.name[1:2].islower() else self.name

    @property
    def slug(self) -> str:
        """Its name in a link to the list."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower().replace("μ/", "mu-over-")).strip("-")


_LIST = (
    Word("batch", "The images whose mean gradient makes one update. B, the batch size, is how many they are.",
         ("batches", "batch size", "batch sizes"), "Lynn and Maljković, section I"),
    Word("learning rate", "μ, how far an update goes along the gradient of its batch.", ("learning rates",),
         "Lynn and Maljković, section I"),
    Word("epoch", "One pass over all training images, each looked at once, in a new order every time.", ("epochs",)),
    Word("update", "One change of the weights, after one batch; a step. An epoch has N/B of them, rounded up, N being "
         "the number of training images.", ("updates",)),
    Word("momentum", "Every update goes on with a share m of the one before, 0.9 in the paper. A steady gradient then "
         "moves the weights 1/(1 − m) = 10 times as far.", source=PAPER),
    Word("μ/B", "Learning rate over batch size. By the paper's argument the noise of the steps is proportional to it.",
         source="Lynn and Maljković, section I"),
    Word("gradient noise", "How a batch's gradient differs from that of all images, by the chance of which images are "
         "in the batch. Its variance goes as 1/B.", ("noise",), "Lynn and Maljković, section I"),
    Word("T", "Training time: the sum of the learning rate over all updates. It is the time for which a run that makes "
         "tiny steps would have followed the gradient.", ("training time",)),
    Word("T_eff", "Training time with momentum counted in: the sum of μ_t (1 − m^(t+1)) over updates t = 0, 1, 2 and "
         "on. It is less than T where the learning rate falls before the momentum is up to speed."),
    Word("equal training time", "Runs are compared where their T is the same, and not after as many epochs. A small "
         "batch makes more updates an epoch, so at equal epochs it has trained for longer.", ("equal T",)),
    Word("crop", "A random part of an image, enlarged to its size and mirrored half of the time. Training sees another "
         "one in every epoch.", ("crops",)),
    Word("V", "How many sets of random crops a run has; its epochs take them in turn. With V above the number of "
         "epochs, every epoch sees new ones.", ("views",)),
    Word("frozen features", "What AlexNet, trained on ImageNet beforehand, makes of an image: 9,216 numbers. Those "
         "layers stay as they are, and only the head after them is trained.",
         ("frozen AlexNet features", "frozen network", "frozen layers"), PAPER),
    Word("head", "The layers after the frozen features, which a run trains from random weights: three of them in the "
         "paper's network.", source=PAPER),
    Word("dropout", "While a network trains, each update leaves out a random share of the inputs of a layer, here a "
         "half. It is off when accuracy is measured.", ("dropout masks",)),
    Word("seed", "The number that a run's chance comes from: first weights, order of the images, dropout. Another seed "
         "is the same run with other luck, on the same images.", ("seeds",)),
    Word("sharp minimum", "A place of low loss with steep walls, where a small move of the weights raises the loss "
         "much. A flat one lets them move. The paper holds that sharp ones do worse on new images.",
         ("sharp minima", "sharper minima", "flat minimum", "flatter minima", "sharp one"),
         "Keskar et al., arXiv 1609.04836"),
    Word("N_dec", "How many epochs the learning rate stays the same between two steps of a schedule.", source=PAPER),
    Word("s_B", "The factor by which the batch grows every N_dec epochs: B_k = int(B_0 · s_B^g(k)), g(k) being k/N_dec "
         "rounded down.", source=PAPER),
    Word("margin", "The smallest difference that counts. It was set before the runs were made.", ("margins",)),
    Word("control", "A comparison beside a claim that could show its reason to be wrong, even where the claim holds.",
         ("controls",), everyday=True),
    Word("interval", "Where the true value lies, as far as repeats tell, here mostly other seeds: 95 of 100 intervals "
         "made this way hold it.", ("intervals", "95% interval", "95% intervals")),
    Word("test images", "2,000 photographs of the same ten vegetables that no run was trained on, though some show the "
         "same scene as a training image.", ("test image",)),
    Word("near-twin", "An image to test on that shows the same scene as a training image, taken a moment apart: their "
         "grey pixels correlate above 0.95. Those above 0.9 are called look-alikes.",
         ("near-twins", "look-alike", "look-alikes")),
)  # fmt: skip
WORDS: dict[str, Word] = {word.name: word for word in _LIST}
"""Name -> word: the one list."""
_TOLD = "words told"
_BY_FORM = {form: word for word in _LIST for form in (word.name, *word.forms)}

STYLE = """
<style>
.word { anchor-scope: --word; white-space: nowrap; }
.word > button {
  all: unset; cursor: help; anchor-name: --word;
  text-decoration: underline dotted; text-decoration-thickness: 0.08em; text-underline-offset: 0.22em;
}
.word > button:focus-visible { outline: 2px solid; outline-offset: 2px; border-radius: 2px; }
.word > [popover] {
  position: fixed; z-index: 1000; inset: auto 0.75rem 0.75rem; margin: 0.2rem 0; max-width: 24rem; width: max-content;
  box-sizing: border-box; padding: 0.5rem 0.75rem; border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 0.4rem; font-size: 0.9rem; font-weight: 400; font-style: normal; line-height: 1.45; text-align: left;
  white-space: normal;
}
.word > [popover] small { display: block; opacity: 0.75; }
@supports (anchor-scope: --word) {
  .word > [popover] {
    inset: auto; position-anchor: --word; position-area: bottom span-right; min-width: min(18rem, 90vw);
    position-try-fallbacks: flip-inline, flip-block, flip-block flip-inline;
  }
  .word > button:focus-visible + [popover] { display: block; }
  @media (hover: hover) { .word:hover > [popover] { display: block; } }
}
@media (max-width: 600px) {
  .word > [popover] { max-width: none; width: auto; min-width: 0; }
  @supports (anchor-scope: --word) {
    .word > [popover] {
      position-area: bottom span-all; justify-self: stretch; margin: 0.2rem 0.75rem; position-try-fallbacks: flip-block;
    }
  }
}
</style>
"""
"""What every page needs once; without anchors (before 2025) an explanation opens at the bottom of the window."""


def begin() -> None:
    """Nothing has been explained yet: what a page begins with."""
    st.session_state[_TOLD] = {}


def say(text: str, *everyday: str, help: str | None = None) -> None:
    """Draw a text in Markdown; the words that this page has not explained yet are, and these everyday ones."""
    st.markdown(_new(text, everyday), unsafe_allow_html=True, help=help)


def caption(text: str, *everyday: str, width: Literal["stretch", "content"] = "stretch") -> None:
    """The same, small."""
    st.caption(_new(text, everyday), unsafe_allow_html=True, width=width)


def fragment(function: Callable[P, None], run_every: float | None = None) -> Callable[P, None]:
    """st.fragment for a part of a page that explains words: run again, it explains the same ones again."""

    @wraps(function)
    def again(*args: P.args, **kwargs: P.kwargs) -> None:
        outside = {word: part for word, part in _told().items() if part != function.__qualname__}
        st.session_state[_TOLD] = dict(outside)
        try:
            function(*args, **kwargs)
        finally:
            inside = dict.fromkeys(_told().keys() - outside.keys(), function.__qualname__)
            st.session_state[_TOLD] = outside | inside

    return st.fragment(again, run_every=run_every)


def _told() -> dict[str, str]:
    """Word -> the fragment that explains it, '' for the page itself."""
    told: dict[str, str] = st.session_state.setdefault(_TOLD, {})
    return told


def _new(text: str, everyday: Iterable[str]) -> str:
    told = _told()
    names = [name for name in (*names_in(text), *everyday) if name not in told]
    told.update(dict.fromkeys(names, ""))
    return explained(text, names)


def explained(text: str, names: Iterable[str]) -> str:
    """The Markdown with these words explained where each first stands in it, and without HTML of its own.

    A word that does not stand in the text is passed over, as a sentence may say one thing or another. Raises KeyError
    for a name that is not in WORDS.
    """
    wanted, found = {WORDS[name].name for name in names}, set[str]()

    def mark(match: re.Match[str]) -> str:
        word = word_of(match["form"]) if match["form"] else None
        if word is None or word.name not in wanted or word.name in found:
            return match[0]
        found.add(word.name)
        return _button(match["form"], match["end"], word, f"{word.slug}-{crc32(text.encode()):x}")

    return _PLACES.sub(mark, _without_tags(text))


def word_of(form: str) -> Word:
    """The word that stands in this form, whatever its first letter's case; raises KeyError where there is none."""
    return _BY_FORM[form] if form in _BY_FORM else _BY_FORM[form[0].lower() + form[1:]]


def plain(text: str) -> str:
    """What is read of an explained text while no explanation is open."""
    return _DRAWN.sub(lambda match: unescape(match[1]) + match[2], text)


def names_in(text: str) -> list[str]:
    """The words that stand in a plain text, in their order, everyday ones left out."""
    forms = [match["form"] for match in _PLACES.finditer(text) if match["form"]]
    return [name for name in dict.fromkeys(word_of(form).name for form in forms) if not WORDS[name].everyday]


def _without_tags(text: str) -> str:
    """The Markdown with every < as a sign, as it is where HTML is not allowed; `\\<` is that sign already."""
    return re.sub(r"(\\*)<", lambda match: match[1][: len(match[1]) // 2 * 2] + "&lt;", text)


def _pattern() -> re.Pattern[str]:
    """Any form of any word as a whole word; headings, code and addresses of links are passed over."""
    forms = sorted(_BY_FORM, key=len, reverse=True)
    either = [f"[{form[0]}{form[0].upper()}]{re.escape(form[1:])}" if form[:2].islower() and form[:2].isalpha()
              else re.escape(form) for form in forms]  # fmt: skip
    return re.compile(
        rf"(?m:^#+ .*)|`[^`]*`|\]\([^)]*\)|(?<![\w/-])(?P<form>{'|'.join(either)})(?![\w/]|-\w)(?P<end>[?.,:;)]*)"
    )


_PLACES = _pattern()
_DRAWN = re.compile(r'<span class="word"><button[^>]*>(.*?)</button>(.*?)<span popover.*?</span></span>')


def _button(form: str, end: str, word: Word, place: str) -> str:
    """`end`: the signs after it. A line may end after any button, so they stand within what is kept together."""
    return (
        f'<span class="word"><button type="button" popovertarget="word-{place}" aria-describedby="word-{place}">'
        f'{_literal(form)}</button>{end}<span popover role="tooltip" id="word-{place}"><b>{_literal(word.title)}.</b> '
        f"{meaning(word)}</span></span>"
    )


def meaning(word: Word) -> str:
    """What it means, and whose word that is, as HTML."""
    return _literal(word.meaning) + (f" <small>{_literal(word.source)}</small>" if word.source else "")


def _literal(text: str) -> str:
    """The text as HTML in which Markdown finds nothing of its own."""
    return re.sub(r"[*_`~$\[\]:\\]", lambda match: f"&#{ord(match[0])};", escape(text))
