"""A local HTTP server that misbehaves on demand, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """A running server: each request takes the next answer, the last one is for all the rest."""

    url: str
    answers: Sequence[Answer]
    requests: list[dict[str, str]] = field(default_factory=list)
    """Headers of every request, names in lower case; `path` is among them."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self, request: BaseHTTPRequestHandler) -> Answer:
        """Note *request* down and say what it gets."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self._lock:
            number = len(self.requests)
            self.requests.append({**headers, "path": request.path})
        return self.answers[min(number, len(self.answers) - 1)]


@contextmanager
def serve(*answers: Answer) -> Iterator[Site]:
    """Serve *answers* in order on a free port."""
    site = Site("", answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.close_connection = True
            site.next_answer(self)(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(
    request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes = b""
) -> None:
    """Answer with exactly this."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


def content(data: bytes, **headers: str) -> Answer:
    """The whole of *data*, ranges ignored. `_` in header names stands for `-`."""
    return status(200, data, **{"Content_Length": str(len(data)), **headers})


def status(code: int, data: bytes = b"", **headers: str) -> Answer:
    """Only *code*, *headers* and *data*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: send(request, code, named, data)


def cut(data: bytes, after: int, **headers: str) -> Answer:
    """Announce all of *data*, send *after* bytes of it, and hang up."""
    return status(200, data[:after], Content_Length=str(len(data)), **headers)


def ranged(data: bytes, etag: str = '"one"') -> Answer:
    """A good server: ranges, and If-Range against *etag*."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-") or 0) if asked else 0
        rest = {"Content-Length": str(len(data) - start), "ETag": etag}
        if start >= len(data):
            send(request, 416, {"Content-Range": f"bytes */{len(data)}"})
        elif asked and request.headers.get("If-Range", etag) == etag:
            part = f"bytes {start}-{len(data) - 1}/{len(data)}"
            send(request, 206, {**rest, "Content-Range": part}, data[start:])
        else:
            send(request, 200, {"Content-Length": str(len(data)), "ETag": etag}, data)

    return answer


def chunked(*chunks: bytes, complete: bool = True) -> Answer:
    """Send *chunks* without saying how many bytes will come."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        send(request, 200, {"Transfer-Encoding": "chunked"})
        for chunk in chunks:
            request.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if complete:
            request.wfile.write(b"0\r\n\r\n")

    return answer
