"""Mistakes in what a page takes from its link, and in what stands before Streamlit."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_LINK, _TESTS = "sgd_core/ui/shell/link.py", "tests/ui/test_link.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/link.py", "tests/evidence/sentences/test_link.py"
_OFFERED_TESTS = "tests/app/test_train.py"
MUTATIONS = (
    Mutation("infinity taken for a number", _LINK, "not math.isfinite(number) or ", "", _TESTS),
    Mutation("numbers without end taken", _LINK, "abs(number) > LARGEST", "False", _TESTS),
    Mutation("empty values taken", _LINK, "if not value.strip() and", "if not value and False and", _TESTS),
    Mutation("a cleared choice left out", _LINK, " and not name.startswith(CLEARED)", "", _TESTS),
    Mutation("a run's key taken for a number", _LINK, "name not in TEXTS and ", "", _TESTS),
    Mutation("the last values instead of the first", _LINK, "good[:VALUES]", "good[-VALUES:]", _TESTS),
    Mutation("a thousand names taken", _LINK, "list(link.items())[:NAMES]", "list(link.items())", _TESTS),
    Mutation("one character more", _LINK, "len(value) > LONGEST", "len(value) > LONGEST + 5", _TESTS),
    Mutation("a reader's text as Markdown", _SAID, "{plain(text)} is left out", "{text} is left out", _SAID_TESTS),
    Mutation("cut one early", _SAID, "len(text) <= SHOWN else", "len(text) < SHOWN else", _SAID_TESTS),
    Mutation("what is not offered goes without a word", _LINK, "lost if value not in control.names", "lost if False",
             _OFFERED_TESTS),
    Mutation("what is offered and left out goes without a word", _LINK, "lost if value in control.names",
             "lost if False", _OFFERED_TESTS),
    Mutation("what another page's control has is kept", _LINK, "not takes(st.session_state[key])", "False",
             "tests/app/test_shared_keys.py"),
    Mutation("several values said as one", _SAID, "{are(len(used))} used", "{are(1)} used", _SAID_TESTS),
    Mutation("one name too many to be named", _SAID, "len(names) > MOST_NAMED", "len(names) >= MOST_NAMED",
             _SAID_TESTS),
)  # fmt: skip
