"""A Google Scholar of our own on loopback: pages built as the real ones are, of works that do not exist.

    with serving() as server:
        server.behave({8: "429"})  # the eighth request is refused; all others are answered

Which works answer a query depends on the query alone, and two queries share two of five works.
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, quote_plus, urlsplit

PAGE_SIZE = 10
TOTAL = 1240

#: What can come instead of a page: by request, counted from 1.
Plan = Mapping[int, str] | Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Work:
    """A work that does not exist."""

    cid: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int | None
    host: str
    citations: int
    #: Of its title: PDF, BOOK, CITATION or none.
    mark: str
    snippet: tuple[str, str]


# Their numbers have no common divisor, so that no two works of the first thousands have one title.
_METHODS = (
    "Variational autoencoders",
    "Memory-guided transformers",
    "Normalizing flows",
    "Generative adversarial networks",
    "Self-supervised embeddings",
    "Diffusion models",
    "Deep one-class classifiers",
)
_TASKS = (
    "for unsupervised anomaly detection in",
    "for outlier detection in",
    "to localize lesions in",
    "for weakly supervised screening of",
    "for out-of-distribution detection in",
)
_IMAGES = (
    "brain MRI",
    "chest X-ray images",
    "retinal OCT",
    "head CT",
    "whole slide histopathology images",
    "breast ultrasound",
    "dermoscopic images",
    "T2<sup>*</sup> weighted cardiac MRI",
    "colonoscopy videos",
    "PET-CT",
    "mammograms",
)
_ENDS = (
    "",
    ": a study with healthy controls only",
    " across scanners and sites",
    " with few annotations and a patient-wise evaluation of false alarms in clinical routine",
    " – a reader study",
    ", revisited",
    " under domain shift",
    ": benchmarks, pitfalls & recommendations",
)
_NAMES = ("M Sørli", "K Bakker-Oyen", "R Tanhäuser", "L Ivarsen", "P Quist", "A de Wael", "J Oduya", "S Yildirimer")
_VENUES = (
    ("Journal of Imaginary Radiology", "elsevier.example"),
    ("International Workshop on Machine Learning in Invented Imaging", "springer.example"),
    ("arXiv preprint arXiv:9901.00001", "arxiv.example"),
    ("Made-up Proceedings - Medical Image Section", "ieee.example"),
    ("IEEE Transactions on Unreal Imaging", "ieee.example"),
)


def work(number: int) -> Work:
    """Return one of the works that do not exist."""
    title = " ".join((_METHODS[number % 7], _TASKS[number % 5], _IMAGES[number % 11])) + _ENDS[number // 5 % 8]
    venue, host = _VENUES[number % len(_VENUES)]
    mark = "CITATION" if number % 13 == 5 else "BOOK" if number % 29 == 7 else "PDF" if number % 4 == 1 else ""
    return Work(
        cid=f"w{number:06}AAAAJ",
        title=title,
        authors=tuple(_NAMES[(number + n) % len(_NAMES)] for n in range(1 + number % 5)),
        venue=venue,
        year=None if number % 11 == 3 else 2012 + number % 12,
        host=host,
        citations=number * 7 % 1500,
        mark=mark,
        snippet=(
            f"We look at {_IMAGES[number % 11]} of people who were never there",
            "and score what a model of health cannot explain",
        ),
    )


def numbers(query: str, start: int, size: int) -> list[int]:
    """Return which works answer a query, from `start`."""
    own = zlib.crc32(query.lower().encode()) % 300 * 200
    return [n % 30 if n % 5 in (0, 2) else 1000 + own + n for n in range(start, start + size)]


def cut(text: str, most: int) -> str:
    """Return text as Scholar shortens it."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def row(shown: Work, place: int, *, classes: str = "gs_r gs_or gs_scl") -> str:
    """Return the row of a work in the `place` (from 0) of all hits."""
    by = ", ".join(
        f'<a href="/citations?user=u{name[0]}{len(name)}AAAAJ&amp;hl=en&amp;oi=sra">{name}</a>' if n == 0 else name
        for n, name in enumerate(shown.authors[:3])
    )
    by += "…" if len(shown.authors) > 3 else ""
    middle = ", ".join(filter(None, (cut(shown.venue, 40), str(shown.year or ""))))
    # Who only is cited has no host; and real pages have no-break spaces here.
    byline = "\xa0- ".join((by, middle) if shown.mark == "CITATION" else (by, middle, shown.host))
    link = f"https://{shown.host}/{shown.cid}"
    title = escape(cut(shown.title, 110)).replace("&lt;sup&gt;*&lt;/sup&gt;", "<sup>*</sup>")
    title = title.replace("detection", "<b>detection</b>")
    mark = _mark(shown.mark)
    heading = (
        f'<span id="{shown.cid}">{title}</span>'
        if shown.mark == "CITATION"
        else f'<a id="{shown.cid}" href="{link}" data-clk="hl=en&amp;sa=T">{title}</a>'
    )
    full = f"""<div class="gs_ggs gs_fl"><div class="gs_ggsd"><div class="gs_or_ggsm" tabindex="-1"
><a href="{link}.pdf" data-clk="hl=en"><span class=gs_ctg2>[PDF]</span> {shown.host}</a></div></div></div>"""
    snippet = "" if shown.mark == "CITATION" else f'<div class="gs_rs">{" … <br>".join(shown.snippet)}\xa0…</div>'
    cites = zlib.crc32(shown.cid.encode())
    cited = f'<a href="/scholar?cites={cites}&amp;as_sdt=2005&amp;sciodt=0,5&amp;hl=en">Cited by {shown.citations}</a> '
    return f"""<div class="{classes}" data-cid="{shown.cid}" data-did="{shown.cid}" data-lid="" data-rp="{place}"
>{full if shown.mark == "PDF" else ""}<div class="gs_ri"><h3 class="gs_rt" ontouchstart="gs_evt_dsp(event)"
>{mark}{heading}</h3><div class="gs_a">{byline}</div>{snippet}<div class="gs_fl gs_flb"
><a href="javascript:void(0)" class="gs_or_sav gs_or_btn" role="button"><svg viewBox="0 0 15 16" class="gs_or_svg"
><path d="M7.5 11.57l3.824 2.308z"/></svg><span class="gs_or_btn_lbl">Save</span></a> <a href="javascript:void(0)"
class="gs_or_cit gs_or_btn gs_nph" role="button"><span>Cite</span></a> {cited if shown.citations else ""}<a
href="/scholar?q=related:{shown.cid}:scholar.google.com/&amp;scioq=x&amp;hl=en&amp;as_sdt=0,5">Related articles</a> <a
href="/scholar?cluster={cites}&amp;hl=en&amp;as_sdt=0,5" class="gs_nph">All {2 + cites % 9} versions</a
></div></div></div>"""


def _mark(name: str) -> str:
    if not name:
        return ""
    narrow = "[PDF]" if name == "PDF" else f"[{name[0]}]"
    kind = "gs_ctu" if name == "CITATION" else "gs_ctc"
    return f'<span class="{kind}"><span class="gs_ct1">[{name}]</span><span class="gs_ct2">{narrow}</span></span> '


def results(query: str, start: int = 0, total: int = TOTAL, rows: Sequence[str] | None = None) -> str:
    """Return a page of hits: those of the query, or `rows`."""
    size = max(min(PAGE_SIZE, total - start), 0)
    if rows is None:
        rows = [row(work(n), place) for place, n in enumerate(numbers(query, start, size), start)]
    page = f"Page {start // PAGE_SIZE + 1} of about" if start else "About"
    count = f"{page} {total:,} results"
    body = f"""<div id="gs_res_ccl"><div id="gs_res_ccl_top"></div><div id="gs_res_ccl_mid">  {"  ".join(rows)}</div
><div id="gs_res_ccl_bot"><div class="gs_r gs_alrt_btm gs_oph gs_ota"><a href="/scholar_alerts?hl=en">Create alert</a
></div>{_related()}<div id="gs_n" role="navigation"><center><table><tr>{_previous(query, start)}{
        _next(query, start) if start + PAGE_SIZE < total else _LAST
    }</tr></table></center></div></div></div>"""
    return frame(query, f"{count} (<b>0.05</b> sec)", body)


def empty(query: str) -> str:
    """Return the page that says that there are no hits."""
    body = f"""<div id="gs_res_ccl"><div id="gs_res_ccl_top"></div><div id="gs_res_ccl_mid"><div class="gs_r"
><div class="gs_med">Your search - <b>{escape(query)}</b> - did not match any articles.</div><p>Suggestions:</p
><ul><li>Use other words.</li></ul></div></div></div>"""
    return frame(query, "", body)


def frame(query: str, count: str, body: str) -> str:
    """Return what stands around the hits of every page."""
    asked = escape(query, quote=True)
    return f"""<!doctype html><html><head><title>{asked} - Google Scholar</title><meta http-equiv="Content-Type"
content="text/html;charset=UTF-8"><meta name="referrer" content="origin-when-cross-origin"><style>#gs_captcha_ccl{{
max-width:680px}}.gs_r{{margin:0}}</style><script>!function(GSP){{var re="#gs_captcha_f,.rc-doscaptcha-body",
s="unusual traffic, not a robot, g-recaptcha";}}({{"customAC":1}});</script></head><body><div id="gs_top" onclick=""
><div id="gs_md_err" style="display:none">The system is out of order.</div><div id="gs_cit" data-cid="gs_citd"></div
><form id="gs_asd_frm" action="/scholar"><input type="text" name="as_q" value="other"></form><div id="gs_hdr"
role="banner"><form id="gs_hdr_frm" action="/scholar"><input type=hidden name="hl" value="en"><input type=hidden
name="as_sdt" value="0,5"><input type="text" class="gs_in_txt" name="q" value="{asked}" id="gs_hdr_tsi" size="50"
></form></div><div id="gs_ab" class=" gs_ab_st"><div id="gs_ab_ttl"><div class="gs_ab_mdw"><span
class="gs_nph gs_nta">Articles</span><div class="gs_oph gs_ota">Scholar</div></div></div><div id="gs_ab_md"
><div class="gs_ab_mdw">{count}</div></div></div><div id="gs_bdy"><div id="gs_bdy_sb" role="navigation"><a
href="/scholar?as_ylo=2024&amp;q={quote_plus(query)}&amp;hl=en">Since 2024</a></div><div id="gs_bdy_ccl" role="main"
><div id="gs_res_glb" style="display:none" data-ttl="{asked} - Google Scholar"
data-sva="/citations?hl=en&amp;info={{id}}"></div>{body}</div></div><div
id="gs_ftr"><a href="/intl/en/scholar/about.html">Help</a></div></div></body></html>"""


def _related() -> str:
    return """<div class="gs_r gs_rt_hdr"><div class="gs_qsuggest gs_qsuggest_bottom"><h2>Related searches</h2><ul><li
><a href="/scholar?hl=en&amp;q=outlier+detection&amp;qst=ib">outlier <b>detection</b></a></li></ul></div></div>"""


def _previous(query: str, start: int) -> str:
    if not start:
        return '<td><span class="gs_ico gs_ico_nav_first"></span><b style="visibility:hidden">Previous</b></td>'
    there = f"/scholar?start={start - PAGE_SIZE}&amp;q={quote_plus(query)}&amp;hl=en&amp;as_sdt=0,5"
    return f'<td><a href="{there}"><span class="gs_ico gs_ico_nav_previous"></span><b>Previous</b></a></td>'


def _next(query: str, start: int) -> str:
    there = f"/scholar?start={start + PAGE_SIZE}&amp;q={quote_plus(query)}&amp;hl=en&amp;as_sdt=0,5"
    return f'<td><a href="{there}"><span class="gs_ico gs_ico_nav_next"></span><b>Next</b></a></td>'


_LAST = '<td><span class="gs_ico gs_ico_nav_last"></span><b style="visibility:hidden">Next</b></td>'
_SORRY = """<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"><html dir="LTR"><head><title>sorry</title>
</head><body><form id="{form}" action="index" method="post"><div id="{box}" class="{box}"></div></form>
<p>Our systems have detected unusual traffic from your computer network. Please show that you are not a robot.</p>
</body></html>"""
_PLAIN_SORRY = _SORRY.format(form="f", box="b")
_CAPTCHA = """<div id="gs_captcha_ccl"><script>function gs_captcha_cb(){}</script><form method="get" id="gs_captcha_f"
><h1>Please show you&#39;re not a robot</h1><div id="gs_captcha_c"></div></form></div>"""
_CONSENT = """<!doctype html><html lang="en"><head><title>Before you continue</title></head><body><h1
>Before you continue</h1><form action="https://consent.google.com/save" method="post"><input
name="gl" value="AT"></form>
</body></html>"""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, and when."""

    path: str
    headers: Mapping[str, str]
    at: float

    @property
    def query(self) -> str:
        """What was searched for."""
        return parse_qs(urlsplit(self.path).query).get("q", [""])[0]

    @property
    def start(self) -> int:
        """How many hits come before the page."""
        return int(parse_qs(urlsplit(self.path).query).get("start", ["0"])[0])


@dataclass
class ScholarServer:
    """The server, while it runs."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    #: Hits that every query has.
    total: int = TOTAL
    #: Set when the server stops, for those that are kept waiting.
    stopping: threading.Event = field(default_factory=threading.Event)
    plan: Plan = field(default_factory=dict)

    def behave(self, plan: Plan) -> None:
        """Answer as planned, by the number of the request from now on; where nothing is planned, with a page."""
        self.requests.clear()
        self.plan = plan

    @property
    def paths(self) -> list[str]:
        """What was asked so far."""
        return [request.path for request in self.requests]

    def behaviour(self, number: int) -> str:
        """Return how a request is answered."""
        return self.plan(number) if callable(self.plan) else self.plan.get(number, "ok")


@contextmanager
def serving() -> Iterator[ScholarServer]:
    """Run a server as long as the block."""
    server = ScholarServer()
    lock = threading.Lock()

    class Handler(_Handler):
        def do_GET(self) -> None:
            with lock:
                server.requests.append(Request(self.path, dict(self.headers), time.monotonic()))
                number = len(server.requests)
            with suppress(ConnectionError):  # whoever asked is gone
                self.answer(server, server.requests[number - 1], server.behaviour(number))

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        listener.shutdown()
        listener.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers in every way that a server, or a network, has."""

    MORE: ClassVar[dict[str, str]] = {"Set-Cookie": "GSP=LM=1; path=/"}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing: the requests are kept."""

    def answer(self, server: ScholarServer, asked: Request, how: str) -> None:
        """Answer a request in the way that is named."""
        if not asked.path.startswith("/scholar?"):
            self.send(404, "<html></html>")
        elif how in _PAGES:
            status, page, headers = _PAGES[how]
            self.send(status, page(asked.query, results(asked.query, asked.start, server.total)), **headers)
        elif how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif how in _RAW:
            self.wfile.write(_RAW[how])
        elif how == "silence":
            server.stopping.wait(60)
        elif how == "drip":
            self.drip(server)
        else:
            raise AssertionError(f"no such behaviour: {how}")

    def send(self, status: int, body: str | bytes, **headers: str) -> None:
        """Send an answer."""
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        given = {"content-type": "text/html; charset=UTF-8", "content-length": str(len(data))}
        for name, value in {**given, **self.MORE, **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def drip(self, server: ScholarServer) -> None:
        """Send a byte now and then, for ever."""
        self.send(200, "<!doctype html><html>", content_length="100000")
        while not server.stopping.wait(0.05):
            self.wfile.write(b" ")


def _captcha(query: str, _: str) -> str:
    return frame(query, "About 31 results (<b>0.05</b> sec)", _CAPTCHA)


def _latin(_: str, html: str) -> bytes:
    return html.encode("latin-1", errors="xmlcharrefreplace")


def _packed(_: str, html: str) -> bytes:
    return gzip.compress(html.encode())


def _bare(_: str, html: str) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(html.encode()) + packing.flush()


#: What is no answer of a server of the web, or none that is whole.
_RAW = {
    "closed": b"",
    "not http": b"220 mail.example ready\r\n\r\n",
    "short in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n",
}
_LATIN_HEADER = {"content_type": "text/html; charset=ISO-8859-1"}
#: Status, what becomes of query and page, and headers.
_PAGES: dict[str, tuple[int, Callable[[str, str], str | bytes], dict[str, str]]] = {
    "ok": (200, lambda _, html: html, {}),
    "empty": (200, lambda query, _: empty(query), {}),
    "captcha": (200, _captcha, {}),
    "latin-1": (200, _latin, _LATIN_HEADER),
    "latin-1 as utf-8": (200, _latin, {}),
    "utf-8 as latin-1": (200, lambda _, html: html, _LATIN_HEADER),
    "gzip": (200, _packed, {"content_encoding": "gzip"}),
    "deflate": (200, lambda _, html: zlib.compress(html.encode()), {"content_encoding": "deflate"}),
    "bare deflate": (200, _bare, {"content_encoding": "deflate"}),
    "short gzip": (200, lambda *given: _packed(*given)[:-50], {"content_encoding": "gzip"}),
    "bad gzip": (200, lambda _, html: b"\x1f\x8b" + html.encode(), {"content_encoding": "gzip"}),
    "unknown encoding": (200, lambda _, html: html, {"content_encoding": "br"}),
    "bomb": (200, lambda *_: gzip.compress(b" " * 21_000_000), {"content_encoding": "gzip"}),
    "huge": (200, lambda *_: b" " * 21_000_000, {}),
    "short": (200, lambda _, html: html, {"content_length": "10000000"}),
    "circle": (302, lambda *_: "", {"location": "/scholar?q=again"}),
    "403": (403, lambda *_: "<html>forbidden</html>", {}),
    "429": (429, lambda *_: _PLAIN_SORRY, {}),
    "404": (404, lambda *_: "<html>not found</html>", {}),
    "500": (500, lambda *_: "<html>broken</html>", {}),
    "503": (503, lambda *_: "<html>busy</html>", {}),
    "503 sorry": (503, lambda *_: _PLAIN_SORRY, {}),
    "to sorry": (302, lambda *_: "", {"location": "https://www.google.com/sorry/index?continue=https://x"}),
    "to consent": (302, lambda *_: "", {"location": "https://consent.google.com/ml?continue=https://x"}),
    "to sign in": (302, lambda *_: "", {"location": "https://accounts.google.com/ServiceLogin"}),
    "to elsewhere": (302, lambda *_: "", {"location": "https://scholar.google.example/scholar?q=x"}),
    "to nowhere": (302, lambda *_: "", {"location": "http://[broken"}),
    "sorry": (200, lambda *_: _PLAIN_SORRY, {}),
    "recaptcha": (200, lambda *_: _SORRY.format(form="captcha-form", box="g-recaptcha"), {}),
    "doscaptcha": (200, lambda *_: _SORRY.format(form="f", box="rc-doscaptcha-body"), {}),
    "consent": (200, lambda *_: _CONSENT, {}),
    "changed class": (200, lambda _, html: html.replace("gs_r gs_or gs_scl", "gs_hit"), {}),
    "some changed": (200, lambda _, html: html.replace("gs_r gs_or gs_scl", "gs_hit", 1), {}),
    "no rows": (200, lambda _, html: html.replace("gs_r gs_or gs_scl", "gs_hit").replace("data-rp", "data-place"), {}),
    "a row without parts": (200, lambda _, html: html.replace('class="gs_a"', 'class="gs_by"', 1), {}),
    "a row without title": (200, lambda _, html: html.replace('class="gs_rt"', 'class="gs_head"', 1), {}),
    "next does not lead on": (200, lambda _, html: html.replace("?start=", "?begin="), {}),
    "no html end": (200, lambda _, html: html[: len(html) * 2 // 3], {}),
    "other html": (200, lambda *_: "<!doctype html><html><body>Welcome to the hotel</body></html>", {}),
    "not html": (200, lambda *_: '{"hits": []}', {"content_type": "application/json"}),
    "nothing": (200, lambda *_: "", {}),
    "long": (200, lambda _, html: html + " " * 3_000_000, {}),
    "no charset": (200, lambda _, html: html, {"content_type": "text/html"}),
}
