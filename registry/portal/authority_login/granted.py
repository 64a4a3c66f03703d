"""Whom an identity provider may let in: people who were granted an account, under an identifier it answers for."""

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, Provider
from django.http import HttpRequest
from django.shortcuts import render

from registry.portal.authority_login.exchange import CautiousSession


class GrantedOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """No account comes into being by signing in, and no account is tied to another identity from within."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """No: accounts are granted."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nothing but signing in."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(render(request, "403.html", status=403))

    def is_email_verified(self, provider: Provider, email: str) -> bool:
        """Where the provider vouches for every address of its domains."""
        return bool(provider.app.settings["emails_verified"])

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Only an address of a domain that this provider answers for; a Member State's names no other's people."""
        return email.rpartition("@")[2].lower() in login.provider.app.settings["email_domains"]

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the environment, and none from the database."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_requests_session(self) -> requests.Session:
        """A session that treats what it is answered as input."""
        return CautiousSession()
