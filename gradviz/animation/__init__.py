"""Frames of one layout -> one file: an animated SVG, fragments for reveal.js, pages of a PDF, a moving picture."""
