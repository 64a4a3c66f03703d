"""The unit of work: who acts, in which audience, within one transaction.

`acting_as` is the only place that opens a transaction. It also becomes the PostgreSQL role of the actor's audience and
sets the scope that row-level security reads, both transaction-locally, so that they end with the transaction
(docs/adr/0003; CVE-2023-2455 and pooled connections are why nothing is ever set for a session).
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import connection
from django.db.transaction import atomic

from registry.errors import NotPermitted, OutsideUnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


class Audience(StrEnum):
    """Who looks, seen by the database: each value is the name of a PostgreSQL role that owns nothing."""

    PUBLIC = "ecar_public"
    PROVIDER = "ecar_provider"
    ANALYST = "ecar_analyst"
    OFFICER = "ecar_officer"
    AI_OFFICE = "ecar_ai_office"
    STATISTICIAN = "ecar_statistician"
    AUDITOR = "ecar_auditor"
    OPERATOR = "ecar_operator"
    REGISTRAR = "ecar_registrar"
    SCREENER = "ecar_screener"
    INTAKE = "ecar_intake"
    RELAY = "ecar_relay"
    SENDER = "ecar_sender"
    MAILER = "ecar_mailer"
    BUILDER = "ecar_builder"
    HOUSEKEEPER = "ecar_housekeeper"
    STEWARD = "ecar_steward"
    APPLICANT = "ecar_applicant"
    ENROLLER = "ecar_enroller"
    SEQUENCER = "ecar_sequencer"


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts. `organisation` and `territory` are the scope; roles give permissions.

    `territory` is an ISO 3166-1 alpha-2 code, `EU` for the AI Office, empty for providers and the register itself.
    Under a mandate `organisation` is whom is acted for, `agent` who acts, `mandate` the mandate. `link` is the digest
    (SHA-256, hexadecimal) of a secret link, the whole scope of an applicant or an invited person.
    """

    id: str
    name: str
    audience: Audience
    permissions: frozenset[str] = frozenset()
    organisation: UUID | None = None
    territory: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    agent: UUID | None = None
    mandate: UUID | None = None
    link: str = ""

    def require(self, permission: str) -> None:
        """Raise `NotPermitted`, with a sentence, unless the actor's roles include the permission."""
        if permission not in self.permissions:
            raise NotPermitted(
                f"Your roles do not include “{permission.replace('_', ' ')}”.",
                remedy="Ask an administrator of your organisation or authority.",
            )


_current: ContextVar[Actor | None] = ContextVar("acting_as", default=None)

_BECOME = """
select set_config('role', %s, true), set_config('reg.organisation', %s, true),
       set_config('reg.territory', %s, true), set_config('reg.actor', %s, true),
       set_config('reg.agent', %s, true), set_config('reg.mandate', %s, true), set_config('reg.link', %s, true)
"""
_RESIGN = _BECOME


@contextmanager
def acting_as(actor: Actor, *, read_only: bool = False) -> Iterator[Actor]:
    """Open one unit of work for `actor`: transaction, database role and scope; all end together.

    A second one inside the first is refused, and so is one inside a transaction of any other origin.
    Raises `OutsideUnitOfWork` for the former, `RuntimeError` (Django's durable) for the latter.
    """
    if _current.get() is not None:
        raise OutsideUnitOfWork("a unit of work is already open: one edge, one unit of work")
    nested = connection.in_atomic_block  # only ever in a test, whose outer transaction Django lets us stand in
    with atomic(durable=True):
        with connection.cursor() as cursor:
            if read_only and not nested:
                cursor.execute("set transaction read only")
            scope = [str(actor.organisation or ""), actor.territory, actor.id]
            scope += [str(actor.agent or ""), str(actor.mandate or ""), actor.link]
            cursor.execute(_BECOME, [actor.audience.value, *scope])
        mark = _current.set(actor)
        try:
            yield actor
        finally:
            _current.reset(mark)
        if nested:
            with connection.cursor() as cursor:
                cursor.execute(_RESIGN, ["none", *[""] * 6])


def current_actor() -> Actor:
    """The actor of the open unit of work. Raises `OutsideUnitOfWork` if there is none."""
    actor = _current.get()
    if actor is None:
        raise OutsideUnitOfWork("no unit of work is open: call this inside `with acting_as(actor):`")
    return actor


def inside_acting_as(action: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run `action` outside a unit of work. Every public action wears this."""

    @functools.wraps(action)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        current_actor()
        return action(*args, **kwargs)

    guarded.needs_unit_of_work = True  # type: ignore[attr-defined]
    return guarded
