"""Inputs that nobody thought of, and the facts that hold for each: see fuzz/README.md."""
