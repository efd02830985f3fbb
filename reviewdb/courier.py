"""The courier: carries questions to OpenAlex one by one, politely, and keeps its answers for a day."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from reviewdb import __version__, web
from reviewdb.errors import BlockedError, ChangedError, ReviewError
from reviewdb.text import clean, counted

URL, KEY, PACE = "REVIEWDB_OPENALEX_URL", "REVIEWDB_OPENALEX_KEY", "REVIEWDB_PACE"
HOME = "https://api.openalex.org"
#: What to do where an answer is not what it should be.
CHANGED = "Try again later; if it stays so, please report it."

# OpenAlex allows 100 requests a second; nobody needs so many.
_SECONDS_BETWEEN = 0.15
# Further tries, the first after so many times the pace, each next after twice as long, none after more than a minute.
_TRIES, _PATIENCE, _LONGEST_WAIT = 3, 8, 60
# Who has been silent for as long as a request may take would be so the next time.
_SILENCE = 15
# The budget is one of a day, and so is what an answer is good for.
_FRESH = 24 * 60 * 60
_MESSAGE = 200

_OK, _MISSING, _TOO_MANY, _SERVER = 200, 404, 429, 500
_MOVED = frozenset((301, 302, 307, 308))
_FORBIDDEN = frozenset((401, 403))
_A_KEY = f"A free key from openalex.org/settings/api allows ten times as much a day: set {KEY} to it."

Value = TypeVar("Value")
#: An answer: an object of JSON.
Said = dict[str, Any]


class Courier:
    """Asks one question at a time, with pauses, again where that may help, and never more than four times.

    The key is only ever sent as a header.
    """

    def __init__(self, cache: Path | None, base: str = "", key: str = "") -> None:
        """Keep answers in the folder `cache`; `base` and `key` come from the environment by default.

        Raises ReviewError where one of them, or REVIEWDB_PACE, makes no sense.
        """
        #: Requests made so far.
        self.requests = 0
        self.base = _address(base or os.environ.get(URL, "") or HOME)
        self._cache = cache
        self._key = _secret(key or os.environ.get(KEY, ""))
        self._pace = _pace(os.environ.get(PACE, ""))
        bearer = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = web.Client({"User-Agent": f"reviewdb/{__version__}", "Accept": "application/json", **bearer})
        self._next = 0.0

    def known(self, url: str, read: Callable[[Said], Value]) -> Value | None:
        """Return what `read` makes of the answer to `url`, from the cache or from OpenAlex; None where it has none."""
        kept = self._cache / f"{hashlib.sha256(url.encode()).hexdigest()}.json" if self._cache else None
        if kept and (said := _restored(kept, url)) is not None:
            with suppress(ChangedError):  # damaged: it is asked for again
                return read(said)
        said = self.ask(url)
        if said is None:
            return None
        value = read(said)
        if kept:
            _store(kept, url, said)
        return value

    def ask(self, url: str) -> Said | None:
        """Return what OpenAlex answers; None where it has no such thing."""
        answer = self._answer(url)
        if answer.status in _MOVED:  # a work that was merged into another one
            there = urljoin(url, answer.headers.get("location", ""))
            # Nobody else is to see the key.
            if urlsplit(there)[:2] != urlsplit(url)[:2] or there == url:
                raise ReviewError(f"{self.base} sends us on to {_origin(there)}.", f"Check {URL}.")
            answer = self._answer(there)
        if answer.status == _MISSING:
            return None
        if answer.status != _OK:
            raise self._refusal(answer)
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise ChangedError("OpenAlex answers with something else than its JSON.", CHANGED, page=answer.body)
        return said

    def _answer(self, url: str) -> web.Answer:
        """Ask, and ask again where that may help."""
        begun = time.monotonic()
        for tries in range(_TRIES + 1):
            last = tries == _TRIES
            wait = min(_PATIENCE * self._pace * 2**tries, _LONGEST_WAIT)
            try:
                answer = self._get(url)
            except ReviewError:
                if last or time.monotonic() - begun > _SILENCE:
                    raise
            else:
                again = answer.status == _TOO_MANY or answer.status >= _SERVER
                asked_to = _retry_after(answer)
                if last or not again or _is_spent(answer) or asked_to > _LONGEST_WAIT:
                    return answer
                wait = max(wait, asked_to)
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _get(self, url: str) -> web.Answer:
        time.sleep(max(self._next - time.monotonic(), 0))
        self.requests += 1
        try:
            return self._client.get(url)
        finally:
            self._next = time.monotonic() + self._pace

    def _refusal(self, answer: web.Answer) -> ReviewError:
        told = _message(answer.body)
        told = f": {told.replace(self._key, '...') if self._key else told}" if told else ""
        if answer.status == _TOO_MANY:
            seconds = _retry_after(answer)
            until = f"Come back in {counted(math.ceil(seconds / 3600), 'hour')}." if seconds > _LONGEST_WAIT else ""
            todo = " ".join(filter(None, (until or "Come back tomorrow.", "" if self._key else _A_KEY)))
            return BlockedError(f"OpenAlex refuses to answer for now (429{told}).", todo)
        if answer.status in _FORBIDDEN:
            todo = f"Check {KEY}." if self._key else _A_KEY
            return ReviewError(f"OpenAlex does not let us in ({answer.status}{told}).", todo)
        if answer.status >= _SERVER:
            return ReviewError(f"OpenAlex is out of order ({answer.status}{told}).", "Try again in some minutes.")
        return ReviewError(f"OpenAlex does not take the question ({answer.status}{told}).", "Please report it.")


def _restored(path: Path, url: str) -> Said | None:
    try:
        if not 0 <= time.time() - path.stat().st_mtime < _FRESH:
            return None
        kept = json.loads(path.read_bytes())
        return kept["answer"] if kept["url"] == url and isinstance(kept["answer"], dict) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _store(path: Path, url: str, said: Said) -> None:
    part = path.with_name(f".{path.stem}.{os.getpid()}.part")
    # What cannot be kept is asked for again: no reason to lose what came.
    with suppress(OSError, RecursionError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(json.dumps({"url": url, "answer": said}), encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _retry_after(answer: web.Answer) -> float:
    """Return the seconds that OpenAlex asks us to wait, 0 where it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max((parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


def _is_spent(answer: web.Answer) -> bool:
    # There is nothing to wait for before the next day.
    return answer.status == _TOO_MANY and answer.headers.get("x-ratelimit-remaining", "").strip() == "0"


def _message(body: bytes) -> str:
    """Return why OpenAlex refuses, in its own words."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    words = (said.get("message"), said.get("error")) if isinstance(said, dict) else ()
    return clean(next((word for word in words if isinstance(word, str)), "")).rstrip(".")[:_MESSAGE]


def _address(base: str) -> str:
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        good = good and "@" not in parts.netloc and base.isascii() and base.isprintable() and " " not in base
    except ValueError:
        good = False
    if not good:
        # Not repeated: some put a key into the address.
        raise ReviewError(f"{URL} is not the address of a service.", f"Write it as {HOME}, and a key into {KEY}.")
    return base.rstrip("/")


def _origin(url: str) -> str:
    return clean(urlsplit(url).netloc.rpartition("@")[2]) or "nowhere"


def _secret(key: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ReviewError(f"{KEY} has marks that no key has.", "Copy it anew from openalex.org/settings/api.")
    return key


def _pace(said: str) -> float:
    try:
        seconds = float(said) if said else _SECONDS_BETWEEN
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _FRESH:
        raise ReviewError(f"{PACE} is {said!r}.", "Set it to the seconds between two requests, such as 0.5.")
    return seconds
