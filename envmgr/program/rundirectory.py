"""Where a program runs: its inputs are put there, and its outputs are found there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envmgr.errors import ProgramError
from envmgr.host.files import remove_tree
from envmgr.model.program import STREAMS, RunCommand


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """The directory of a run, and what a command's definition says lies there."""

    command: RunCommand
    directory: str
    outputs: Mapping[str, str]
    """Each output, the two streams among them, by its name in the definition, to its path."""
    program: str
    """What the program is called in messages."""
    copies: dict[str, str] = field(default_factory=dict)
    """Each copy of an input to what it was copied from."""
    data: dict[str, str] = field(default_factory=dict)
    """The same of data that was copied, which the program may change."""

    @classmethod
    def of(
        cls, command: RunCommand, directory: str, filled: Callable[[str], str], program: str
    ) -> RunDirectory:
        """The directory as it will be. *filled* gives templates their values.

        Raises ProgramError for an output that would lie elsewhere.
        """
        outputs = {name: stream(directory, name) for name in STREAMS}
        for name in command.outputs:
            path = os.path.normpath(filled(name))
            if os.path.isabs(path) or path.split(os.sep)[0] in ("..", "."):
                raise ProgramError(f"{program}: its output {path} is not below where it runs")
            outputs[name] = os.path.join(directory, path)
        return cls(command, directory, outputs, program)

    def prepare(self, source: str, data: Iterable[str] = ()) -> None:
        """Make it, with copies of the inputs below *source* and of the files that are *data*, and
        with directories for the outputs.

        Raises ProgramError for an input that is not there.
        """
        for parent in {os.path.dirname(path) for path in self.outputs.values()}:
            os.makedirs(parent, exist_ok=True)
        for pattern in self.command.inputs:
            names = list(self._matching(source, pattern))
            if not names:
                raise ProgramError(f"{self.program}: its input {pattern} is not in {source}")
            for name in names:
                self.copies[os.path.join(self.directory, name)] = os.path.join(source, name)
        for original in data:
            copy = os.path.join(self.directory, os.path.basename(original))
            if not os.path.isfile(original):
                raise ProgramError(f"{self.program}: its data {original} is no file to copy")
            if copy in self.copies or self.data.get(copy, original) != original:
                raise ProgramError(f"{self.program}: two of its inputs are called {copy}")
            self.data[copy] = original
        for copy, original in {**self.copies, **self.data}.items():
            _copy(original, copy)

    def renew(self) -> None:
        """Make the next start find what the first one found: no outputs, inputs as they were."""
        for name, path in self.outputs.items():
            if name in STREAMS or not os.path.lexists(path):
                continue
            self._check_inside(name, os.path.dirname(path))
            remove_tree(path)
            if path in self.copies:
                _copy(self.copies[path], path)
        for copy, original in self.data.items():
            remove_tree(copy)  # it may be a link by now
            _copy(original, copy)

    def written(self) -> dict[str, str]:
        """The outputs that are files now. Raises ProgramError when a link leads out of here."""
        for name, path in self.outputs.items():
            if os.path.lexists(path):
                self._check_inside(name, path)
        return {name: path for name, path in self.outputs.items() if os.path.isfile(path)}

    def digests(self) -> dict[str, str | None]:
        """Outputs of which every start must write the same, to what they hold; None is nothing.

        Not the streams, and no output that a figure is read from: they hold times. Nor one of
        which a check says how much of it has to be the same.
        """
        from envmgr.host.binary import digest

        loose = {*STREAMS, *(figure.file for figure in self.command.figures.values())}
        for check in self.command.checks:
            if check.match or check.run or check.ignore or check.tolerance is not None:
                loose.add(check.file)
        written = self.written()
        names = (name for name in self.command.outputs if name not in loose)
        return {name: digest(written[name]) if name in written else None for name in names}

    def _matching(self, source: str, pattern: str) -> Iterator[str]:
        """Files below *source* that a glob names, and those in directories that it names."""
        import glob

        for name in sorted(glob.glob(pattern, root_dir=source, recursive=True)):
            path = os.path.join(source, name)
            if not is_below(path, source):
                raise ProgramError(f"{self.program}: its input {name} is not below {source}")
            if os.path.isdir(path):
                yield from self._matching(source, os.path.join(glob.escape(name), "*"))
            else:
                yield os.path.normpath(name)

    def _check_inside(self, name: str, path: str) -> None:
        if os.path.dirname(path) == self.directory and not os.path.islink(path):
            return  # as nearly all are; to follow every piece of a path is slow
        if not is_below(path, self.directory):
            raise ProgramError(
                f"{self.program}: its output {name} is a link that leads out of where it ran"
            )


def stream(directory: str, name: str) -> str:
    """The file of `stdout` or `stderr` of what runs in *directory*."""
    return os.path.join(directory, f".{name}")


def is_below(path: str, top: str) -> bool:
    """Whether *path* really lies in *top*, wherever links lead."""
    top, path = os.path.realpath(top), os.path.realpath(path)
    return path == top or path.startswith(os.path.join(top, ""))


def _copy(original: str, copy: str) -> None:
    """Copy a file so that it can be written to, as a copy may: sources are often read-only."""
    import shutil

    os.makedirs(os.path.dirname(copy), exist_ok=True)
    shutil.copyfile(original, copy)
    os.chmod(copy, os.stat(original).st_mode & 0o777 | 0o200)
