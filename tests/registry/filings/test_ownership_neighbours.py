"""Whose group a statement can change, several parents, and that reckoning those alone is enough."""

from datetime import timedelta

import pytest
from django.db import connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import NotPermitted
from registry.filings import ownership_neighbours, ownership_reckoning, ownership_statements
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from tests.conftest import NOON, person
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db

SCREENER = of_the_register("screener")
EUID, LEI = "FRRCS.123456789", "969500DEMONSTRATIO14"


def company(local: str, name: str, **numbers: str) -> dict[str, str]:
    return {"id": local, "kind": "company", "name": name, "country": "NL", **numbers}


def made(registrar: Actor, count: int) -> list[Organisation]:
    new = [
        NewOrganisation(f"Org {n}", "FR", "FR", is_developer=True, holding=f"Org {n}", is_illustrative=True)
        for n in range(count)
    ]
    with acting_as(registrar):
        return organisations.register(new, by=registrar, at=NOON)


def state(organisation: Organisation, *owners: dict[str, str], percent: str = "60", revision: int = 0) -> None:
    actor = person("provider_submitter", organisation=organisation)
    held = [holding(each["id"], "filer", percent) for each in owners]
    with acting_as(actor):
        ownership_statements.state(
            content=statement(entities=list(owners), holdings=held),
            revision=revision,
            by=actor,
            at=NOON + timedelta(seconds=revision),
        )


def connected(organisation: Organisation) -> set[str]:
    with acting_as(SCREENER):
        found = ownership_neighbours.connected(organisation.id, by=SCREENER)
        return set(Organisation.objects.filter(id__in=found).values_list("legal_name", flat=True))


def reckoned(organisation: Organisation | None = None) -> int:
    with acting_as(SCREENER):
        return ownership_reckoning.reckon(by=SCREENER, at=NOON, organisation=organisation.id if organisation else None)


def row(organisation: Organisation) -> Organisation:
    with acting_as(SCREENER):
        return Organisation.objects.get(id=organisation.id)


def test_who_names_the_same_entity_is_connected_and_nobody_else(registrar: Actor) -> None:
    one, two, three, four = made(registrar, 4)
    state(one, company("a", "Alpha"))
    state(two, company("x", "Alpha"), company("y", "Beta"), percent="40")
    state(three, company("b", "Beta"))
    state(four, company("c", "Gamma"))
    assert connected(one) == {"Org 0", "Org 1", "Org 2"}
    assert connected(four) == {"Org 3"}


def test_an_euid_connects_whom_a_lei_names_elsewhere(registrar: Actor) -> None:
    one, two, three = made(registrar, 3)
    state(one, company("a", "Alpha", lei=LEI, euid=EUID))
    state(two, company("b", "Alpha SA", euid=EUID))
    assert connected(two) == connected(one) == {"Org 0", "Org 1"}
    with connection.cursor() as cursor:
        cursor.execute("update organisations_organisation set euid = %s where id = %s", [EUID, three.id])
    assert connected(three) == {"Org 0", "Org 1", "Org 2"}


def test_whom_a_statement_no_longer_names_is_reckoned_with_it(registrar: Actor) -> None:
    """Org 0 is held by Alpha, and Org 1 by Org 0; then Alpha leaves Org 0."""
    one, two, far = made(registrar, 3)
    with connection.cursor() as cursor:
        cursor.execute("update organisations_organisation set lei = %s where id = %s", [LEI, one.id])
    state(one, company("a", "Alpha"))
    state(two, company("o", "Org 0", lei=LEI))
    state(far, company("z", "Zeta"))
    assert reckoned(one) == 2
    assert row(two).ultimate_parent_name == "Alpha"
    assert row(far).ultimate_parent_name == ""
    state(one, company("b", "Beta"), percent="20", revision=1)
    assert reckoned(one) == 2
    assert row(two).ultimate_parent_name == "Org 0"
    assert reckoned() == 1  # the one that is connected with nobody
    assert row(far).ultimate_parent_name == "Zeta"


def test_reckoning_one_after_the_other_gives_what_reckoning_all_gives(registrar: Actor) -> None:
    several = made(registrar, 9)
    for place, each in enumerate(several):
        state(each, company("a", f"Holding {place // 3}"), company("b", f"Fund {place // 2}"), percent="50")
    for each in several:
        reckoned(each)
    assert reckoned() == 0


def test_all_ultimate_parents_are_told_where_there_are_several(registrar: Actor) -> None:
    (joint,) = made(registrar, 1)
    actor = person("provider_submitter", organisation=joint)
    owners = [company("a", "Alpha"), company("b", "Beta")]
    held = [
        holding("a", "filer", None, kind="control", control_kind="agreement"),
        holding("b", "filer", None, kind="control", control_kind="agreement"),
    ]
    with acting_as(actor):
        ownership_statements.state(content=statement(entities=owners, holdings=held), revision=0, by=actor, at=NOON)
    assert reckoned(joint) == 1
    found = row(joint)
    assert found.ultimate_parents == [{"name": "Alpha", "country": "NL"}, {"name": "Beta", "country": "NL"}]
    assert (found.ultimate_parent_name, found.ultimate_parent_country) == ("", "")
    assert reckoned(joint) == 0


def test_a_single_parent_is_told_in_both_ways(registrar: Actor) -> None:
    (one,) = made(registrar, 1)
    state(one, company("a", "Alpha"))
    reckoned(one)
    assert row(one).ultimate_parents == [{"name": row(one).ultimate_parent_name, "country": "NL"}]


def test_a_provider_may_not_follow_connections(alice: Actor, aurelia: Organisation) -> None:
    with pytest.raises(NotPermitted), acting_as(alice):
        ownership_neighbours.connected(aurelia.id, by=alice)
