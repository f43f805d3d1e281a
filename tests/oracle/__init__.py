"""The published numbers, and what compares a trace with them."""
