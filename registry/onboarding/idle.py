"""Accounts that nobody uses end: a reminder first, then the end, unless the person comes back."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Greatest

from registry import rows
from registry.accounts.models import Membership, User
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.onboarding import letters, lifecycle, particulars
from registry.onboarding.models import IdleNotice

ENDED: Final = "account.ended"
REMINDED: Final = "account.idle"
_SALT_FREE: Final = bytes(chain.HASH_BYTES)  # nothing is hidden in these: subject and moment stand in the entry


@inside_acting_as
def keep(*, by: Actor, at: datetime, limit: int = 500) -> tuple[int, int]:
    """Remind who was away for long, end who did not come back; returns how many of each."""
    by.require("account_end")
    _note_returns(at)
    return _remind(at, limit), _end(by, at, limit)


def _seen(at: datetime) -> dict[UUID, datetime]:
    """Of everybody with a present role, when they were last here: signed in, or given the role."""
    now = Q(memberships__starts_at__lte=at) & (Q(memberships__ends_at__isnull=True) | Q(memberships__ends_at__gt=at))
    since = Max("memberships__starts_at", filter=now)
    found = User.objects.filter(is_active=True).annotate(since=since).filter(since__isnull=False)
    seen = found.annotate(seen=Greatest(Coalesce("last_login", "since"), "since")).values_list("id", "seen")
    return dict(seen)


def _note_returns(at: datetime) -> None:
    open_ = list(IdleNotice.objects.filter(ended_at__isnull=True, returned_at__isnull=True))
    seen = _seen(at) if open_ else {}
    for notice in open_:
        last = seen.get(notice.user_id)
        if last is None or last > notice.last_seen_at:
            notice.returned_at = at
            notice.save(update_fields=["returned_at"])


def _remind(at: datetime, limit: int) -> int:
    periods = lifecycle.periods()
    told = set(
        IdleNotice.objects.filter(ended_at__isnull=True, returned_at__isnull=True).values_list("user_id", flat=True)
    )
    away = [
        (user, last)
        for user, last in _seen(at).items()
        if last <= at - (periods.idle - periods.idle_reminder) and user not in told
    ][:limit]
    rows.insert(
        IdleNotice,
        [
            {
                "user_id": user,
                "last_seen_at": last,
                "reminded_at": at,
                "ends_at": max(last + periods.idle, at + periods.idle_reminder),
                "ended_at": None,
                "returned_at": None,
            }
            for user, last in away
        ],
    )
    people = User.objects.filter(id__in=[user for user, _ in away]).values_list("id", "email", "language")
    for user, address, language in people:
        letters.write("account_idle", target=user, address=address, language=language, at=at)
    outbox.put_each(REMINDED, subjects=[(str(user), None) for user, _ in away], at=at)
    return len(away)


def _end(by: Actor, at: datetime, limit: int) -> int:
    over = IdleNotice.objects.filter(ended_at__isnull=True, returned_at__isnull=True, ends_at__lte=at)
    ending = list(over.select_for_update()[:limit])
    if not ending:
        return 0
    people = [notice.user_id for notice in ending]
    now = Q(starts_at__lt=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    Membership.objects.filter(now, user_id__in=people).update(ends_at=at)
    User.objects.filter(id__in=people).update(is_active=False)
    for notice in ending:
        notice.ended_at = at
        notice.save(update_fields=["ended_at"])
    outbox.put_each(ENDED, subjects=[(str(user), None) for user in people], at=at)
    lines = [Line(ENDED, f"person:{user}", chain.commitment(salt=_SALT_FREE, digest=_digest(user))) for user in people]
    log.append(lines, by=by, at=at)
    return len(ending)


def _digest(user: UUID) -> bytes:
    return particulars.digest({"ended": str(user)})
