"""A call that succeeds for each operation of onboarding: following an application by its link, and mandates."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from api.examples import EXAMPLES
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.onboarding import decisions, links, mandate_actions
from registry.onboarding.models import Application
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from tests.conftest import person

APPLICATIONS, MANDATES = "/api/v1/applications/", "/api/v1/mandates/"
THEIRS: Final = "5493001KJTIIGC8Y1R12"


def begun(caller: Any) -> str:
    """The address of an application that was just begun."""
    caller.post(APPLICATIONS, EXAMPLES["application"]["value"])
    return f"{APPLICATIONS}{links.secret_of(links.APPLICATION, Application.objects.get().id)}/"


def handed_in(caller: Any) -> str:
    """The address of one whose address was confirmed."""
    address = begun(caller)
    caller.send("PUT", f"{address}confirmation/", {}, **{"If-Match": '"1"'})
    return address


def asked(caller: Any) -> str:
    """The address of one that waits for an answer about its name."""
    address, reference = handed_in(caller), Application.objects.get().reference
    with acting_as(caller.officer) as officer:
        decisions.review(reference=reference, by=officer, at=caller.at)
    with acting_as(caller.officer) as officer:
        decisions.ask(reference=reference, pointer="/legal_name", reason="Its form?", by=officer, at=caller.at)
    return address


def given(caller: Any) -> str:
    """The address of a mandate that the caller's organisation gave."""
    made = caller.post(MANDATES, {**EXAMPLES["mandate"]["value"], "agent_lei": THEIRS})
    return str(made["Location"])


def offered(caller: Any) -> str:
    """The address of a mandate that was offered to the caller's organisation."""
    ours = Organisation.objects.get().lei
    principal = NewOrganisation("Cantabria IA", seat_country="ES", territory="ES", lei=THEIRS, is_developer=True)
    with acting_as(of_the_register("registrar")) as registrar:
        organisation = organisations.register([principal], by=registrar, at=caller.at)[0]
    with acting_as(person("provider_administrator", organisation=organisation)) as carla:
        until = caller.at + timedelta(days=30)
        terms = {"scopes": ["read"], "starts_at": caller.at, "ends_at": until}
        made: UUID = mandate_actions.give(agent_lei=ours, **terms, by=carla, at=caller.at).id
    with acting_as(of_the_register("enroller")) as enroller:
        assert mandate_actions.place(by=enroller, at=caller.at) == 1
    return f"{MANDATES}{made}/"


def _put(caller: Any, address: str, body: Any, revision: int) -> Any:
    return caller.send("PUT", address, body, **{"If-Match": f'"{revision}"'})


ONBOARDING_CALLS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "applications_follow": lambda c: c.get(asked(c)),
    "applications_confirm": lambda c: _put(c, begun(c) + "confirmation/", {}, 1),
    "applications_answer": lambda c: _put(c, asked(c) + "answer/", EXAMPLES["application_answer"]["value"], 4),
    "applications_withdraw": lambda c: _put(c, handed_in(c) + "withdrawal/", {}, 2),
    "mandates_list": lambda c: [given(c), c.get(MANDATES)][-1],
    "mandates_give": lambda c: c.post(MANDATES, {**EXAMPLES["mandate"]["value"], "agent_lei": THEIRS}),
    "mandates_read": lambda c: c.get(given(c)),
    "mandates_accept": lambda c: c.post(offered(c) + "accept/", {}, **{"If-Match": '"1"'}),
    "mandates_decline": lambda c: c.post(offered(c) + "decline/", {}),
    "mandates_revoke": lambda c: c.post(given(c) + "revoke/", {}),
}
