"""What a question asks, read from its words alone: whom it speaks of, its parts, its dates, what is unclear in it.

Rules about English; a question in another language is left as it is. Everything here is a pure function, costs less
than a millisecond, and may be used by any stage.
"""
