"""A proxy in front of a server, which now and then breaks a connection or answers 503 itself."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RESET, BUSY = "reset", "503"
LOST = "lost"  # the request is carried out, and its answer never comes
KINDS = (RESET, BUSY)
_BUSY = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: 81\r\n\r\n"
    b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>busy</Message></Error>\n'
)


class FaultyProxy(socketserver.ThreadingTCPServer):
    """Forwards to a port of this machine; `fail` lets some requests fail."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = port
        self.failed = 0
        self._armed: list[tuple[int, str]] = []  # after so many requests, and how
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, kind: str, after: int, times: int = 1) -> None:
        """Let `times` requests fail in a row, when `after` others have passed."""
        with self._lock:
            self._armed = [(after, kind)] + [(0, kind)] * (times - 1)

    def fault(self) -> str | None:
        """Whether this request is to fail, and how."""
        with self._lock:
            if not self._armed:
                return None
            after, kind = self._armed[0]
            if after:
                self._armed[0] = after - 1, kind
                return None
            self._armed.pop(0)
            self.failed += 1
            return kind


class _Handler(socketserver.BaseRequestHandler):
    """One connection. What a client sends after an answer is a new request."""

    server: FaultyProxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as upstream:
            self._answered, self._is_lost = True, False
            back = threading.Thread(target=self._back, args=(upstream,), daemon=True)
            back.start()
            try:
                while data := self.request.recv(65536):
                    if self._answered:
                        self._answered = False
                        kind = self.server.fault()
                        if kind in KINDS:
                            return self._fail(kind)
                        self._is_lost = kind == LOST
                    upstream.sendall(data)
            except OSError:
                return

    def _back(self, upstream: socket.socket) -> None:
        try:
            while data := upstream.recv(65536):
                self._answered = True
                if self._is_lost:
                    return self._reset()
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _fail(self, kind: str) -> None:
        if kind == BUSY:
            self.request.sendall(_BUSY)
        else:
            self._reset()

    def _reset(self) -> None:
        """Not an orderly end: no FIN goes before it, and whoever waits for a request is woken."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.shutdown(socket.SHUT_RD)
        self.request.close()


@contextmanager
def faulty_proxy(port: int) -> Iterator[FaultyProxy]:
    """A proxy on a free port, while it is needed."""
    with FaultyProxy(port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
