"""Documents, passages and vectors: a SQLite catalogue that is the truth, and a Chroma index that follows it."""
