"""The invented organisations of the demonstration: forty in fifteen Member States, a few under foreign parents."""

from dataclasses import dataclass

from stdnum.iso7064 import mod_97_10


@dataclass(frozen=True)
class Company:
    """One invented organisation; `weight` says how much it trains, `parent` its group when that is another."""

    name: str
    country: str
    town: str
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
    def holding(self) -> str:
        """The key of the group: what counts as one contributor in statistics."""
        return self.parent or self.name


def lei_of(name: str) -> str:
    """The invented LEI of a name."""
    stem = "9999" + "".join(s for s in name.upper() if s.isascii() and s.isalnum())[:14].ljust(14, "0")
    return stem + str(mod_97_10.calc_check_digits(stem))


_ROWS = """
Aurelia Research|FR|Paris|9
Tessera Labs|FR|Lyon|7
Garonne Intelligence|FR|Toulouse|4
Mistrale Calcul|FR|Marseille|3
Loire Modeles|FR|Nantes|2|Aurelia Research|FR
Nordlicht KI|DE|Berlin|8
Rheingold Systeme|DE|Cologne|5
Isar Analytics|DE|Munich|4
Elbe Sprachmodelle|DE|Hamburg|3
Schwarzwald Daten|DE|Freiburg|2
Spree Robotics|DE|Berlin|1|Harbour Peak Holdings|US
Polarstern Systems|FI|Espoo|6
Saimaa Compute|FI|Lappeenranta|2
Lagom Intelligence|SE|Stockholm|6
Vasa Modeller|SE|Gothenburg|3
Norrsken Data|SE|Lulea|2
Cantabria IA|ES|Santander|5
Duero Labs|ES|Valladolid|3
Alhambra Vision|ES|Granada|2
Vistula AI|PL|Krakow|5
Baltyk Neuro|PL|Gdansk|2
Adria Modelli|IT|Trieste|2
Ponte Vecchio AI|IT|Florence|4
Brenta Calcolo|IT|Padua|3
Etna Learning|IT|Catania|1
Amstel Models|NL|Amsterdam|6
Veluwe Research|NL|Arnhem|3
Maas Compute|NL|Rotterdam|2|Eastern Crest Technology|CN
Scheldt AI|BE|Antwerp|3
Ardennes Lab|BE|Liege|1
Liffey Intelligence|IE|Dublin|5|Harbour Peak Holdings|US
Shannon Speech|IE|Limerick|2
Moldau Systems|CZ|Prague|3
Tatra Neural|CZ|Brno|1
Danubia AI|AT|Vienna|4
Tirol Vision|AT|Innsbruck|1
Tejo Labs|PT|Lisbon|3
Oresund AI|DK|Copenhagen|4
Jutland Models|DK|Aarhus|2
Saaremaa Data|EE|Tallinn|2
"""

COMPANIES: tuple[Company, ...] = tuple(
    Company(name, country, town, int(weight), *(rest or []))
    for name, country, town, weight, *rest in (line.split("|") for line in _ROWS.strip().splitlines())
)
