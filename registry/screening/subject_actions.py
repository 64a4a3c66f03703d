"""Screening what is no filing: facilities, customers, owner groups, lineages and uses.

The rules in force look at snapshots of what is stored; what is new is kept and announced. Repeatable: one rule version
finds once in one content of a subject.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from django.db.models import Exists, OuterRef

from registry.acting import Actor, inside_acting_as
from registry.compute.models import Return
from registry.dispatch import outbox
from registry.errors import NotFound
from registry.filings.working_days import day_of
from registry.screening import rulebook, rules, taking_customers, taking_facilities, taking_groups, taking_uses
from registry.screening.actions import FOUND
from registry.screening.keeping import keep
from registry.screening.models import Authorisation, Finding, GroupScreening, Position, ReturnScreening
from registry.screening.taking import Taken


@inside_acting_as
def screen_facilities(*, references: Iterable[str], by: Actor, at: datetime) -> list[Finding]:
    """Screen facilities as they are today; returns the findings that are new. Raises `NotPermitted`."""
    by.require("finding_write")
    return _screened(taking_facilities.of_facilities(by, on=day_of(at), references=references), at=at)


@inside_acting_as
def screen_customers(*, provider: UUID, keys: Sequence[str], until: date, by: Actor, at: datetime) -> list[Finding]:
    """Screen customers of a compute provider, and their uses, by the records of the year up to a month's first day.

    Returns the findings that are new. Raises `NotPermitted`.
    """
    by.require("finding_write")
    day = day_of(at)
    customers = taking_customers.of_customers(by, provider=provider, keys=keys, until=until, as_of=day)
    uses = taking_uses.of_uses(by, provider=provider, keys=keys, until=until, as_of=day)
    return _screened(chain(customers, uses), at=at)


@inside_acting_as
def screen_return(*, reference: str, by: Actor, at: datetime) -> bool:
    """Screen some hundred customers of a return's newest version, from where it stopped; says whether there are more.

    Raises `NotFound` for a return that was never submitted, `NotPermitted`.
    """
    by.require("finding_write")
    found = Return.objects.visible_to(by).filter(reference=reference, version__gte=1).first()
    if found is None:
        raise NotFound
    done = _cursor(found)
    if done.finished_at is not None:
        return False
    keys = taking_customers.keys_of(found, after=done.after_key)
    if keys:
        screen_customers(provider=found.organisation_id, keys=keys, until=found.month, by=by, at=at)
        done.after_key = keys[-1]
    else:
        done.finished_at = at
    done.save(update_fields=["after_key", "finished_at"])
    return bool(keys)


@inside_acting_as
def screen_authorised(*, authorisation: UUID, by: Actor, at: datetime) -> list[Finding]:
    """Screen again the customer that an authorisation covers. Raises `NotFound`, `NotPermitted`."""
    by.require("finding_write")
    found = Authorisation.objects.visible_to(by).filter(id=authorisation).first()
    if found is None:
        raise NotFound
    months = Return.objects.filter(organisation_id=found.organisation_id, version__gte=1).order_by("-month")
    newest = months.values_list("month", flat=True).first()
    if newest is None:
        return []
    keys = [found.customer_key]
    return screen_customers(provider=found.organisation_id, keys=keys, until=newest, by=by, at=at)


@inside_acting_as
def unscreened_returns(*, limit: int, by: Actor) -> list[str]:
    """References of returns whose newest version the rule set in force has not seen whole, oldest first."""
    by.require("finding_write")
    whole = ReturnScreening.objects.filter(
        monthly_return=OuterRef("pk"),
        version=OuterRef("version"),
        rule_set=rulebook.RULE_SET,
        finished_at__isnull=False,
    )
    waiting = Return.objects.visible_to(by).filter(~Exists(whole), version__gte=1)
    return list(waiting.order_by("submitted_at", "reference").values_list("reference", flat=True)[:limit])


@inside_acting_as
def screen_groups(*, limit: int, by: Actor, at: datetime) -> int:
    """Screen owner groups whose position was read since they were screened last, or by another rule set; how many."""
    by.require("finding_write")
    seen = GroupScreening.objects.filter(
        group=OuterRef("group"), read_at__gte=OuterRef("changed_at"), rule_set=rulebook.RULE_SET
    )
    groups = Position.objects.visible_to(by).filter(kind=Position.Kind.OWNER_GROUP, stale_since__isnull=True)
    waiting = list(groups.filter(~Exists(seen)).order_by("changed_at", "pk").values_list("group", "changed_at")[:limit])
    for group, read_at in waiting:
        _screened(taking_groups.of_group(by, group=group, as_of=day_of(at)), at=at)
        GroupScreening.objects.update_or_create(
            group=group, defaults={"read_at": read_at, "rule_set": rulebook.RULE_SET}
        )
    return len(waiting)


def _cursor(found: Return) -> ReturnScreening:
    """How far the newest version of a return is screened by the rules in force, locked until the unit of work ends."""
    begun, _ = ReturnScreening.objects.select_for_update(of=("self",)).get_or_create(
        monthly_return=found,
        defaults={
            "organisation_id": found.organisation_id,
            "territory": found.territory,
            "version": found.version,
            "rule_set": rulebook.RULE_SET,
        },
    )
    if (begun.version, begun.rule_set) != (found.version, rulebook.RULE_SET):
        begun.version, begun.rule_set = found.version, rulebook.RULE_SET
        begun.after_key, begun.finished_at = "", None
        begun.save(update_fields=["version", "rule_set", "after_key", "finished_at"])
    return begun


def _screened(taken: Iterable[Taken], *, at: datetime) -> list[Finding]:
    """Apply the rules in force; keep what is new, and announce each finding by its id: keys are too long for events."""
    day = day_of(at)
    found = keep([(subject, hit) for subject, each in taken for hit in rules.screen(each, on=day)], at=at)
    if found:
        outbox.put(FOUND, subjects=[f"finding-{each.id}" for each in found], at=at)
    return found
