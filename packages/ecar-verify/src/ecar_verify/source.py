"""Reading a log's files from a folder or over HTTP."""

import gzip
import io
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from ecar_verify.refusals import Malformed, NotIncluded

_LARGEST = 256 * 65_537  # a bundle of the longest entries
_SECONDS = 30


class Source:
    """Where a log is published: a folder, or an address that begins with http:// or https://."""

    def __init__(self, place: str) -> None:
        """Nothing is read yet."""
        self.place = place
        self._is_remote = place.startswith(("http://", "https://"))

    def read(self, path: str) -> bytes:
        """The file at `path`. Raises FileNotFoundError where there is none, `Malformed` where it cannot be read."""
        content = self._remote(path) if self._is_remote else self._local(path)
        if len(content) > _LARGEST:
            raise Malformed(f"{path} is too large")
        return content

    def required(self, path: str, full: str | None = None) -> bytes:
        """The file at `path`, or at `full` in its stead. Raises `NotIncluded` where there is neither."""
        for each in (path, full):
            if each is not None:
                try:
                    return self.read(each)
                except FileNotFoundError:
                    continue
        raise NotIncluded(f"the log does not hold {path}, which its signed size needs")

    def _local(self, path: str) -> bytes:
        file = Path(self.place, path)
        if not Path(self.place).is_dir():
            raise Malformed(f"{self.place} is no folder")
        with file.open("rb") as opened:
            return opened.read(_LARGEST + 1)

    def _remote(self, path: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310  the scheme was looked at
            f"{self.place.rstrip('/')}/{path}", headers={"Accept-Encoding": "gzip, identity"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  the same
                content: bytes = answer.read(_LARGEST + 1)
                if answer.headers.get("Content-Encoding") == "gzip":
                    content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_LARGEST + 1)
                return content
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                raise FileNotFoundError(path) from None
            raise Malformed(f"{path} was answered with {error.code}") from None
        except (OSError, EOFError, HTTPException) as error:
            raise Malformed(f"{path} could not be read: {type(error).__name__}") from None
