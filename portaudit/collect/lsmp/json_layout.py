"""How lsmp writes JSON: one line, keys in a fixed order, names not escaped (lsmp/json.h, port_details.c).

A process name can hold quotes and whole keys. So the end of one is where the rest of the layout goes
on: with more of it than a name has room for.
"""

import re

from portaudit.collect.lsmp.layout import DESCRIPTION_MAX, PROCESS_NAME_MAX, TOTAL_KEYS

_HEX = rb"0x[0-9a-f]{8}"
_COUNTS = (
    b"total",
    b"send_rights",
    b"receive_rights",
    b"send_once_rights",
    b"port_sets",
    b"dead_names",
    b"dead_name requests",
    b"vouchers",
)
TOTAL_WORDS = tuple(key.decode() for key in TOTAL_KEYS)
"""lsmp's text words for the same counts, in the same order."""

_TOTALS = rb"\]," + rb",".join(b'"' + key + rb'":(?:-?\d{1,10})' for key in _COUNTS)
_ROW = rb'\{(?:"type":"[a-z ]{1,20}",)?"name":"' + _HEX + rb'","ipc-object":"' + _HEX + rb'"'
_MEMBER = rb'\{"ipc-object":"' + _HEX + rb'","rights":\["recv"'
_AFTER_OBJECT = (
    rb"(?=\}(?:,"
    + _ROW
    + rb"|,"
    + _MEMBER
    + rb"|"
    + _TOTALS
    + rb"|\]\}(?:,"
    + _ROW
    + rb"|"
    + _TOTALS
    + rb")))"
)

AFTER_ROW = rb"\}(?:," + _ROW + rb"|" + _TOTALS + rb")"
"""How lsmp goes on behind a row's last value."""

START = re.compile(rb'\s*\{"version":"[^"\\]{0,20}","processes":\[(?=\{"pid":|\]|\Z)')
PROCESS = re.compile(rb'\{"pid":(-?\d{1,10}),"name":"')
PROCESS_NAME = re.compile(
    rb"(.{0,%d}?)" % PROCESS_NAME_MAX + rb'","ports":\[(?=' + _ROW + rb"|" + _TOTALS + rb"|\Z)", re.DOTALL
)
NEXT_PROCESS = re.compile(rb"\}," + rb"(?=" + PROCESS.pattern + rb")")
ROW = re.compile(_ROW)
MEMBER = re.compile(_MEMBER)
_CELL = rb'(?:-?\d{1,20}|"[^"\\]{0,4096}"|true|false)'
RECIPES = re.compile(rb'\[((?:\{(?:"[A-Za-z_ -]{1,40}":' + _CELL + rb",?){0,32}+\},?)*+)\]")
"""What a voucher is made of, which says nothing of rights; keys differ from kernel to kernel."""
TOTALS = re.compile(_TOTALS.replace(rb"(?:-?\d{1,10})", rb"(-?\d{1,10})"))
ROW_OR_TOTALS = re.compile(rb"(?:(?<=,)|(?<=\[))(?=" + _ROW + rb")|(?=" + _TOTALS + rb")")

KEY = re.compile(rb'"([A-Za-z][A-Za-z_ -]{0,40})":')
PLAIN_STRING = re.compile(rb'"([^"\\]{0,200})"')
STRINGS = re.compile(rb'\[((?:"[^"\\]{0,100}"(?:,(?=")|(?=\])))*+)\]')
NUMBER = re.compile(rb"-?\d{1,20}(?=[,}])")
BOOLEAN = re.compile(rb"(true|false)(?=[,}])")
ESCAPED_STRING = re.compile(rb'"([^"\\]{0,1024}+(?:\\.[^"\\]{0,1024}+){0,1024}+)"(?=\}|,")', re.DOTALL)
ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
PROCESS_STRING = re.compile(rb'"(.{0,%d}?)"' % PROCESS_NAME_MAX + _AFTER_OBJECT, re.DOTALL)
DESCRIPTION_STRING = re.compile(
    rb'"(.{0,%d}?)"' % DESCRIPTION_MAX + rb'(?:(?=,"(?:pid|recipes)":)|' + _AFTER_OBJECT + rb")", re.DOTALL
)
"""A description of lsmp up to system_cmds-880 (macOS 11), which did not escape it."""
