"""Gradient descent: forward, backward, update, again and again."""
