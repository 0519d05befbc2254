"""What is made once for all visitors: results that depend on a few controls and on files, kept within LIMIT bytes.

Not by Streamlit's cache, which counts entries and not bytes, and whose look-up takes 0.2 to 1 ms for a key of settings;
a dictionary's takes microseconds. A result that two visitors ask for at once is made once, one that fails is not kept.
Whoever gets one must not change it in place.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd
from cachetools import LRUCache, cached
from pydantic import BaseModel

P = ParamSpec("P")
R = TypeVar("R")
Key = tuple[Hashable, ...]

LIMIT = 48 * 2**20
"""Bytes of all results together; what was asked for longest ago goes first."""
PLAIN = frozenset((str, int, float, bool, type(None)))
"""What most of a chart's description is made of, hundreds of values each, so it is told first."""
ENTRY = 600
"""Bytes that an entry takes besides its result: its key and its place."""


def cache_of(limit: int) -> LRUCache[Key, Any]:
    """A cache of results within so many bytes; one that is larger by itself is not kept."""
    return LRUCache(limit, getsizeof=lambda value: ENTRY + size_of(value))


_KEPT = cache_of(LIMIT)
_TURN = threading.Condition()


def shared(function: Callable[P, R], cache: LRUCache[Key, Any] = _KEPT) -> Callable[P, R]:
    """Make the function's results once for all visitors, by its arguments, which must be hashable.

    An argument whose name begins with _ is no part of the key: the others must stand for it.
    """
    signature = inspect.signature(function)
    named = [name for name in signature.parameters if not name.startswith("_")]
    name = f"{function.__module__}.{function.__qualname__}"

    def key(*args: P.args, **kwargs: P.kwargs) -> Key:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        return (name, *(given.arguments[each] for each in named))

    return cast(Callable[P, R], cached(cache, key, condition=_TURN)(function))


def clear() -> None:
    """Forget every result."""
    with _TURN:
        _KEPT.clear()


def size_of(value: object) -> int:
    """Bytes that a result holds: tables, arrays, and what containers and dataclasses hold of them."""
    if type(value) in PLAIN:
        return sys.getsizeof(value)
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage(deep=True).sum()) + ENTRY
    if isinstance(value, pd.Series):
        return int(value.memory_usage(deep=True)) + ENTRY
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + sys.getsizeof(np.empty(0))
    if isinstance(value, Mapping):
        return sys.getsizeof(value) + sum(map(sys.getsizeof, value)) + sum(map(size_of, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return sys.getsizeof(value) + sum(map(size_of, value))
    if is_dataclass(value):
        return sys.getsizeof(value) + sum(size_of(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, BaseModel):
        return sys.getsizeof(value) + size_of(vars(value))
    return sys.getsizeof(value)
