"""Measurements of gradviz and its peers side by side, each a ratio in one run: `python -m benchmarks`."""
