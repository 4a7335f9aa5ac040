"""Downloads against servers that drop, lie, change their mind and send too much."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import DefinitionError, EnvmgrError, FetchError
from envmgr.install.body import BodyError, Policy, check_url, shown
from envmgr.install.checksum import Digest
from envmgr.install.fetch import download
from envmgr.install.progress import Bar, Progress, Silent, progress_on
from envmgr.model.plan import Download

from .server import Answer, Site, chunked, content, cut, ranged, send, serve, status

DATA = bytes(range(256)) * 8192  # 2 MiB
OTHER = bytes(reversed(DATA))
QUICK = Policy(tries=3, backoff=0.0, read_timeout=5.0)


def digest(data: bytes = DATA, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def step(*urls: str, data: bytes = DATA, algorithm: str = "sha256") -> Download:
    return Download("file.bin", urls, digest(data, algorithm))


def fetch(cache: Path, *urls: str, policy: Policy = QUICK) -> bytes:
    return Path(download(step(*urls), str(cache), policy=policy, sleep=_no_sleep)).read_bytes()


def _no_sleep(_: float) -> None:
    pass


def leave_partial(cache: Path, data: bytes, url: str = "", validator: str = "") -> Path:
    """What a process killed in the middle leaves."""
    slot = cache / digest().replace(":", "-")
    slot.mkdir(parents=True)
    (slot / "file.bin.partial").write_bytes(data)
    if validator:
        about = json.dumps({"url": url, "validator": validator})
        (slot / "file.bin.partial.json").write_text(about)
    return slot


def test_the_file_lands_verified_under_its_digest_and_nothing_else_stays(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        path = Path(download(step(site.url), str(tmp_path)))
    assert path == tmp_path / digest().replace(":", "-") / "file.bin"
    assert path.read_bytes() == DATA
    assert os.listdir(path.parent) == ["file.bin"]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        fetch(tmp_path, site.url)
        fetch(tmp_path, site.url)
        assert len(site.requests) == 1


def test_a_cached_file_that_rotted_is_fetched_again(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        path = Path(download(step(site.url), str(tmp_path)))
        path.write_bytes(OTHER)
        assert fetch(tmp_path, site.url) == DATA


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_every_algorithm_of_the_contract(tmp_path: Path, algorithm: str) -> None:
    with serve(content(DATA)) as site:
        good, bad = (step(site.url, data=data, algorithm=algorithm) for data in (DATA, OTHER))
        path = download(good, str(tmp_path), trust=Remembered(), policy=QUICK)
        assert Path(path).read_bytes() == DATA
        with pytest.raises(FetchError, match=algorithm):
            download(bad, str(tmp_path), trust=Remembered(), policy=QUICK)


def test_a_file_url(tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(DATA)
    assert fetch(tmp_path / "cache", (tmp_path / "a file").as_uri()) == DATA


def test_a_wrong_file_is_refused_at_once_and_leaves_nothing_to_resume(tmp_path: Path) -> None:
    with serve(content(OTHER)) as site:
        with pytest.raises(FetchError, match="not ") as caught:
            fetch(tmp_path, site.url)
        assert len(site.requests) == 1
    assert "recipe's digest" in (caught.value.hint or "")
    slot = tmp_path / digest().replace(":", "-")
    assert (slot / "file.bin.partial").read_bytes() == b""
    assert not (slot / "file.bin").exists()


def test_the_next_address_is_tried_and_every_failure_is_told(tmp_path: Path) -> None:
    with serve(status(404)) as gone, serve(content(OTHER)) as wrong, serve(content(DATA)) as good:
        assert fetch(tmp_path / "a", gone.url, wrong.url, good.url) == DATA
        with pytest.raises(FetchError) as caught:
            fetch(tmp_path / "b", gone.url, wrong.url)
        message = caught.value.message
        assert f"{gone.url}: HTTP 404 Not Found" in message
        assert f"{wrong.url}: its sha256 is" in message


def test_no_address_at_all(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no address"):
        fetch(tmp_path)


# Faults that pass


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_transient_statuses_are_tried_again(tmp_path: Path, code: int) -> None:
    with serve(status(code), status(code), content(DATA)) as site:
        assert fetch(tmp_path, site.url) == DATA


def test_a_server_that_stays_down_is_given_up(tmp_path: Path) -> None:
    with serve(status(503)) as site:
        with pytest.raises(FetchError, match="503 Service Unavailable"):
            fetch(tmp_path, site.url)
        assert len(site.requests) == QUICK.tries


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 501])
def test_final_statuses_are_not_tried_again(tmp_path: Path, code: int) -> None:
    with serve(status(code)) as site:
        with pytest.raises(FetchError, match=str(code)):
            fetch(tmp_path, site.url)
        assert len(site.requests) == 1


def _pauses(cache: Path, *answers: str, policy: Policy) -> list[float]:
    pauses: list[float] = []
    with serve(*(status(429, Retry_After=text) for text in answers), content(DATA)) as site:
        download(step(site.url), str(cache), policy=policy, sleep=pauses.append)
    return pauses


def test_retry_after_is_waited_for_in_both_forms(tmp_path: Path) -> None:
    pauses = _pauses(tmp_path, "7", formatdate(0, usegmt=True), "what?", policy=Policy())
    assert pauses == [7.0, 2.0, 4.0]


def test_a_server_that_asks_for_too_long_a_pause_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="429 Too Many Requests"):
        _pauses(tmp_path, "3600", policy=Policy())


def test_a_dropped_connection_is_gone_on_from(tmp_path: Path) -> None:
    with serve(cut(DATA, 700_000, ETag='"one"'), ranged(DATA)) as site:
        assert fetch(tmp_path, site.url) == DATA
        assert site.requests[1]["range"] == "bytes=700000-"
        assert site.requests[1]["if-range"] == '"one"'


def test_a_reset_connection_is_tried_again(tmp_path: Path) -> None:
    def reset(request: BaseHTTPRequestHandler) -> None:
        connection = request.connection
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()

    with serve(reset, content(DATA)) as site:
        assert fetch(tmp_path, site.url) == DATA


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    release = threading.Event()
    policy = Policy(tries=1, read_timeout=0.2)
    with serve(lambda request: print(release.wait(10))) as site:
        try:
            with pytest.raises(FetchError, match=r"no answer within 0\.2 s"):
                fetch(tmp_path, site.url, policy=policy)
        finally:
            release.set()


def test_nobody_listens(tmp_path: Path) -> None:
    with serve(content(DATA)) as site:
        url = site.url
    with pytest.raises(FetchError, match="refused"):
        fetch(tmp_path, url)


def test_tries_count_only_those_that_got_no_further(tmp_path: Path) -> None:
    data = DATA * 3
    pieces = [_piece(data, start) for start in range(0, len(data), 1 << 20)]
    with serve(*pieces) as site:
        wanted = Download("file.bin", (site.url,), digest(data))
        path = download(wanted, str(tmp_path), policy=Policy(tries=2, backoff=0.0))
        assert Path(path).read_bytes() == data
        assert len(site.requests) == 6


def _piece(data: bytes, start: int) -> Answer:
    """A megabyte of *data*, then silence."""
    end = min(start + (1 << 20), len(data))
    rest = str(len(data) - start)
    if not start:
        return cut(data, end)
    extent = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return status(206, data[start:end], Content_Length=rest, Content_Range=extent)


# Going on from what is there


def test_what_a_killed_process_left_is_gone_on_from(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        leave_partial(tmp_path, DATA[:1000], site.url, '"one"')
        assert fetch(tmp_path, site.url) == DATA
        assert [r.get("range") for r in site.requests] == ["bytes=1000-"]


def test_a_changed_file_restarts_in_one_request(tmp_path: Path) -> None:
    with serve(ranged(DATA, etag='"two"')) as site:
        leave_partial(tmp_path, OTHER[:1000], site.url, '"one"')
        assert fetch(tmp_path, site.url) == DATA
        assert len(site.requests) == 1


def test_pieces_that_do_not_fit_get_one_clean_try(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        leave_partial(tmp_path, OTHER[:1000])
        assert fetch(tmp_path, site.url) == DATA
        assert [r.get("range") for r in site.requests] == ["bytes=1000-", None]


def test_a_server_that_ignores_ranges_restarts(tmp_path: Path) -> None:
    with serve(content(DATA)) as site:
        leave_partial(tmp_path, DATA[:1000])
        assert fetch(tmp_path, site.url) == DATA


def test_a_partial_file_that_is_too_long_restarts(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        leave_partial(tmp_path, DATA + b"more")
        assert fetch(tmp_path, site.url) == DATA
        assert [r.get("range") for r in site.requests] == [f"bytes={len(DATA) + 4}-", None]


@pytest.mark.parametrize("extent", ["bytes 0-9/10", "nonsense", "bytes 5-/", ""])
def test_a_range_that_was_not_asked_for_restarts(tmp_path: Path, extent: str) -> None:
    with serve(status(206, b"xx", Content_Range=extent), ranged(DATA)) as site:
        leave_partial(tmp_path, DATA[:1000])
        assert fetch(tmp_path, site.url) == DATA


def test_a_complete_partial_file_needs_no_network(tmp_path: Path) -> None:
    leave_partial(tmp_path, DATA)
    assert fetch(tmp_path, "http://127.0.0.1:1/") == DATA


def test_another_address_goes_on_where_the_first_broke(tmp_path: Path) -> None:
    with serve(cut(DATA, 5000, ETag='"x"'), status(404)) as first, serve(ranged(DATA)) as second:
        assert fetch(tmp_path, first.url, second.url) == DATA
        assert second.requests[0]["range"] == "bytes=5000-"
        assert "if-range" not in second.requests[0]


def test_a_date_serves_where_the_tag_is_weak(tmp_path: Path) -> None:
    date = "Sat, 01 Jan 2022 00:00:00 GMT"
    with serve(cut(DATA, 5000, ETag='W/"x"', Last_Modified=date), ranged(DATA, date)) as site:
        assert fetch(tmp_path, site.url) == DATA
        assert site.requests[1]["if-range"] == date


def test_a_file_url_goes_on_too(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    leave_partial(tmp_path / "cache", DATA[:1000])
    assert fetch(tmp_path / "cache", (tmp_path / "source").as_uri()) == DATA


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL on Windows")
def test_kill_9_leaves_a_part_that_the_next_process_goes_on_from(tmp_path: Path) -> None:
    half_sent = threading.Event()
    released = threading.Event()

    def half(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, {"Content-Length": str(len(DATA))}, DATA[:900_000])
        half_sent.set()
        released.wait(30)

    with serve(half, ranged(DATA)) as site:
        process = _process(tmp_path, site)
        assert half_sent.wait(30)
        partial = tmp_path / digest().replace(":", "-") / "file.bin.partial"
        while not partial.exists() or partial.stat().st_size < 900_000:
            assert process.poll() is None
        process.kill()
        process.wait()
        released.set()
        assert sorted(os.listdir(partial.parent)) == ["file.bin.partial"]
        assert fetch(tmp_path, site.url) == DATA
        assert site.requests[1]["range"] == "bytes=900000-"


def _process(cache: Path, site: Site) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from envmgr.install.fetch import download;"
        "from envmgr.model.plan import Download;"
        "download(Download('file.bin', (sys.argv[1],), sys.argv[2]), sys.argv[3])"
    )
    argv = [sys.executable, "-c", script, site.url, digest(), str(cache)]
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(argv, cwd=root, env={**os.environ, "PYTHONPATH": root})


def test_of_many_who_want_a_file_one_fetches_it(tmp_path: Path) -> None:
    with serve(ranged(DATA)) as site:
        processes = [_process(tmp_path, site) for _ in range(3)]
        threads = [threading.Thread(target=fetch, args=(tmp_path, site.url)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [process.wait() for process in processes] == [0, 0, 0]
        assert len(site.requests) == 1


# Hostile servers


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://-host/", "gopher://x", "//a b/"]
)
def test_redirects_never_leave_http(tmp_path: Path, target: str) -> None:
    with serve(status(302, Location=target)) as site:
        with pytest.raises(FetchError):
            fetch(tmp_path, site.url)
        assert len(site.requests) == 1


def test_redirects_are_followed_and_limited(tmp_path: Path) -> None:
    with serve(status(302, Location="/there"), content(DATA)) as site:
        assert fetch(tmp_path / "a", site.url) == DATA
        assert site.requests[1]["path"] == "/there"
    with serve(status(302, Location="/again")) as site:
        with pytest.raises(FetchError, match="more than 10 redirects"):
            fetch(tmp_path / "b", site.url)
        assert len(site.requests) == 11


def test_the_body_of_a_redirect_is_not_read(tmp_path: Path) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        send(request, 302, {"Location": "/there"})
        try:
            while True:
                request.wfile.write(bytes(1 << 20))
        except OSError:
            pass

    with serve(endless, content(DATA)) as site:
        assert fetch(tmp_path, site.url) == DATA


def test_chunked_bodies(tmp_path: Path) -> None:
    with serve(chunked(DATA[:1000], DATA[1000:])) as site:
        assert fetch(tmp_path, site.url) == DATA


def test_a_chunked_body_that_breaks_is_tried_again(tmp_path: Path) -> None:
    with serve(chunked(DATA[:1000], complete=False), content(DATA)) as site:
        assert fetch(tmp_path, site.url) == DATA


@pytest.mark.parametrize("answer", [content(DATA), chunked(DATA[:600_000], DATA[600_000:])])
def test_no_more_than_the_limit_is_taken(tmp_path: Path, answer: Answer) -> None:
    with serve(answer) as site:
        with pytest.raises(FetchError, match="more than the 1000000 bytes"):
            fetch(tmp_path, site.url, policy=Policy(limit=1_000_000))
        assert len(site.requests) == 1


def test_bytes_beyond_the_announced_length_are_not_taken(tmp_path: Path) -> None:
    with serve(status(200, DATA + b"tail", Content_Length=str(len(DATA)))) as site:
        assert fetch(tmp_path, site.url) == DATA


def test_a_size_that_is_no_size_is_not_believed(tmp_path: Path) -> None:
    endless = "9" * 5000
    first = status(206, DATA[1000:], Content_Range=f"bytes 1000-{endless}/{endless}")
    with serve(first, status(200, DATA, Content_Length=endless)) as site:
        leave_partial(tmp_path, DATA[:1000])
        assert fetch(tmp_path, site.url) == DATA


def test_more_bytes_than_the_range_announced_are_refused(tmp_path: Path) -> None:
    extent = f"bytes 1000-{len(DATA) - 1}/{len(DATA)}"
    with serve(status(206, DATA[1000:] + b"more", Content_Range=extent)) as site:
        leave_partial(tmp_path, DATA[:1000])
        with pytest.raises(FetchError, match="that were announced"):
            fetch(tmp_path, site.url)


def test_content_is_never_decoded(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(DATA)
    with serve(content(packed, Content_Encoding="gzip")) as site:
        wanted = Download("file.gz", (site.url,), digest(packed))
        assert Path(download(wanted, str(tmp_path))).read_bytes() == packed
        assert site.requests[0]["accept-encoding"] == "identity"
        with pytest.raises(FetchError, match="Content-Encoding gzip"):
            fetch(tmp_path, site.url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.invalid/x",
        "/etc/passwd",
        "-o/tmp/x",
        "http://",
        "http://host:99999/",
        "http://a\nb/",
        "http://user@-host/",
        "file://elsewhere/etc/passwd",
        "javascript:0",
        "http://[::1",
        "",
    ],
)
def test_addresses_that_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BodyError):
        check_url(url)
    with pytest.raises(FetchError):
        fetch(tmp_path, url)


@given(st.text())
def test_any_text_is_an_address_or_refused_with_a_reason(text: str) -> None:
    try:
        check_url(text)
    except BodyError as error:
        assert str(error).isprintable() or text
    assert shown(text).isprintable()


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    with serve(status(404)) as site:
        url = site.url.replace("http://", "http://me:secret@")
        with pytest.raises(FetchError) as caught:
            fetch(tmp_path, url)
        assert "secret" not in caught.value.message


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", "c:x", "x" * 300])
def test_names_that_are_no_file_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(DefinitionError):
        download(Download(name, (), digest()), str(tmp_path))


def test_a_device_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="not a regular file"):
        fetch(tmp_path, "file:///dev/zero")


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a directory")
    with pytest.raises(EnvmgrError):
        fetch(tmp_path / "cache", "file:///dev/null")


# Digests and what is remembered


@given(st.sampled_from(["sha256", "sha512", "md5"]), st.binary())
def test_digests_are_read_in_hex_and_in_base64(algorithm: str, data: bytes) -> None:
    raw = hashlib.new(algorithm, data).digest()
    known = Digest(algorithm, raw.hex())
    assert Digest.parse(f"{algorithm}:{raw.hex().upper()}") == known
    assert Digest.parse(f"{algorithm}:{base64.b64encode(raw).decode()}") == known
    assert Digest.parse(str(known)) == known


@pytest.mark.parametrize(
    "text", ["", "sha256", "sha256:", "sha256:abc", "sha1:" + "0" * 40, "md5:" + "g" * 32, "../x:1"]
)
def test_what_is_no_digest(text: str) -> None:
    with pytest.raises(DefinitionError, match="not a digest"):
        Digest.parse(text)


class Remembered(dict[str, str]):
    """A memory for as long as a test takes."""

    put = dict.__setitem__


def test_the_sha256_of_an_md5_only_file_is_remembered_and_required(tmp_path: Path) -> None:
    trust = Remembered()
    wanted = step((tmp_path / "source").as_uri(), algorithm="md5")
    (tmp_path / "source").write_bytes(DATA)
    download(wanted, str(tmp_path / "a"), trust=trust)
    assert trust == {wanted.digest: digest().partition(":")[2]}
    trust[wanted.digest] = "0" * 64  # another file with this md5 came first
    for cache in ("a", "b"):
        with pytest.raises(FetchError, match="as the first time"):
            download(wanted, str(tmp_path / cache), trust=trust)
    assert trust == {wanted.digest: "0" * 64}


def test_an_md5_is_worth_nothing_without_a_memory(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="does not verify"):
        download(step(algorithm="md5"), str(tmp_path))


# Progress


class Recorder:
    """A progress that adds up."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.sum = 0

    def start(self, label: str, total: int | None) -> None:
        self.calls.append((label, total))
        self.sum = 0

    def advance(self, n: int) -> None:
        self.sum += n

    def done(self) -> None:
        self.calls.append(("done",))


def test_progress_counts_what_was_there_and_every_byte_that_comes(tmp_path: Path) -> None:
    recorder = Recorder()
    with serve(ranged(DATA)) as site:
        leave_partial(tmp_path, DATA[:1000])
        download(step(site.url), str(tmp_path), progress=recorder)
    assert recorder.calls == [("file.bin", len(DATA)), ("done",)]
    assert recorder.sum == len(DATA)


class Terminal(io.StringIO):
    encoding: ClassVar[str] = "ascii"  # type: ignore[misc]

    def isatty(self) -> bool:
        return True


def test_a_bar_only_on_a_terminal() -> None:
    screen = Terminal()
    bar: Progress = progress_on(screen)
    assert isinstance(bar, Bar)
    bar.start("file.bin", 100)
    bar.advance(100)
    bar.done()
    bar.advance(1)
    assert "file.bin" in screen.getvalue()
    assert isinstance(progress_on(io.StringIO()), Silent)
