"""Strict forms, whatever they are about: scalars, parts, what is wrong with them in words, canonical bytes. Pure.

The filing document, the statements of owners and the reports of facilities are made of these. Others import the single
modules.
"""
