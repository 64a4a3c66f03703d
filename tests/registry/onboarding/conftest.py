"""An application from nothing to a registered organisation, step by step, as the edges take them."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.onboarding import applications, decisions, enrolment, links
from registry.onboarding.models import Application
from registry.organisations.models import Organisation

LEI = "529900T8BM49AURSDO55"
OTHER_LEI = "5493001KJTIIGC8Y1R12"
ENROLLER = of_the_register("enroller")
Apply = Callable[..., Application]


def content(**changes: Any) -> dict[str, Any]:
    """A complete application of an organisation seated in France; `changes` replace members."""
    return {
        "legal_name": "Lumen Calcul SAS",
        "trade_names": ["Lumen"],
        "lei": LEI,
        "euid": "",
        "seat_country": "FR",
        "roles": ["developer"],
        "contact": {"name": "Claire Dubois", "email": "claire@lumen.example", "language": "fr"},
        "administrators": [
            {"name": "Ines Faure", "email": "ines@lumen.example"},
            {"name": "Marc Petit", "email": "marc@lumen.example"},
        ],
        "representative": None,
        "ultimate_parent": None,
        **changes,
    }


def outside(**changes: Any) -> dict[str, Any]:
    """An applicant seated in the United States with a representative in Ireland."""
    representative = {
        "name": "Representative Ltd",
        "country": "IE",
        "email": "mandate@representative.example",
        "mandate_from": "2026-01-01",
        "mandate_until": None,
        "scope": "All tasks of Article 54(3) of the AI Act",
        "document_sha256": "ab" * 32,
    }
    return content(seat_country="US", representative={**representative, **changes})


@pytest.fixture
def begin(db: None, noon: datetime) -> Apply:
    """Begins an application and gives it with the actor of its link in `holder`."""

    def begun(at: datetime = noon, **changes: Any) -> Application:
        new = uuid.uuid4()
        by = links.applicant(links.link_of(links.APPLICATION, new))
        with acting_as(by):
            return applications.apply(new=new, content=content(**changes), by=by, at=at)

    return begun


def holder(application: Application) -> Actor:
    """Who holds the link of an application."""
    return links.applicant(application.link)


@pytest.fixture
def hand_in(begin: Apply, noon: datetime) -> Apply:
    """Begins and confirms."""

    def handed_in(at: datetime = noon, **changes: Any) -> Application:
        application = begin(at, **changes)
        with acting_as(holder(application)) as by:
            return applications.confirm(by=by, at=at)

    return handed_in


@pytest.fixture
def enter(hand_in: Apply, olga: Actor, noon: datetime) -> Callable[..., Organisation]:
    """Hands in, reviews, approves and carries out."""

    def entered(**changes: Any) -> Organisation:
        application = hand_in(**changes)
        with acting_as(olga):
            decisions.review(reference=application.reference, by=olga, at=noon)
        with acting_as(olga):
            decisions.approve(reference=application.reference, by=olga, at=noon)
        with acting_as(ENROLLER):
            made = enrolment.carry_out(reference=application.reference, by=ENROLLER, at=noon)
        assert made is not None
        return made

    return entered
