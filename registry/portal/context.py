"""What every page knows: the frame around it, by who looks and where."""

from collections.abc import Iterable, Mapping
from importlib import metadata

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language, gettext

from registry import searching
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.portal import addresses, labels, on_behalf
from registry.portal.presentation import words
from registry.portal.presentation.marks import Link
from registry.portal.presentation.shell import Area, Language, NavigationItem, Person, Shell

Entry = tuple[str, str, str]  # the name of a route, its text, its icon
Group = tuple[str, str, tuple[Entry, ...]]  # its text, its icon, what is in it


def shell(request: HttpRequest) -> dict[str, object]:
    """The frame. Reads nothing from the database: the session's rules and the page left actor and counts."""
    actor: Actor | None = getattr(request, "actor", None)
    area = _area(actor)
    return {
        "environment": settings.ENVIRONMENT,
        "actor": actor,
        "shell": Shell(
            area=area,
            area_name={
                Area.PUBLIC: gettext("Public register"),
                Area.WORKSPACE: gettext("Provider workspace"),
                Area.OVERSIGHT: gettext("Oversight portal"),
            }[area],
            home_href=addresses.of({Area.OVERSIGHT: "overview", Area.WORKSPACE: "workspace"}.get(area, "home")),
            navigation=_navigation(request, area, actor),
            languages=_languages(request),
            person=_person(request, actor),
            search_href="" if area is Area.PUBLIC else addresses.of("search"),
            search_hint=gettext("Filing, provider or run"),
            search_value=searching.read(request.GET.get("q", "")).text,
            demonstration=settings.ENVIRONMENT == "demonstration",
            version=metadata_version(),
            person_links=_person_links(actor),
            foot_links=_foot_links(),
            sign_in_href=addresses.of("account_login"),
            sign_out_href=addresses.of("account_logout"),
            acting_for=on_behalf.principal(request) if actor and actor.mandate else "",
            for_myself_href=addresses.of("workspace-for-myself"),
        ),
    }


def metadata_version() -> str:
    """The version of the installed package, empty where it runs from its folder."""
    try:
        return metadata.version("ecar")
    except metadata.PackageNotFoundError:
        return ""


def _area(actor: Actor | None) -> Area:
    if actor is None:
        return Area.PUBLIC
    if actor.audience is Audience.PROVIDER:
        return Area.WORKSPACE
    return Area.OVERSIGHT if actor.audience in {Audience.OFFICER, Audience.AI_OFFICE} else Area.PUBLIC


def _navigation(request: HttpRequest, area: Area, actor: Actor | None) -> tuple[NavigationItem, ...]:
    entries = {
        Area.PUBLIC: (
            ("home", gettext("Home"), "house"),
            ("statistics", gettext("Statistics"), "chart-line-up"),
            ("requirements", gettext("What must be filed"), "scales"),
            ("public-log", gettext("Public log"), "seal-check"),
            ("api-reference", gettext("API"), "code"),
            ("status", gettext("Status"), "heartbeat"),
            ("about", gettext("About"), "info"),
        ),
        Area.WORKSPACE: (
            ("workspace", gettext("My filings"), "file-text"),
            ("workspace-messages", gettext("Messages"), "bell"),
            ("workspace-organisation", gettext("Organisation"), "buildings"),
            ("workspace-duties", gettext("Duties"), "calendar-check"),
            ("access-log", gettext("Access log"), "eye"),
            ("requirements", gettext("What must be filed"), "scales"),
            ("api-reference", gettext("API"), "code"),
        ),
        Area.OVERSIGHT: (
            ("overview", gettext("Overview"), "house"),
            ("queue", gettext("Review queue"), "list-checks"),
            ("cases", gettext("Cases"), "folder-open"),
        ),
    }[area]
    here = request.resolver_match.url_name if request.resolver_match else ""
    counts: Mapping[str, int] = getattr(request, "counts", {})
    chosen = _SECTION.get(here or "", here or "")
    groups = {Area.OVERSIGHT: _oversight_groups, Area.WORKSPACE: _workspace_groups}.get(area, _no_groups)(actor)
    grouped = (_group(text, icon, _items(beneath, chosen, counts)) for text, icon, beneath in groups)
    return (*_items(entries, chosen, counts), *(group for group in grouped if group.items))


def _no_groups(actor: Actor | None) -> tuple[Group, ...]:
    return ()


def _workspace_groups(actor: Actor | None) -> tuple[Group, ...]:
    """What a compute provider reports, with what does not agree in it."""
    compute = (
        ("workspace-facilities", gettext("Facilities"), "hard-drives"),
        ("workspace-returns", gettext("Returns"), "stack"),
        ("workspace-mismatches", gettext("Mismatches"), "git-diff"),
    )
    return ((gettext("Compute"), "hard-drives", compute),)


def _oversight_groups(actor: Actor | None) -> tuple[Group, ...]:
    """What an authority reads less often than its queue, by what it is about: too much for one row."""
    sees_missing = actor is not None and Permission.OBSERVATION_REVIEW.value in actor.permissions
    missing = (("missing-filers", gettext("Missing filers"), "magnifying-glass"),) if sees_missing else ()
    compute = (
        ("analysis", gettext("Map and analysis"), "chart-line-up"),
        ("oversight-providers", gettext("Providers"), "buildings"),
        ("oversight-facilities", gettext("Facilities"), "hard-drives"),
        ("oversight-returns", gettext("Returns"), "stack"),
        ("oversight-mismatches", gettext("Mismatches"), "git-diff"),
        *missing,
    )
    rules = (
        ("findings", gettext("Findings"), "flag"),
        ("authorisations", gettext("Stops and authorisations"), "shield-check"),
        ("screening-rules", gettext("Rules"), "sliders-horizontal"),
        ("preview", gettext("Preview of rules"), "git-diff"),
    )
    asked = (
        ("oversight-applications", gettext("Applications"), "user-plus"),
        ("pleas", gettext("Requests"), "gavel"),
    )
    given = (
        ("exports", gettext("Exports"), "download-simple"),
        ("sharings", gettext("Shown filings"), "users-three"),
        ("statistics", gettext("Publications"), "book-open-text"),
    )
    return (
        (gettext("Compute"), "hard-drives", compute),
        (gettext("Screening"), "flag", rules),
        (gettext("Decisions"), "gavel", asked),
        (gettext("Disclosure"), "book-open-text", given),
    )


def _items(entries: Iterable[Entry], chosen: str, counts: Mapping[str, int]) -> tuple[NavigationItem, ...]:
    """The entries whose surface this process serves."""
    return tuple(
        NavigationItem(text, addresses.of(name), icon, name == chosen, counts.get(name), gettext("open"))
        for name, text, icon in entries
        if addresses.of(name)
    )


def _group(text: str, icon: str, items: tuple[NavigationItem, ...]) -> NavigationItem:
    counted = [item.count for item in items if item.count is not None]
    is_current = any(item.current for item in items)
    return NavigationItem(text, "", icon, is_current, sum(counted) if counted else None, gettext("open"), items)


_SECTION = {
    "release": "statistics",
    **dict.fromkeys([f"statistics-{each}" for each in ("release", "vintage", "table", "calendar-page")], "statistics"),
    **dict.fromkeys(["statistics-methodology", "statistics-dictionary"], "statistics"),
    "verify-receipt": "public-log",
    "oversight-applications-one": "oversight-applications",
    **dict.fromkeys(
        [f"workspace-facilities-{each}" for each in ("one", "new", "amend", "report", "cluster", "install", "change")],
        "workspace-facilities",
    ),
    "oversight-facilities-one": "oversight-facilities",
    "workspace-mismatches-one": "workspace-mismatches",
    "missing-filers-review": "missing-filers",
    **dict.fromkeys(["oversight-positions", "oversight-positions-one"], "oversight-mismatches"),
    **dict.fromkeys(
        [f"workspace-returns-{each}" for each in ("one", "upload", "record", "record-amend")], "workspace-returns"
    ),
    **dict.fromkeys([f"oversight-returns-{each}" for each in ("one", "record")], "oversight-returns"),
    "workspace-mandates": "workspace-organisation",
    "workspace-organisation-state": "workspace-organisation",
    **dict.fromkeys(["oversight-provider", "oversight-organisation"], "oversight-providers"),
    "oversight-filings-one": "queue",
    "oversight-filings-open": "queue",
    "case": "cases",
    "authorisations-new": "authorisations",
    "oversight-pleas-one": "pleas",
    "oversight-pleas-open": "pleas",
    **dict.fromkeys(
        [
            f"workspace-filings-{each}"
            for each in ("one", "new", "amend", "draft", "draft-check", "draft-topic", "filed")
        ],
        "workspace",
    ),
    "workspace-duties-one": "workspace-duties",
    "exports-new": "exports",
    "sharings-one": "sharings",
}


def _languages(request: HttpRequest) -> tuple[Language, ...]:
    now = (get_language() or "en").split("-")[0]
    address = request.get_full_path()
    return tuple(Language(code, name, translate_url(address, code), code == now) for code, name in settings.LANGUAGES)


def _person(request: HttpRequest, actor: Actor | None) -> Person | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    role = next((labels.role(code) for code in actor.roles), "") if actor else ""
    place = words.country(actor.territory) if actor and actor.territory else ""
    return Person(user.name, ", ".join(part for part in (role, place) if part), words.initials(user.name))


def _person_links(actor: Actor | None) -> tuple[Link, ...]:
    permissions = actor.permissions if actor else frozenset()
    is_auditor = actor is not None and actor.audience is Audience.AUDITOR
    sees_holds = is_auditor or "filing_hold" in permissions
    entries = (
        ("portal-start", gettext("Your pages"), "house"),
        *((("access-log", gettext("Access log"), "eye"),) if "look_read" in permissions else ()),
        *((("trail", gettext("Audit trail"), "seal-check"),) if is_auditor else ()),
        *((("exports", gettext("Exports"), "download-simple"),) if is_auditor else ()),
        *((("holds", gettext("Holds on erasure"), "shield-check"),) if sees_holds else ()),
        *((("tallies", gettext("Figures of oversight"), "chart-line-up"),) if "tally_read" in permissions else ()),
        *((("publications", gettext("Publications"), "book-open-text"),) if "release_read" in permissions else ()),
        *((("retention", gettext("Retention"), "clock"),) if "retention_read" in permissions else ()),
        *((("people", gettext("People"), "users-three"),) if "member_manage" in permissions else ()),
        *((("keys", gettext("Machine clients"), "key"),) if "client_manage" in permissions else ()),
        ("mfa_index", gettext("Second factor"), "shield-check"),
        ("account_change_password", gettext("Password"), "password"),
        ("usersessions_list", gettext("Where you are signed in"), "device-mobile"),
    )
    return tuple(Link(text, addresses.of(name), icon) for name, text, icon in entries if addresses.of(name))


def _foot_links() -> tuple[Link, ...]:
    entries = (
        ("accessibility", gettext("Accessibility statement")),
        ("about", gettext("About")),
        ("api-reference", gettext("API reference")),
        ("status", gettext("Service status")),
    )
    return tuple(Link(text, addresses.of(name)) for name, text in entries if addresses.of(name))
