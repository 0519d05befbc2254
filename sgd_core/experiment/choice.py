"""OneOf: a setting whose value is the name of an entry of a registry, or, where that is so, one of a reader's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class OneOf:
    """Annotation of a text field that must be one of these names, in their order."""

    def __init__(self, names: Iterable[str], own: str = "") -> None:
        """`own`: a pattern that names besides these must match as a whole; '': there are no others."""
        self.names, self.own = tuple(names), own

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if self.own:
            return core_schema.str_schema(pattern=f"^(?:{self.own})$", strict=True)
        return core_schema.literal_schema(list(self.names))
