"""The gradient as a graph: a program -> the program of its derivatives; loaded on demand."""
