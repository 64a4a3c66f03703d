"""What the command says: a verdict for people in English, French and German, or JSON; and the evidence file."""

import hashlib
import json
from pathlib import Path

from ecar_verify.refusals import Misbehaviour

LANGUAGES = ("en", "fr", "de")

_WORDS = {
    0: "valid",
    10: "malformed",
    20: "bad-signature",
    30: "not-included",
    40: "inconsistent",
    50: "quorum-missing",
}
_SENTENCES = {
    0: (
        "Valid. Everything that was checked holds.",
        "Valable. Tout ce qui a été vérifié est exact.",
        "Gültig. Alles, was geprüft wurde, stimmt.",
    ),
    10: (
        "Malformed or unreadable. Nothing could be judged.",
        "Mal formé ou illisible. Rien n'a pu être vérifié.",
        "Fehlerhaft oder nicht lesbar. Es konnte nichts geprüft werden.",
    ),
    20: (
        "Bad signature. No key that you trust stands behind this.",
        "Signature incorrecte. Aucune clé à laquelle vous faites confiance ne garantit ce document.",
        "Falsche Unterschrift. Kein Schlüssel, dem Sie vertrauen, steht dafür ein.",
    ),
    30: (
        "Not included. The log does not hold this.",
        "Absent. Le journal ne contient pas ceci.",
        "Nicht enthalten. Das Protokoll enthält dies nicht.",
    ),
    40: (
        "Inconsistent. The log contradicts what it signed: this is evidence of misbehaviour.",
        "Incohérent. Le journal contredit ce qu'il a signé : c'est une preuve de manquement.",
        "Widersprüchlich. Das Protokoll widerspricht, was es unterschrieben hat: ein Beweis für Fehlverhalten.",
    ),
    50: (
        "Quorum missing. All holds, but too few witnesses confirm it.",
        "Quorum manquant. Tout est exact, mais trop peu de témoins le confirment.",
        "Quorum fehlt. Alles stimmt, aber zu wenige Zeugen bestätigen es.",
    ),
}


def written(*, code: int, reason: str, found: dict[str, object], language: str, as_json: bool) -> str:
    """The answer as text, ended by a newline. `reason` is empty when all holds, `found` when it does not."""
    sentence = _SENTENCES[code][LANGUAGES.index(language)]
    if as_json:
        members = {"verdict": _WORDS[code], "code": code, "sentence": sentence, "reason": reason, "found": found}
        return json.dumps(members, ensure_ascii=False, indent=2) + "\n"
    lines = [sentence, *([f"  {reason}"] if reason else []), *_shown(found, "  ")]
    return "".join(f"{line}\n" for line in lines)


def keep_evidence(refused: Misbehaviour, *, path: str | None, keys: list[str]) -> str:
    """Write what shows the misbehaviour, signed checkpoints verbatim, and return where.

    Without `path` it lies in the current folder, named by its own hash; a file that is there is not overwritten.
    """
    members = {
        "form": "ecar-evidence/v1",
        "what": str(refused),
        "checkpoints": list(refused.checkpoints),
        "details": refused.details,
        "trusted": keys,
    }
    content = json.dumps(members, ensure_ascii=False, indent=2).encode() + b"\n"
    place = Path(path or f"ecar-evidence-{hashlib.sha256(content).hexdigest()[:16]}.json")
    if path or not place.exists():
        place.write_bytes(content)
    return str(place)


def _shown(found: dict[str, object], indent: str) -> list[str]:
    lines: list[str] = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *(_shown(value, f"{indent}  ") or [f"{indent}  -"])]
        else:
            lines.append(f"{indent}{name}: {value}")
    return lines
