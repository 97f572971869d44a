"""The evidence that a Mac gives in one go: claims, each a value with a function that tries it.

A file holds a group of claims; collect.py tries them all and packs what was seen into one archive, from which
personal.py has taken whoever's machine it was. Whoever has no Mac reads the archive.
"""
