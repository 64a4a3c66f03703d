"""Exports: whose, how many, why; a second person above the limit; the file is the digest; each filing gets its look."""

import csv
import hashlib
import json
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.db.utils import DatabaseError

from registry.accounts import proposals
from registry.accounts.models import Proposal
from registry.acting import Actor, acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Filing
from registry.ledger import chain
from registry.ledger.log import line_of
from registry.ledger.models import Entry
from registry.oversight import export_rules, exports
from registry.oversight.export_rules import Content, Format
from registry.oversight.exports import Order
from registry.oversight.models import Export, ExportPart, Look
from registry.oversight.purposes import Purpose
from tests.conftest import NOON, person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
WHY = Purpose("finding", "FR-7", "")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines alone, four at most; one document alone."""
    roles = ("officer", "ai_office_officer")
    said = {**export_rules._said(), "list": {r: {"alone": 2, "at_most": 4, "source": "test"} for r in roles}}
    said["documents"] = {"officer": {"alone": 1, "at_most": 4, "source": "test"}}
    monkeypatch.setattr(export_rules, "_said", lambda: said)
    monkeypatch.setattr(exports, "AT_ONCE", dict.fromkeys(Content, 2))


@pytest.fixture
def otto() -> Actor:
    """Another officer for France."""
    return person("officer", territory="FR", name="Otto")


def file(actor: Actor, count: int) -> None:
    new = [NewFiling(planned_run(run__client_run_id=f"run-{number}")) for number in range(count)]
    with acting_as(actor):
        assert not any(outcome.refusal for outcome in actions.file(new, by=actor, at=NOON))


def made(by: Actor, *, content: Content = Content.LIST, form: Format = Format.CSV) -> Export:
    with acting_as(by):
        order = Order(Filing.objects.visible_to(by).filed(), content, form, {"status": "all"})
        return exports.make(order, purpose=WHY, by=by, at=NOON, announce=outbox.put)


def opened(export: Export, by: Actor, *, after: timedelta = HOUR) -> bytes:
    """The whole file, as it is downloaded."""
    with acting_as(by):
        exports.open_file(export=export.id, by=by, at=NOON + after, announce=outbox.put)
    out, position = b"", 0
    while True:
        with acting_as(by, read_only=True):
            piece = exports.piece(export=export.id, position=position, by=by, at=NOON + after)
        if piece is None:
            return out
        out, position = out + piece, position + 1


def decide(export: Export, by: Actor, *, confirm: bool = True) -> None:
    proposal: UUID = Proposal.objects.get(subject=str(export.id)).id
    with acting_as(by):
        if confirm:
            proposals.confirm(proposal_id=proposal, by=by, at=NOON, announce=outbox.put)
        else:
            proposals.refuse(proposal_id=proposal, reason="Too many.", by=by, at=NOON, announce=outbox.put)


def test_up_to_the_limit_one_person_is_enough_and_the_file_is_what_the_ledger_says(alice: Actor, olga: Actor) -> None:
    file(alice, 2)
    export = made(olga)
    assert (export.state, export.filings, export.needs_second_person) == ("released", 2, False)
    assert (export.basis, export.case_reference, export.filters) == ("finding", "FR-7", {"status": "all"})
    content = opened(export, olga)
    assert hashlib.sha256(content).digest() == bytes(export.sha256)
    assert len(content) == export.size_bytes
    assert next(csv.reader(StringIO(content.decode()))) == list(exports.HEAD)
    told = exports.statement(
        {name: getattr(export, name) for name in (*exports._COMMITTED, "sha256")}, by=olga.id, at=NOON
    )
    digest = hashlib.sha256(
        json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).digest()
    assert bytes(export.entry.commitment) == chain.commitment(salt=bytes(export.salt), digest=digest)


def test_every_download_is_a_look_at_each_filing_in_it(alice: Actor, olga: Actor) -> None:
    file(alice, 2)
    export = made(olga)
    assert not Look.objects.exists()
    opened(export, olga)
    opened(export, olga)
    found = list(Look.objects.order_by("reference").values_list("reference", "kind", "basis", "case_reference"))
    assert found == [
        (reference, "exported", "finding", "FR-7")
        for reference in Filing.objects.order_by("reference").values_list("reference", flat=True)
        for _ in range(2)
    ]
    kinds = list(Entry.objects.filter(subject=str(export.id)).values_list("kind", flat=True))
    assert kinds == [exports.MADE, exports.DOWNLOADED, exports.DOWNLOADED]
    assert chain.verify(map(line_of, Entry.objects.all())) is None


def test_above_the_limit_nothing_is_read_until_a_second_person_has_confirmed(
    alice: Actor, olga: Actor, otto: Actor
) -> None:
    file(alice, 3)
    export = made(olga)
    assert (export.state, export.needs_second_person) == ("waiting", True)
    with pytest.raises(NotPossible):
        opened(export, olga)
    with pytest.raises(NotPermitted):
        decide(export, olga)
    with acting_as(olga, read_only=True):
        assert exports.piece(export=export.id, position=0, by=olga, at=NOON) is None
    decide(export, otto)
    assert not Look.objects.exists()
    assert hashlib.sha256(opened(export, olga)).digest() == bytes(export.sha256)
    export.refresh_from_db()
    assert (export.state, export.second_person) == ("released", otto.id)
    assert Look.objects.count() == 3
    assert opened(export, olga)


def test_what_the_second_person_refused_is_never_read(alice: Actor, olga: Actor, otto: Actor) -> None:
    file(alice, 3)
    export = made(olga)
    decide(export, otto, confirm=False)
    with pytest.raises(NotPossible):
        opened(export, olga)
    assert not Look.objects.exists()


def test_the_database_releases_nothing_without_a_second_person(alice: Actor, olga: Actor) -> None:
    file(alice, 3)
    export = made(olga)
    for second in ("", olga.id):
        with pytest.raises(DatabaseError, match="export_released_by_another"), acting_as(olga):
            Export.objects.filter(id=export.id).update(state="released", second_person=second, released_at=NOON)
    with pytest.raises(DatabaseError, match=r"permission denied|Cannot"), acting_as(olga):
        Export.objects.filter(id=export.id).update(needs_second_person=False)


def test_a_file_expires(alice: Actor, olga: Actor) -> None:
    file(alice, 1)
    export = made(olga)
    life = export.expires_at - NOON
    assert opened(export, olga, after=life - timedelta(seconds=1))
    for after in (life, life + HOUR):
        with pytest.raises(NotPossible, match="expired"):
            opened(export, olga, after=after)
        with acting_as(olga, read_only=True):
            assert exports.piece(export=export.id, position=0, by=olga, at=NOON + after) is None


def test_a_colleague_sees_that_there_is_an_export_and_cannot_read_it(alice: Actor, olga: Actor, otto: Actor) -> None:
    file(alice, 1)
    export = made(olga)
    with acting_as(otto, read_only=True):
        assert Export.objects.visible_to(otto).get() == export
        assert exports.piece(export=export.id, position=0, by=otto, at=NOON) is None
    with pytest.raises(NotFound):
        opened(export, otto)


def test_another_authority_and_the_provider_see_no_export(alice: Actor, olga: Actor, pedro: Actor, nora: Actor) -> None:
    file(alice, 1)
    made(olga)
    for actor in (alice, pedro, nora):
        assert not Export.objects.visible_to(actor).exists()
    with acting_as(nora, read_only=True):
        assert not Export.objects.exists()
        assert not ExportPart.objects.exists()
    auditor = person("auditor", territory="EU")
    with acting_as(auditor, read_only=True):
        assert Export.objects.visible_to(auditor).count() == 1
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(auditor, read_only=True):
        ExportPart.objects.count()


def test_documents_come_whole_and_need_a_second_person_sooner(alice: Actor, olga: Actor, otto: Actor) -> None:
    file(alice, 2)
    export = made(olga, content=Content.DOCUMENTS, form=Format.JSON)
    assert export.state == "waiting"
    decide(export, otto)
    found = json.loads(opened(export, olga))
    assert {row["document"]["run"]["client_run_id"] for row in found} == {"run-0", "run-1"}


def test_an_export_of_nothing_of_too_much_or_in_no_such_format_is_refused(alice: Actor, olga: Actor) -> None:
    with pytest.raises(Invalid, match="nothing"):
        made(olga)
    file(alice, 4)
    assert made(olga).filings == 4
    with pytest.raises(Invalid, match="format"):
        made(olga, content=Content.DOCUMENTS, form=Format.CSV)
    file_more = planned_run(run__client_run_id="five")
    with acting_as(alice):
        actions.file([NewFiling(file_more)], by=alice, at=NOON)
    with pytest.raises(Invalid, match="4"):
        made(olga)


@pytest.mark.parametrize("role", ["provider_administrator", "analyst", "auditor", "operator"])
def test_who_may_not_export_does_not(role: str, alice: Actor) -> None:
    file(alice, 1)
    by = person(role, territory="EU")
    with pytest.raises(NotPermitted), acting_as(by):
        exports.make(
            Order(Filing.objects.all(), Content.LIST, Format.CSV), purpose=WHY, by=by, at=NOON, announce=outbox.put
        )


def test_the_file_is_made_in_pieces(alice: Actor, olga: Actor, otto: Actor) -> None:
    file(alice, 4)
    export = made(olga, form=Format.XLSX)
    parts = list(export.parts.order_by("position").values_list("filing_ids", flat=True))
    assert [len(part) for part in parts] == [0, 2, 2, 0]
    decide(export, otto)
    assert opened(export, olga)[:2] == b"PK"


def test_every_role_that_exports_has_limits_with_a_source() -> None:
    said = export_rules._said
    assert said()
    for role in ("officer", "ai_office_officer"):
        limit = export_rules.limit_of(person(role, territory="EU"), Content.LIST)
        assert 0 < limit.alone < limit.at_most
        assert limit.source
