"""Findings about anything but filings: once in a content, for regulators of the territory, never for a provider."""

from dataclasses import replace
from datetime import timedelta

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.organisations.models import Organisation
from registry.screening import rules
from registry.screening.keeping import UNION, Subject, content_of, keep
from registry.screening.models import Finding
from registry.screening.shapes import Authorisation, CustomerSnapshot, SubjectKind
from tests.conftest import NOON
from tests.registry.screening.rule_cases.customer import PLAIN

pytestmark = pytest.mark.django_db
SCREENER = of_the_register("screener")
RUSSIAN = replace(PLAIN, seat_country="RU")


@pytest.fixture
def subject(aurelia: Organisation) -> Subject:
    """A customer of a provider in France."""
    return Subject(
        kind=SubjectKind.CUSTOMER, key="aurelia:7", name=PLAIN.name, organisation_id=aurelia.id, territory="FR"
    )


def _kept(subject: Subject, snapshot: CustomerSnapshot) -> list[tuple[str, str]]:
    about = replace(subject, content=content_of(snapshot))
    with acting_as(SCREENER):
        made = keep([(about, hit) for hit in rules.screen(snapshot)], at=NOON)
    return [(each.rule, each.severity) for each in made]


def test_the_same_content_is_found_once_and_more_content_again(subject: Subject) -> None:
    assert _kept(subject, RUSSIAN) == [("R-22", "stop")]
    assert _kept(subject, RUSSIAN) == []
    assert _kept(subject, replace(RUSSIAN, as_of=RUSSIAN.as_of + timedelta(days=1))) == []
    assert _kept(subject, replace(RUSSIAN, staff=41)) == [("R-22", "stop")]


def test_an_authorisation_that_expires_brings_the_stop_back(subject: Subject) -> None:
    covered = replace(
        RUSSIAN, authorisations=(Authorisation(reference="A", from_on=PLAIN.as_of, until_on=PLAIN.as_of),)
    )
    assert _kept(subject, covered) == [("R-22", "low")]
    assert _kept(subject, replace(covered, as_of=PLAIN.as_of + timedelta(days=1))) == [("R-22", "stop")]


def test_another_territory_has_a_finding_of_its_own(subject: Subject, olga: Actor) -> None:
    assert _kept(subject, RUSSIAN)
    assert _kept(replace(subject, territory=UNION), RUSSIAN)
    with acting_as(olga):
        assert [each.territory for each in Finding.objects.visible_to(olga)] == ["FR"]


def test_a_provider_is_not_shown_what_is_found_about_its_customers(subject: Subject, alice: Actor) -> None:
    _kept(subject, RUSSIAN)
    with acting_as(SCREENER):
        assert not Finding.objects.visible_to(alice).exists()


def test_nothing_found_stores_nothing(subject: Subject) -> None:
    assert _kept(subject, PLAIN) == []


def test_contents_differ_where_anything_differs() -> None:
    assert content_of(PLAIN) == content_of(replace(PLAIN, as_of=PLAIN.as_of + timedelta(days=9)))
    assert content_of(PLAIN) != content_of(replace(PLAIN, name="Southern Light"))
    assert content_of(PLAIN) != content_of(replace(PLAIN, is_traded=True))
