"""The token endpoint: client credentials with `private_key_jwt`, nothing else (registry.accounts.client_assertion).

A token counts for the client that proved itself. A call that proved nothing counts for its address; one that claims to
be a client whose tokens are spent is refused before anything is verified: so nobody spends the tokens of another.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from jwcrypto.common import base64url_decode
from oauth2_provider.views import TokenView

from api import client_calls, throttling
from api.problems import Problem, render

GRANT = "client_credentials"


@method_decorator(csrf_exempt, name="dispatch")
class Token(TokenView):  # type: ignore[misc]
    """`POST /oauth/token/`: form-encoded, as RFC 6749 has it. Answers RFC 6749 errors, not problem documents."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A bearer token of five minutes for an assertion that holds; 401 `invalid_client` for any other."""
        client = _claimed_client(request)
        try:
            throttling.require_tokens_left(request, client=client)
            answer = self._answer(request, *args, **kwargs)
            if answer.status_code == 200:
                throttling.charge_token(request, client=client)  # the claim holds; a token that is not shown is none
                client_calls.tell(answer, client_calls.end_of_newest_key(client), at=datetime.now(UTC))
            else:
                throttling.charge_address(request)
        except Problem as problem:
            return render(problem, request=request)
        return answer

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse other grants and repeated fields here: the library knows more grants than this house gives."""
        fields = dict(request.POST.lists())
        if any(len(values) > 1 for values in fields.values()) or "grant_type" not in fields:
            return _refused("invalid_request")
        if fields["grant_type"] != [GRANT]:
            return _refused("unsupported_grant_type")
        answer: HttpResponse = self.authorization_flow_token_response(request, *args, **kwargs)
        return answer


def _refused(error: str) -> HttpResponse:
    return JsonResponse({"error": error}, status=400, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _claimed_client(request: HttpRequest) -> str:
    """The client that the assertion names, not verified; empty for anything that is no assertion."""
    parts = request.POST.get("client_assertion", "").split(".")
    try:
        claims = json.loads(base64url_decode(parts[1]))
    except (IndexError, ValueError, RecursionError):
        return ""
    return str(claims.get("iss", "")) if isinstance(claims, dict) else ""
