"""The token endpoint: client credentials with `private_key_jwt`, nothing else (registry.accounts.client_assertion)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

GRANT = "client_credentials"


@method_decorator(csrf_exempt, name="dispatch")
class Token(TokenView):  # type: ignore[misc]
    """`POST /oauth/token/`: form-encoded, as RFC 6749 has it. Answers RFC 6749 errors, not problem documents."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A bearer token of five minutes for an assertion that holds; 401 `invalid_client` for any other.

        Other grants and repeated fields are refused here: the library knows more grants than this house gives.
        """
        fields = dict(request.POST.lists())
        if any(len(values) > 1 for values in fields.values()) or "grant_type" not in fields:
            return _refused("invalid_request")
        if fields["grant_type"] != [GRANT]:
            return _refused("unsupported_grant_type")
        answer: HttpResponse = self.authorization_flow_token_response(request, *args, **kwargs)
        return answer


def _refused(error: str) -> HttpResponse:
    return JsonResponse({"error": error}, status=400, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
