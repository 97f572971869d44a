"""Sources to findings: what C, Objective-C, C++ and Swift do with Mach port rights.

Nothing here reads a file or prints. Only languages.py needs tree-sitter, the extra `portaudit[lint]`.
"""
