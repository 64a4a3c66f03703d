"""The token endpoint: client credentials with `private_key_jwt`, nothing else (registry.accounts.client_assertion)."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView


@method_decorator(csrf_exempt, name="dispatch")
class Token(TokenView):  # type: ignore[misc]
    """`POST /oauth/token/`: form-encoded, as RFC 6749 has it. Answers RFC 6749 errors, not problem documents."""

    http_method_names = ["post"]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """A bearer token of five minutes for an assertion that holds; 401 `invalid_client` for any other."""
        return self.authorization_flow_token_response(request, *args, **kwargs)
