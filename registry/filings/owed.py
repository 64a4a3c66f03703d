"""What organisations owe, before it is reckoned: facts by organisation and subject, and where they come from."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry.filings.duties import FilingFacts
from registry.organisations.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Owed:
    """The facts from which the duties of an organisation follow; `subject` names what of it they are about, if not it.

    `territory` is that of the authority to which they are owed; it can be another one than the organisation's.
    """

    organisation_id: UUID
    territory: str
    facts: tuple[FilingFacts, ...]
    subject: str = ""


@dataclass(frozen=True)
class Source:
    """Where duties of organisations come from.

    `codes`: the duties that it alone brings about. `read`: the facts of these organisations, with row-level security in
    force. `begun`: organisations that owe something of which no row tells yet, for the clock to begin; at most as many
    as the limit says.
    """

    codes: frozenset[str]
    read: Callable[[Sequence[Organisation]], Iterable[Owed]]
    begun: Callable[[datetime, int], Collection[UUID]] | None = None
