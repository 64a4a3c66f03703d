"""The months for which access records can be kept: each is a partition of its own, made ahead."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from registry.acting import Actor, inside_acting_as

AHEAD: Final = timedelta(days=366)


@inside_acting_as
def make(*, by: Actor, at: datetime) -> int:
    """Make the partitions of the next twelve months where they are missing; returns how many."""
    by.require("expired_purge")
    with connection.cursor() as cursor:
        cursor.execute("select compute_make_months(%s)", [(at + AHEAD).date().replace(day=1)])
        return int(cursor.fetchone()[0])
