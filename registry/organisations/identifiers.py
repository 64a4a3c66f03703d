"""Identifiers of organisations and countries: which are well formed, and how each is written.

Pure. Every function takes the text as someone wrote it, returns the normalised form, and raises `IdentifierError`
(a ValueError) with a stable `reason` and a sentence. No sentence repeats the refused value.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from stdnum import exceptions
from stdnum import lei as stdnum_lei
from stdnum.eu import vat as stdnum_vat

_MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

MEMBER_STATES = frozenset(_MEMBER_STATES.split())
"""The 27 Member States by their ISO 3166-1 alpha-2 codes (Greece is GR here, never EL)."""
COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, the 249 officially assigned codes."""

SENTENCES = {
    "country_unknown": "This is not a country code of ISO 3166-1 alpha-2; write two capital letters such as FR.",
    "country_use_gb": "UK is not the ISO code of the United Kingdom; use GB.",
    "country_use_gr": "EL is not the ISO code of Greece; use GR.",
    "member_state_unknown": "This is not one of the 27 Member States of the European Union.",
    "lei_form": "An LEI has 20 capital letters and digits, the last two of them digits.",
    "lei_check_digits": "The check digits of this LEI do not match (ISO 7064 MOD 97-10); copy it again.",
    "euid_form": "An EUID is a country code, a register identifier, a full stop and a number: DEK1101R.HRB116737.",
    "euid_country": "An EUID starts with the code of a Member State (EL for Greece) or of IS, LI or NO.",
    "euid_national_form": "The number does not have the form of that State's register.",
    "euid_national_check": "The check digits of the national number do not match; copy it again.",
    "vat_form": "A VAT number starts with the code of a Member State (EL for Greece), then that State's own pattern.",
    "vat_check_digits": "The check digits of this VAT number do not match; copy it again.",
    "eori_form": "An EORI is a country code followed by one to fifteen capital letters and digits.",
    "eori_country": "An EORI starts with the ISO code of a Member State (GR for Greece), or GB or XI.",
}

EUID_PATTERN = re.compile(r"([A-Z]{2})[A-Z0-9]{0,12}\.[A-Z0-9][A-Z0-9./-]{0,39}(?:_[A-Z0-9]{1,2})?")
LEI_PATTERN = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
VAT_PATTERN = re.compile(r"([A-Z]{2})[A-Z0-9+*]{2,13}")
EORI_PATTERN = re.compile(r"([A-Z]{2})[A-Z0-9]{1,15}")
VAT_PREFIXES = (MEMBER_STATES - {"GR"}) | {"EL"}
EUID_PREFIXES = VAT_PREFIXES | {"IS", "LI", "NO"}
EORI_PREFIXES = MEMBER_STATES | {"GB", "XI"}
LONGEST_INPUT = 64
_NATIONAL = Path(__file__).with_name("data") / "euid_numbers.toml"


class IdentifierError(ValueError):
    """The text is not such an identifier. `reason` is a stable key of `SENTENCES`."""

    def __init__(self, reason: str) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


def _matched(value: str, pattern: re.Pattern[str], *, reason: str) -> re.Match[str]:
    """`value` without ASCII blanks and in capitals, if it then has the form of `pattern`."""
    if len(value) > LONGEST_INPUT or not value.isascii():
        raise IdentifierError(reason)
    matched = pattern.fullmatch(value.replace(" ", "").upper())
    if matched is None:
        raise IdentifierError(reason)
    return matched


def country(value: str) -> str:
    """The ISO 3166-1 alpha-2 code, in capitals. UK and EL are refused with the code to use instead."""
    code = value.upper() if len(value) == 2 and value.isascii() else ""
    if code in COUNTRIES:
        return code
    raise IdentifierError({"UK": "country_use_gb", "EL": "country_use_gr"}.get(code, "country_unknown"))


def member_state(value: str) -> str:
    """The ISO code of one of the 27 Member States, in capitals."""
    code = country(value)
    if code not in MEMBER_STATES:
        raise IdentifierError("member_state_unknown")
    return code


@lru_cache(maxsize=1024)
def lei(value: str) -> str:
    """The Legal Entity Identifier (ISO 17442), with its two check digits (ISO 7064 MOD 97-10) verified."""
    code = _matched(value, LEI_PATTERN, reason="lei_form")[0]
    if not stdnum_lei.is_valid(code):
        raise IdentifierError("lei_check_digits")
    return code


@lru_cache(maxsize=1024)
def euid(value: str) -> str:
    """The European Unique Identifier of a company (Implementing Regulation (EU) 2021/1042). It has no common check."""
    matched = _matched(value, EUID_PATTERN, reason="euid_form")
    if matched[1] not in EUID_PREFIXES:
        raise IdentifierError("euid_country")
    return matched[0]


def euid_in_form(value: str) -> str:
    """The EUID, its number in the form of that State's register, with check digits where the State has them."""
    code = euid(value)
    known = _national().get(code[:2])
    number = code.partition(".")[2].partition("_")[0]
    if known is not None and not re.fullmatch(known["number"], number):
        raise IdentifierError("euid_national_form")
    if known is not None and "check" in known and not _has_check_digits(number, known["check"]):
        raise IdentifierError("euid_national_check")
    return code


def euid_country(code: str) -> str:
    """The ISO code of the country whose register an EUID belongs to (GR for its EL)."""
    return {"EL": "GR"}.get(code[:2], code[:2])


@cache
def _national() -> dict[str, Any]:
    return tomllib.loads(_NATIONAL.read_text(encoding="utf-8"))


def _has_check_digits(number: str, module: str) -> bool:
    """Whether python-stdnum's `module` finds the number's check digits right."""
    return bool(import_module(f"stdnum.{module}").is_valid(number))


@lru_cache(maxsize=1024)
def vat(value: str) -> str:
    """The VAT number of a Member State with its prefix, its own check digits verified."""
    matched = _matched(value, VAT_PATTERN, reason="vat_form")
    if matched[1] not in VAT_PREFIXES:
        raise IdentifierError("vat_form")
    try:
        stdnum_vat.validate(matched[0])
    except exceptions.InvalidChecksum:
        raise IdentifierError("vat_check_digits") from None
    except exceptions.ValidationError:
        raise IdentifierError("vat_form") from None
    return matched[0]


@lru_cache(maxsize=1024)
def eori(value: str) -> str:
    """The Economic Operators Registration and Identification number. Its national part has no common check."""
    matched = _matched(value, EORI_PATTERN, reason="eori_form")
    if matched[1] not in EORI_PREFIXES:
        raise IdentifierError("eori_country")
    return matched[0]
