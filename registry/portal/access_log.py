"""Looks in words: by which authority, in which role, how, and why."""

from django.utils.translation import gettext

from registry.accounts.policy import UNION
from registry.oversight import purposes
from registry.oversight.models import Look, LookKind, Stated
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation import words


def kinds() -> dict[str, str]:
    """How a filing can have been looked at, in words, by code."""
    return {
        LookKind.OPENED.value: gettext("Opened by an authority"),
        LookKind.DOCUMENT.value: gettext("Document read by an authority"),
        LookKind.LISTED.value: gettext("Seen in a list"),
        LookKind.EXPORTED.value: gettext("Downloaded in an export"),
        LookKind.SHARED.value: gettext("Shown to another authority"),
        LookKind.SHOWN.value: gettext("Read, in orders of magnitude, by an authority it was shown to"),
    }


def kind(code: str) -> str:
    """How a filing was looked at."""
    return kinds().get(code, code)


def authority(territory: str) -> str:
    """An authority by its territory; nothing for what was stored before authorities were."""
    if territory == UNION:
        return gettext("AI Office")
    return gettext("Authority of %(state)s") % {"state": words.country(territory)} if territory else ""


def who(look: Stated) -> str:
    """The authority and the role: what a provider may know of who looked."""
    return ", ".join(
        part for part in (authority(look.looked_from), labels.role(look.role) if look.role else "") if part
    )


def why(look: Look | Stated) -> str:
    """The legal basis, the case and the sentence in one line."""
    return purposes.in_words(look.basis, look.case_reference, look.purpose, language=language())
