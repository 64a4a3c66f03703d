"""How many applications one address may begin in an hour: counted in the shared cache, for pages and interface alike.

The answer to one too many is the same whatever is registered; a cache that does not answer refuses nobody.
"""

import hashlib
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from redis.exceptions import RedisError

HOUR_SECONDS: Final = 3600
IN_PRODUCTION: Final = 10
ELSEWHERE: Final = 10_000  # as good as none, for demonstrations and tests


def is_spent(who: str, *, at: datetime) -> bool:
    """Count one application begun by `who` (an address), and whether it is one too many."""
    caller = hashlib.sha256(who.encode()).hexdigest()[:32]  # no address stands in the cache
    key = f"applications:{caller}:{int(at.timestamp()) // HOUR_SECONDS}"
    try:
        cache.add(key, 0, timeout=2 * HOUR_SECONDS)
        return int(cache.incr(key)) > (IN_PRODUCTION if settings.PRODUCTION else ELSEWHERE)
    except (RedisError, DatabaseError, OSError, ValueError):
        return False
