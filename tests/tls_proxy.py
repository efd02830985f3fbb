"""A proxy on loopback that answers for scholar.google.com, with a certificate of an authority that lives for a test.

A program that is told of both by HTTPS_PROXY and SSL_CERT_FILE asks it as it would ask the real host.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import trustme

HOST = "scholar.google.com"


@dataclass
class Proxy:
    """The proxy, while it runs."""

    #: What makes a program ask it.
    environment: dict[str, str] = field(default_factory=dict)
    #: Hosts and ports that were asked for.
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxying(url: str, folder: Path, host: str = HOST) -> Iterator[Proxy]:
    """Hand requests for `host` to the server at `url`; the certificate of the authority is kept in `folder`."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    certificate = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    proxy = Proxy()
    upstream = urlsplit(url)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            target = _head(self.request).split()[1].decode()
            proxy.asked.append(target)
            if target != f"{host}:443":
                self.request.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            # Whoever does not trust the certificate, or stops, hangs up.
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as inside:
                asked = _head(inside)
                with socket.create_connection((upstream.hostname, upstream.port)) as server:
                    server.sendall(asked)
                    while part := server.recv(65_536):
                        inside.sendall(part)
                with suppress(OSError):
                    inside.unwrap()

    listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    port = listener.server_address[1]
    proxy.environment = {"HTTPS_PROXY": f"http://127.0.0.1:{port}", "SSL_CERT_FILE": str(certificate)}
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def _head(connection: socket.socket) -> bytes:
    """Read a request without a body."""
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError("closed")
        read += part
    return read
