"""A plain browser of the portal: cookies, forms and their tokens, no script; a person with both factors."""

import html
import re
import time
from typing import Any, Self

import httpx

from registry.runtime.one_time_code import one_time_code
from tests.journeys.live import LiveRegister

_PLAIN = dict.fromkeys(map(ord, "\u00a0\u202f"), " ")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class PlainBrowser:
    """Somebody at the pages of a running register."""

    def __init__(self, live: LiveRegister) -> None:
        self.wire = httpx.Client(base_url=live.url, follow_redirects=True, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *of: object) -> None:
        self.wire.close()

    def sign_in(self, known: dict[str, str]) -> None:
        """With password and one-time code."""
        self.send("/en/account/login/", {"login": known["email"], "password": known["password"]})
        code = one_time_code(secret=known["totp_secret"], seconds=time.time())
        inside = self.send("/en/account/2fa/authenticate/", {"code": code})
        assert "/account/" not in str(inside.url), inside.url

    def read(self, path: str) -> str:
        """A page that is there, with its entities resolved and plain spaces for those that keep words together."""
        answer = self.wire.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return html.unescape(answer.text).translate(_PLAIN)

    def send(self, path: str, form: dict[str, Any], *, to: str = "") -> httpx.Response:
        """Fill in a form of a page, which goes to the page itself or elsewhere; where its answer led."""
        token = _TOKEN.search(self.wire.get(path).text)
        assert token is not None, path
        referer = {"Referer": str(self.wire.base_url.join(path))}
        answer = self.wire.post(to or path, data={**form, "csrfmiddlewaretoken": token[1]}, headers=referer)
        assert answer.status_code == 200, (to or path, answer.status_code)
        return answer
