"""The strict reader of request bodies: bytes in, plain values out, or a `Problem` with its exact status and type.

Every request body is read here and nowhere else. The limits and the list of refusals are those
of the table of bad input (rows 1-37, 48, 56): 400 for what cannot be read, 422 for what was read and is wrong, 415, 406
and 413 for the envelope.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal, InvalidOperation

from api.problems import Problem, refusal
from registry.errors import Obstacle

JSON = "application/json"

BODY_LIMIT_BYTES = 1024 * 1024
DEPTH_LIMIT = 32
VALUES_LIMIT = 10_000
# A batch of documents is one body: each of its documents keeps to VALUES_LIMIT, all of them together to these two.
BATCH_LIMIT_BYTES = 32 * 1024 * 1024
BATCH_VALUES_LIMIT = 1_000_000
INTEGER_DIGITS_LIMIT = 19
NUMBER_CHARACTERS_LIMIT = 4_300  # what Python itself converts: longer is not read at all, shorter is out of range
LARGEST_EXPONENT = 308  # beyond the largest IEEE 754 double, which is all that RFC 8259 lets a receiver expect

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")
# A cheap look at the raw text that tells whether the tree has to be searched: raw characters, or escapes of such.
_SUSPICIOUS = re.compile(f"[\x7f-\x9f{_NONCHARACTERS}]")
_SUSPICIOUS_ESCAPE = re.compile(r"\\(?:[bfr]|u(?:00[0-9]|[dD][89a-fA-F]|[fF][dD][dDeE]|[fF]{3}[eEfF]))")
_PLAIN = bytes(range(0x7F))
_CHARSET = r'[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?'
_WORD = r"[\w!#$&^.+*-]+"
_MEDIA_RANGE = re.compile(
    rf'[ \t]*({_WORD})/({_WORD})((?:[ \t]*;[ \t]*{_WORD}=(?:[^\s;,"]+|"[^"]*"))*)[ \t]*', re.ASCII
)
_QUALITY = re.compile(r";[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*(?:;|$)", re.I)


class _Repeated(dict[str, object]):
    """An object with members of the same name; `names` are the repeated ones."""

    names: tuple[str, ...] = ()


class OutOfRange:
    """Stands in the tree for a number that was not converted; `text` is how it was written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_readable = len(text) <= NUMBER_CHARACTERS_LIMIT


class Doubtful(list[object]):
    """A list that may hold wrong values: `require_sound` has still to look at each of its elements."""


def read_json(
    body: bytes, *, limit_bytes: int = BODY_LIMIT_BYTES, limit_values: int = VALUES_LIMIT, listed: str = ""
) -> object:
    """Return the one JSON value that `body` holds, numbers with a fraction or exponent as `Decimal`.

    The member `listed` of the whole, where it is a list, is `Doubtful` where anything is wrong: each of its elements
    is then refused by itself. Raises `Problem` and nothing else, whatever the bytes.
    """
    if len(body) > limit_bytes:
        raise Problem("body-too-large", facts={"limit": limit_bytes})
    if body.startswith(b"\xef\xbb\xbf"):
        raise Problem("encoding")
    try:
        text = body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Problem("encoding") from None
    _require_shape(body, limit_values=limit_values)
    return _decoded(text, listed=listed)


def require_sound(value: object) -> None:
    """Refuse with 422 an element of a `Doubtful` list that holds a number or a character which nothing may hold."""
    wrong = _wrong_in(value)
    if wrong:
        raise refusal(wrong)


def require_few_values(value: object) -> None:
    """Refuse with 400 a part of a larger body that holds more values than a body of its own could."""
    if _count(value) > VALUES_LIMIT:
        raise Problem("too-many-values", facts={"limit": VALUES_LIMIT})


def read_object(body: bytes, *, limit_bytes: int = BODY_LIMIT_BYTES) -> dict[str, object]:
    """Return the JSON object that `body` holds; any other value is refused with 422 `validation`."""
    value = read_json(body, limit_bytes=limit_bytes)
    if not isinstance(value, dict):
        raise Problem("validation", errors=[Obstacle("not-an-object", "", "")])
    return value


def members_of(value: object, *, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, object]:
    """Return `value` as an object with all of `required`, nothing beyond `optional`; 422 names every other member."""
    if not isinstance(value, dict):
        raise Problem("validation", errors=[Obstacle("not-an-object", "", "")])
    wanted = tuple(required)
    unknown = [name for name in value if name not in {*wanted, *optional}]
    wrong = [Obstacle("unknown-field", f"/{_escaped(name)}", "") for name in unknown]
    wrong += [Obstacle("missing", f"/{name}", "") for name in wanted if name not in value]
    if wrong:
        raise refusal(wrong)
    return value


def read_media_type(content_type: str | None, *, allowed: Iterable[str] = (JSON,)) -> str:
    """Return which of `allowed` the header names, with no parameter but `charset=utf-8`. Else 415."""
    for media_type in allowed:
        if re.fullmatch(f"[ \t]*{re.escape(media_type)}{_CHARSET}", content_type or "", re.I):
            return media_type
    raise Problem("unsupported-media-type", facts={"types": ", ".join(allowed)})


def require_plain_body(content_encoding: str | None) -> None:
    """Refuse any `Content-Encoding` with 415: nothing is decompressed, so there are no bombs."""
    if content_encoding is not None:
        raise Problem("unsupported-content-encoding")


def require_acceptable(accept: str | None, *, offered: Iterable[str] = (JSON,)) -> None:
    """Refuse with 406 an `Accept` header that is unreadable or admits none of the `offered` media types.

    No header, or an empty one, admits all.
    """
    if liked_best(accept, offered=offered) is None:
        raise Problem("not-acceptable", facts={"types": ", ".join(offered)})


def liked_best(accept: str | None, *, offered: Iterable[str]) -> str | None:
    """Return which of the `offered` media types an `Accept` header likes best, the first of equals; None for none.

    No header, or an empty one, likes all the same.
    """
    if accept is None or not accept.strip():
        return next(iter(offered), None)
    ranges = [_MEDIA_RANGE.fullmatch(part) for part in accept.split(",") if part.strip()]
    qualities = {each: _quality_of(each, [found for found in ranges if found is not None]) for each in offered}
    best = max(qualities, key=lambda each: qualities[each], default=None)
    return best if best is not None and qualities[best] > 0 else None


def forbidden_places(value: object, *, pointer: str = "") -> Iterator[str]:
    """Yield the JSON Pointer of every string that holds a character no text may hold; for a name, of its object."""
    for place, found in _walk(value, pointer):
        names: Iterable[object] = found if isinstance(found, dict) else (found,)
        if any(isinstance(name, str) and _FORBIDDEN.search(name) for name in names):
            yield place


def _quality_of(media_type: str, ranges: list[re.Match[str]]) -> float:
    """The quality that the most specific range that covers `media_type` gives it; nought where none does."""
    kind, _, subtype = media_type.partition("/")
    for wanted in ((kind, subtype), (kind, "*"), ("*", "*")):
        for found in ranges:
            if (found[1].lower(), found[2].lower()) == wanted:
                quality = _QUALITY.search(found[3])
                return 1.0 if quality is None else float(quality[1])
    return 0.0


def _count(value: object) -> int:
    """How many values `value` is, itself included."""
    total, containers = 1, [value] if isinstance(value, (dict, list)) else []
    while containers:
        container = containers.pop()
        inner: Collection[object] = container.values() if isinstance(container, dict) else container
        total += len(inner)
        containers += [each for each in inner if isinstance(each, (dict, list))]
    return total


def _require_shape(body: bytes, *, limit_values: int) -> None:
    """Refuse too much depth and too many values in one pass over the bytes, before anything is built.

    Beyond the first syntax error the count may be wrong, but the parser never gets there. Up to it the count is exact,
    so that the parser is never led deeper than the limit.
    """
    # Outside of strings every byte that matters is ASCII; strings shrink to one quotation mark.
    without_escapes = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b'"'.join(without_escapes.split(b'"')[::2]).translate(None, b" \t\r\n")
    openings = outside.count(b"[") + outside.count(b"{")
    values = 1 + outside.count(b",") + openings - outside.count(b"[]") - outside.count(b"{}")
    brackets = outside.translate(None, bytes(set(range(256)) - set(b"[]{}")))
    depth = 0
    # A well-formed text of few values has at most two brackets for each, so the rest of a longer one needs no look.
    for byte in brackets[: 2 * limit_values + 2]:
        depth += 1 if byte in b"[{" else -1
        if depth > DEPTH_LIMIT:
            raise Problem("too-deep", facts={"limit": DEPTH_LIMIT})
    if values > limit_values:
        raise Problem("too-many-values", facts={"limit": limit_values})


def _decoded(text: str, *, listed: str) -> object:
    marks: list[object] = []

    def marked(mark: object) -> object:
        marks.append(mark)
        return mark

    def members(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        repeated = _Repeated(found)
        repeated.names = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return marked(repeated)

    def integer(digits: str) -> object:
        return int(digits) if len(digits.lstrip("-")) <= INTEGER_DIGITS_LIMIT else marked(OutOfRange(digits))

    def fraction(digits: str) -> object:
        number = _decimal(digits)
        return marked(OutOfRange(digits)) if number is None else number

    decoder = json.JSONDecoder(
        object_pairs_hook=members, parse_int=integer, parse_float=fraction, parse_constant=_refuse_constant
    )
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Problem("malformed-json", facts={"line": error.lineno, "column": error.colno}) from None
    return _refuse_marked(value, listed=listed) if marks or _is_suspicious(text) else value


def _is_suspicious(text: str) -> bool:
    """Tell whether some string may hold what no text may. Of most bodies next to nothing is left to be searched."""
    beyond_ascii = text.encode().translate(None, _PLAIN).decode()
    return bool(_SUSPICIOUS.search(beyond_ascii) or _SUSPICIOUS_ESCAPE.search(text))


def _decimal(digits: str) -> Decimal | None:
    """Return the number, or nothing where it lies beyond every quantity there is."""
    if len(digits) > NUMBER_CHARACTERS_LIMIT:
        return None
    try:
        number = Decimal(digits)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() <= LARGEST_EXPONENT else None


def _refuse_constant(_: str) -> object:
    raise Problem("malformed-json")


def _refuse_marked(value: object, *, listed: str) -> object:
    """Raise for the worst that stands in the tree: what cannot be read before what is wrong.

    What is wrong inside the member `listed` is left to be refused element by element.
    """
    repeated: list[Obstacle] = []
    unreadable: list[Obstacle] = []
    for place, found in _walk(value, ""):
        if isinstance(found, _Repeated):
            repeated += [Obstacle("duplicate-member", f"{place}/{_escaped(name)}", "") for name in found.names]
        elif isinstance(found, OutOfRange) and not found.is_readable:
            unreadable.append(Obstacle("number-out-of-range", place, ""))
    if repeated:
        raise Problem("duplicate-member", errors=repeated)
    if unreadable:
        raise Problem("number-out-of-range", status=400, errors=unreadable)
    left = value.get(listed) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(left, list):
        require_sound(value)
        return value
    require_sound({**value, listed: None})
    return {**value, listed: Doubtful(left)}


def _wrong_in(value: object) -> list[Obstacle]:
    numbers = [place for place, found in _walk(value, "") if isinstance(found, OutOfRange)]
    return [
        *(Obstacle("number-out-of-range", place, "") for place in numbers),
        *(Obstacle("forbidden-character", place, "") for place in forbidden_places(value)),
    ]


def _walk(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    """Yield every value with its JSON Pointer, parents first. The depth is bounded by the scan before."""
    yield pointer, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _walk(member, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{pointer}/{index}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
