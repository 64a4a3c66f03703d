"""A successful call of every operation about mismatches, by its id (see test_openapi)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from api.examples import EXAMPLES
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.screening import position_actions, posting
from registry.screening.models import Mismatch

MISMATCHES: Final = "/api/v1/mismatches/"
NOWHERE: Final = {"mismatch": "MISMATCH-0a1b2c3d4e5f"}
"""What stands in the paths of mismatches."""


def _mismatch(caller: Any) -> str:
    """The address of a mismatch: a run that was filed, and that no provider reports a year later."""
    reference = caller.filed().rstrip("/").rsplit("/", 1)[1]
    screener, later = of_the_register("screener"), caller.at + timedelta(days=365)
    with acting_as(screener):
        posting.post_filing(reference=reference, by=screener, at=later)
    with acting_as(screener):
        position_actions.read_stale(limit=9, by=screener, at=later)
        return f"{MISMATCHES}{Mismatch.objects.latest('found_at').reference}/"


MISMATCH_CALLS: Final[dict[str, Callable[[Any], Any]]] = {
    "mismatches_list": lambda c: [_mismatch(c), c.get(f"{MISMATCHES}?mismatch_status=open")][-1],
    "mismatches_read": lambda c: c.get(_mismatch(c)),
    "mismatches_answer": lambda c: c.post(_mismatch(c) + "answer/", EXAMPLES["mismatch_answer"]["value"]),
}
