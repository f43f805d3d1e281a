"""Program text <-> Graph: tokens, names of gates, expressions, statements, and a graph written back as a program."""
