"""What students do: exercises, blanks, answers and a quiz."""
