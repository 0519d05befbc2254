"""Mistakes in how a folder of images is read, decoded and told."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_LISTING, _LISTING_TESTS = "sgd_core/images/listing.py", "tests/images/test_listing.py"
_SETS, _SETS_TESTS = "sgd_core/images/sets.py", "tests/images/test_sets.py"
_DECODING, _DECODING_TESTS = "sgd_core/training/decoding.py", "tests/training/test_decoding.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/images.py", "tests/evidence/sentences/test_images.py"
MUTATIONS = (
    Mutation("images set aside stay in train", _LISTING, "if file not in aside]", "if True]", _LISTING_TESTS),
    Mutation("a fifth of nothing is set aside", _LISTING, "max(1, round(", "max(0, round(", _LISTING_TESTS),
    Mutation("other images are set aside", _LISTING, 'f"{seed}/{label}/{file.name}"', 'f"{label}/{file.name}"',
             _LISTING_TESTS),
    Mutation("of two folders of a class the first is read in silence", _LISTING, "if len(folders) > 1:",
             "if len(folders) > 2:", _LISTING_TESTS),
    Mutation("what is skipped is not counted", _LISTING, "self.skipped[what] += times", "pass", _LISTING_TESTS),
    Mutation("a limit of images a class counts the class in full", "sgd_core/experiment/datasets.py",
             "min(each, most)", "max(each, most)", _SETS_TESTS),
    Mutation("a changed folder is not listed again", _SETS, "kept[0] == _states(kept[1])", "True", _SETS_TESTS),
    Mutation("two folders of one name, and the second in silence", _SETS, "if own.name == each.name and",
             "if own.folder == each.folder and", _SETS_TESTS),
    Mutation("turned the other way", _DECODING, "6: Image.Transpose.ROTATE_270", "6: Image.Transpose.ROTATE_90",
             _DECODING_TESTS),
    Mutation("16 bits cut instead of scaled", _DECODING, "values / 257", "values", _DECODING_TESTS),
    Mutation("16 bits lose the highest level", _DECODING, "values / 257", "values / 258", _DECODING_TESTS),
    Mutation("transparent on black", _DECODING, "(255, 255, 255, 255)", "(0, 0, 0, 255)", _DECODING_TESTS),
    Mutation("squeezed unsaid", _DECODING, "if rgb.width != rgb.height:", "if False:", _DECODING_TESTS),
    Mutation("a decoder's exception goes through", _DECODING, "    except Exception as error:",
             "    except OSError as error:", _DECODING_TESTS),
    Mutation("only the first kind that is skipped is counted", _SAID, "sum(found.skipped.values())",
             "len(found.skipped)", _SAID_TESTS),
    Mutation("own val unsaid", _SAID, "    if found.own_val:", "    if False:", _SAID_TESTS),
)  # fmt: skip
