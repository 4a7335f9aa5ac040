"""Errors a user can act on: what went wrong, where, and the next step."""

from __future__ import annotations


class EnvmgrError(Exception):
    """Base of every error that envmgr raises on purpose.

    ``hint`` is the next step, printed on a line of its own; ``exit_code`` is what the
    command line exits with.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DetailedError(EnvmgrError):
    """An error of which there is more to say than fits into a sentence: ``lines``."""

    def __init__(
        self, message: str, *, lines: tuple[str, ...] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.lines = lines


class LoggedError(EnvmgrError):
    """An error of something that wrote a log; ``log`` is the file, where it was kept."""

    def __init__(self, message: str, *, log: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.log = log


class UsageError(EnvmgrError):
    """The request itself makes no sense: a malformed query, an unknown name."""

    exit_code = 2


class DefinitionError(EnvmgrError):
    """A detector, recipe or shell definition is wrong."""


class ProjectError(DetailedError):
    """A project file has mistakes, or cannot be read; ``lines`` name each with its place."""


class ResolutionError(DetailedError):
    """No set of entries answers the queries; ``lines`` explain which part ruled out what."""

    exit_code = 3


class InstallError(LoggedError):
    """An install did not finish; nothing of it is visible. ``log`` is the kept log file."""

    exit_code = 4


class FetchError(InstallError):
    """No address gave the file, or what it gave was not the file."""


class UnsafeArchiveError(InstallError):
    """An archive member would have been written outside the prefix, or is not a file."""


class LockError(DetailedError):
    """A lock cannot be read, or does not fit its project any more; ``lines`` name each reason."""

    exit_code = 6


class ChangedRecipeError(LockError):
    """What a lock says of a recipe is not what the recipe says now; nothing was fetched."""

    exit_code = 7


class OtherMachineError(LockError):
    """This machine does not have what a lock says, or has something else in its place."""

    exit_code = 8


class ProgramError(LoggedError):
    """A program cannot be built or run, or ended as it should not; ``log`` is the kept log file."""

    exit_code = 9


class TargetError(DetailedError):
    """The file of targets cannot be read or has mistakes; ``lines`` name each with its place."""

    exit_code = 2


class HostError(EnvmgrError):
    """The machine did not do what was asked of it: a program missing, a time limit passed."""


class StoreError(EnvmgrError):
    """The store cannot be read or written."""
