"""When a delivery is tried again, and when an address counts as dead. Pure.

Source: Standard Webhooks 1.1.0, "Retry schedule".
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

# Pause before each attempt, the first at once.
PAUSES: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER: Final = 0.1  # of the pause, at most: receivers that fell together shall not be called together
GIVEN_UP_LIMIT: Final = 3  # deliveries in a row whose every attempt failed
FAILING_LIMIT: Final = timedelta(days=5)  # without a single success


def next_attempt(*, attempts: int, after: datetime, seed: str) -> datetime | None:
    """When to try again after `attempts` failed ones, the last of them at `after`; None when that was the last.

    The jitter follows from `seed` (the delivery's id) alone, so the moment can be told beforehand.
    """
    if attempts >= len(PAUSES):
        return None
    drawn = int.from_bytes(hashlib.sha256(f"{seed} {attempts}".encode()).digest()[:4], "big") / 2**32
    return after + PAUSES[attempts] * (1 + JITTER * drawn)


def is_dead(*, given_up: int, failing_since: datetime | None, at: datetime) -> bool:
    """Whether to stop calling: `given_up` deliveries in a row failed for good, or none succeeded for days."""
    return given_up >= GIVEN_UP_LIMIT or (failing_since is not None and at - failing_since >= FAILING_LIMIT)
