"""The pages of one access record: stated by topic, amended topic by topic, what is wrong beside its field."""

from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.compute import record, record_reading
from registry.compute.models import AccessRecord, Return
from registry.organisations.models import Organisation
from registry.portal import record_form
from tests.registry.compute import records
from tests.registry.portal.test_pages import assert_sound, body, in_language
from tests.security.asking import person_at

LINE = "L-0000001"
DRIVES = [
    {"arrived_on": "2026-10-02", "volume_tb": "20", "from_country": "CN", "carrier": "by air"},
    {"arrived_on": "2026-10-03", "volume_tb": "10"},
]


@pytest.fixture
def person(db: None, aurelia: Organisation, alice: Any, noon: datetime) -> Client:
    """Somebody who files for Aurelia, whose open return has one record."""
    records.lend(aurelia)
    row = records.opened(alice, noon)
    stated = records.line(1, media_in=DRIVES, customer_directors=["Ada One", "Bo Two"])
    records.taken(records.sent(row, records.ndjson([stated]), alice, noon), noon)
    return person_at("provider_submitter", aurelia)


def _at(topic: str) -> str:
    return reverse("workspace-returns-record-amend", args=[Return.objects.get().reference, LINE, topic])


def _record() -> str:
    return reverse("workspace-returns-record", args=[Return.objects.get().reference, LINE])


def _filled(topic: str, **changes: str) -> dict[str, str]:
    """The form of a topic as it comes, with changes by pointer."""
    row = AccessRecord.objects.current().get()
    return {**record_form.values_of(row.document, topic), "revision": str(row.revision), **changes}


def _amended(person: Client, topic: str, **changes: str) -> dict[str, Any]:
    answer = person.post(_at(topic), _filled(topic, **changes))
    assert answer.status_code == 302, answer.content.decode()
    return dict(AccessRecord.objects.current().get().document)


def test_every_element_but_the_line_id_has_one_topic() -> None:
    listed = [name for names in record_form.TOPICS.values() for name in names]
    assert sorted([*listed, record_form.IDENTITY]) == sorted(record.MEMBERS)


def test_every_code_has_words_in_each_language() -> None:
    inner = [part for name in ("customer_owners", "resellers", "media_in", "weights_out") for part in
             record.parts_of(name).values()]  # fmt: skip
    for element in (*record.elements().values(), *inner):
        assert set(element.words) == set(element.choices), element.name
        assert all(set(named) == {"en", "fr", "de"} for named in element.words.values())


@pytest.mark.parametrize("topic", record_form.TOPICS)
def test_what_a_form_shows_is_what_it_says(topic: str) -> None:
    stated = records.line(
        1,
        media_in=DRIVES,
        customer_directors=["Ada One", "Bo Two"],
        customer_employees=12,
        resellers=[{"name": "Between", "country": "FR", "has_own_verification": True}],
    )
    content, _ = record_form.content_of(record_form.values_of(stated, topic), topic)
    assert record_form.anew(stated, topic, content) == {name: stated[name] for name in record.MEMBERS if name in stated}
    assert record_reading.read(records.ndjson([record_form.anew(stated, topic, content)]).strip())


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_each_topic_has_a_page_in_each_language(person: Client, language: str) -> None:
    assert_sound(body(person, in_language(_record(), language)), language=language)
    for topic in record_form.TOPICS:
        shown = body(person, in_language(_at(topic), language))
        assert_sound(shown, language=language)
        for name in record_form.TOPICS[topic]:
            assert record.elements()[name].label[language] in unescape(shown), name


def test_one_topic_is_stated_anew_and_the_rest_stays(person: Client) -> None:
    before = AccessRecord.objects.current().get().document
    after = _amended(person, "use", **{"/accelerators": "60", "/workload_class": "training"})
    assert (after["accelerators"], after["workload_class"]) == (60, "training")
    assert {**after, "accelerators": 64, "workload_class": "inference"} == before


def test_an_object_is_added_and_another_left_out(person: Client) -> None:
    added = {"/media_in/2/arrived_on": "2026-10-05", "/media_in/2/volume_tb": "5"}
    after = _amended(person, "movements", **{"/media_in/0/out": "yes"}, **added)
    assert after["media_in"] == [DRIVES[1], {"arrived_on": "2026-10-05", "volume_tb": "5"}]


def test_a_list_of_texts_is_one_a_line_and_may_be_emptied(person: Client) -> None:
    after = _amended(person, "owners", **{"/customer_directors": "Ada One\r\n\r\n Cy Three "})
    assert after["customer_directors"] == ["Ada One", "Cy Three"]
    assert "customer_directors" not in _amended(person, "owners", **{"/customer_directors": ""})


@pytest.mark.parametrize(
    ("topic", "changes", "at"),
    [
        ("use", {"/accelerators": "many"}, "/accelerators"),
        ("use", {"/ends_at": "2026-10-01T00:00:00Z", "/starts_at": "2026-10-02T00:00:00Z"}, "/ends_at"),
        ("customer", {"/customer_lei": "X"}, "/customer_lei"),
        ("customer", {"/customer_name": ""}, "/customer_name"),
        ("movements", {"/media_in/0/out": "yes", "/media_in/1/volume_tb": "-1"}, "/media_in/1/volume_tb"),
        ("purpose", {"/declared_access_countries": "FR\nXX"}, "/declared_access_countries"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(person: Client, topic: str, changes: dict[str, str], at: str) -> None:
    before = AccessRecord.objects.current().get().revision
    shown = person.post(_at(topic), _filled(topic, **changes)).content.decode()
    assert f'id="f{at}-error"' in shown
    assert "Not kept yet" in shown
    assert all(value.replace("\n", "") in shown.replace("\n", "") for value in changes.values())
    assert AccessRecord.objects.current().get().revision == before


def test_what_is_wrong_elsewhere_is_named(person: Client) -> None:
    shown = person.post(_at("contract"), _filled("contract", **{"/contracted_on": "2026-10-20"})).content.decode()
    assert "The contract was made after the use had ended." in shown
    shown = person.post(_at("use"), _filled("use", **{"/ends_at": "2026-11-20T00:00:00Z"})).content.decode()
    assert "The use does not lie within the month of the return" in shown


def test_a_remark_is_told_after_the_amendment(person: Client) -> None:
    answer = person.post(_at("customer"), _filled("customer", **{"/customer_lei": ""}), follow=True)
    assert "The customer has no LEI, EUID or VAT number." in answer.content.decode()


def test_a_form_made_from_an_older_record_is_refused(person: Client) -> None:
    stale = _filled("use", **{"/accelerators": "61"})
    _amended(person, "use", **{"/accelerators": "60"})
    assert "It has changed since you read it." in person.post(_at("use"), stale).content.decode()
    assert AccessRecord.objects.current().get().accelerators == 60


def test_a_topic_that_is_none_is_not_found(person: Client) -> None:
    assert person.get(_at("use").replace("/use/", "/nothing/")).status_code == 404


def test_a_record_of_a_submitted_return_has_no_form(person: Client) -> None:
    row = Return.objects.get()
    listed = reverse("workspace-returns-one", args=[row.reference])
    person.post(listed, {"do": "submit", "revision": row.revision})
    shown = body(person, _record())
    assert _at("use") not in shown
    assert "Withdraw" not in shown
    assert person.get(_at("use")).status_code == 409


def test_who_only_reads_has_no_form(person: Client, aurelia: Organisation) -> None:
    reader = person_at("provider_reader", aurelia)
    assert _at("use") not in body(
        reader, reverse("workspace-returns-record", args=[Return.objects.get().reference, LINE])
    )
    assert reader.get(_at("use")).status_code in {403, 404}
