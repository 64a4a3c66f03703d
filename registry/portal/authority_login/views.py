"""To the identity provider and back. The addresses and their names are allauth's."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse

from registry.portal.authority_login.exchange import Exchange


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    """The way back: what was stashed at the start, and taken out once, goes to the exchange."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, answer = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, answer


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask whether to go (GET), or go (POST)."""
    return _of_a_known_one(OAuth2LoginView, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back with a code, or with an error."""
    return _of_a_known_one(Callback, request, provider_id)


def _of_a_known_one(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view.adapter_view(Exchange(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return answer
