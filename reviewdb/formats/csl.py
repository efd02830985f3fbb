"""CSL-JSON: its names and dates, which are objects, as the texts that other sources have."""

from __future__ import annotations

from typing import Any

from reviewdb.formats.reference import GROUPS

#: What `columns.toml` calls it.
NAME = "csl-json"


def flat(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an item with its authors and editors as lists of names, the family's first, and its date as text.

    Objects of another shape than the specification's stay as they are.
    """
    issued, groups = entry.get("issued"), list[str]()
    for role in ("author", "editor"):
        if isinstance(names := entry.get(role), list):
            groups += [name for one in names if isinstance(one, dict) and (name := _group(one))]
            entry = {**entry, role: [_name(one) if isinstance(one, dict) else one for one in names]}
    if isinstance(issued, dict):
        entry = {**entry, "issued": _date(issued)}
    return {**entry, GROUPS: groups} if groups else entry


def _group(name: dict[str, Any]) -> str:
    """Return a name that is none of a person's; empty where it is, and where it says that the list goes on."""
    whole = str(name.get("literal") or "")
    return "" if whole == "others" else whole


def _name(name: dict[str, Any]) -> str:
    whole = str(name.get("literal") or "")
    if whole:
        return "…" if whole == "others" else whole
    particles = (name.get("dropping-particle"), name.get("non-dropping-particle"), name.get("family"))
    family = " ".join(str(part) for part in particles if part)
    given, suffix = str(name.get("given") or ""), str(name.get("suffix") or "")
    return ", ".join(part for part in (family, given, suffix) if part)


def _date(issued: dict[str, Any]) -> str:
    parts = issued.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return "-".join(str(part).zfill(2) for part in parts[0] if str(part).isdecimal())
    return str(issued.get("raw") or issued.get("literal") or "")
