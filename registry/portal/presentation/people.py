"""The people of an organisation or authority, its machine clients, and what waits for a second person."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Heading, Label, Notice, Tab


@dataclass(frozen=True)
class ProposalLine:
    """Something proposed: what will be done, by whom, until when it waits, how it stands, and where to decide."""

    uid: str
    sentence: str
    by: str
    at: datetime
    until: datetime
    state: Label
    note: str = ""
    confirm_href: str = ""
    refuse_href: str = ""
    withdraw_href: str = ""


@dataclass(frozen=True)
class SessionLine:
    """A session of a person: since when, last seen, on which browser, and where to end it."""

    since: datetime
    seen: datetime
    browser: str
    number: int


@dataclass(frozen=True)
class InvitationLine:
    """A link that was not used yet: until when it works, whether that is over, and where to have it sent again."""

    until: datetime
    is_over: bool
    again_href: str


@dataclass(frozen=True)
class PersonLine:
    """A member: who, in which role since when, where signed in or how invited, and what can be proposed."""

    name: str
    email: str
    role: Label
    since: datetime
    last_sign_in: datetime | None
    sessions: tuple[SessionLine, ...]
    sign_out_href: str
    decisions: tuple[Decision, ...]
    is_you: bool = False
    invitation: InvitationLine | None = None


@dataclass(frozen=True)
class PeoplePage:
    """Who belongs here."""

    heading: Heading
    waiting: tuple[ProposalLine, ...]
    people: tuple[PersonLine, ...]
    invite: tuple[Decision, ...]
    decided: tuple[ProposalLine, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class KeyLine:
    """A key of a client: its id, kind and thumbprint, when it holds, when it was last used, and where to end it."""

    key_id: str
    kind: str
    thumbprint: str
    starts_at: datetime
    ends_at: datetime
    state: Label
    used_at: datetime | None = None
    end_href: str = ""


@dataclass(frozen=True)
class CallLine:
    """One of the last calls: when, what, how it came out, and the trace id to ask about."""

    at: datetime
    what: str
    status: Label
    problem: str
    trace_id: str
    problem_href: str = ""


@dataclass(frozen=True)
class CallsOf:
    """The calls of a client that are shown, and the ways to show others."""

    rows: tuple[CallLine, ...]
    tabs: tuple[Tab, ...]
    errors: int
    is_open: bool = False


@dataclass(frozen=True)
class ClientLine:
    """A machine client with its keys and last calls."""

    uid: str
    name: str
    client_id: str
    scopes: tuple[str, ...]
    state: Label
    keys: tuple[KeyLine, ...]
    calls: CallsOf
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class KeysPage:
    """The machine clients of an organisation."""

    heading: Heading
    waiting: tuple[ProposalLine, ...]
    clients: tuple[ClientLine, ...]
    register: tuple[Decision, ...]
    decided: tuple[ProposalLine, ...]
    secret: str = ""
    notices: tuple[Notice, ...] = ()
