"""2 × 10^25 in forty filings and their records, over five providers and eight subsidiaries of one parent, stored."""

from datetime import UTC, date, datetime
from typing import Any

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.filings import actions as filings
from registry.filings import ownership_statements
from registry.filings.actions import NewFiling
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from registry.screening import grouping, position_actions, posting
from tests import documents, statements
from tests.conftest import NOON, person
from tests.registry.compute import facilities
from tests.registry.screening.returned import line, submit

LATER = datetime(2027, 6, 15, 12, 0, tzinfo=UTC)
MONTHS = (date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1))
SUBSIDIARIES, PROVIDERS, PARTS = 8, 5, 40
COUNT = 178  # accelerators of one part: 5.0e23 FLOP in 82 days
HOURS = COUNT * 1968
FILED_FLOP = PARTS * 5 * 10**23
FLOP_AN_HOUR = 395_760 * 10**9 * 3_600  # of one accelerator at the reference utilisation of 40 %
# A third of the hours is reported for January, of whose days the filings cover 21 of their 82: the excess comes on top.
REPORTED_BEYOND_FLOP = PARTS * (HOURS // 3 - HOURS * 21 // 82) * FLOP_AN_HOUR
SCREENER = of_the_register("screener")
REGISTRAR = of_the_register("registrar")


def _entered(name: str, country: str, **roles: bool) -> Organisation:
    new = NewOrganisation(legal_name=name, seat_country=country, territory=country, **roles)
    with acting_as(REGISTRAR):
        return organisations.register(new=[new], by=REGISTRAR, at=NOON)[0]


def _part(number: int, hall: Facility) -> dict[str, Any]:
    return documents.planned_run(
        run__client_run_id=f"part-{number}",
        run__lineage_id=f"model-{number}",
        run__known_on=documents.REMOVED,
        run__training_compute__training_compute_flop="5.0e23",
        run__training_compute__cumulative_training_compute_flop=documents.REMOVED,
        run__hardware__0__count=COUNT,
        run__hardware__0__facility_id=hall.reference,
        facilities__0__facility_id=hall.reference,
        run__architecture__tokens="2.06e11",
        model__name=f"Model {number}",
    )


def build() -> list[Organisation]:
    """File, report, state owners and post everything; gives the subsidiaries."""
    subsidiaries = [_entered(f"Vela {number}", "FR", is_developer=True) for number in range(1, SUBSIDIARIES + 1)]
    for each in subsidiaries:
        owner = person("provider_administrator", organisation=each)
        with acting_as(owner):
            entities = statements.statement()["entities"][:1]
            content = statements.statement(entities=entities, holdings=[statements.holding("up", "filer", "100")])
            ownership_statements.state(content=content, revision=0, by=owner, at=NOON)
    providers = [
        person("provider_submitter", organisation=_entered(f"Cloud {number}", "ES", is_compute_provider=True))
        for number in range(1, PROVIDERS + 1)
    ]
    halls = [hall(each) for each in providers]
    references = [
        _file(number, subsidiaries[number % SUBSIDIARIES], halls[number % PROVIDERS]) for number in range(PARTS)
    ]
    returns = []
    for place, provider in enumerate(providers):
        parts = [number for number in range(PARTS) if number % PROVIDERS == place]
        for month in MONTHS:
            lines = [_line(number, subsidiaries, halls[place], month) for number in parts]
            returns.append(submit(provider, "ES", month, lines).reference)
    with acting_as(SCREENER):
        for reference in references:
            posting.post_filing(reference=reference, by=SCREENER, at=LATER)
        for reference in returns:
            posting.post_return(reference=reference, by=SCREENER, at=LATER)
        grouping.regroup(organisation="", by=SCREENER, at=LATER)
    with acting_as(SCREENER):
        position_actions.read_stale(limit=100, by=SCREENER, at=LATER)
    return subsidiaries


def hall(provider: Actor) -> Facility:
    with acting_as(provider):
        return facility_actions.register(content=facilities.statement(), by=provider, at=NOON)


def _file(number: int, subsidiary: Organisation, place: Facility) -> str:
    by = person("provider_submitter", organisation=subsidiary)
    with acting_as(by):
        outcome = filings.file([NewFiling(content=_part(number, place))], by=by, at=NOON)[0]
    assert outcome.refusal is None, [o for o in outcome.refusal.obstacles if o.severity == "error"]
    return outcome.reference


def _line(number: int, subsidiaries: list[Organisation], hall: Facility, month: date) -> dict[str, Any]:
    customer = subsidiaries[number % SUBSIDIARIES]
    known = {"customer_name": customer.legal_name, "customer_country": "FR", "accelerators": COUNT}
    return line(f"part-{number}", hall, hours=HOURS // 3, month=month, **known)
