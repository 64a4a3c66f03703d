"""The last calls of each client, as its people read them: what it wrote and what was refused, without any body.

Written by what serves machines, outside of any unit of work: a call that is refused has none. At most `KEPT` a client,
for `KEPT_FOR` (the housekeeper deletes what is older).
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from registry.accounts.models import Call, ClientKey
from registry.acting import Actor

KEPT: Final = 200
KEPT_FOR: Final = timedelta(days=30)
REFUSED_FROM: Final = 400
THROTTLED: Final = 429
QUIET: Final = timedelta(minutes=1)

# The answer does not wait for the disk: of what the server has not written when it breaks, the last calls are lost.
_NOTE = """
with unhurried as materialized (
  select set_config('synchronous_commit', 'off', true)
), written as (
  insert into accounts_call (client_id, at, method, route, status, problem, trace_id, expires_at)
  select %(client)s, %(at)s, %(method)s, %(route)s, %(status)s, %(problem)s, %(trace)s, %(expires)s from unhurried
  where %(status)s <> %(throttled)s or not exists (
    select from (select status, at from accounts_call where client_id = %(client)s order by id desc limit 1) as newest
    where newest.status = %(throttled)s and newest.at > %(quiet_since)s
  )
)
delete from accounts_call where client_id = %(client)s and id <= (
  select id from accounts_call where client_id = %(client)s order by id desc offset %(kept)s limit 1
)
"""


def note(*, client: int, at: datetime, method: str, route: str, status: int, problem: str, trace_id: str) -> None:
    """Keep one call, and only the newest `KEPT` of the client. `client` is its primary key.

    Of a flood of throttled calls one in `QUIET` is kept: it says what happened, and leaves what was there before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "client": client,
                "at": at,
                "method": method[:8],
                "route": route[:64],
                "status": status,
                "problem": problem[:64],
                "trace": trace_id[:64],
                "expires": at + KEPT_FOR,
                "kept": KEPT - 1,
                "throttled": THROTTLED,
                "quiet_since": at - QUIET,
            },
        )


def note_use(key: ClientKey, *, at: datetime) -> None:
    """Keep when a key was last used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_keyuse (client_key_id, at) values (%s, %s) "
            "on conflict (client_key_id) do update set at = excluded.at where accounts_keyuse.at < excluded.at",
            [key.pk, at],
        )


def visible_to(actor: Actor) -> QuerySet[Call]:
    """Calls of the organisation's clients, the newest first."""
    if actor.organisation is None:
        return Call.objects.none()
    return Call.objects.filter(client__organisation_id=actor.organisation).order_by("-id")


def errors(found: QuerySet[Call], *, since: datetime) -> QuerySet[Call]:
    """Those of `found` that were refused or failed since a moment."""
    return found.filter(status__gte=REFUSED_FROM, at__gte=since)
