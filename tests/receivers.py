"""A receiver of alerts or events on a free port of this machine, that answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MALFORMED, SLOW, DRIPPING = 0, -1, -2  # answers that are no status
TOKEN = "T0KEN-that-nobody-may-see"


@dataclass
class Receiver:
    """What came, and what is answered: one status a request, the last of them from then on."""

    url: str
    answers: Sequence[int]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # by the monotonic clock
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def root(self) -> str:
        """Its address without a path."""
        return self.url.partition("/hook")[0]


@contextmanager
def receiver(*answers: int) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.bodies.append(json.loads(body))
            told.headers.append(dict(self.headers))
            told.paths.append(self.path)
            told.times.append(time.monotonic())
            _answer(self, told.answers[min(len(told.bodies), len(told.answers)) - 1], told)

        do_GET = do_POST  # noqa: N815  a redirected POST would come as one

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = Receiver(f"http://127.0.0.1:{server.server_port}/hook/{TOKEN}", answers or (200,))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, status: int, told: Receiver) -> None:
    if status == MALFORMED:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n: no name\r\nno colon\r\n\r\n")
    elif status == SLOW:
        told.ended.wait(20)
    elif status == DRIPPING:
        for byte in b"HTTP/1.1 200 OK\r\n" * 20:
            if told.ended.wait(0.05):
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
    else:
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", told.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
