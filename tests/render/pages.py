"""Reads pages as browsers do, and says which part of them is worth reading again and again."""

import re
import unicodedata
from functools import cache
from itertools import accumulate, takewhile

import html5lib

from portaudit.harmless import HARMFUL

TAG = re.compile(r"<(/?)(\w+)[^<>]*?(/?)>")
VOID = {"meta", "br", "input"}


@cache
def page(text):
    """Read a page as browsers do, once: its elements with the names of their attributes, and its text."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    links = {element.get("href", "") for element in tree.iter("a")}
    assert all(link.startswith(("#", "https://github.com/")) for link in links)
    shown = "".join(tree.find("body").itertext())
    assert not {char for char in set(shown) if unicodedata.category(char) in HARMFUL} - {"\n"}
    return [(element.tag, sorted(element.keys())) for element in tree.iter()], shown


def changing(plain, told):
    """Give the lines of a page that differ from another's, and those in which what is around them is open.

    A stretch that is the same in both, and closes what it opens, makes no difference to what stands around.
    """
    fixed = [one == other for one, other in zip(plain, told, strict=True)]
    before, lowest = zip(*_depths(plain), strict=True)
    read, at = [0], 1
    while at < len(plain):
        end = at
        for line in takewhile(fixed.__getitem__, range(at, len(plain))):
            if lowest[line] < before[at]:
                break
            if before[line + 1] == before[at]:
                end = line + 1
        if end == at:
            read.append(at)
        at = max(end, at + 1)
    return frozenset(read)


def _depths(lines):
    """Give how many elements are open before each line and at least in it, and how many at the end."""
    depth = 0
    for line in lines:
        tags = (tag for tag in TAG.finditer(line) if tag[2] not in VOID and not tag[3])
        open_by = list(accumulate((-1 if tag[1] else 1 for tag in tags), initial=depth))
        yield depth, min(open_by)
        depth = open_by[-1]
    yield depth, depth
