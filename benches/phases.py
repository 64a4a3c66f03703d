"""Where the time of a call goes: functions are timed while it runs, each second counted for the innermost of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.renderers import JSONRenderer

from api import batch, endpoint, filings, reading, throttling
from api.authentication import ClientToken
from registry.dispatch import outbox
from registry.filings import actions, contexts, document, duties, judgement, reckoning, storing
from registry.filings.checks import engine
from registry.ledger import log

# The functions, where the modules that call them look them up. What none of them covers is the frame around: guards,
# middleware, opening the unit of work.
FUNCTIONS: dict[str, tuple[tuple[Any, str], ...]] = {
    "admit": ((ClientToken, "authenticate"), (throttling, "_charge"), (endpoint, "_replayed")),
    "read": ((reading, "read_json"), (batch, "_items"), (document, "read"), (filings, "new_filing")),
    "look up": ((actions, "_organisation"), (contexts, "maker"), (actions, "_taken"), (storing, "take_references")),
    "canonicalise": ((document, "canonical"), (document, "digest")),
    "judge": ((judgement, "estimate"),),
    "check": ((engine, "answer"), (actions, "unacknowledged")),
    "duties": ((duties, "duties_of"), (reckoning, "calendar"), (reckoning, "beside")),
    "store": ((storing, "store"), (storing, "insert_filings"), (outbox, "put")),
    "ledger": ((log, "append"),),
    "render": (
        (batch, "_answer"),
        (filings, "answered"),
        (endpoint, "_keep"),
        (JSONRenderer, "render"),
    ),
    "commit": ((BaseDatabaseWrapper, "commit"),),
}
AROUND = "around"
PHASES = (*FUNCTIONS, AROUND)


class Stopwatch:
    """Seconds by phase. A function called by another stops the other's clock."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = [AROUND]
        self._since = perf_counter()

    def switch(self) -> None:
        """Book the time since the last switch to the innermost open phase."""
        now = perf_counter()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def around(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        @wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            self.switch()
            self._open.append(phase)
            try:
                return function(*given, **named)
            finally:
                self.switch()
                self._open.pop()

        return timed


@contextmanager
def watching() -> Iterator[Stopwatch]:
    """Time everything that runs inside by phase."""
    before = [(owner, name, getattr(owner, name)) for places in FUNCTIONS.values() for owner, name in places]
    watch = Stopwatch()
    for phase, places in FUNCTIONS.items():
        for owner, name in places:
            setattr(owner, name, watch.around(phase, getattr(owner, name)))
    try:
        watch.switch()
        yield watch
        watch.switch()
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)
