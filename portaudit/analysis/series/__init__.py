"""The judgement of a series: what repetition proves that no pair can."""
