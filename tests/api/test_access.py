"""A provider lists over HTTP who looked at its filings and why, page by page and as a table, and can check the log."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from registry.acting import Actor, acting_as
from registry.filings import document
from registry.filings.models import Filing
from registry.ledger import chain
from registry.ledger.models import Entry
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from tests.api.conftest import Machine
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
ACCESS = "/api/v1/access/"
WHY = Purpose("finding", "FR-7", "=Two runs of one lineage.")


@pytest.fixture
def filing(machine: Machine) -> Filing:
    """A filing of the machine's organisation."""
    answer = machine.post("/api/v1/filings/", {"document": planned_run()})
    assert answer.status_code == 201
    return Filing.objects.get(reference=answer.json()["reference"])


def look(by: Actor, filing: Filing, *, kind: LookKind = LookKind.OPENED, hours: int = 0, why: Purpose = WHY) -> None:
    with acting_as(by):
        looks.note([filing], kind=kind, purpose=why, by=by, at=NOON + timedelta(hours=hours))


def test_a_look_is_told_without_the_person_and_opens_its_entry(machine: Machine, filing: Filing, olga: Actor) -> None:
    look(olga, filing)
    answer = machine.get(ACCESS)
    told = answer.json()["results"][0]
    assert told["filing"] == filing.reference
    assert (told["authority"], told["role"], told["kind"]) == ("FR", "officer", "opened")
    assert (told["legal_basis"], told["legal_basis_article"]) == ("finding", "AI Act Art. 89(1)")
    assert told["told"].startswith("Following up a finding, AI Act Art. 89(1) (FR-7)")
    assert olga.name not in answer.content.decode()
    assert olga.id not in answer.content.decode()
    said = {
        "filing": told["filing"],
        "kind": told["kind"],
        "from": told["authority"],
        "role": told["role"],
        "basis": told["legal_basis"],
        "case": told["case_reference"],
        "purpose": told["purpose"],
        "at": told["at"],
        "actor_sha256": told["opening"]["actor_sha256"],
    }
    digest = document.digest(document.canonical_json(said))
    commitment = chain.commitment(salt=bytes.fromhex(told["opening"]["salt"]), digest=digest)
    assert bytes(Entry.objects.get(index=told["opening"]["entry"]).commitment) == commitment


def test_pages_follow_one_another_and_lose_nothing(machine: Machine, filing: Filing, olga: Actor) -> None:
    for hours in range(5):
        look(olga, filing, hours=hours // 2)
    seen, address = [], f"{ACCESS}?limit=2"
    while address:
        body = machine.get(address).json()
        seen += [row["opening"]["entry"] for row in body["results"]]
        address = f"{ACCESS}?limit=2&cursor={body['next']}" if body["next"] else ""
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?look_kind=opened", 1),
        ("?look_kind=listed", 1),
        ("?look_kind=exported", 0),
        ("?legal_basis=finding", 2),
        ("?legal_basis=alert", 0),
        ("?looked_after=2026-11-20T13:00:00Z", 1),
        ("?looked_before=2026-11-20T13:00:00Z", 1),
        ("?filing=ECAR-2026-999999-1", 0),
    ],
)
def test_filters_choose(machine: Machine, filing: Filing, olga: Actor, query: str, count: int) -> None:
    look(olga, filing)
    look(olga, filing, kind=LookKind.LISTED, hours=1)
    assert len(machine.get(ACCESS + query).json()["results"]) == count


def test_a_table_has_no_formula(machine: Machine, filing: Filing, olga: Actor) -> None:
    look(olga, filing)
    answer = machine.get(ACCESS, Accept="text/csv")
    lines = list(csv.reader(StringIO(b"".join(answer).decode())))
    assert lines[0] == [
        "at", "filing", "kind", "authority", "role", "legal_basis", "case_reference", "purpose",
    ]  # fmt: skip
    assert lines[1][1:] == [
        filing.reference,
        "opened",
        "FR",
        "officer",
        "finding",
        "FR-7",
        "'=Two runs of one lineage.",
    ]


def test_another_organisation_reads_none_of_it(stranger: Machine, filing: Filing, olga: Actor) -> None:
    look(olga, filing)
    assert stranger.get(ACCESS).json() == {"results": [], "next": None}


@pytest.mark.parametrize(
    "query", ["?look_kind=stolen", "?legal_basis=x", "?looked_after=yesterday", "?cursor=x", "?q=1"]
)
def test_a_filter_that_does_not_exist_is_refused(machine: Machine, query: str) -> None:
    assert machine.get(ACCESS + query).status_code == 400


def test_the_legal_bases_are_open_to_everybody_in_three_languages(machine: Machine) -> None:
    names = {
        language: machine.get("/api/v1/legal-bases/", **{"Accept-Language": language}).json()["results"][0]["name"]
        for language in ("en", "fr", "de")
    }
    assert names == {"en": "Review of filings", "fr": "Examen des déclarations", "de": "Prüfung von Meldungen"}
