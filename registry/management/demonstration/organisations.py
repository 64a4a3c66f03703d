"""The invented organisations: forty in fifteen Member States, a few under foreign parents. Pure."""

from dataclasses import dataclass

from stdnum.iso7064 import mod_97_10


@dataclass(frozen=True)
class Company:
    """One invented organisation; `weight` says how much it trains, `parent` its group when that is another.

    `nuts_code` is that of the town (NUTS 2021, level 3).
    """

    name: str
    country: str
    town: str
    nuts_code: str
    weight: int
    parent: str = ""
    parent_country: str = ""

    @property
    def slug(self) -> str:
        """A short name for addresses and references."""
        return "".join(sign for sign in self.name.lower().split()[0] if sign.isascii() and sign.isalpha())

    @property
    def lei(self) -> str:
        """An LEI with right check digits and an issuer that does not exist."""
        return lei_of(self.name)

    @property
    def nace_code(self) -> str:
        """What it does, as NACE Rev. 2.1 says: most write programs, some do research, a few make or advise."""
        return _NACE[sum(self.name.encode()) % len(_NACE)]

    @property
    def holding(self) -> str:
        """The key of the group: what counts as one contributor in statistics."""
        return self.parent or self.name


_NACE = ("62.10", "63.10", "72.10", "62.10", "62.20", "28.99", "72.10", "71.12")


def lei_of(name: str) -> str:
    """The invented LEI of a name."""
    stem = "9999" + "".join(s for s in name.upper() if s.isascii() and s.isalnum())[:14].ljust(14, "0")
    return stem + str(mod_97_10.calc_check_digits(stem))


_ROWS = """
Aurelia Research|FR|Paris|FR101|9
Tessera Labs|FR|Lyon|FRK26|7
Garonne Intelligence|FR|Toulouse|FRJ23|4
Mistrale Calcul|FR|Marseille|FRL04|3
Loire Modeles|FR|Nantes|FRG01|2|Aurelia Research|FR
Nordlicht KI|DE|Berlin|DE300|8
Rheingold Systeme|DE|Cologne|DEA23|5
Isar Analytics|DE|Munich|DE212|4
Elbe Sprachmodelle|DE|Hamburg|DE600|3
Schwarzwald Daten|DE|Freiburg|DE131|2
Spree Robotics|DE|Berlin|DE300|1|Harbour Peak Holdings|US
Polarstern Systems|FI|Espoo|FI1B1|6
Saimaa Compute|FI|Lappeenranta|FI1C5|2
Lagom Intelligence|SE|Stockholm|SE110|6
Vasa Modeller|SE|Gothenburg|SE232|3
Norrsken Data|SE|Lulea|SE332|2
Cantabria IA|ES|Santander|ES130|5
Duero Labs|ES|Valladolid|ES418|3
Alhambra Vision|ES|Granada|ES614|2
Vistula AI|PL|Krakow|PL213|5
Baltyk Neuro|PL|Gdansk|PL633|2
Adria Modelli|IT|Trieste|ITH44|2
Ponte Vecchio AI|IT|Florence|ITI14|4
Brenta Calcolo|IT|Padua|ITH36|3
Etna Learning|IT|Catania|ITG17|1
Amstel Models|NL|Amsterdam|NL329|6
Veluwe Research|NL|Arnhem|NL226|3
Maas Compute|NL|Rotterdam|NL33C|2|Eastern Crest Technology|CN
Scheldt AI|BE|Antwerp|BE211|3
Ardennes Lab|BE|Liege|BE332|1
Liffey Intelligence|IE|Dublin|IE061|5|Harbour Peak Holdings|US
Shannon Speech|IE|Limerick|IE051|2
Moldau Systems|CZ|Prague|CZ010|3
Tatra Neural|CZ|Brno|CZ064|1
Danubia AI|AT|Vienna|AT130|4
Tirol Vision|AT|Innsbruck|AT332|1
Tejo Labs|PT|Lisbon|PT170|3
Oresund AI|DK|Copenhagen|DK011|4
Jutland Models|DK|Aarhus|DK042|2
Saaremaa Data|EE|Tallinn|EE001|2
"""

COMPANIES: tuple[Company, ...] = tuple(
    Company(name, country, town, nuts_code, int(weight), *(rest or []))
    for name, country, town, nuts_code, weight, *rest in (line.split("|") for line in _ROWS.strip().splitlines())
)
COMPANY: dict[str, Company] = {company.slug: company for company in COMPANIES}
TERRITORIES: tuple[str, ...] = tuple(sorted({company.country for company in COMPANIES}))
