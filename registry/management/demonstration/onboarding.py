"""Onboarding in the demonstration: applications in every state, a statement with its confirmation, a mandate in force.

Invented people and organisations; identifiers have right check digits and issuers that do not exist.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any, Final
from uuid import UUID

from registry.accounts.policy import ROLES, of_the_register
from registry.acting import Actor, acting_as
from registry.management.demonstration.organisations import COMPANY, lei_of
from registry.management.demonstration.people import Hands
from registry.onboarding import applications, confirmations, decisions, enrolment, links, mandate_actions, statements
from registry.organisations.models import Organisation

DAY: Final = timedelta(days=1)
# Name, seat, days before today on which it was handed in, and how far it has come.
APPLICANTS: Final = (
    ("Lumen Calcul SAS", "FR", 30, "enrolled"),
    ("Horizon Texte SARL", "FR", 20, "refused"),
    ("Vercors Modèles SAS", "FR", 16, "in_review"),
    ("Atelier Garonne SAS", "FR", 9, "asked"),
    ("Crête Numérique SA", "FR", 6, "hearing"),
    ("Brume IA SAS", "FR", 2, "submitted"),
    ("Aurelia Research", "FR", 1, "submitted"),
    ("Prairie Compute Inc.", "US", 1, "submitted"),
)


# A course of acts: it yields the moment of the next one, and does it when it is asked to go on.
Course = Iterator[datetime]


class Courses:
    """Several courses side by side, each act when its time has come, so that the log follows the time."""

    def __init__(
        self, registered: Mapping[str, Organisation], hands: Hands, *, at: datetime, beside: Iterable[Course] = ()
    ) -> None:
        """All of it, to be played up to `at`, and what other courses there are `beside`."""
        enroller = of_the_register("enroller")
        courses = [_apply(*applicant, hands, enroller, at=at) for applicant in APPLICANTS]
        courses += [_state_and_confirm(registered["aurelia"], hands, enroller, at=at)]
        courses += [_mandate(hands, enroller, at=at - 60 * DAY), *beside]
        self._waiting = [(next(course), number, course) for number, course in enumerate(courses)]
        heapify(self._waiting)

    def go_on(self, *, until: datetime) -> None:
        """Do everything whose moment has come."""
        while self._waiting and self._waiting[0][0] <= until:
            _, number, course = heappop(self._waiting)
            moment = next(course, None)
            if moment is not None:
                heappush(self._waiting, (moment, number, course))


def _state_and_confirm(organisation: Organisation, hands: Hands, enroller: Actor, *, at: datetime) -> Course:
    """An organisation that was entered long ago states its data, confirms them, and is asked again by `at`."""
    yield at - 200 * DAY
    _state(organisation, hands, at=at - 200 * DAY)
    yield at - 190 * DAY
    with acting_as(enroller):
        confirmations.keep(by=enroller, at=at - 190 * DAY)
    yield at - 180 * DAY
    administrator = _administrator(hands, "aurelia")
    with acting_as(administrator):
        confirmations.confirm(number=1, by=administrator, at=at - 180 * DAY)
    yield at
    with acting_as(enroller):
        confirmations.keep(by=enroller, at=at)


def _apply(name: str, seat: str, days: int, state: str, hands: Hands, enroller: Actor, *, at: datetime) -> Course:
    """One application, handed in `days` before `at` and brought to its state within the days after."""
    at -= days * DAY
    yield at
    new: UUID = applications.new_id(f"demonstration {name} {at:%Y-%m-%d}")
    holder = links.applicant(links.link_of(links.APPLICATION, new))
    with acting_as(holder):
        begun = applications.apply(new=new, content=_content(name, seat), by=holder, at=at)
    yield at + timedelta(minutes=7)
    with acting_as(holder):
        applications.confirm(by=holder, at=at + timedelta(minutes=7))
    yield at + timedelta(minutes=8)
    with acting_as(enroller):
        enrolment.observe(reference=begun.reference, by=enroller, at=at + timedelta(minutes=8))
    if state == "submitted":
        return
    officer = hands.authorities[begun.territory][0]
    common: dict[str, Any] = {"reference": begun.reference, "by": officer}
    yield at + DAY
    with acting_as(officer):
        decisions.review(**common, at=at + DAY)
    if state == "asked":
        yield at + 2 * DAY
        asked = "Under which name is the company in the business register?"
        with acting_as(officer):
            decisions.ask(**common, pointer="/legal_name", reason=asked, at=at + 2 * DAY)
    if state in {"hearing", "refused"}:
        yield at + 2 * DAY
        why = "Only models of others are used; no training is planned."
        refusal: dict[str, Any] = {"code": "not_obliged", "reason": why}
        with acting_as(officer):
            decisions.hear(**common, **refusal, at=at + 2 * DAY)
        if state == "refused":
            yield at + 17 * DAY
            with acting_as(officer):
                decisions.refuse(**common, **refusal, at=at + 17 * DAY)
    if state == "enrolled":
        yield at + 3 * DAY
        with acting_as(officer):
            decisions.approve(**common, at=at + 3 * DAY)
        with acting_as(enroller):
            enrolment.carry_out(reference=begun.reference, by=enroller, at=at + 3 * DAY)


def _content(name: str, seat: str) -> dict[str, Any]:
    domain = f"{name.split()[0].lower().encode('ascii', 'ignore').decode()}-onboarding.example"
    representative = {
        "name": "Liffey Representation Ltd",
        "country": "IE",
        "email": f"mandate@{domain}",
        "mandate_from": "2026-01-01",
        "mandate_until": None,
        "scope": "All tasks of Article 54(3) of the AI Act.",
        "document_sha256": "5f" * 32,
    }
    return {
        "legal_name": name,
        "lei": lei_of(name),
        "seat_country": seat,
        "roles": ["compute_provider"] if "Compute" in name else ["developer"],
        "contact": {"name": "Contact Example", "email": f"contact@{domain}", "language": "en"},
        "administrators": [
            {"name": f"Administrator {each}", "email": f"administrator-{each.lower()}@{domain}"}
            for each in ("One", "Two")
        ],
        "representative": representative if seat == "US" else None,
    }


def _administrator(hands: Hands, slug: str) -> Actor:
    """The company's filing hand, as an administrator of it."""
    role = ROLES["provider_administrator"]
    return replace(hands.providers[slug], permissions=frozenset(str(each) for each in role.permissions))


def _state(organisation: Organisation, hands: Hands, *, at: datetime) -> None:
    """The first statement of an organisation that was entered before there were applications."""
    administrator = _administrator(hands, "aurelia")
    company = COMPANY["aurelia"]
    content = {
        **_content(organisation.legal_name, organisation.seat_country),
        "lei": organisation.lei,
        "trade_names": ["Aurelia"],
        "ultimate_parent": {"name": company.parent, "country": company.parent_country} if company.parent else None,
    }
    with acting_as(administrator):
        statements.state(content=content, reason="Contacts and administrators", number=0, by=administrator, at=at)


def _mandate(hands: Hands, enroller: Actor, *, at: datetime) -> Course:
    """Aurelia lets Cantabria file and answer for it, for a year."""
    yield at
    principal, agent = _administrator(hands, "aurelia"), _administrator(hands, "cantabria")
    with acting_as(principal):
        made = mandate_actions.give(
            agent_lei=COMPANY["cantabria"].lei,
            scopes=["read", "file", "answer"],
            starts_at=at,
            ends_at=at + 365 * DAY,
            by=principal,
            at=at,
        )
    with acting_as(enroller):
        mandate_actions.place(by=enroller, at=at)
    yield at + DAY
    with acting_as(agent):
        mandate_actions.accept(mandate=made.id, by=agent, at=at + DAY)
