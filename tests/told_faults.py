"""The faults of an error as people read them, for tests of readers."""

from __future__ import annotations

from coverage.errors import PlannerError
from geodata.words.i18n import describe


def tell_faults(error: PlannerError) -> str:
    """Return every fault in English, one a line."""
    assert all("{" not in fault for language in ("zh_CN", "en") for fault in describe(error, language).faults)  # type: ignore[arg-type]
    return "\n".join(describe(error, "en").faults)
