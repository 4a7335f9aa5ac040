"""From an address to a stream of bytes: http, https and file, from the middle when asked.

Nothing a server says is believed: the kinds of address and the number of redirects are
limited, redirects and error pages are never read, and content is taken as it is stored.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from envmgr.install.checksum import CHUNK

if TYPE_CHECKING:
    from requests import Request, Response, Session

_SIZE = "[0-9]{1,18}"
"""A size as a server tells it; Python refuses to read a number of thousands of digits."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a download is. Times are in seconds, sizes in bytes."""

    tries: int = 5
    """How often one address is tried without getting further."""
    connect_timeout: float = 20.0
    read_timeout: float = 60.0
    """Silence after which a connection counts as dropped."""
    backoff: float = 1.0
    """The first pause between two tries; every next one is twice as long."""
    longest_pause: float = 60.0
    """A server that asks for more than this is given up."""
    redirects: int = 10
    limit: int | None = None
    """The most bytes that are taken."""


class BodyError(Exception):
    """An address did not give its bytes. `transient` faults are worth another try."""

    def __init__(self, reason: str, *, transient: bool = False, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.transient = transient
        self.pause = pause
        """Seconds that the server asked to wait."""


class RangeRefusedError(BodyError):
    """The server cannot go on from where we are; from the beginning it may."""


@dataclass(frozen=True, slots=True)
class Body:
    """A stream that is open. `read` returns the next bytes, none at the end; raises BodyError."""

    read: Callable[[], bytes]
    close: Callable[[], None]
    start: int
    """Where in the file the first byte belongs."""
    total: int | None
    """The size of the whole file, when the server says."""
    validator: str | None = None
    """The server's name for this version of the file, fit for If-Range."""
    note: str = ""
    """What a failed checksum may come from."""

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_body(url: str, offset: int, validator: str | None, policy: Policy) -> Body:
    """Open *url* at byte *offset*, provided that the file still is the one of *validator*.

    The body starts at *offset* or, where the server cannot do that, at 0. Raises BodyError.
    """
    check_url(url)
    if url.lower().startswith("file:"):
        return _open_file(url, offset)
    return _open_http(url, offset, validator, policy)


def check_url(url: str, schemes: tuple[str, ...] = ("http", "https", "file")) -> None:
    """Refuse addresses of other schemes, without a host, or with characters that need no place."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is none
    except ValueError as error:
        raise BodyError(f"not an address: {error}") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise BodyError("not an address: it holds spaces or special characters")
    if parts.scheme not in schemes:
        raise BodyError(f"{parts.scheme or 'no'}:// is not one of {', '.join(schemes)}")
    if parts.scheme == "file" and host not in ("", "localhost"):
        raise BodyError(f"a file on another host, {host}")
    if parts.scheme != "file" and (not host or host.startswith("-")):
        raise BodyError("not an address: it names no host")


def shown(url: str) -> str:
    """*url* for messages: without a user's name and password, control characters escaped."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ascii(url)
    safe = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return safe if safe.isprintable() else ascii(safe)


def _open_file(url: str, offset: int) -> Body:
    from urllib.request import url2pathname

    path = url2pathname(urlsplit(url).path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise BodyError("not a regular file")
        file = open(path, "rb", buffering=0)  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise BodyError(_reason(error)) from error
    total = os.fstat(file.fileno()).st_size
    start = offset if offset <= total else 0
    file.seek(start)

    def read() -> bytes:
        try:
            return file.read(CHUNK)
        except OSError as error:
            raise BodyError(_reason(error)) from error

    return Body(read, file.close, start, total)


def _open_http(url: str, offset: int, validator: str | None, policy: Policy) -> Body:
    headers = {"Accept-Encoding": "identity", "User-Agent": "envmgr"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if validator is not None:
            headers["If-Range"] = validator
    with ExitStack() as stack:
        response = _get(url, headers, policy, stack)
        start, total = _extent(response, offset)
        return Body(
            read=_reader(response, policy),
            close=stack.pop_all().close,
            start=start,
            total=total,
            validator=_validator(response),
            note=_note(response),
        )


def _get(url: str, headers: dict[str, str], policy: Policy, stack: ExitStack) -> Response:
    """The answer at the end of the redirects, opened on *stack*."""
    import requests

    session = stack.enter_context(requests.Session())
    for _ in range(policy.redirects + 1):
        try:
            response = _send(session, requests.Request("GET", url, headers), policy)
        except (requests.RequestException, OSError, ValueError) as error:
            raise _connection_error(error, policy) from error
        stack.callback(response.close)
        if not response.is_redirect:
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
        check_url(url, ("http", "https"))
    raise BodyError(f"more than {policy.redirects} redirects")


def _send(session: Session, request: Request, policy: Policy) -> Response:
    """Past `Session.send`, which reads the body of a redirect, however long that is."""
    prepared = session.prepare_request(request)
    url = prepared.url or ""
    settings = session.merge_environment_settings(url, {}, True, None, None)
    timeout = (policy.connect_timeout, policy.read_timeout)
    # The stubs know no better: for verify=True no None comes out.
    return session.get_adapter(url).send(prepared, timeout=timeout, **settings)  # type: ignore[arg-type]


def _extent(response: Response, offset: int) -> tuple[int, int | None]:
    """Where the body starts and how long the whole file is."""
    status = response.status_code
    if status == HTTPStatus.OK:
        return 0, _length(response)
    if offset and status == HTTPStatus.PARTIAL_CONTENT:
        return offset, _total_after(offset, response.headers.get("Content-Range", ""))
    if offset and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise RangeRefusedError("HTTP 416", transient=True)
    raise _status_error(response)


def _length(response: Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    chunked = "Transfer-Encoding" in response.headers
    return int(text) if re.fullmatch(_SIZE, text) and not chunked else None


def _total_after(offset: int, content_range: str) -> int | None:
    found = re.fullmatch(rf"bytes ({_SIZE})-{_SIZE}/({_SIZE}|\*)", content_range.strip())
    if not found or int(found[1]) != offset:
        raise RangeRefusedError("the server sent another range than asked", transient=True)
    return None if found[2] == "*" else int(found[2])


def _status_error(response: Response) -> BodyError:
    status = response.status_code
    try:
        reason = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        reason = f"HTTP {status}"
    if status not in (408, 425, 429, 500, 502, 503, 504):
        return BodyError(reason)
    pause = _retry_after(response.headers.get("Retry-After", ""))
    return BodyError(reason, transient=True, pause=pause)


def _retry_after(text: str) -> float:
    """Seconds to wait, from either form of the header; 0 for one that is neither."""
    import time
    from email.utils import parsedate_to_datetime

    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return 0.0


def _validator(response: Response) -> str | None:
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):  # a weak one, W/"…", does not promise the same bytes
        return tag
    return response.headers.get("Last-Modified")


def _note(response: Response) -> str:
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return ""
    return f" (sent with Content-Encoding {ascii(encoding)[1:-1]}, though asked for none)"


def _reader(response: Response, policy: Policy) -> Callable[[], bytes]:
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError

    raw = response.raw

    def read() -> bytes:
        try:
            # What has come, not a full chunk: little is lost when the connection breaks.
            chunk: bytes = raw.read1(CHUNK, decode_content=False)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise _connection_error(error, policy, transient=True) from error
        return chunk

    return read


def _connection_error(error: Exception, policy: Policy, *, transient: bool = False) -> BodyError:
    import requests
    from urllib3.exceptions import TimeoutError as UrllibTimeoutError

    if isinstance(error, requests.ConnectTimeout):
        return BodyError(f"no connection within {policy.connect_timeout:g} s", transient=True)
    if isinstance(error, (requests.Timeout, UrllibTimeoutError)):
        return BodyError(f"no answer within {policy.read_timeout:g} s", transient=True)
    if isinstance(error, requests.exceptions.SSLError):
        return BodyError(f"no trusted connection: {_reason(error)}", transient=transient)
    dropped = isinstance(
        error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    )
    return BodyError(_reason(error), transient=transient or dropped)


def _reason(error: BaseException) -> str:
    """The system's own words from deep inside *error*, or what *error* says of itself."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    text = str(error) or type(error).__name__
    return text if text.isprintable() else ascii(text)
