"""What an organisation says of itself when it applies or states: read strictly, refused with every reason. Pure.

The form is the same on the page and in the interface. Sentences stand in `data/particulars.toml` (en, fr, de).
"""

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.errors import Invalid, Obstacle
from registry.languages import SPOKEN
from registry.organisations import identifiers
from registry.organisations.identifiers import MEMBER_STATES, IdentifierError

_TEXTS: Final = Path(__file__).with_name("data") / "particulars.toml"
DEVELOPER, COMPUTE_PROVIDER = "developer", "compute_provider"
ROLES: Final = (DEVELOPER, COMPUTE_PROVIDER)
NAME_LENGTH, SCOPE_LENGTH, TRADE_NAMES_LIMIT = 200, 1_000, 10
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        "legal_name",
        "trade_names",
        "lei",
        "euid",
        "seat_country",
        "roles",
        "contact",
        "administrators",
        "representative",
        "ultimate_parent",
    ),
    "/contact": ("name", "email", "language"),
    "/administrators": ("name", "email"),
    "/representative": ("name", "country", "email", "mandate_from", "mandate_until", "scope", "document_sha256"),
    "/ultimate_parent": ("name", "country"),
}


@dataclass(frozen=True)
class Person:
    """A named person and where mail reaches them."""

    name: str
    email: str


@dataclass(frozen=True)
class Representative:
    """An authorised representative with its written mandate (AI Act Art. 54). `document_sha256` is of the mandate."""

    name: str
    country: str
    email: str
    mandate_from: date
    mandate_until: date | None
    scope: str
    document_sha256: str


@dataclass(frozen=True)
class Particulars:
    """Who applies. `territory` is the competent Member State: of the seat, or of the representative."""

    legal_name: str
    trade_names: tuple[str, ...]
    lei: str
    euid: str
    seat_country: str
    roles: tuple[str, ...]
    contact: Person
    language: str
    administrators: tuple[Person, ...]
    representative: Representative | None
    parent_name: str
    parent_country: str

    @property
    def territory(self) -> str:
        """ISO code of the Member State whose authority is competent."""
        return self.representative.country if self.representative else self.seat_country


@dataclass
class _Reader:
    """Collects what is wrong; a value that is wrong reads as empty."""

    language: str
    obstacles: list[Obstacle] = field(default_factory=list)

    def refuse(self, code: str, pointer: str) -> str:
        self.obstacles.append(Obstacle(code, pointer, fault_text(code, self.language)))
        return ""

    def members(self, raw: object, pointer: str, *, kind: str) -> Mapping[str, Any]:
        if not isinstance(raw, Mapping):
            self.refuse("object", pointer)
            return {}
        for name in raw:
            if name not in _MEMBERS[kind]:
                escaped = str(name).replace("~", "~0").replace("/", "~1")
                self.refuse("unknown", f"{pointer}/{escaped}")
        return raw

    def text(self, raw: object, pointer: str, *, required: bool = True, longest: int = NAME_LENGTH) -> str:
        if raw is None or raw == "":
            return self.refuse("missing", pointer) if required else ""
        if not isinstance(raw, str):
            return self.refuse("text", pointer)
        clean = unicodedata.normalize("NFC", " ".join(raw.split()))
        if not clean or not clean.isprintable() or len(clean) > longest:
            return self.refuse("text", pointer)
        return clean

    def checked(self, raw: object, pointer: str, check: Callable[[str], str], *, required: bool = False) -> str:
        given = self.text(raw, pointer, required=required)
        if not given:
            return ""
        try:
            return check(given)
        except IdentifierError as error:
            return self.refuse(error.reason, pointer)

    def email(self, raw: object, pointer: str) -> str:
        given = self.text(raw, pointer)
        return given if not given or _EMAIL.fullmatch(given) else self.refuse("email", pointer)

    def day(self, raw: object, pointer: str, *, required: bool) -> date | None:
        given = self.text(raw, pointer, required=required)
        if not given:
            return None
        try:
            return date.fromisoformat(given) if _DATE.fullmatch(given) else _no_day()
        except ValueError:
            self.refuse("date", pointer)
            return None


def read(raw: object, *, on: date, language: str = "en") -> Particulars:
    """The particulars in `raw`, as of the day `on`. Raises `Invalid` with every obstacle at once, in `language`."""
    reader = _Reader(language)
    members = reader.members(raw, "", kind="")
    seat = reader.checked(members.get("seat_country"), "/seat_country", identifiers.country, required=True)
    administrators = _administrators(reader, members.get("administrators"))
    contact = reader.members(members.get("contact"), "/contact", kind="/contact")
    parent = members.get("ultimate_parent")
    parent = reader.members(parent, "/ultimate_parent", kind="/ultimate_parent") if parent is not None else {}
    found = Particulars(
        legal_name=reader.text(members.get("legal_name"), "/legal_name"),
        trade_names=_trade_names(reader, members.get("trade_names")),
        lei=reader.checked(members.get("lei"), "/lei", identifiers.lei),
        euid=_euid(reader, members.get("euid"), seat),
        seat_country=seat,
        roles=_roles(reader, members.get("roles")),
        contact=Person(
            reader.text(contact.get("name"), "/contact/name"), reader.email(contact.get("email"), "/contact/email")
        ),
        language=_language(reader, contact.get("language")),
        administrators=administrators,
        representative=_representative(reader, members.get("representative"), seat=seat, on=on),
        parent_name=reader.text(parent.get("name"), "/ultimate_parent/name", required=bool(parent)),
        parent_country=reader.checked(
            parent.get("country"), "/ultimate_parent/country", identifiers.country, required=bool(parent)
        ),
    )
    if not members.get("lei") and not members.get("euid"):
        reader.refuse("identifier", "/lei")
    if reader.obstacles:
        raise Invalid(fault_text("summary", language), obstacles=reader.obstacles)
    return found


def plain(found: Particulars) -> dict[str, Any]:
    """The particulars as JSON values, every member present: `read` gives the same back."""
    representative = found.representative
    return {
        "legal_name": found.legal_name,
        "trade_names": list(found.trade_names),
        "lei": found.lei,
        "euid": found.euid,
        "seat_country": found.seat_country,
        "roles": list(found.roles),
        "contact": {"name": found.contact.name, "email": found.contact.email, "language": found.language},
        "administrators": [{"name": each.name, "email": each.email} for each in found.administrators],
        "representative": None
        if representative is None
        else {
            "name": representative.name,
            "country": representative.country,
            "email": representative.email,
            "mandate_from": representative.mandate_from.isoformat(),
            "mandate_until": representative.mandate_until.isoformat() if representative.mandate_until else None,
            "scope": representative.scope,
            "document_sha256": representative.document_sha256,
        },
        "ultimate_parent": {"name": found.parent_name, "country": found.parent_country} if found.parent_name else None,
    }


def digest(members: Mapping[str, Any]) -> bytes:
    """SHA-256 of the members in their canonical form (sorted compact JSON; only texts, lists, objects and null)."""
    text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def with_value(members: Mapping[str, Any], pointer: str, value: str) -> dict[str, Any]:
    """A copy of plain `members` in which the text at the JSON Pointer is `value`. Raises KeyError for no such text."""
    made: dict[str, Any] = json.loads(json.dumps(members))
    *path, last = pointer.strip("/").split("/")
    place: Any = made
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
        if place is None:
            raise KeyError(pointer)
    if isinstance(place, list):
        place[int(last)] = value
    elif isinstance(place.get(last, ""), list):
        place[last] = [part.strip() for part in value.split(",") if part.strip()]
    else:
        place[last] = value
    return made


def fault_text(code: str, language: str = "en") -> str:
    """Why a value is refused, in words. Identifiers have their own sentences in English."""
    row = _read().get(code)
    return str(row[language if language in SPOKEN else "en"]) if row else identifiers.SENTENCES[code]


def field_text(pointer: str, language: str = "en") -> str:
    """What a field of the form is called."""
    generic = re.sub(r"/[0-9]+(/|$)", r"/N\1", pointer)
    row = _read()["fields"].get(generic)
    return str(row[language if language in SPOKEN else "en"]) if row else pointer


def fields() -> tuple[str, ...]:
    """The pointers that a question can be tied to; N stands for a place in a list."""
    return tuple(_read()["fields"])


def _administrators(reader: _Reader, raw: object) -> tuple[Person, ...]:
    if not isinstance(raw, list) or len(raw) != 2:
        reader.refuse("two_administrators", "/administrators")
        return ()
    found = []
    for place, each in enumerate(raw):
        members = reader.members(each, f"/administrators/{place}", kind="/administrators")
        name = reader.text(members.get("name"), f"/administrators/{place}/name")
        found.append(Person(name, reader.email(members.get("email"), f"/administrators/{place}/email")))
    first, second = (each.email.casefold() for each in found)
    if first and first == second:
        reader.refuse("two_addresses", "/administrators/1/email")
    return tuple(found)


def _trade_names(reader: _Reader, raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or len(raw) > TRADE_NAMES_LIMIT:
        reader.refuse("trade_names", "/trade_names")
        return ()
    return tuple(reader.text(each, f"/trade_names/{place}") for place, each in enumerate(raw))


def _euid(reader: _Reader, raw: object, seat: str) -> str:
    given = reader.checked(raw, "/euid", identifiers.euid_in_form)
    if given and seat and identifiers.euid_country(given) != seat:
        return reader.refuse("euid_elsewhere", "/euid")
    return given


def _roles(reader: _Reader, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or not all(each in ROLES for each in raw):
        reader.refuse("roles", "/roles")
        return ()
    return tuple(role for role in ROLES if role in raw)


def _language(reader: _Reader, raw: object) -> str:
    if raw not in SPOKEN:
        return reader.refuse("language", "/contact/language")
    return str(raw)


def _representative(reader: _Reader, raw: object, *, seat: str, on: date) -> Representative | None:
    """Needed when the seat is outside the Union, refused when it is inside (AI Act Art. 54(1))."""
    if raw is None:
        if seat and seat not in MEMBER_STATES:
            reader.refuse("representative_needed", "/representative")
        return None
    place = "/representative"
    members = reader.members(raw, place, kind=place)
    if seat in MEMBER_STATES:
        reader.refuse("representative_not_needed", place)
    since = reader.day(members.get("mandate_from"), f"{place}/mandate_from", required=True)
    until = reader.day(members.get("mandate_until"), f"{place}/mandate_until", required=False)
    if since and until and until < max(since, on):
        reader.refuse("mandate_over", f"{place}/mandate_until")
    digest_given = reader.text(members.get("document_sha256"), f"{place}/document_sha256").lower()
    if digest_given and not _DIGEST.fullmatch(digest_given):
        reader.refuse("digest", f"{place}/document_sha256")
    return Representative(
        name=reader.text(members.get("name"), f"{place}/name"),
        country=reader.checked(members.get("country"), f"{place}/country", identifiers.member_state, required=True),
        email=reader.email(members.get("email"), f"{place}/email"),
        mandate_from=since or on,
        mandate_until=until,
        scope=reader.text(members.get("scope"), f"{place}/scope", longest=SCOPE_LENGTH),
        document_sha256=digest_given,
    )


def _no_day() -> date:
    raise ValueError("not a day")


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
