"""The filing document: strict models, reading, canonical bytes, JSON Schema, and what each element means.

Pure: no Django. `read` refuses what has the wrong form and names every obstacle; what is missing or inconsistent is
judged by the checks. Others import from here, and the single models from the modules beside.
"""

from registry.filings.document.elements import STAGES
from registry.filings.document.reading import canonical, plain, read, read_many
from registry.filings.document.schema import SCHEMA_ID, Element, element_at, elements, json_schema
from registry.filings.document.whole import SCHEMA_VERSION, FilingDocument
from registry.forms.characters import is_mixed_script, scripts_of
from registry.forms.obstacles import leading_code
from registry.forms.parts import canonical_json, digest

__all__ = [
    "SCHEMA_ID",
    "SCHEMA_VERSION",
    "STAGES",
    "Element",
    "FilingDocument",
    "canonical",
    "canonical_json",
    "digest",
    "element_at",
    "elements",
    "is_mixed_script",
    "json_schema",
    "leading_code",
    "plain",
    "read",
    "read_many",
    "scripts_of",
]
