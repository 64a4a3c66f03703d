"""`ecar-verify release`: a release is the one that the log committed to when it was published.

A vintage commits to the digest of its manifest, which lists all files by digest; the first form committed to its cells.
"""

import hashlib
from argparse import Namespace
from pathlib import Path

import rfc8785

from ecar_verify import documents
from ecar_verify.opening import commitment_of, read_opening
from ecar_verify.place import place_holds, read_place
from ecar_verify.policy import trust
from ecar_verify.refusals import Malformed, NotIncluded


def run(given: Namespace) -> dict[str, object]:
    """Verify the evidence in the file `given.file`. Raises `Refused`; `NotIncluded` while the log only promises."""
    policy = trust(policy=given.policy, keys=given.key)
    said = documents.read(Path(given.file).read_bytes(), strict=False)
    if not isinstance(said, dict) or set(said) != {"document", "opening", "log"}:
        raise Malformed("the evidence of a release has document, opening and log")
    document, opening, place = said["document"], read_opening(said["opening"]), read_place(said["log"])
    told = _told(document)
    try:
        digest = hashlib.sha256(rfc8785.dumps(document)).digest()
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError):
        raise Malformed("the document has no canonical form (RFC 8785)") from None
    if opening.digest not in (None, digest):
        raise NotIncluded("this is not the release that the opening names")
    if place is None:
        raise NotIncluded("the log only promises this release so far: ask again in a minute")
    return {
        "form": "release",
        **told,
        **place_holds(place, commitment_of(opening.salt, digest), policy),
    }


def _told(document: object) -> dict[str, object]:
    """What to say of the release, by the form of its document. Raises `Malformed` for neither."""
    if isinstance(document, dict) and {"release", "vintage", "manifest_sha256"} == set(document):
        return {name: document[name] for name in ("release", "vintage", "manifest_sha256")}
    if isinstance(document, dict) and {"table", "vintage", "cells"} <= set(document):
        return {"table": document["table"], "vintage": document["vintage"], "cells": len(document["cells"])}
    raise Malformed("this is no document of a release")
