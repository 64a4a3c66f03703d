"""The people of an organisation or an authority, as its administrators keep them; two persons for every change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import memberships
from registry.accounts.models import Membership
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.dispatch import outbox
from registry.onboarding import invitations
from registry.onboarding.models import Invitation
from registry.portal import labels, proposals_page
from registry.portal.browsers import browser
from registry.portal.page import PROVIDERS, REGULATORS, Page, language
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Option, Tone
from registry.portal.presentation.people import InvitationLine, PeoplePage, PersonLine, SessionLine

KINDS = ("member.", "session.")


class People(Page):
    """Who belongs here, who is signed in where, what waits."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        with self.reading() as actor:
            waiting = proposals_page.waiting(actor, prefix=KINDS)
            decided = proposals_page.decided(actor, prefix=KINDS)
            present = memberships.visible_to(actor).filter(memberships.at_moment(self.now))
            kept = list(present.order_by("user__name", "id"))
            users = [each.user_id for each in kept]
            sessions = _sessions(users)
            invited = invitations.newest(users=users, by=actor)
            people = tuple(
                replace(
                    _person(each, sessions.get(each.user_id, ()), actor),
                    invitation=_waiting(each, invited.get(each.user_id), self.now),
                )
                for each in kept
            )
        page = PeoplePage(
            heading=Heading(
                gettext("People"),
                gettext("Every change needs two administrators: one proposes, another confirms. Two always stay."),
                (_home(self.actor), Crumb(gettext("People"))),
            ),
            waiting=waiting,
            people=people,
            invite=(_invitation(self.actor),),
            decided=decided,
        )
        return self.shown("workspace/people.html", page)


class Invite(Page):
    """Propose a new member."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose it, then back to the people."""

        def act(actor: Actor) -> None:
            memberships.propose_invitation(
                email=request.POST.get("email", ""),
                name=request.POST.get("name", ""),
                role=request.POST.get("role", ""),
                language=language(),
                by=actor,
                at=self.now,
                announce=outbox.put,
            )

        return _proposed(self, act)


class InviteAgain(Page):
    """Send a member's invitation again; one administrator may, some times a day."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest, membership: int) -> HttpResponse:
        """Ask the register for it, then back to the people."""

        def act(actor: Actor) -> None:
            invitations.ask_again(membership=membership, by=actor, at=self.now)

        done = gettext("A new link is on its way; the former one works no more.")
        return proposals_page.take(self, act, done=done, back="people")


class Change(Page):
    """Propose another role."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def post(self, request: HttpRequest, membership: int) -> HttpResponse:
        """Propose it, then back to the people."""
        role = request.POST.get("role", "")

        def act(actor: Actor) -> None:
            memberships.propose_change(membership=membership, role=role, by=actor, at=self.now, announce=outbox.put)

        return _proposed(self, act)


class End(Page):
    """Propose to end a membership."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def post(self, request: HttpRequest, membership: int) -> HttpResponse:
        """Propose it, then back to the people."""

        def act(actor: Actor) -> None:
            memberships.propose_end(membership=membership, by=actor, at=self.now, announce=outbox.put)

        return _proposed(self, act)


class SignOut(Page):
    """End one session of a person, or all; one administrator may."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def post(self, request: HttpRequest, membership: int) -> HttpResponse:
        """Ask the steward for it, then back to the people."""
        asked = request.POST.get("session", "")
        session = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None

        def act(actor: Actor) -> None:
            memberships.sign_out(membership=membership, session=session, by=actor, at=self.now, announce=outbox.put)

        done = gettext("Signed out within seconds.")
        return proposals_page.take(self, act, done=done, back="people")


def _proposed(page: Page, act: Callable[[Actor], None]) -> HttpResponse:
    done = gettext("Proposed. Another administrator must confirm it.")
    return proposals_page.take(page, act, done=done, back="people")


def _home(actor: Actor) -> Crumb:
    if actor.audience is Audience.PROVIDER:
        return Crumb(gettext("Workspace"), reverse("workspace"))
    return Crumb(gettext("Oversight"), reverse("overview"))


def _sessions(users: Sequence[UUID]) -> Mapping[UUID, tuple[SessionLine, ...]]:
    """Where these people are signed in, by person; the keys of sessions are not read."""
    columns = ("id", "user_id", "created_at", "last_seen_at", "user_agent")
    found: dict[UUID, tuple[SessionLine, ...]] = {}
    known = UserSession.objects.filter(user_id__in=users).order_by("-last_seen_at").values_list(*columns)
    for number, user, since, seen, agent in known:
        line = SessionLine(since, seen, browser(agent), number)
        found[user] = (*found.get(user, ()), line)
    return found


def _person(kept: Membership, sessions: tuple[SessionLine, ...], actor: Actor) -> PersonLine:
    return PersonLine(
        name=kept.user.name,
        email=kept.user.email,
        role=Label(labels.role(kept.role), Tone.PLAIN, "user"),
        since=kept.starts_at,
        last_sign_in=kept.user.last_login,
        sessions=sessions,
        sign_out_href=reverse("people-sign-out", args=[kept.pk]),
        decisions=_decisions(kept, actor),
        is_you=actor.id == f"person:{kept.user_id}",
    )


def _waiting(kept: Membership, newest: Invitation | None, at: datetime) -> InvitationLine | None:
    """The link that a member has not used, and where to have it sent again; None for who has an account that works."""
    if newest is None or newest.used_at is not None or kept.user.last_login is not None:
        return None
    return InvitationLine(newest.expires_at, newest.expires_at <= at, reverse("people-invite-again", args=[kept.pk]))


def _decisions(kept: Membership, actor: Actor) -> tuple[Decision, ...]:
    others = tuple(Option(code, labels.role(code)) for code in memberships.roles_for(actor) if code != kept.role)
    number = kept.pk
    return (
        Decision(
            f"change-{number}",
            gettext("Propose another role"),
            gettext("Once another administrator confirms it, every session of this person ends."),
            reverse("people-change", args=[number]),
            "arrows-left-right",
            (Field("role", gettext("Role"), "select", options=others, required=True),),
        ),
        Decision(
            f"end-{number}",
            gettext("Propose to end the membership"),
            gettext("Once another administrator confirms it, this person can do nothing here any more."),
            reverse("people-end", args=[number]),
            "prohibit",
            (Field("sure", gettext("I mean this person"), "check", required=True),),
        ),
    )


def _invitation(actor: Actor) -> Decision:
    roles = tuple(Option(code, labels.role(code)) for code in memberships.roles_for(actor))
    return Decision(
        "invite",
        gettext("Propose to invite somebody"),
        gettext("Another administrator confirms it; then the person can set up a password and a second factor."),
        reverse("people-invite"),
        "user-plus",
        (
            Field("name", gettext("Name"), required=True, limit=200),
            Field("email", gettext("E-mail address"), "email", required=True, limit=254),
            Field("role", gettext("Role"), "select", options=roles, required=True),
        ),
        main=True,
    )
