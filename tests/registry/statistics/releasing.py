"""A register with something to publish, and the people who release: helpers of the tests of releases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from registry import statistics_tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.statistics import vintages
from registry.statistics.models import Vintage
from tests.conftest import person
from tests.documents import planned_run

FILED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AFTER = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
EMBARGO = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
RELEASE = "2026-Q4"
SOON = {"at": datetime(2026, 10, 10, 9, 0, tzinfo=UTC), "publish_at": datetime(2026, 10, 20, 9, 0, tzinfo=UTC)}
STATES = ("FR", "DE", "ES", "IT", "SE")


def stefan() -> Actor:
    """A statistician."""
    return person("statistician", territory="EU", name="Stefan Ionescu")


def paula() -> Actor:
    """A publisher."""
    return person("publisher", territory="EU", name="Paula Weiss")


def provider(number: int) -> Actor:
    """Somebody who files for a holding of its own."""
    state = STATES[number % len(STATES)]
    new = NewOrganisation(
        legal_name=f"Holding {number}",
        seat_country=state,
        territory=state,
        is_developer=True,
        holding=f"Holding {number}",
        is_illustrative=True,
    )
    with acting_as(of_the_register("registrar")) as registrar:
        organisation = organisations.register([new], by=registrar, at=FILED_AT)[0]
    return person("provider_submitter", organisation=organisation, name=f"Filer {number}")


def file_run(by: Actor, *, at: datetime = FILED_AT, **changes: Any) -> str:
    """A run filed by somebody; returns its reference."""
    with acting_as(by):
        (outcome,) = actions.file([NewFiling(planned_run(**changes))], by=by, at=at)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.reference


def populate(holdings: int = 12, *, runs: int = 2) -> list[Actor]:
    """A register in which so many holdings filed runs in the fourth quarter of 2026."""
    filers = [provider(number) for number in range(holdings)]
    for filer in filers:
        for run in range(runs):
            file_run(filer, run__client_run_id=f"run-{run}")
    return filers


def drafted(*, release: str = RELEASE, at: datetime = AFTER, publish_at: datetime = EMBARGO) -> Vintage:
    """A vintage announced and drafted by the statistician."""
    by = stefan()
    with acting_as(by):
        vintages.announce(release=release, publish_at=publish_at, by=by, at=at)
        return vintages.draft(release=release, publish_at=publish_at, is_provisional=True, by=by, at=at)


def built(**said: Any) -> Vintage:
    """A vintage as the worker leaves it after building."""
    vintage = drafted(**said)
    statistics_tasks.build(vintage.id, at=said.get("at", AFTER) + timedelta(minutes=1))
    return stored(vintage.id)


def approved(vintage: Vintage, *, at: datetime) -> Vintage:
    """A vintage that the publisher approved."""
    by = paula()
    with acting_as(by):
        return vintages.approve(vintage=vintage.id, manifest_sha256=vintage.manifest_sha256, by=by, at=at)


def published(*, at: datetime = AFTER, publish_at: datetime = EMBARGO, release: str = RELEASE) -> Vintage:
    """A vintage that appeared at its embargo."""
    vintage = built(at=at, publish_at=publish_at, release=release)
    approved(vintage, at=at + timedelta(hours=1))
    statistics_tasks.publish(at=publish_at + timedelta(seconds=3))
    return stored(vintage.id)


def stored(vintage: UUID) -> Vintage:
    """The vintage as the builder sees it."""
    with acting_as(of_the_register("builder"), read_only=True) as by:
        return Vintage.objects.visible_to(by).get(id=vintage)


def late(filer: Actor) -> Vintage:
    """A vintage after one more run of the quarter became known: filed in it, and counted only now."""
    file_run(filer, at=FILED_AT + timedelta(days=3), run__client_run_id="late")
    at = AFTER + timedelta(days=40)
    return published(at=at, publish_at=at + timedelta(days=5))
