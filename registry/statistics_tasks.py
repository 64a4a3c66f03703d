"""Tasks of releases: building what was drafted, having it attacked, publishing at the embargo.

A build takes minutes and is done in steps of a unit of work each; what a worker leaves undone when it dies, the sweep
goes on with (registry.statistics.building).
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from celery import Task, shared_task
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.ledger import receipts
from registry.statistics import auditing, building, parameters, vintages
from registry.statistics.assembling import Plan
from registry.statistics.auditing import Attack
from registry.statistics.disclosure.rules import Rules
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.formats import bundle
from registry.statistics.protecting import Protected

log = logging.getLogger(__name__)

BUILDING_SECONDS: Final = 3600
BUILT_AT_ONCE: Final = 4
MENDED_AT_MOST: Final = 4  # times that what the auditor found is answered by another pattern


@shared_task(name="build_release", time_limit=BUILDING_SECONDS)
def build_release(*, reference: str, event_key: str = "") -> None:
    """Build a vintage, named by its id, from where it stands; a second time does nothing."""
    build(UUID(reference), at=timezone.now())


@shared_task(name="sweep_releases", time_limit=BUILDING_SECONDS)
def sweep_releases() -> int:
    """Build what no message led to, or whose worker died; returns how many."""
    with acting_as(of_the_register("builder"), read_only=True) as by:
        waiting = building.waiting(by=by, limit=BUILT_AT_ONCE)
    for vintage in waiting:
        build(vintage, at=timezone.now())
    return len(waiting)


@shared_task(name="publish_releases")
def publish_releases() -> int:
    """Publish what was approved and whose embargo is over; returns how many."""
    return len(publish(at=timezone.now()))


def build(vintage: UUID, *, at: datetime) -> None:
    """Gather, protect, write and attack a vintage. What cannot be built is dropped, with a code for the reason."""
    by, rules, software = of_the_register("builder"), parameters.sealed(), bundle.written_with()
    with acting_as(by):
        if not building.gather(vintage=vintage, by=by, at=at):
            return
    with acting_as(by, read_only=True):
        known, stored = building.material(vintage=vintage, by=by), building.plan_of(vintage=vintage, by=by)
    if stored is not None:  # a worker died before the attack: what is shown stands
        _keep_report(vintage, known, rules, at)
        return
    try:
        done, said = protected(known, rules=rules)
        contents = building.files(known, done.plan, software=software)
    except ValueError as refused:
        reason = building.UNPROTECTABLE if isinstance(refused, Unprotectable) else building.UNREADABLE
        log.warning("a release cannot be built: %s", reason)  # and no more: the error could name what was counted
        with acting_as(by):
            building.fail(vintage=vintage, reason=reason, by=by)
        return
    with acting_as(by):
        building.keep_protected(vintage=vintage, done=done, contents=contents, software=software, by=by, at=at)
    _keep_report(vintage, known, rules, at, attacked=(done.plan, said))


def protected(known: building.Material, *, rules: Rules) -> tuple[Protected, Attack]:
    """Protect and attack a vintage until nothing is found, or what is found cannot be mended. Pure but for the attack.

    Raises ValueError where no pattern is safe to begin with, or the facts cannot be counted.
    """
    done = building.protect(known, rules=rules)
    said = auditing.attack(known, building.shown(known, done.plan), rules=rules)
    found = said.found
    for _ in range(MENDED_AT_MOST):
        if not said.found:
            break
        try:
            mended = building.protect(known, rules=rules, found=found)
        except Unprotectable:
            break
        if mended.plan == done.plan:
            break
        done = mended
        said = auditing.attack(known, building.shown(known, done.plan), rules=rules)
        found |= said.found
    return done, said


def _keep_report(
    vintage: UUID, known: building.Material, rules: Rules, at: datetime, *, attacked: tuple[Plan, Attack] | None = None
) -> None:
    """Keep what was said of the plan that is stored: where that is not the one attacked, it is attacked now."""
    by = of_the_register("builder")
    with acting_as(by, read_only=True):
        plan = building.plan_of(vintage=vintage, by=by)
    if plan is None:
        return
    if attacked is not None and attacked[0] == plan:
        said = attacked[1]
    else:
        said = auditing.attack(known, building.shown(known, plan), rules=rules)
    with acting_as(by):
        building.keep_report(vintage=vintage, verdict=said.verdict, report=said.report, by=by, at=at)


def publish(*, at: datetime) -> list[str]:
    """Publish what is due; returns which."""
    builder = of_the_register("builder")
    with acting_as(builder, read_only=True):
        if not building.is_any_due(by=builder, at=at):
            return []
    with acting_as(builder):
        return building.publish_due(key=key(), by=builder, at=at)


def key() -> Ed25519PrivateKey:
    """What releases are signed with; outside production it is made if there is none."""
    path = Path(settings.RELEASE_KEY_FILE)
    return receipts.load_key(path) if settings.PRODUCTION else receipts.ensure_key(path)


TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = ((build_release, frozenset({vintages.DRAFTED})),)
BEAT: Final[Mapping[str, float]] = MappingProxyType({"sweep_releases": 300.0, "publish_releases": 10.0})
