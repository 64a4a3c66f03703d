"""Paper: a template of `data/` with what it says, as PDF. Tagged, with title and language (PDF/UA-1); docs/adr/0017.

The same words at the same moment give the same bytes: fonts come with the library, none of the machine's is looked for,
and the only date in the file is the moment of what it tells.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst
from django.http import HttpResponse

_FOLDER: Final = Path(__file__).parent / "data"


def made(template: str, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """`data/<template>.typ` as PDF; `said` reaches it as JSON, so that no word is read as markup.

    A name in a script that the fonts do not have keeps the tags and loses the claim of the standard, not the letter.
    """
    try:
        return _compiled(template, said, at, is_claimed=True)
    except typst.TypstError:
        return _compiled(template, said, at, is_claimed=False)


def _compiled(template: str, said: Mapping[str, Any], at: datetime, *, is_claimed: bool) -> bytes:
    return typst.compile(
        str(_FOLDER / f"{template}.typ"),
        root=str(_FOLDER),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        pdf_standards="ua-1" if is_claimed else None,
        timestamp=int(at.timestamp()),
    )


def download(content: bytes, *, name: str) -> HttpResponse:
    """The file as an answer."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
