"""Derivations: upstream archives in, tables of ``data/`` out. Knows nothing of charts."""
