"""An application: handed in by a secret link, asked, heard, refused or approved, and entered by the register's hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError

from registry.accounts import retention
from registry.accounts.models import Membership
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.ledger.models import Entry
from registry.onboarding import applications, decisions, enrolment, letters, links
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Confirmation, Invitation, Letter, Observation
from registry.organisations.models import Organisation, Statement
from tests.registry.onboarding.conftest import ENROLLER, LEI, OTHER_LEI, Apply, content, holder


def test_an_application_is_handed_in_when_the_address_is_confirmed(begin: Apply, olga: Actor, noon: datetime) -> None:
    application = begin()
    assert application.status == Status.UNCONFIRMED
    with acting_as(olga), pytest.raises(NotFound):
        decisions.review(reference=application.reference, by=olga, at=noon)
    with acting_as(holder(application)) as by:
        confirmed = applications.confirm(by=by, at=noon)
    assert (confirmed.status, confirmed.submitted_at) == (Status.SUBMITTED, noon)
    assert list(Letter.objects.order_by("created_at", "kind").values_list("kind", "address")) == [
        ("application_begun", "claire@lumen.example"),
        ("application_received", "claire@lumen.example"),
    ]


def test_the_link_expires_before_it_is_used(begin: Apply, noon: datetime) -> None:
    with acting_as(holder(begin())) as by, pytest.raises(NotPossible):
        applications.confirm(by=by, at=noon + timedelta(days=7))


def test_a_repeated_request_makes_one_application(db: None, noon: datetime) -> None:
    new = applications.new_id("key")
    by = links.applicant(links.link_of(links.APPLICATION, new))
    for _ in range(2):
        with acting_as(by):
            applications.apply(new=applications.new_id("key"), content=content(), by=by, at=noon)
    assert Application.objects.count() == Letter.objects.count() == 1


def test_a_link_sees_its_application_and_no_other(hand_in: Apply) -> None:
    first, second = hand_in(), hand_in(legal_name="Another SAS")
    for mine in (first, second):
        with acting_as(holder(mine)) as by:
            assert [each.id for each in Application.objects.all()] == [mine.id]
            assert applications.mine(by=by).id == mine.id
            assert {step.application_id for step in applications.history(by=by)} == {mine.id}
    with acting_as(links.applicant("0" * 64)) as stranger, pytest.raises(NotFound):
        applications.mine(by=stranger)


def test_an_applicant_cannot_decide_even_past_the_application(hand_in: Apply) -> None:
    application = hand_in()
    with pytest.raises(ProgrammingError, match="does not decide"), acting_as(holder(application)):
        Application.objects.filter(id=application.id).update(status="asked")


def test_a_question_is_tied_to_a_field_which_the_answer_corrects(hand_in: Apply, olga: Actor, noon: datetime) -> None:
    reference = hand_in().reference
    with acting_as(olga):
        decisions.review(reference=reference, by=olga, at=noon)
    with acting_as(olga), pytest.raises(Invalid):
        decisions.ask(reference=reference, pointer="/nothing", reason="?", by=olga, at=noon)
    with acting_as(olga):
        asked = decisions.ask(
            reference=reference, pointer="/administrators/1/email", reason="Is this right?", by=olga, at=noon
        )
    with acting_as(holder(asked)) as by, pytest.raises(Invalid):
        applications.answer(reason="No.", value="ines@lumen.example", by=by, at=noon)
    with acting_as(holder(asked)) as by:
        answered = applications.answer(reason="No.", value="lea@lumen.example", by=by, at=noon)
        last = applications.history(by=by)[-1]
    assert answered.status == Status.IN_REVIEW
    assert answered.content["administrators"][1]["email"] == "lea@lumen.example"
    assert (last.pointer, last.changed_to) == ("/administrators/1/email", "lea@lumen.example")


def test_nobody_is_refused_without_having_been_heard(hand_in: Apply, olga: Actor, noon: datetime) -> None:
    reference = hand_in().reference
    reason = {"reference": reference, "code": "not_obliged", "reason": "No duty is seen.", "by": olga}
    with acting_as(olga):
        decisions.review(reference=reference, by=olga, at=noon)
    with acting_as(olga), pytest.raises(NotPossible, match="heard"):
        decisions.refuse(**reason, at=noon)
    with acting_as(olga):
        heard = decisions.hear(**reason, at=noon)
    with acting_as(olga), pytest.raises(NotPossible, match="heard"):
        decisions.refuse(**reason, at=noon + timedelta(days=13))
    with acting_as(olga):
        refused = decisions.refuse(**reason, at=heard.heard_until)
    assert (refused.status, refused.decided_at) == (Status.REFUSED, heard.heard_until)


def test_who_answered_an_announced_refusal_was_heard(hand_in: Apply, olga: Actor, noon: datetime) -> None:
    application = hand_in()
    reason = {"reference": application.reference, "code": "not_obliged", "reason": "No duty.", "by": olga, "at": noon}
    with acting_as(olga):
        decisions.review(reference=application.reference, by=olga, at=noon)
    with acting_as(olga):
        decisions.hear(**reason)
    with acting_as(holder(application)) as by:
        applications.answer(reason="We train models.", by=by, at=noon)
    with acting_as(olga):
        assert decisions.refuse(**reason).status == Status.REFUSED


def test_an_officer_of_another_state_and_an_analyst_see_nothing(
    hand_in: Apply, pedro: Actor, ana: Actor, noon: datetime
) -> None:
    reference = hand_in().reference
    for stranger in (pedro, ana):
        with acting_as(stranger), pytest.raises(NotFound):
            decisions.review(reference=reference, by=stranger, at=noon)


def test_an_approved_application_becomes_an_organisation_with_two_invited_administrators(
    enter: Callable[..., Organisation], noon: datetime
) -> None:
    organisation = enter()
    assert (organisation.legal_name, organisation.lei, organisation.territory) == ("Lumen Calcul SAS", LEI, "FR")
    held = Membership.objects.filter(organisation=organisation).values_list("role", "user__email", "user__language")
    assert sorted(held) == [
        ("provider_administrator", "ines@lumen.example", "fr"),
        ("provider_administrator", "marc@lumen.example", "fr"),
    ]
    assert not any(each.user.has_usable_password() for each in Membership.objects.select_related("user"))
    assert Statement.objects.get().number == 1
    assert Confirmation.objects.get().due_at == noon + timedelta(days=365)
    assert Letter.objects.filter(kind="invitation").count() == 2
    assert set(Entry.objects.values_list("kind", flat=True)) >= {
        "application.submitted",
        "application.approved",
        "application.enrolled",
    }
    with acting_as(ENROLLER):
        assert enrolment.waiting(by=ENROLLER, limit=9) == []


def test_an_invitation_is_used_once_and_in_time(enter: Callable[..., Organisation], noon: datetime) -> None:
    enter()
    first, second = Invitation.objects.order_by("name")
    for _ in range(2):
        with acting_as(links.invited(first.link)) as by:
            if enrolment.Invitation.objects.visible_to(by).get().used_at is None:
                assert enrolment.use_invitation(by=by, at=noon).user_id == first.user_id
            else:
                with pytest.raises(NotPossible):
                    enrolment.use_invitation(by=by, at=noon)
    with acting_as(links.invited(second.link)) as by, pytest.raises(NotPossible):
        enrolment.invitation(by=by, at=second.expires_at)
    with acting_as(links.applicant(second.link)) as by, pytest.raises(NotPermitted):
        enrolment.use_invitation(by=by, at=noon)


def test_the_register_notices_duplicates_for_the_authority_alone(
    enter: Callable[..., Organisation], hand_in: Apply, olga: Actor, pedro: Actor, noon: datetime
) -> None:
    enter()
    again = hand_in()
    with acting_as(ENROLLER):
        assert enrolment.observe(reference=again.reference, by=ENROLLER, at=noon) == 5
    with acting_as(ENROLLER):
        assert enrolment.observe(reference=again.reference, by=ENROLLER, at=noon) == 0
    with acting_as(olga):
        seen = set(Observation.objects.visible_to(olga).values_list("code", flat=True))
    assert seen == {"lei_registered", "name_registered", "applied_before", "address_known"}
    with acting_as(pedro):
        assert not Observation.objects.exists()


def test_an_application_whose_lei_is_registered_is_not_approved_by_any_way(
    enter: Callable[..., Organisation], hand_in: Apply, olga: Actor, noon: datetime
) -> None:
    again = hand_in()
    with acting_as(olga):
        decisions.review(reference=again.reference, by=olga, at=noon)
    enter(administrators=[{"name": each, "email": f"{each}@other.example"} for each in ("uma", "ugo")])
    with acting_as(ENROLLER):
        assert enrolment.waiting(by=ENROLLER, limit=9) == [again.reference]
    with acting_as(ENROLLER):
        enrolment.observe(reference=again.reference, by=ENROLLER, at=noon)
    with acting_as(ENROLLER):
        assert enrolment.waiting(by=ENROLLER, limit=9) == []
    with acting_as(olga), pytest.raises(NotPossible, match="registered already"):
        decisions.approve(reference=again.reference, by=olga, at=noon)
    assert Application.objects.get(id=again.id).status == Status.IN_REVIEW


def test_an_application_of_another_lei_is_approved_beside_a_registered_one(
    enter: Callable[..., Organisation], hand_in: Apply, olga: Actor, noon: datetime
) -> None:
    enter()
    other = hand_in(lei=OTHER_LEI)
    with acting_as(ENROLLER):
        enrolment.observe(reference=other.reference, by=ENROLLER, at=noon)
    with acting_as(olga):
        decisions.review(reference=other.reference, by=olga, at=noon)
    with acting_as(olga):
        assert decisions.approve(reference=other.reference, by=olga, at=noon).status == Status.APPROVED


def test_what_was_never_confirmed_is_forgotten(begin: Apply, hand_in: Apply, noon: datetime) -> None:
    begin()
    kept = hand_in()
    keeper = of_the_register("housekeeper")
    rule = retention.rule("applications never confirmed")
    for days, deleted in ((7, 0), (9, 1)):
        with acting_as(keeper):
            assert retention.apply(rule, by=keeper, at=noon + timedelta(days=days), limit=9) == deleted
    assert [each.id for each in Application.objects.all()] == [kept.id]


def test_a_letter_leads_to_the_page_of_its_link_and_says_nothing_else(begin: Apply, noon: datetime) -> None:
    application = begin()
    letter = Letter.objects.get()
    claimed = letters.Claimed(letter.id, letter.kind, letter.target, letter.address, letter.language, noon)
    message = letters.message(claimed)
    secret = links.secret_of(links.APPLICATION, application.id)
    assert f"/fr/register/{secret}/" in message.body
    assert "Lumen" not in message.body
    assert links.digest_of(secret) == application.link
