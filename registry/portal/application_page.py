"""Registering oneself: the open form, the page of the secret link, the one-time link of an invitation. No script.

What is answered never tells whether an organisation, an identifier or an address is known: the same page, the same
redirect, the same mail to whoever was named as the contact.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views import View

from registry.accounts.models import User
from registry.acting import Actor, acting_as
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPossible, in_language
from registry.onboarding import allowance, applications, enrolment, links
from registry.portal import application_view, particulars_form, sign_in
from registry.portal.page import fault, language, said
from registry.portal.presentation.marks import Crumb, Field, Heading, Notice
from registry.portal.presentation.onboarding import FieldGroup, FormPage


class SecretPage(View):
    """Base view of pages that a form or a secret link opens: kept by nobody, refusals become pages."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, or say why not."""
        self.now = datetime.now(UTC)
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            answer = fault(request, error)
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex"
        return answer

    def shown(self, template: str, page: object, status: int = 200) -> HttpResponse:
        """The page."""
        return render(self.request, template, {"page": page}, status=status)


class Register(SecretPage):
    """The application form."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Empty, in the reader's language."""
        return self.shown("public/register.html", _form({"/contact/language": language()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin an application, or show what is wrong beside each field."""
        if allowance.is_spent(str(request.META.get("REMOTE_ADDR", "")), at=self.now):
            notice = Notice("warning", gettext("Too many applications from your address. Try again in an hour."))
            return self.shown("public/register.html", _form(request.POST.dict(), (notice,)), status=429)
        content = particulars_form.content_of(request.POST)
        new = applications.new_id()
        try:
            with acting_as(links.applicant(links.link_of(links.APPLICATION, new))) as by:
                applications.apply(new=new, content=content, by=by, at=self.now, language=language())
        except Invalid as refused:
            return self.shown("public/register.html", _form(request.POST.dict(), (), refused), status=400)
        return redirect("register-sent")


class Sent(SecretPage):
    """What happens next, the same for everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A link was sent."""
        page = FormPage(
            Heading(
                gettext("We have sent you a link"),
                gettext("Open it within seven days and confirm; only then is the application handed in."),
                (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Register an organisation"))),
            ),
            (),
            "",
            "",
            explanation=gettext(
                "It goes to the contact's address. If nothing arrives, look among the unwanted mail, then apply again. "
                "We say nothing here about what is in the register already."
            ),
        )
        return self.shown("public/register_sent.html", page)


class Linked(SecretPage):
    """Base of pages of the secret link of an application."""

    def holder(self, secret: str) -> Actor:
        """Who holds the link. Raises `NotFound` for what has not the form of a secret."""
        if not links.FORM.fullmatch(secret):
            raise NotFound
        return links.applicant(links.digest_of(secret))


class Follow(Linked):
    """The application, for whoever holds its link."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Its state, questions with their forms, and what can be done."""
        with acting_as(self.holder(secret), read_only=True) as by:
            application = applications.mine(by=by)
            steps = applications.history(by=by)
        route = reverse("register-follow", args=[secret])
        page = application_view.for_applicant(application, steps, at=self.now, route=route)
        return self.shown("public/application.html", page)


class FollowStep(Linked, ABC):
    """One step of the applicant: confirm, answer, withdraw."""

    verb: ClassVar[str] = ""

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Take it, or say why not; back to the application."""
        try:
            with acting_as(self.holder(secret)) as by:
                self.take(by)
        except (NotPossible, Conflict, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        return redirect("register-follow", secret=secret)

    @abstractmethod
    def take(self, by: Actor) -> None:
        """The one domain call."""


class Confirm(FollowStep):
    """Confirm the address."""

    def take(self, by: Actor) -> None:
        """The one domain call."""
        applications.confirm(by=by, at=self.now)


class Answer(FollowStep):
    """Answer the authority."""

    def take(self, by: Actor) -> None:
        """The one domain call."""
        given = self.request.POST
        applications.answer(
            reason=given.get("reason", ""), value=given.get("value"), by=by, at=self.now, language=language()
        )


class Withdraw(FollowStep):
    """Withdraw the application."""

    def take(self, by: Actor) -> None:
        """The one domain call."""
        applications.withdraw(by=by, at=self.now)


class UseInvitation(SecretPage):
    """The one-time link: the person sets a password, then signs in and sets up a second factor."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """The form."""
        with acting_as(self._invited(secret), read_only=True) as by:
            name = enrolment.invitation(by=by, at=self.now).name
        return self.shown("public/invitation.html", _password_form(name))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Use the link up, set the password, go to sign in."""
        first, second = request.POST.get("password", ""), request.POST.get("again", "")
        with acting_as(self._invited(secret), read_only=True) as by:
            found = enrolment.invitation(by=by, at=self.now)
        user = User.objects.get(id=found.user_id)
        errors = {} if first == second else {"again": gettext("The two are not the same.")}
        try:
            validate_password(first, user)
        except ValidationError as refused:
            errors["password"] = " ".join(refused.messages)
        if errors:
            return self.shown("public/invitation.html", _password_form(found.name, errors), status=400)
        with acting_as(self._invited(secret)) as by:
            enrolment.use_invitation(by=by, at=self.now)
        user.set_password(first)
        user.save(update_fields=["password"])
        sign_in.tell(user, "password_changed", agent=request.META.get("HTTP_USER_AGENT", ""), at=self.now)
        messages.success(request, gettext("Your password is set. Sign in now; then you set up a second factor."))
        return redirect("account_login")

    def _invited(self, secret: str) -> Actor:
        if not links.FORM.fullmatch(secret):
            raise NotFound
        return links.invited(links.digest_of(secret))


def _form(values: dict[str, str], notices: tuple[Notice, ...] = (), refused: Invalid | None = None) -> FormPage:
    obstacles = refused.obstacles if refused else ()
    if refused:
        told = tuple(f"{particulars_form.label(each.pointer)}: {each.sentence}" for each in obstacles)
        notices = (Notice("error", in_language(refused.sentence, language()), gettext("Not handed in"), told),)
    return FormPage(
        Heading(
            gettext("Register an organisation"),
            gettext("For AI developers and compute providers. The authority of the Member State of your seat decides."),
            (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Register an organisation"))),
        ),
        particulars_form.groups(values, obstacles),
        reverse("register"),
        gettext("Send"),
        explanation=gettext(
            "What you write is read by the competent authority and the AI Office alone (AI Act, Article 78). "
            "Applications that are not confirmed within seven days are deleted."
        ),
        notices=notices,
    )


def _password_form(name: str, errors: dict[str, str] | None = None) -> FormPage:
    wrong = errors or {}
    fields = tuple(
        Field(part, text, "password", help=help_, error=wrong.get(part, ""), required=True, autocomplete="new-password")
        for part, text, help_ in (
            ("password", gettext("Password"), " ".join(password_validators_help_texts())),
            ("again", gettext("The same again"), ""),
        )
    )
    return FormPage(
        Heading(
            gettext("Set your password"), name, (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Invitation")))
        ),
        (FieldGroup(gettext("Your password"), fields),),
        "",
        gettext("Set the password"),
        "lock-key",
        gettext("This link works once. After it you sign in and set up a passkey or one-time codes."),
    )
