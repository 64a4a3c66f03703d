"""Who sees what screening keeps: no provider, and sums over the Union its own authority alone."""

from registry.organisations.scoping import ForRegulators, UnionWide

__all__ = ["ForRegulators", "UnionWide"]
