"""A person's own sessions: beside ending all others at once, which the library's page does, ending one."""

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views import View


class EndOne(LoginRequiredMixin, View):
    """End one of one's own sessions: whoever uses it is nobody from the next request on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, session: int) -> HttpResponse:
        """End it, then back to the list; to the sign-in page where it was this very session."""
        found = get_object_or_404(UserSession, pk=session, user_id=request.user.pk)
        is_this = found.is_current()
        end_sessions(request, [found])
        if is_this:
            return redirect("account_login")
        messages.success(request, gettext("That session has ended."))
        return redirect("usersessions_list")
