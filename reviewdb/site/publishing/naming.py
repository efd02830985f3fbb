"""The names of published files: readable, safe on every operating system and web host, the same every time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from reviewdb.site.links import Pair
from reviewdb.site.publishing.rules import PLACES, REFERENCES, Address, Kind

#: A name of more characters is cut; file systems end at 255 bytes, and archives earlier.
_LONGEST = 100
#: Marks that no file system, shell or web host takes amiss inside a name.
_UNSAFE = re.compile(r"[^A-Za-z0-9._~=,+-]")


def file_of(at: Address, kind: Kind, page: int = 1) -> str:
    """Return the name of the file for an address, relative to the site; `page` is the number of a page of a list."""
    # The folders of Datasette's own addresses say nothing to a reader, and "-" is an awkward name for a folder.
    path = re.sub(r"^/-/", "/", re.sub(r"^/-/review/[^/]+/", "/data/", at.path))
    folders = [_safe(part) for part in path.strip("/").split("/") if part]
    chosen = [_in_name(pair) for pair in at.pairs if pair[0] not in PLACES]
    if kind is Kind.FILE:
        stem, dot, ending = folders[-1].partition(".") if at.path.endswith(REFERENCES) else (folders[-1], "", "")
        ending = ending.replace("bibtex", "bib")  # what programs open it by
        parts = [*folders[:-1], *([stem, _safe(",".join(chosen))] if dot and chosen else [stem])]
        return f"{'/'.join(parts)}{dot}{ending}"
    chosen += [f"page={page}"] if page > 1 else []
    parts = [*(folders or ["index"]), *([_safe(",".join(chosen))] if chosen else [])]
    return "/".join(parts) + ".html"


def _in_name(pair: Pair) -> str:
    name, value = pair
    return f"{name.removesuffix('__arraycontains').lstrip('_')}={value}"


def _safe(part: str) -> str:
    """Return a name without marks that mean something somewhere; with a digest of the whole where it had to be cut."""
    coded = _UNSAFE.sub(lambda mark: "".join(f"~{byte:02x}" for byte in mark.group().encode()), part)
    coded = re.sub(r"^[._]", lambda mark: f"~{ord(mark.group()):02x}", coded)  # some hosts hide such names
    if len(coded) <= _LONGEST:
        return coded
    return f"{coded[:_LONGEST]}~{hashlib.sha256(part.encode()).hexdigest()[:12]}"


def apart(files: Mapping[Address, str]) -> dict[Address, str]:
    """Return names of which no two are one where a file system does not tell capitals from small letters."""
    taken: set[str] = set()
    named: dict[Address, str] = {}
    for at in sorted(files, key=lambda at: (at.path, at.pairs)):
        name = files[at]
        if name.casefold() in taken:
            pure = PurePosixPath(name)
            name = str(pure.with_stem(f"{pure.stem}~{hashlib.sha256(at.url.encode()).hexdigest()[:12]}"))
        taken.add(name.casefold())
        named[at] = name
    return named


def relative(to: str, base: str, fragment: str = "") -> str:
    """Return the link from one file to another, both named from the site; it holds on a disk and below any address."""
    folders, wanted = base.split("/")[:-1], to.split("/")
    shared = 0
    while shared < min(len(folders), len(wanted) - 1) and folders[shared] == wanted[shared]:
        shared += 1
    path = quote("../" * (len(folders) - shared) + "/".join(wanted[shared:]), safe="/=,~+")
    return f"{path}#{fragment}" if fragment else path
