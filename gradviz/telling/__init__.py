"""The chain rule told: steps of the lecture, equations and sentences about them, slides."""
