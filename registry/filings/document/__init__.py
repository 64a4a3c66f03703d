"""The filing document: strict models, reading, canonical bytes, JSON Schema, and what each element means."""
