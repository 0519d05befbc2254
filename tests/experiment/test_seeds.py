"""Seeds by purpose: the same on every machine, and independent of each other."""

from __future__ import annotations

from sgd_core.experiment.seeds import derive


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derive(0, "init") == 3598610026517748695
    assert derive(3, 17, "order") == 996673986088825565


def test_seeds_of_different_purposes_differ_and_are_in_range() -> None:
    seeds = [derive(s, k, purpose) for s in range(10) for k in range(150) for purpose in ("order", "dropout")]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)
