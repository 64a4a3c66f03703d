"""The particulars of an organisation as a plain form, and back. Names of fields are pointers: `/contact/email`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext

from registry.errors import Obstacle
from registry.onboarding import particulars
from registry.organisations.identifiers import COUNTRIES, MEMBER_STATES
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Fact, Field, Option, Section
from registry.portal.presentation.onboarding import FieldGroup

_EMAILS = frozenset({"/contact/email", "/administrators/0/email", "/administrators/1/email", "/representative/email"})
_DAYS = frozenset({"/representative/mandate_from", "/representative/mandate_until"})
_ADMINISTRATORS = tuple(f"/administrators/{place}/{part}" for place in (0, 1) for part in ("name", "email"))
_REPRESENTATIVE = tuple(
    f"/representative/{part}"
    for part in ("name", "country", "email", "mandate_from", "mandate_until", "scope", "document_sha256")
)


def groups(
    values: Mapping[str, str], obstacles: Sequence[Obstacle] = (), *, fixed: Sequence[str] = ()
) -> tuple[FieldGroup, ...]:
    """The form with `values` by pointer and what is wrong beside each field; `fixed` ones are hidden."""
    wrong: dict[str, str] = {}
    for obstacle in obstacles:
        wrong.setdefault(_shown_at(obstacle.pointer), obstacle.sentence)

    def field(pointer: str, **more: Any) -> Field:
        return _field(pointer, values.get(pointer, ""), wrong.get(pointer, ""), fixed=pointer in fixed, **more)

    return (
        FieldGroup(
            gettext("The organisation"),
            (
                field("/legal_name", required=True),
                field("/trade_names", help=gettext("Separated by commas.")),
                field("/seat_country", required=True),
                field("/lei", help=gettext("20 letters and digits. LEI or EUID; outside the Union an LEI.")),
                field("/euid", help=gettext("As in the business register, such as DEK1101R.HRB116737.")),
            ),
        ),
        FieldGroup(gettext("What it does"), _roles(values, wrong.get("/roles", ""))),
        FieldGroup(
            gettext("Contact"),
            (field("/contact/name", required=True), field("/contact/email", required=True), field("/contact/language")),
            gettext("We write to this address. Its owner follows the application by a secret link."),
        ),
        FieldGroup(
            gettext("Two technical administrators"),
            tuple(field(pointer, required=True) for pointer in _ADMINISTRATORS),
            gettext("Two persons with different addresses. Each is invited to set a password and a second factor."),
        ),
        FieldGroup(
            gettext("Authorised representative"),
            tuple(field(pointer) for pointer in _REPRESENTATIVE),
            gettext("Only where the seat is outside the Union: AI Act, Article 54. Its Member State is competent."),
        ),
        FieldGroup(
            gettext("Ultimate parent"),
            (field("/ultimate_parent/name"), field("/ultimate_parent/country")),
            gettext("If there is one and it is known."),
        ),
    )


def content_of(form: QueryDict) -> dict[str, Any]:
    """What was filled in, as particulars. Groups left empty are absent."""

    def part(head: str) -> dict[str, str]:
        names = [pointer for pointer in form if pointer.startswith(f"{head}/")]
        return {pointer.removeprefix(f"{head}/"): form.get(pointer, "").strip() for pointer in names}

    representative, parent = part("/representative"), part("/ultimate_parent")
    return {
        "legal_name": form.get("/legal_name", ""),
        "trade_names": [name.strip() for name in form.get("/trade_names", "").split(",") if name.strip()],
        "lei": form.get("/lei", "").strip(),
        "euid": form.get("/euid", "").strip(),
        "seat_country": form.get("/seat_country", ""),
        "roles": [role for role in particulars.ROLES if form.get(f"/roles/{role}")],
        "contact": {"language": language(), **part("/contact")},
        "administrators": [part("/administrators/0"), part("/administrators/1")],
        "representative": representative if any(representative.values()) else None,
        "ultimate_parent": parent if any(parent.values()) else None,
    }


def values_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Particulars as values by pointer, for the form."""
    found: dict[str, str] = {}
    for name, value in content.items():
        if name == "roles":
            found |= {f"/roles/{role}": "yes" for role in value}
        elif name == "administrators":
            for place, person in enumerate(value):
                found |= {f"/administrators/{place}/{part}": text for part, text in person.items()}
        elif isinstance(value, list):
            found[f"/{name}"] = ", ".join(value)
        elif isinstance(value, Mapping):
            found |= {f"/{name}/{part}": str(text or "") for part, text in value.items()}
        else:
            found[f"/{name}"] = str(value or "")
    return found


def sections(content: Mapping[str, Any]) -> tuple[Section, ...]:
    """Particulars as facts, for reading."""
    values = values_of(content)
    shown = {
        gettext("The organisation"): ("/legal_name", "/trade_names", "/seat_country", "/lei", "/euid", "/roles"),
        gettext("Contact"): ("/contact/name", "/contact/email", "/contact/language"),
        gettext("Two technical administrators"): _ADMINISTRATORS,
        gettext("Authorised representative"): _REPRESENTATIVE,
        gettext("Ultimate parent"): ("/ultimate_parent/name", "/ultimate_parent/country"),
    }
    values["/roles"] = ", ".join(role_text(role) for role in content["roles"])
    found = []
    for title, pointers in shown.items():
        facts = tuple(
            Fact(label(pointer), told(pointer, values[pointer]), monospace=pointer.endswith("sha256"))
            for pointer in pointers
            if values.get(pointer)
        )
        if facts:
            found.append(Section(title, facts))
    return tuple(found)


def label(pointer: str) -> str:
    """What a field is called."""
    text = particulars.field_text(pointer, language())
    place = {"/administrators/0/": " 1", "/administrators/1/": " 2"}.get(pointer[:18], "")
    return text.replace(":", f"{place}:", 1) if place else text


def told(pointer: str, value: str) -> str:
    """A value for reading: countries and languages by name."""
    if pointer.endswith("country"):
        return words.country(value)
    return dict(settings.LANGUAGES).get(value, value) if pointer == "/contact/language" else value


def role_text(role: str) -> str:
    """What an organisation does."""
    names = {particulars.DEVELOPER: gettext("AI developer"), particulars.COMPUTE_PROVIDER: gettext("Compute provider")}
    return names[role]


def _field(
    pointer: str,
    value: str,
    error: str,
    *,
    fixed: bool = False,
    required: bool = False,
    help: str = "",  # noqa: A002
) -> Field:
    kind = "text"
    options: tuple[Option, ...] = ()
    if fixed:
        kind = "hidden"
    elif pointer.endswith("country"):
        known = MEMBER_STATES if pointer.startswith("/representative") else COUNTRIES
        kind, options = "select", _countries(known, value)
    elif pointer == "/contact/language":
        kind, options = "select", tuple(Option(code, name, code == value) for code, name in settings.LANGUAGES)
    elif pointer in _EMAILS:
        kind = "email"
    elif pointer in _DAYS:
        kind = "date"
    elif pointer.endswith("/scope"):
        kind = "area"
    return Field(pointer, label(pointer), kind, value, options, help, error, required)


def _countries(codes: frozenset[str], chosen: str) -> tuple[Option, ...]:
    named = sorted((words.country(code), code) for code in codes)
    return (Option("", "–", not chosen), *(Option(code, name, code == chosen) for name, code in named))


def _roles(values: Mapping[str, str], error: str) -> tuple[Field, ...]:
    last = particulars.ROLES[-1]
    return tuple(
        Field(
            f"/roles/{role}", role_text(role), "check", values.get(f"/roles/{role}", ""), error=error * (role == last)
        )
        for role in particulars.ROLES
    )


def _shown_at(pointer: str) -> str:
    """The field beside which an obstacle is shown: of a whole group its first."""
    firsts = {"/representative": _REPRESENTATIVE[0], "/administrators": _ADMINISTRATORS[0]}
    return firsts.get(pointer, "/trade_names" if pointer.startswith("/trade_names") else pointer)
