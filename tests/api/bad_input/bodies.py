"""Rows 1 to 37: bodies that cannot be read, and characters that no text may hold."""

import gzip

from tests.api.bad_input.case import Case, raw

NAME = "filer__legal_name"
PROSE = "run__training_compute__approach"
KIB = 1024


def _unread(row: int, what: str, slug: str, body: bytes) -> Case:
    return Case(row=row, what=what, status=400, slug=slug, body=body)


def _character(row: int, what: str, value: str, place: str = NAME) -> Case:
    return Case(row=row, what=what, status=422, slug="forbidden-character", changes={place: value})


SYNTAX = [
    _unread(1, "empty body", "malformed-json", b""),
    _unread(2, "half an object", "malformed-json", b"{"),
    _unread(3, "two documents", "malformed-json", b'{"document": {}} {"document": {}}'),
    _unread(4, "trailing comma", "malformed-json", b'{"document": {},}'),
    _unread(5, "single quotes", "malformed-json", b"{'document': {}}"),
    _unread(6, "comment", "malformed-json", b'{"document": {}} // why'),
    _unread(7, "leading noughts", "malformed-json", b'{"document": 007}'),
    _unread(8, "hexadecimal", "malformed-json", b'{"document": 0x10}'),
    _unread(9, "NaN", "malformed-json", b'{"document": NaN}'),
    _unread(10, "Infinity", "malformed-json", b'{"document": Infinity}'),
    _unread(10, "-Infinity", "malformed-json", b'{"document": -Infinity}'),
    _unread(11, "raw control character", "malformed-json", b'{"document": "\x01"}'),
    _unread(12, "duplicate member", "duplicate-member", b'{"document": {}, "document": {}}'),
    _unread(13, "duplicate by escape", "duplicate-member", b'{"document": {}, "\\u0064ocument": {}}'),
]

SHAPES = [
    *(
        Case(row=14, what=f"top-level {what}", status=422, slug="validation", body=body)
        for what, body in {"array": b"[]", "null": b"null", "string": b'"x"', "number": b"5", "true": b"true"}.items()
    ),
    Case(row=14, what="document is an array", status=422, slug="validation", body=b'{"document": []}'),
    Case(row=15, what="unknown member", status=422, slug="unknown-field", changes={"filer__colour": "blue"}),
    *(
        Case(row=16, what=f"{name} in the document", status=422, slug="unknown-field", changes={name: "x"})
        for name in ("constructor", "id", "org")
    ),
    *(
        Case(row=16, what=f"{name} beside the document", status=422, slug="unknown-field", beside={name: {}})
        for name in ("__proto__", "constructor", "id", "org")
    ),
    _unread(17, "nesting 33", "too-deep", b'{"document":' + b"[" * 32 + b"]" * 32 + b"}"),
    Case(
        row=17,
        what="nesting 32 is deep enough to be read",
        status=422,
        slug="validation",
        body=b'{"document":' + b"[" * 31 + b"]" * 31 + b"}",
    ),
    _unread(18, "nesting 1,000 arrays", "too-deep", b"[" * 1_000 + b"]" * 1_000),
    _unread(19, "nesting 100,000", "too-deep", b"[" * 100_000 + b"]" * 100_000),
    _unread(20, "nesting 5,000 objects", "too-deep", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    _unread(21, "10,001 members", "too-many-values", b"{" + b",".join(b'"%d":1' % n for n in range(10_001)) + b"}"),
]

ENCODINGS = [
    _unread(22, "invalid UTF-8", "encoding", b'{"document": "\xff\xfe"}'),
    _unread(23, "byte order mark", "encoding", b'\xef\xbb\xbf{"document": {}}'),
    *(
        Case(
            row=row,
            what=f"charset {charset}",
            status=415,
            slug="unsupported-media-type",
            body='{"document": {}}'.encode("utf-16" if row == 24 else "ascii"),
            content_type=f"application/json; charset={charset}",
        )
        for row, charset in ((24, "utf-16"), (25, "bogus"), (25, "idna"), (26, "utf-7"))
    ),
    _unread(27, "overlong UTF-8", "encoding", b'{"document": "\xc0\x80"}'),
]

CHARACTERS = [
    _character(28, "NUL in a name", "Aur\x00elia"),
    _character(29, "NUL in prose", "a\x00b", PROSE),
    Case(row=30, what="NUL in a key", status=422, slug="forbidden-character", changes={"a\x00b": "x"}),
    _character(31, "lone surrogate in prose", "a\ud800b", PROSE),
    _character(32, "lone surrogate in a name", "a\ud800b"),
    _character(33, "noncharacter U+FFFE", "a\ufffeb"),
    _character(33, "noncharacter U+FDD0 in prose", "a\ufdd0b", PROSE),
    _character(34, "right-to-left override in a name", "Aurelia \u202egpj.exe"),
    _character(34, "isolate in a name", "Aurelia \u2066x\u2069"),
    _character(35, "zero-width space in a name", "Aur\u200belia"),
    _character(36, "CR LF in a name", "Aurelia\r\nBcc: x"),
    _character(36, "LF in a name", "Aurelia\nx"),
    _character(37, "U+007F", "Aurelia\x7f"),
    _character(37, "U+0085", "Aurelia\x85"),
    Case(row=37, what="TAB and LF in prose are fine", status=201, changes={PROSE: "N x L\n\tx H x U"}),
]

ENVELOPES = [
    *(
        Case(row=69, what=f"XML as {kind}", status=415, slug="unsupported-media-type", body=b"<a/>", content_type=kind)
        for kind in ("application/xml", "text/xml", "application/soap+xml")
    ),
    *(
        Case(row=70, what=kind, status=415, slug="unsupported-media-type", body=b"document=x", content_type=kind)
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
    ),
    Case(row=71, what="no Content-Type", status=415, slug="unsupported-media-type", content_type=""),
    Case(row=71, what="odd one", status=415, slug="unsupported-media-type", content_type="application/json;;=="),
    Case(
        row=72,
        what="gzip",
        status=415,
        slug="unsupported-content-encoding",
        body=gzip.compress(b"{}"),
        headers={"Content-Encoding": "gzip"},
    ),
    Case(
        row=72,
        what="gzip bomb",
        status=415,
        slug="unsupported-content-encoding",
        body=gzip.compress(b"0" * 20 * KIB * KIB),
        headers={"Content-Encoding": "gzip"},
    ),
    Case(
        row=72,
        what="br",
        status=415,
        slug="unsupported-content-encoding",
        body=b"{}",
        headers={"Content-Encoding": "br"},
    ),
    Case(row=73, what="3 MB", status=413, slug="body-too-large", body=b"[" + b" " * 3 * KIB * KIB + b"]"),
    *(
        Case(row=74, what=f"Content-Length {value}", status=400, slug="bad-request", headers={"Content-Length": value})
        for value in ("abc", "-1", "1, 2")
    ),
    Case(
        row=74,
        what="Content-Length and Transfer-Encoding",
        status=400,
        slug="bad-request",
        headers={"Transfer-Encoding": "chunked"},
    ),
    *(
        Case(row=75, what=f"Accept {value}", status=406, slug="not-acceptable", headers={"Accept": value})
        for value in ("application/xml", "text/csv", "garbage", "application/json;q=0")
    ),
    Case(
        row=56, what="a number of 5,000 digits", status=400, slug="number-out-of-range", beside={"n": raw("1" * 5_000)}
    ),
]

CASES = [*SYNTAX, *SHAPES, *ENCODINGS, *CHARACTERS, *ENVELOPES]
