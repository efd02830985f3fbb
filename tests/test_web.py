"""One bounded request: what comes back, and what is said of all that can go wrong, against servers on loopback."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scholar_server import ScholarServer, serving
from tls_proxy import proxying

from reviewdb.errors import ReviewError
from reviewdb.web import LARGEST, Answer, Client

# What a test waits for where nothing comes, and how much longer a busy machine may take.
SECONDS, MARGIN = 0.4, 8


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the settings of the machine."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[ScholarServer]:
    with serving() as running:
        yield running


@pytest.fixture
def client() -> Client:
    return Client({"User-Agent": "test/1"}, SECONDS)


@pytest.mark.parametrize("how", ["ok", "gzip", "deflate", "bare deflate", "latin-1", "no charset"])
def test_a_page_comes_as_text_however_it_is_packed(server: ScholarServer, how: str) -> None:
    server.behave({1: how})
    answer = Client({}).get(f"{server.url}/scholar?q=x")
    assert (answer.status, answer.damaged, len(server.requests)) == (200, False, 1)
    assert "M Sørli" in answer.text
    assert answer.text.endswith("</body></html>")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("silence", f"timed out after {SECONDS:g} seconds."),
        ("drip", f"timed out after {SECONDS:g} seconds."),
        ("closed", "the connection was closed before an answer came."),
        ("reset", "the connection was closed before the answer was whole."),
        ("short", "the connection was closed within the answer: it is truncated."),
        ("short in chunks", "the connection was closed within the answer: it is truncated."),
        ("not http", "the answer is not in the protocol of the web"),
        ("bad gzip", "the body cannot be decompressed"),
        ("short gzip", "the body cannot be decompressed: it ends too early."),
        ("unknown encoding", "the body cannot be decompressed: it is packed as 'br', which was not asked for."),
    ],
)
def test_what_is_no_answer_is_told_after_one_request(
    server: ScholarServer, client: Client, how: str, told: str
) -> None:
    server.behave({1: how})
    begun = time.monotonic()
    with pytest.raises(ReviewError) as error:
        client.get(f"{server.url}/scholar?q=x")
    assert time.monotonic() - begun < SECONDS + MARGIN
    assert error.value.what.startswith(f"{server.url.removeprefix('http://')}: {told}")
    assert error.value.todo.endswith((".", "again."))
    assert len(server.requests) == 1


@pytest.mark.parametrize("how", ["huge", "bomb"])
def test_what_is_too_large_is_not_taken_in(server: ScholarServer, how: str) -> None:
    server.behave({1: how})
    with pytest.raises(ReviewError, match=rf"the answer is larger than {LARGEST // 1_000_000} MB\."):
        Client({}).get(f"{server.url}/scholar?q=x")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("how", "status"), [("to sorry", 302), ("circle", 302), ("404", 404), ("503", 503)])
def test_redirects_and_refusals_are_answers(server: ScholarServer, client: Client, how: str, status: int) -> None:
    server.behave(lambda _: how)
    assert client.get(f"{server.url}/scholar?q=x").status == status
    assert len(server.requests) == 1


def test_headers_and_cookies_go_with_every_request(server: ScholarServer) -> None:
    client = Client({"User-Agent": "test/1"})
    for _ in range(2):
        client.get(f"{server.url}/scholar?q=x")
    first, second = (request.headers for request in server.requests)
    assert first["User-Agent"] == second["User-Agent"] == "test/1"
    assert first["Accept-Encoding"] == "gzip, deflate"
    assert ("Cookie" in first, second["Cookie"]) == (False, "GSP=LM=1")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://127.0.0.1/x", "127.0.0.1: this is no address on the web"),
        ("127.0.0.1/x", "this is no address on the web"),
        ("", "this is no address on the web"),
        ("http://", "this is no address on the web"),
        ("http://[::1", "http://[::1: this is no address on the web"),
        ("http://127.0.0.1:99999/", "http://127.0.0.1:99999/: this is no address on the web"),
        ("http://127.0.0.1:port/", "http://127.0.0.1:port/: this is no address on the web"),
        ("http://127.0.0.1/\x00", "127.0.0.1: this is no address on the web"),
        ("http://user:secret@127.0.0.1:1/", "127.0.0.1:1: connection refused."),
    ],
)
def test_an_address_at_which_nobody_can_be(client: Client, url: str, told: str) -> None:
    with pytest.raises(ReviewError) as error:
        client.get(url)
    assert told in error.value.what
    assert "secret" not in str(error.value)


def test_a_name_that_is_not_found(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # The fence lets nobody ask a name server.
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ReviewError, match=r"host\.invalid: the name was not found \(Name or service not known\)\."):
        client.get("http://host.invalid/")


def test_a_name_server_that_is_silent_holds_nobody_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(60))
    begun = time.monotonic()
    with pytest.raises(ReviewError, match=r"host\.invalid: timed out after 0\.4 seconds\."):
        client.get("http://host.invalid/")
    assert time.monotonic() - begun < SECONDS + MARGIN
    answered.set()


def test_whoever_accepts_and_says_nothing_is_not_waited_for(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(ReviewError, match="timed out"):
            client.get(url)
        with pytest.raises(ReviewError, match="timed out"):
            client.get(url.replace("http", "https"))


def test_ctrl_c_ends_a_request(server: ScholarServer) -> None:
    server.behave({1: "silence"})
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Client({}).get(f"{server.url}/scholar?q=x")
    assert time.monotonic() - begun < MARGIN


def test_a_proxy_and_an_authority_are_taken_from_the_environment(
    server: ScholarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(server.url, tmp_path) as proxy:
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        answer = Client({}).get("https://scholar.google.com/scholar?q=x")
        assert (answer.status, proxy.asked) == (200, ["scholar.google.com:443"])
        assert server.requests[0].headers["Host"] == "scholar.google.com"
        with pytest.raises(ReviewError, match=r"other\.example: the proxy does not let us through: 403 Forbidden\."):
            Client({}).get("https://other.example/")
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(ReviewError, match="its TLS certificate was not accepted") as error:
            Client({}).get("https://scholar.google.com/scholar?q=x")
        assert "SSL_CERT_FILE" in error.value.todo
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HTTPS_PROXY", "http://127.0.0.1:1", "connection refused."),
        ("HTTPS_PROXY", "http://127.0.0.1:port", "nothing could be asked|no address"),
        ("HTTPS_PROXY", "gopher://127.0.0.1", "nothing could be asked: Unknown scheme"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "nothing could be asked: .*SOCKS"),
        ("SSL_CERT_FILE", "{tmp}/none.pem", "nothing could be asked"),
        ("SSL_CERT_FILE", "{tmp}/empty.pem", "nothing could be asked|no TLS connection"),
    ],
)
def test_settings_that_make_no_sense_are_told(
    name: str, value: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv(name, value.format(tmp=tmp_path))
    with pytest.raises(ReviewError, match=told) as error:
        client.get("https://127.0.0.1:1/")
    assert name in error.value.todo


@pytest.mark.parametrize(
    ("header", "body", "text", "damaged"),
    [
        ("", "é…".encode(), "é…", False),
        ("", "\ufeffé".encode(), "é", False),
        ("text/html; charset=UTF-8", b"\xe9", "\ufffd", True),
        ("text/html; charset=utf-8", "\ufffd".encode(), "\ufffd", False),
        ("text/html; charset=ISO-8859-1", b"\xe9\x85", "é…", False),
        ("text/html; charset=ISO-8859-1", "é…".encode(), "Ã©â€¦", True),
        ("text/html; charset=ISO-8859-1", b"plain", "plain", False),
        ('text/html; charset="koi8-r"', "да".encode("koi8-r"), "да", False),
        ("text/html; charset=unheard-of", "é".encode(), "é", False),
        ("text/html; charset=base64", "é".encode(), "é", False),
        ("text/html", b'<meta charset="koi8-r">' + "да".encode("koi8-r"), '<meta charset="koi8-r">да', False),
        ("text/html; charset=utf-8", b'<meta charset="koi8-r">\xc3\xa9', '<meta charset="koi8-r">é', False),
    ],
)
def test_letters_are_those_of_the_charset_that_is_named(header: str, body: bytes, text: str, damaged: bool) -> None:
    answer = Answer("http://x", 200, {"content-type": header} if header else {}, body)
    assert (answer.text, answer.damaged) == (text, damaged)
