"""Footnote: ask your own documents; every sentence of the answer carries a quote that was checked."""
