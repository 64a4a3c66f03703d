"""The provider as allauth's registry knows it: asks with nonce and level, keeps next to nothing of what it is told."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from registry.portal.authority_login.exchange import Exchange


class AuthorityProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """One configured identity provider. Nothing of an authorization request can be set from outside."""

    oauth2_adapter_class = Exchange
    pkce_enabled_default = True
    supports_token_authentication = False

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """To the provider, always to sign in; what the address asks for besides is not heard."""
        nonce = secrets.token_urlsafe(32)
        asked = {"nonce": nonce}
        if self.app.settings["acr"]:
            asked["acr_values"] = " ".join(self.app.settings["acr"])
        try:
            answer: HttpResponse = super().redirect(
                request,
                AuthProcess.LOGIN,
                next_url=next_url or reverse("portal-start"),  # in the language of now: the way back has none
                scope=["openid", "email"],
                auth_params=asked,
                nonce=nonce,
            )
        except OAuth2Error as error:
            answer = render_authentication_error(request, self, exception=error)
        return answer

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Kept with the account: who said it and at which level; no names, no addresses."""
        return {name: data["id_token"][name] for name in ("iss", "acr") if name in data["id_token"]}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The address, verified only where the claim is the truth value itself; some providers send texts."""
        claims = data["id_token"]
        if not isinstance(claims.get("email"), str):
            return []
        verified = claims.get("email_verified") is True
        return [EmailAddress(email=claims["email"], verified=verified, primary=True)]

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The subject: what a provider never gives to another person."""
        return str(data["id_token"]["sub"])


provider_classes = [AuthorityProvider]
