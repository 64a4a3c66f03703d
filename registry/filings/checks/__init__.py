"""Checks: what the register answers the filer about a document, all obstacles at once. Pure; see `engine`."""
