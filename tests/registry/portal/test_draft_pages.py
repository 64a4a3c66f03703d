"""Filing a run by forms alone: topics page by page, errors at their fields, warnings kept with reasons, amendments."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from registry.acting import Actor, acting_as
from registry.filings import drafts
from registry.filings.checks.catalogue import reasons
from registry.filings.document import elements
from registry.filings.models import Amendment, Filing, Kind, Version
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from registry.portal import filing_form
from tests.documents import planned_run
from tests.registry.portal import forms
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db
NEW = "/en/workspace/filings/new/"


@pytest.fixture
def submitter(sign_in: SignIn, aurelia: Organisation) -> Client:
    """Somebody who files for Aurelia."""
    return sign_in("provider_submitter", aurelia)


def begun(browser: Client, *, language: str = "en", run: str = "aurelia-3-pretraining") -> str:
    """The address of a draft that was begun by the form."""
    answer = forms.send(browser, NEW.replace("/en/", f"/{language}/"), **{"/run/client_run_id": run})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer.headers["Location"])


def declared(browser: Client, draft: str, **changes: str) -> Any:
    """Acknowledge every warning and submit."""
    page = forms.fields(browser.get(f"{draft}check/").content.decode())
    reason = next(iter(reasons()))
    known = {name: reason for name in page if name.startswith("because:")}
    said = {name: "Measured on our own cluster." for name in page if name.startswith("sentence:")}
    signed = {"name": "Inès Carpentier", "capacity": "Head of regulatory affairs", "place": "Paris", "agreed": "yes"}
    return browser.post(f"{draft}check/", {**page, **known, **said, **signed, **changes})


def test_every_element_is_asked_in_one_topic() -> None:
    leaves = [each.pointer.removesuffix("/*") for each in elements() if each.is_leaf]
    for pointer in leaves:
        topics = [
            name for name, paths in filing_form.TOPICS.items() if any(f"{pointer}/".startswith(f"{p}/") for p in paths)
        ]
        is_declared = any(f"{pointer}/".startswith(f"{path}/") for path in filing_form.DECLARED)
        assert len(topics) == (0 if is_declared else 1), pointer
    assert sorted(name for group in filing_form.GROUPS.values() for name in group) == sorted(filing_form.TOPICS)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_form_gives_back_the_document_it_was_filled_with(language: str) -> None:
    document = planned_run()
    with translation.override(language):
        for topic, paths in filing_form.TOPICS.items():
            form = filing_form.form_of(topic)
            stated = filing_form.part_of(document, paths)
            values = filing_form.element_form.values_of(form, stated)
            content, _ = filing_form.element_form.content_of(values, form)
            assert (content or {}) == stated, topic


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_run_is_filed_by_forms_alone(submitter: Client, language: str) -> None:
    draft = begun(submitter, language=language)
    assert_sound(submitter.get(draft).content.decode(), language=language)
    forms.fill(submitter, draft, planned_run())
    page = submitter.get(f"{draft}check/").content.decode()
    assert_sound(page, language=language)
    assert "2.3 × 10²⁵" in page.replace("2,3", "2.3")
    entries = Entry.objects.count()
    answer = declared(submitter, draft)
    assert answer.status_code == 302, re.findall(r'role="alert".*?</div></div>', answer.content.decode(), re.DOTALL)
    receipt = submitter.get(answer.headers["Location"]).content.decode()
    assert_sound(receipt, language=language)
    version = Version.objects.get()
    assert bytes(version.digest).hex() in receipt
    assert Entry.objects.count() > entries
    assert version.filing.status == "submitted"
    sent, filed = planned_run(), filing_form.document_view.members(version.canonical)
    assert {k: v for k, v in filed.items() if k not in {"signature", "language"}} == {
        k: v for k, v in sent.items() if k not in {"signature", "language"}
    }
    assert filed["signature"]["capacity"] == "Head of regulatory affairs"


def test_a_draft_tells_how_far_each_topic_has_come(submitter: Client) -> None:
    draft = begun(submitter)
    document = planned_run()
    hardware = {**document["run"]["hardware"][0], "utilisation_kind": "occupancy"}
    stated = {"security": document["security"], "run": {"hardware": [hardware]}, "model": {"name": "Aurelia"}}
    forms.fill(submitter, draft, stated)
    page = submitter.get(draft).content.decode()
    states = dict(re.findall(r'/draft/([a-z]+)/">[^<]*</a>.*?label--([a-z]+)', page))
    assert states["security"] == "done"
    assert states["hardware"] == "alert"
    assert states["data"] == "plain"
    assert states["model"] == "waiting"
    assert "missing: " in page


def test_what_is_wrong_stands_at_its_field_and_on_top_and_nothing_is_lost(submitter: Client) -> None:
    draft = begun(submitter)
    answer = forms.send(
        submitter,
        f"{draft}hardware/",
        **{"/run/hardware/0/period": "1", "/run/hardware/0/count": "many", "/run/hardware/0/peak_source": "Datasheet"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert_sound(page)
    assert 'href="#f/run/hardware/0/count-error"' in page
    assert 'id="f/run/hardware/0/count-error"' in page
    assert forms.fields(page)["/run/hardware/0/count"] == "many"
    assert forms.fields(page)["/run/hardware/0/peak_source"] == "Datasheet"
    assert "hardware" not in Filing.objects.get().draft["run"]


def test_rows_are_added_and_left_out_without_script(submitter: Client) -> None:
    draft = begun(submitter)
    first = {"/run/hardware/0/period": "1", "/run/hardware/0/count": "8"}
    answer = forms.send(submitter, f"{draft}hardware/", **first, then="more")
    assert answer.headers["Location"] == f"{draft}hardware/"
    answer = forms.send(submitter, f"{draft}hardware/", **{"/run/hardware/1/period": "2"}, then="more")
    assert [each["period"] for each in Filing.objects.get().draft["run"]["hardware"]] == ["1", "2"]
    answer = forms.send(submitter, f"{draft}hardware/", **{"/run/hardware/0/out": "yes", "/run/hardware/1/count": "x"})
    assert 'id="f/run/hardware/1/count-error"' in answer.content.decode()
    forms.send(submitter, f"{draft}hardware/", **{"/run/hardware/0/out": "yes"})
    assert Filing.objects.get().draft["run"]["hardware"] == [{"period": "2"}]


def test_two_people_at_one_draft_do_not_overwrite_each_other_unawares(submitter: Client) -> None:
    draft = begun(submitter)
    early = forms.fields(submitter.get(f"{draft}security/").content.decode())
    forms.send(submitter, f"{draft}security/", **{"/security/physical_protection": "Fence"})
    answer = submitter.post(f"{draft}security/", {**early, "/security/physical_protection": "Wall"})
    page = answer.content.decode()
    assert "Somebody kept this draft since you opened the page" in page
    assert forms.fields(page)["/security/physical_protection"] == "Wall"
    assert Filing.objects.get().draft["security"]["physical_protection"] == "Fence"
    submitter.post(f"{draft}security/", forms.fields(page))
    assert Filing.objects.get().draft["security"]["physical_protection"] == "Wall"


def test_a_draft_with_errors_cannot_be_submitted(submitter: Client) -> None:
    draft = begun(submitter)
    assert "It can be submitted once no error is left." in submitter.get(f"{draft}check/").content.decode()
    answer = declared(submitter, draft)
    assert answer.status_code == 200
    assert "Not submitted yet" in answer.content.decode()
    assert Filing.objects.get().status == "draft"


def test_a_warning_is_mended_or_kept_with_a_reason(submitter: Client) -> None:
    draft = begun(submitter)
    forms.fill(submitter, draft, planned_run(run__hardware__0__utilisation="0.66"))
    page = forms.fields(submitter.get(f"{draft}check/").content.decode())
    asked = [name for name in page if name.startswith("because:")]
    assert asked
    answer = declared(submitter, draft, **{asked[0]: ""})
    again = answer.content.decode()
    assert "choose a reason and write a sentence of at least 10 characters" in again
    assert forms.fields(again)["capacity"] == "Head of regulatory affairs"
    assert declared(submitter, draft).status_code == 302
    kept = Version.objects.get().answers.filter(severity="warning")
    assert {each.inputs["acknowledged_with"] for each in kept} == {"Measured on our own cluster."}


def test_nothing_is_submitted_without_the_declaration(submitter: Client) -> None:
    draft = begun(submitter)
    forms.fill(submitter, draft, planned_run())
    answer = declared(submitter, draft, agreed="")
    assert "Confirm the declaration before you submit." in answer.content.decode()
    assert Filing.objects.get().status == "draft"


@pytest.fixture
def filed(alice: Actor, file: File) -> str:
    """The reference of a filing that was submitted."""
    return file(alice)


def test_a_filed_run_is_amended_as_a_new_version(submitter: Client, filed: str) -> None:
    one = f"/en/workspace/filings/{filed}/"
    assert f"{one}amend/" in submitter.get(one).content.decode()
    answer = submitter.post(f"{one}amend/", {"kind": "correction"})
    draft = answer.headers["Location"]
    assert forms.fields(submitter.get(f"{draft}model/").content.decode())["/model/version"] == "3.0"
    forms.send(submitter, f"{draft}model/", **{"/model/version": "3.1"})
    assert submitter.get(f"{one}amend/").headers["Location"] == draft
    answer = declared(submitter, draft)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    newest = Version.objects.order_by("-number").first()
    assert newest is not None
    assert (newest.number, newest.kind) == (2, "correction")
    assert filing_form.document_view.members(newest.canonical)["model"]["version"] == "3.1"
    assert not Amendment.objects.exists()
    assert submitter.get(draft).status_code == 409


def test_an_amendment_overtaken_by_another_version_is_told_and_not_lost(
    submitter: Client, filed: str, alice: Actor, noon: datetime
) -> None:
    one = f"/en/workspace/filings/{filed}/"
    draft = submitter.post(f"{one}amend/", {"kind": "correction"}).headers["Location"]
    forms.send(submitter, f"{draft}model/", **{"/model/version": "3.1"})
    Filing.objects.update(revision=7)
    assert "The filing changed since you began this version" in submitter.get(draft).content.decode()
    answer = declared(submitter, draft)
    assert "nothing of yours is lost" in answer.content.decode()
    assert Version.objects.count() == 1
    submitter.post(draft, {"do": "rebase"})
    assert declared(submitter, draft).status_code == 302
    assert filing_form.document_view.members(Version.objects.get(number=2).canonical)["model"]["version"] == "3.1"


def test_an_amendment_is_given_up(submitter: Client, filed: str) -> None:
    draft = submitter.post(f"/en/workspace/filings/{filed}/amend/", {"kind": "update"}).headers["Location"]
    submitter.post(draft, {"do": "give_up"})
    assert not Amendment.objects.exists()
    assert Version.objects.count() == 1


def test_a_stranger_finds_no_draft_and_no_amendment(
    submitter: Client, sign_in: SignIn, cantabria: Organisation, filed: str, alice: Actor, noon: datetime
) -> None:
    draft = begun(submitter, run="other-run")
    with acting_as(alice):
        drafts.begin(reference=filed, kind=Kind.UPDATE, by=alice, at=noon)
    stranger = sign_in("provider_submitter", cantabria)
    of_filed = f"/en/workspace/filings/{filed}/"
    for address in (draft, f"{draft}hardware/", f"{draft}check/", f"{of_filed}draft/", f"{of_filed}amend/"):
        assert stranger.get(address).status_code == 404, address
        assert stranger.post(address, {"kind": "update", "agreed": "yes"}).status_code in {400, 404}, address
    assert stranger.get(f"{of_filed}versions/1/filed/").status_code == 404
    assert sign_in("officer", "FR").get(draft).status_code == 403


def test_who_only_reads_begins_nothing(sign_in: SignIn, aurelia: Organisation) -> None:
    reader = sign_in("provider_reader", aurelia)
    assert reader.get(NEW).status_code == 403
    assert NEW not in reader.get("/en/workspace/").content.decode()


def test_there_is_no_topic_of_another_name(submitter: Client) -> None:
    assert submitter.get(f"{begun(submitter)}secrets/").status_code == 404


def test_countries_of_a_list_are_chosen_by_name(submitter: Client) -> None:
    draft = begun(submitter, language="de")
    page = submitter.get(f"{draft}data/").content.decode()
    assert '<option value="FR">Frankreich</option>' in page
    head = "/data/origin_countries"
    kept = forms.send(submitter, f"{draft}data/", **{f"{head}/0": "FR", f"{head}/1": "", f"{head}/2": "DE"})
    assert kept.status_code == 302
    assert Filing.objects.get().draft["data"]["origin_countries"] == ["FR", "DE"]
    again = forms.fields(submitter.get(f"{draft}data/").content.decode())
    assert [again[f"{head}/{place}"] for place in range(4)] == ["FR", "DE", "", ""]
    refused = forms.send(submitter, f"{draft}data/", **{f"{head}/1": "", f"{head}/2": "XX"}).content.decode()
    assert f'id="f{head}/2-error"' in refused


def test_an_own_reference_is_kept_and_taken_once(submitter: Client) -> None:
    named = {"/run/client_run_id": "a-run", "/client_reference": "our-17"}
    assert forms.send(submitter, NEW, **named).status_code == 302
    assert Filing.objects.get().client_reference == "our-17"
    assert "under this client reference already" in forms.send(submitter, NEW, **named).content.decode()
    wrong = {**named, "/client_reference": "our\u202e17"}
    assert "printable characters" in forms.send(submitter, NEW, **wrong).content.decode()
    assert Filing.objects.count() == 1


@pytest.mark.parametrize("is_amendment", [False, True])
def test_reasons_are_kept_with_the_draft_until_it_is_submitted(
    submitter: Client, alice: Actor, file: File, is_amendment: bool
) -> None:
    if is_amendment:
        reference = file(alice, run__hardware__0__utilisation="0.66")
        assert submitter.post(f"/en/workspace/filings/{reference}/amend/", {"kind": "correction"}).status_code == 302
        draft = f"/en/workspace/filings/{reference}/draft/"
    else:
        draft = begun(submitter)
        forms.fill(submitter, draft, planned_run(run__hardware__0__utilisation="0.66"))
    page = forms.fields(submitter.get(f"{draft}check/").content.decode())
    of = next(name for name in page if name.startswith("because:")).removeprefix("because:")
    reason = next(iter(reasons()))
    told = {f"because:{of}": reason, f"sentence:{of}": "Measured over two days.", "because:NONE-1:/run": reason}
    kept = submitter.post(f"{draft}check/", {**page, **told, "then": "keep"})
    assert kept.headers["Location"] == draft
    again = forms.fields(submitter.get(f"{draft}check/").content.decode())
    assert (again[f"because:{of}"], again[f"sentence:{of}"]) == (reason, "Measured over two days.")
    row = Amendment.objects.get() if is_amendment else Filing.objects.get()
    assert [each["pointer"] for each in row.acknowledgements] == [of.partition(":")[2]]
    assert declared(submitter, draft).status_code == 302
    assert Filing.objects.get().acknowledgements == []
    assert not Amendment.objects.exists()


def test_a_draft_is_submitted_from_its_task_list_alone(submitter: Client) -> None:
    draft = begun(submitter)
    filing = submitter.get(draft.removesuffix("draft/")).content.decode()
    assert "Go on with the draft" in filing
    assert "/submit/" not in filing
