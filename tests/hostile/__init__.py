"""Hostile and broken inputs by category, and the sandbox in which the command meets them."""
