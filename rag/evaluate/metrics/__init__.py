"""The metrics: pure functions, each with its definition and source.

A case that lacks the gold that a metric needs has no score: the function returns None, never 0.
"""
