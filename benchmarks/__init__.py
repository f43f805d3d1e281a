"""Measurements against other ways of computing the same, each a ratio in one run; none is a test."""
