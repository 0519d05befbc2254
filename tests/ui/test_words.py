"""The list of words, and how a text explains those that stand in it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sgd_core.ui.shell import words
from sgd_core.ui.shell.words import WORDS, explained, names_in, plain


def marked(text: str) -> list[str]:
    """What is underlined in an explained text."""
    return [unescape(word) for word in re.findall(r"<button[^>]*>(.*?)</button>", text)]


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("An epoch is 186 updates, two epochs 372.", ["epoch", "updates"]),
        ("Epochs, then epochs.", ["Epochs"]),
        ("T_eff is not T, and μ/B neither.", ["T_eff", "T", "μ/B"]),
        ("The batch size, then the batch.", ["batch size"]),
        ("At equal training time, and in training time.", ["equal training time", "training time"]),
        ("Its control and its seed.", ["seed"]),
        ("##### Epochs\nAn epoch.", ["epoch"]),
        ("`epoch` and [here](Page?x=epoch) and Tm, TEM, updated, μ/Bs, minibatch, batch-wise", []),
        ("**27 runs, whose noise differs.** A sharp minimum.", ["noise", "sharp minimum"]),
    ],
)
def test_a_word_is_explained_once_where_it_first_stands(text: str, underlined: list[str]) -> None:
    shown = explained(text, names_in(text))
    assert marked(shown) == underlined
    assert plain(shown) == text


@pytest.mark.parametrize(
    ("names", "underlined"), [(["control"], ["control"]), (["epoch"], []), (["seed", "control"], ["control", "seed"])]
)
def test_only_the_words_that_are_named_are_explained(names: list[str], underlined: list[str]) -> None:
    assert marked(explained("Its control and its seed.", names)) == underlined


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("<b>now", "&lt;b>now"), (r"\<b>now", "&lt;b>now"), (r"\\<b>now", r"\\&lt;b>now"), ("1 > 0", "1 > 0")],
)
def test_a_text_has_no_html_of_its_own(text: str, drawn: str) -> None:
    assert explained(text, []) == drawn


def test_an_explanation_is_tied_to_its_word_and_says_what_the_list_says() -> None:
    shown = explained("With momentum.", ["momentum"])
    (name,) = re.findall(r'popovertarget="([^"]+)"', shown)
    assert re.findall(r'aria-describedby="([^"]+)"', shown) == re.findall(r' id="([^"]+)"', shown) == [name]
    assert WORDS["momentum"].meaning in shown
    assert f"<small>{words.PAPER}</small>" in shown


def test_only_words_begin_with_a_capital() -> None:
    assert [WORDS[name].title for name in ("batch", "μ/B", "s_B", "T_eff")] == ["Batch", "μ/B", "s_B", "T_eff"]
    assert [WORDS[name].slug for name in ("near-twin", "μ/B", "s_B")] == ["near-twin", "mu-over-b", "s-b"]


def test_the_same_word_in_two_texts_has_two_explanations() -> None:
    first, second = explained("An epoch.", ["epoch"]), explained("Every epoch.", ["epoch"])
    assert re.findall(r' id="[^"]+"', first) != re.findall(r' id="[^"]+"', second)


def test_what_an_explanation_holds_is_nothing_to_markdown() -> None:
    inside = explained("The factor s_B.", ["s_B"]).partition("<b>")[2]
    assert not re.findall(r"[*_`~$\[\]]", inside)


def test_a_word_that_is_not_in_the_list_is_an_error() -> None:
    with pytest.raises(KeyError, match="parsec"):
        explained("A parsec.", ["parsec"])


def test_names_of_a_text_in_its_order_without_everyday_ones() -> None:
    assert names_in("Seeds, a control, batches and an epoch; a batch.") == ["seed", "batch", "epoch"]


ASKED_FOR = {
    "epoch", "update", "momentum", "batch", "crop", "seed", "frozen features", "sharp minimum", "dropout", "V", "N_dec",
    "s_B", "margin", "control", "interval", "T", "T_eff", "μ/B", "equal training time", "test images", "near-twin",
}  # fmt: skip


def test_the_list_has_what_a_newcomer_asks_for_each_once_in_two_sentences_at_most() -> None:
    assert set(WORDS) >= ASKED_FOR
    forms = [form for word in WORDS.values() for form in (word.name, *word.forms)]
    assert len(set(forms)) == len(forms)
    assert len({word.slug for word in WORDS.values()}) == len(WORDS)
    for word in WORDS.values():
        assert word.meaning.endswith("."), word.name
        assert len(re.findall(r"[.:?!](?: |$)", word.meaning)) <= 3, word.name
        assert len(word.meaning) <= 230, word.name
