"""The attacks of benchmarks/attacks.py, by what they aim at."""
