"""Downloads: from a step to a verified file in the cache, whatever the network does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from envmgr.errors import FetchError
from envmgr.install.body import Body, BodyError, Policy, RangeRefusedError, open_body, shown
from envmgr.install.checksum import CHUNK, Memory
from envmgr.install.progress import Progress, Silent
from envmgr.install.slot import Partial, Slot, slot_for
from envmgr.model.plan import Download


class _WrongFileError(BodyError):
    """All bytes came, and they are not the file."""


def download(
    step: Download,
    into: str,
    *,
    trust: Memory | None = None,
    progress: Progress | None = None,
    policy: Policy | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Fetch the file of *step* into the cache directory *into* and return its verified path.

    Addresses are tried in order; what came before a fault is kept and gone on from, by this
    process or the next. Of two processes that want one file, the second waits for the first.
    *trust* remembers what a file with no more than an md5 was the first time. Raises
    FetchError with every address and why it failed.
    """
    slot = slot_for(into, step.name, step.digest, trust)
    reporter = progress or Silent()
    try:
        with slot.lock():
            if slot.holds():
                return slot.path
            with Partial(slot) as partial:
                return _Job(slot, partial, reporter, policy or Policy(), sleep).fetch(step.urls)
    except OSError as error:
        raise FetchError(
            f"cannot write {step.name} to {slot.directory}: {error.strerror or error}",
            hint="make room or choose another cache directory",
        ) from error
    finally:
        reporter.done()


@dataclass(frozen=True, slots=True)
class _Job:
    """One download under the lock of its slot."""

    slot: Slot
    partial: Partial
    progress: Progress
    policy: Policy
    sleep: Callable[[float], None]

    def fetch(self, urls: tuple[str, ...]) -> str:
        """Try *urls* in order; the path of the verified file."""
        if self.partial.size and self.partial.mistake() is None:
            return self.partial.keep()  # killed after the last byte, before the renaming
        failures: list[tuple[str, BodyError]] = []
        for url in urls:
            try:
                return self._persist(url)
            except BodyError as error:
                failures.append((url, error))
        raise self._error(failures)

    def _persist(self, url: str) -> str:
        """Try *url* until it gives the file, fails for good, or stops getting further."""
        failed, furthest = 0, self.partial.size
        while True:
            try:
                return self._try(url)
            except BodyError as error:
                moved = self.partial.size >= furthest + CHUNK
                furthest = max(furthest, self.partial.size)
                failed = 1 if moved else failed + 1
                pause = max(error.pause, self.policy.backoff * 2 ** (failed - 1))
                if not error.transient or failed >= self.policy.tries:
                    raise
                if error.pause > self.policy.longest_pause:
                    raise
            self.sleep(min(pause, self.policy.longest_pause))

    def _try(self, url: str) -> str:
        offset = self.partial.size
        try:
            body = open_body(url, offset, self.partial.validator(shown(url)), self.policy)
        except RangeRefusedError:
            self.partial.restart()
            raise
        with body:
            self._take(body, url)
        mistake = self.partial.mistake()
        if mistake is None:
            return self.partial.keep()
        self.partial.restart()
        # Pieces of different files are worth one clean try; a whole wrong file is not.
        raise _WrongFileError(mistake + body.note, transient=body.start > 0)

    def _take(self, body: Body, url: str) -> None:
        """Put the rest of *body* at the end of the partial file."""
        if body.start == 0:
            self.partial.restart()
        self._check_size(body.total or 0, body)
        self.partial.comes_from(shown(url), body.validator)
        self.progress.start(self.slot.name, body.total)
        self.progress.advance(self.partial.size)
        while chunk := body.read():
            self._check_size(self.partial.size + len(chunk), body)
            self.partial.append(chunk)
            self.progress.advance(len(chunk))
        if body.total is not None and self.partial.size < body.total:
            reason = f"the connection was closed after {self.partial.size} of {body.total} bytes"
            raise BodyError(reason, transient=True)

    def _check_size(self, size: int, body: Body) -> None:
        limit = self.policy.limit
        if limit is not None and size > limit:
            raise self._oversized(f"more than the {limit} bytes that are allowed")
        if body.total is not None and size > body.total:
            raise self._oversized(f"more than the {body.total} bytes that were announced")

    def _oversized(self, reason: str) -> BodyError:
        self.partial.restart()
        return BodyError(reason)

    def _error(self, failures: list[tuple[str, BodyError]]) -> FetchError:
        lines = [f"\n  {shown(url)}: {error}" for url, error in failures]
        wrong = any(isinstance(error, _WrongFileError) for _, error in failures)
        hint = (
            "the file was changed where it is published, or on the way: check the recipe's digest"
            if wrong
            else f"check the network and the proxy settings, or put the file at {self.slot.path}"
        )
        reasons = "".join(lines) or ": the recipe gives no address"
        return FetchError(f"cannot fetch {self.slot.name}{reasons}", hint=hint)
