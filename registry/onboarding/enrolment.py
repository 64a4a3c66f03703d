"""What the register's own hand does: notice facts about an application, enter what was approved, invite.

The enroller works in the worker, never on the web. Everything can be repeated: a second time finds nothing to do.
"""

import unicodedata
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KeyTextTransform

from registry import rows
from registry.accounts.models import Membership, User
from registry.acting import Actor, inside_acting_as
from registry.errors import NotFound, NotPossible
from registry.onboarding import confirmations, invitations, letters, lifecycle, statements, stepping
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Invitation, Observation
from registry.onboarding.stepping import Said
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.identifiers import MEMBER_STATES
from registry.organisations.models import Organisation

ADMINISTRATOR: Final = "provider_administrator"
REGISTERED: Final = "lei_registered"  # what keeps an application from being approved


@inside_acting_as
def observe(*, reference: str, by: Actor, at: datetime) -> int:
    """Write down the neutral facts about an application that its authority is shown; returns how many are new."""
    by.require("application_carry_out")
    application = Application.objects.visible_to(by).filter(reference=reference).first()
    if application is None or application.submitted_at is None:
        return 0
    known = set(Observation.objects.visible_to(by).filter(application=application).values_list("code", "detail"))
    fresh = [each for each in dict.fromkeys(_noticed(application, by)) if each not in known]
    row = {"application_id": application.id, "territory": application.territory, "at": at}
    rows.insert(Observation, [{**row, "code": code, "detail": detail[:200]} for code, detail in fresh])
    return len(fresh)


@inside_acting_as
def carry_out(*, reference: str, by: Actor, at: datetime) -> Organisation | None:
    """Enter the organisation of an approved application and invite both administrators; None if there is none to enter.

    Raises `Conflict` when its LEI was registered meanwhile.
    """
    by.require("application_carry_out")
    try:
        application = stepping.locked(reference, by)
    except NotFound:
        return None
    if application.status != Status.APPROVED:
        return None
    content = application.content
    parent = content["ultimate_parent"] or {"name": "", "country": ""}
    new = NewOrganisation(
        legal_name=content["legal_name"],
        seat_country=content["seat_country"],
        territory=application.territory,
        lei=content["lei"],
        euid=content["euid"],
        is_developer="developer" in content["roles"],
        is_compute_provider="compute_provider" in content["roles"],
        ultimate_parent_name=parent["name"],
        ultimate_parent_country=parent["country"],
        trade_names=tuple(content["trade_names"]),
    )
    organisation = organisations.register([new], by=by, at=at)[0]
    application.organisation = organisation
    for person in content["administrators"]:
        _invite(organisation, person["name"], person["email"], application.language, at=at)
    statements.first(organisation=organisation, content=content, by=by, at=at)
    confirmations.open_next(organisation=organisation, due_at=at + lifecycle.periods().confirmation, by=by)
    stepping.take(application, "enrol", Said(), by=by, at=at)
    return organisation


@inside_acting_as
def waiting(*, by: Actor, limit: int) -> list[str]:
    """References of applications that the register has to look at: approved ones first, then those not yet observed.

    Also those whose LEI was registered while they waited.
    """
    by.require("application_carry_out")
    seen = Application.objects.visible_to(by)
    approved = seen.filter(status=Status.APPROVED)
    fresh = seen.filter(status=Status.SUBMITTED, observations__isnull=True)
    open_ = seen.filter(status__in=sorted(lifecycle.OPEN_FOR_AUTHORITY)).alias(lei=KeyTextTransform("lei", "content"))
    entered = Organisation.objects.visible_to(by).exclude(lei="").filter(lei=OuterRef("lei"))
    known = Observation.objects.visible_to(by).filter(application=OuterRef("pk"), code=REGISTERED)
    late = open_.filter(Exists(entered), ~Exists(known))
    found = [
        *approved.order_by("decided_at")[:limit],
        *late.order_by("submitted_at")[:limit],
        *fresh.order_by("submitted_at")[:limit],
    ]
    return list(dict.fromkeys(each.reference for each in found))


@inside_acting_as
def invitation(*, by: Actor, at: datetime) -> Invitation:
    """The invitation of the link. Raises `NotFound`, `NotPossible` for one that is used or over."""
    by.require("invitation_use")
    found = Invitation.objects.visible_to(by).first()
    if found is None:
        raise NotFound
    if found.used_at is not None or at >= found.expires_at:
        raise NotPossible("This link was used or is over.", remedy="Ask the other administrator for a new one.")
    return found


@inside_acting_as
def use_invitation(*, by: Actor, at: datetime) -> Invitation:
    """Use up the invitation of the link; the edge then sets the password of its person."""
    found = invitation(by=by, at=at)
    found.used_at = at
    found.save(update_fields=["used_at"])
    return found


def _invite(organisation: Organisation, name: str, email: str, language: str, *, at: datetime) -> None:
    """Give an account without a password and send the one-time link; who has an account gets the role alone."""
    known = User.objects.filter(email=email.lower()).only("id", "email", "language").first()
    if known is not None:
        Membership.objects.create(user=known, organisation=organisation, role=ADMINISTRATOR, starts_at=at)
        letters.write("role_added", target=known.id, address=known.email, language=known.language, at=at)
        return
    user = User.objects.create_user(email, None, name=name, language=language)
    Membership.objects.create(user=user, organisation=organisation, role=ADMINISTRATOR, starts_at=at)
    invitations.send(user, organisation.id, kind="invitation", at=at)


def _noticed(application: Application, by: Actor) -> list[tuple[str, str]]:
    """Each fact with the detail that the authority is shown."""
    content = application.content
    found: list[tuple[str, str]] = []
    everybody = Organisation.objects.visible_to(by)
    for member in ("lei", "euid"):
        if content[member]:
            same = everybody.filter(**{member: content[member]})
            found += [(f"{member}_registered", f"{each.legal_name}, {each.territory}") for each in same[:5]]
    named = everybody.filter(legal_name__iexact=content["legal_name"])[:5]
    found += [("name_registered", f"{each.legal_name}, {each.territory}") for each in named]
    found += _applied_before(application, by)
    addresses = [person["email"].lower() for person in content["administrators"]]
    known = User.objects.filter(email__in=addresses).values_list("email", flat=True)
    found += [("address_known", address) for address in known]
    if _mixes_scripts(content["legal_name"]):
        found.append(("mixed_script", ""))
    domains = {address.rpartition("@")[2] for address in (*addresses, content["contact"]["email"].lower())}
    if len(domains) > 1:
        found.append(("mail_domains_differ", ", ".join(sorted(domains))))
    parent = content["ultimate_parent"]
    if parent and parent["country"] != content["seat_country"]:
        found.append(("parent_seated_elsewhere", parent["country"]))
    if content["seat_country"] not in MEMBER_STATES:
        found.append(("seat_outside_union", content["representative"]["document_sha256"][:16]))
    return found


def _applied_before(application: Application, by: Actor) -> list[tuple[str, str]]:
    others = Application.objects.visible_to(by).exclude(id=application.id).filter(submitted_at__isnull=False)
    content = application.content
    same = others.none()
    for member in ("lei", "euid", "legal_name"):
        if content[member]:
            same = same | others.filter(**{f"content__{member}": content[member]})
    return [("applied_before", each.reference) for each in same.order_by("submitted_at")[:5]]


def _mixes_scripts(name: str) -> bool:
    """Whether letters of more than one script stand in the name (Latin, Greek, Cyrillic)."""
    scripts = {unicodedata.name(sign, "").split(" ")[0] for sign in name if sign.isalpha()}
    return len(scripts & {"LATIN", "GREEK", "CYRILLIC"}) > 1
