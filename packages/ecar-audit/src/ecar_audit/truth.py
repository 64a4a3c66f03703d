"""Reads what is confidential: the figures behind a bundle (`truth.csv`) and the sealed parameters."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from ecar_audit import places
from ecar_audit.refusals import BadInput
from ecar_audit.values import Contribution, Parameters, Ratio, Truth, Unions

_FIRST, _LAST = ("holding", "provider"), ("measure", "value", "has_waiver")
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_KNOWN = {"minimum_holdings", "p_percent", "coalition", "dominance", "ratios", "unions"}


def read_truth(path: Path) -> Truth:
    """Read the figures behind a bundle, one line a contribution. Raises `BadInput` with file and line."""
    listed = places.rows(path)
    at, header = next(listed)
    if tuple(header[:2]) != _FIRST or tuple(header[-3:]) != _LAST or len(header) < 5:
        raise BadInput(at, "the header is not holding,provider,<dimensions>,measure,value,has_waiver")
    found = []
    for at, (holding, _, *codes, measure, value, waiver) in listed:
        if not holding or not measure:
            raise BadInput(at, "names no holding or no measure")
        if waiver.lower() not in _FLAGS:
            raise BadInput(at, f"has_waiver is {waiver!r}, not true or false")
        amount = places.amount(value, at)
        found.append(Contribution(holding, tuple(codes), measure, amount, _FLAGS[waiver.lower()]))
    return Truth(str(path), tuple(header[2:-3]), tuple(found))


def read_parameters(path: Path) -> Parameters:
    """Read the sealed parameters. Raises `BadInput` with file and member."""
    said, place = places.json_object(path), str(path)
    for name in sorted(set(said) - _KNOWN):
        raise BadInput(place, f"{name} is no parameter")
    p_percent = _percent(places.member(said, "p_percent", place), f"{place}.p_percent")
    if not p_percent:
        raise BadInput(f"{place}.p_percent", "p is above zero")
    unions = said.get("unions", Unions.FEW)
    if unions not in set(Unions):
        raise BadInput(f"{place}.unions", f"one of {', '.join(Unions)} is expected")
    return Parameters(
        places.whole(said, "minimum_holdings", place, least=1),
        p_percent,
        places.whole(said, "coalition", place, least=1),
        _dominance(said.get("dominance"), f"{place}.dominance"),
        tuple(_ratio(each, at) for at, each in places.objects({"ratios": [], **said}, "ratios", place)),
        Unions(str(unions)),
    )


def _dominance(said: object, place: str) -> tuple[int, Fraction] | None:
    if said is None:
        return None
    if not isinstance(said, list) or len(said) != 2:
        raise BadInput(place, "null or two members, n and k, are expected")
    number = places.whole({"n": said[0]}, "n", place, least=1)
    percent = _percent(said[1], place)
    if not 0 < percent <= 100:
        raise BadInput(place, "k is a percentage above 0")
    return number, percent


def _percent(said: object, place: str) -> Fraction:
    """A percentage, as text or as a JSON number."""
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    return Fraction(places.amount(str(said) if is_number else said, place))


def _ratio(said: Mapping[str, object], place: str) -> Ratio:
    top, bottom, axis, code = (
        places.text(said, name, place) for name in ("numerator", "denominator", "dimension", "code")
    )
    low, high = (Fraction(places.amount(places.member(said, end, place), f"{place}.{end}")) for end in ("low", "high"))
    if low > high or not high:
        raise BadInput(place, "low is not above high, and high is above zero")
    return Ratio(axis, code, top, bottom, low, high)
