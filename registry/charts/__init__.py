"""Charts drawn on the server as SVG: no script, no inline style, styled by the classes of `registry/figures.css`.

Pure functions of frozen values; no Django. Pages put a table of the same values beside each figure
(`registry.portal.presentation.figures`).
"""
