"""Who answers for a provider and what it was asked, on its page: for its authority alone, from what it stated."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.models import Transition
from registry.onboarding import mandate_actions, statements
from registry.organisations.models import Organisation
from registry.oversight import provider_queries
from registry.portal import provider_contacts
from tests.conftest import person
from tests.registry.onboarding.conftest import LEI, content, outside
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def stated(aurelia: Organisation, noon: datetime) -> None:
    """Aurelia has said who answers for it."""
    enroller = of_the_register("enroller")
    with acting_as(enroller):
        statements.first(organisation=aurelia, content=content(), by=enroller, at=noon)


def asked(reference: str, by: Actor, at: datetime) -> None:
    with acting_as(by):
        actions.decide(reference=reference, verb="review", reason="As told.", by=by, at=at)
        actions.decide(reference=reference, verb="ask", reason="Which hall?", by=by, at=at)


def test_the_page_names_who_answers_and_what_waits(
    sign_in: SignIn, file: File, alice: Actor, olga: Actor, aurelia: Organisation, stated: None, noon: datetime
) -> None:
    reference = file(by=alice)
    asked(reference, olga, noon + timedelta(hours=1))
    answer = sign_in("officer", "FR").get(reverse("oversight-provider", args=[aurelia.id]))
    html = answer.content.decode()
    assert_sound(html)
    for told in ("Claire Dubois", "mailto:claire@lumen.example", "in French", "Ines Faure", "Marc Petit", "Alice"):
        assert told in html
    assert f"{reverse('oversight-filings-one', args=[reference])}#questions" in html
    assert "Which hall?" in html


def test_an_answered_question_waits_no_more(
    file: File, alice: Actor, olga: Actor, aurelia: Organisation, noon: datetime
) -> None:
    reference = file(by=alice)
    asked(reference, olga, noon + timedelta(hours=1))
    with acting_as(olga, read_only=True):
        assert len(provider_queries.questions_to(aurelia, olga, limit=5)) == 1
    with acting_as(alice):
        actions.decide(reference=reference, verb="answer", reason="Hall 3.", by=alice, at=noon + timedelta(hours=2))
    with acting_as(olga, read_only=True):
        assert provider_queries.questions_to(aurelia, olga, limit=5) == []
        last = provider_queries.spoken_last(aurelia, olga)
    assert last is not None
    assert (last.verb, last.actor_name) == ("answer", "Alice")


def test_another_authority_learns_of_nobody(
    file: File, alice: Actor, olga: Actor, aurelia: Organisation, stated: None, noon: datetime
) -> None:
    asked(file(by=alice), olga, noon + timedelta(hours=1))
    other = person("officer", territory="ES")
    with acting_as(other, read_only=True):
        assert provider_contacts.contacts(aurelia, other, at=noon) == ()
        assert provider_queries.questions_to(aurelia, other, limit=5) == []


def test_a_mandate_is_told_while_it_runs_or_is_offered(aurelia: Organisation, olga: Actor, noon: datetime) -> None:
    hugo = person("provider_administrator", organisation=aurelia)
    until = noon + timedelta(days=9)
    with acting_as(hugo):
        made = mandate_actions.give(agent_lei=LEI, scopes=["file"], starts_at=noon, ends_at=until, by=hugo, at=noon)
    with acting_as(olga, read_only=True):
        [fact] = provider_contacts.contacts(aurelia, olga, at=noon)
        assert provider_contacts.contacts(aurelia, olga, at=until) == ()
    assert (fact.term, fact.value) == ("Acts for it", LEI)
    assert "until 29 Nov 2026" in fact.note
    with acting_as(hugo):
        mandate_actions.revoke(mandate=made.id, by=hugo, at=noon + timedelta(days=1))
    with acting_as(olga, read_only=True):
        assert provider_contacts.contacts(aurelia, olga, at=noon + timedelta(days=1)) == ()


@pytest.mark.parametrize(("language", "told"), [("fr", "Mandataire"), ("de", "Bevollmächtigter")])
def test_a_representative_is_told_in_the_readers_language(
    language: str, told: str, aurelia: Organisation, olga: Actor, noon: datetime
) -> None:
    enroller = of_the_register("enroller")
    with acting_as(enroller):
        statements.first(organisation=aurelia, content=outside(), by=enroller, at=noon)
    with acting_as(olga, read_only=True), translation.override(language):
        facts = provider_contacts.contacts(aurelia, olga, at=noon)
    [found] = [each for each in facts if each.value == "Representative Ltd"]
    assert "Irland" in found.note
    assert found.href == "mailto:mandate@representative.example"
    assert found.term == told


def test_an_overdue_answer_is_marked(file: File, alice: Actor, olga: Actor, noon: datetime) -> None:
    asked(file(by=alice), olga, noon)
    step = Transition.objects.select_related("filing").get(verb="ask")
    step.answer_by = noon + timedelta(days=1)
    early, late = (provider_contacts.questions([step], at=noon + timedelta(days=days)).rows[0].label for days in (0, 2))
    assert early is not None
    assert late is not None
    assert (early.text[:3], late.text[:13]) == ("by ", "overdue since")
