"""The languages of the Union, and those the register speaks (Regulation No 1 of 1958, Art. 1).

A language is spoken when every page, check and mail has its words; until then it is prepared: its name, plural forms,
dates, numbers and countries are known, and `locale/build.py --prepare CODE` makes its catalogue to be translated.
"""

from collections.abc import Mapping
from typing import Final

SPOKEN: Final = ("en", "fr", "de")
NAMES: Final[Mapping[str, str]] = {
    "bg": "Български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "it": "Italiano",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sv": "Svenska",
}
"""All twenty-four, by their own names."""
PREPARED: Final = tuple(code for code in NAMES if code not in SPOKEN)
UNKNOWN_TO_DJANGO: Final[Mapping[str, Mapping[str, object]]] = {
    "mt": {"bidi": False, "code": "mt", "name": "Maltese", "name_local": NAMES["mt"]}
}
"""What Django's own list of languages lacks, in its form."""
