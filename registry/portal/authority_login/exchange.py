"""The exchange of a code for an ID token, with answers of the provider treated as input: addresses, size, time."""

from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from registry.portal.authority_login.id_token import NotBelieved, claims_of

LONGEST_ANSWER = 256 * 1024
PATIENCE = 5  # seconds to connect, and between two pieces of an answer
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class CautiousSession(requests.Session):
    """A session that follows no redirect, waits so long, and reads so much."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests` does it; RequestException for an answer that is too long."""
        answer = super().request(*args, **{**kwargs, "timeout": PATIENCE, "stream": True, "allow_redirects": False})
        body = b""
        with answer:
            for piece in answer.iter_content(16 * 1024):
                body += piece
                if len(body) > LONGEST_ANSWER:
                    raise requests.RequestException("the identity provider answers too much")
        answer._content = body
        return answer


class Exchange(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's exchange, with the signature verified in every case, and nonce, `azp`, `acr` and `iss` (RFC 9207)."""

    state: dict[str, Any]

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's metadata, if it is the configured issuer's; raises `OAuth2Error`."""
        if not hasattr(self, "_openid_config"):
            app = self.get_provider().app
            found = self._fetched(self.get_provider().server_url)
            if found.get("issuer") != app.settings["issuer"]:
                raise OAuth2Error("the metadata is of another issuer")
            schemes = {"https"} if app.settings["https_only"] else {"https", "http"}
            if not all(urlsplit(str(found.get(name, ""))).scheme in schemes for name in _ADDRESSES):
                raise OAuth2Error("the metadata names no usable addresses")
            self._openid_config = found
        return self._openid_config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """One address for all languages: providers know addresses letter by letter."""
        with translation.override("en"):
            address = reverse("openid_connect_callback", args=[self.provider_id])
        return settings.BASE_URL + address

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who signs in, by the ID token alone, and by userinfo of the same subject where it names no address."""
        said = request.GET.get("iss")
        if said is not None and said != app.settings["issuer"]:
            raise OAuth2Error("the answer is of another issuer")
        try:
            claims = claims_of(
                str(kwargs["response"].get("id_token") or ""),
                keys=self._fetched(self.openid_config["jwks_uri"]),
                issuer=app.settings["issuer"],
                client_id=app.client_id,
                nonce=str(self.state.get("nonce") or ""),
                acr=app.settings["acr"],
            )
        except NotBelieved as error:
            raise OAuth2Error(f"the ID token is not believed: {error}") from error
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            told = self._fetched(self.profile_url, token.token)
            if told.get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo is of another subject")
            claims |= {name: told[name] for name in ("email", "email_verified") if name in told}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _fetched(self, address: str, bearer: str = "") -> dict[str, Any]:
        """A JSON object from the provider; raises `OAuth2Error`."""
        try:
            with get_adapter().get_requests_session() as session:
                answer = session.get(address, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})
                answer.raise_for_status()
                found = answer.json()
        except requests.RequestException as error:
            raise OAuth2Error("the identity provider does not answer") from error
        if not isinstance(found, dict) or answer.status_code != 200:
            raise OAuth2Error("the identity provider answers no object")
        return found
