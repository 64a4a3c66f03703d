"""What an authority or the register said to a provider, as one list."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.marks import Heading, Label, Link, Notice, Pager, Tab


@dataclass(frozen=True)
class MessageLine:
    """One message: what it is, about what, who said what when, and where it is read or answered.

    Without a `state` it asks for nothing. `fields` are those of the document that a question is about; `due` until when
    an answer is asked for.
    """

    kind: Label
    state: Label | None
    at: datetime
    by: str
    about: str
    about_href: str
    run: str
    text: str
    link: Link
    fields: tuple[str, ...] = ()
    due: str = ""
    waits: bool = False
    is_unread: bool = False


@dataclass(frozen=True)
class MessagesPage:
    """All messages, what waits for the provider on top.

    `read_href` marks those until `read_until` (RFC 3339) as read; empty where none is unread.
    """

    heading: Heading
    tabs: tuple[Tab, ...]
    rows: tuple[MessageLine, ...]
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()
    read_href: str = ""
    read_until: str = ""
