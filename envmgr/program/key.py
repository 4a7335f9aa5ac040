"""What tells one build from another: a digest over everything that a build depends on."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from envmgr.program.request import BuildRequest

_FORMAT = 1
"""Raised when builds of the same are made in another way, or kept in another form."""
_READ = frozenset(
    {
        *("CC", "CXX", "FC", "F77", "CUDACXX", "JAVA_HOME", "RUSTC", "CARGO", "GOROOT"),
        *("CFLAGS", "CXXFLAGS", "FFLAGS", "FCFLAGS", "CUDAFLAGS", "CPPFLAGS", "LDFLAGS", "LDLIBS"),
        *("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH"),
        *("COMPILER_PATH", "GCC_EXEC_PREFIX", "PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH"),
        *("SOURCE_DATE_EPOCH", "NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS"),
    }
)
"""Variables that compilers and build systems read, whoever set them."""
_PLACES = frozenset({"source", "build", "jobs"})
"""Placeholders that mean another thing in each build, and the same program."""


def build_key(request: BuildRequest, machine: str) -> str:
    """The digest of a build of *request* on that kind of *machine*: 32 hexadecimal digits.

    The definition counts by its build part, parameters by those that its templates hold, the
    environment by what builds read. `PATH` is no such thing: it changes with every shell, and
    what the needs put there counts by their ids.
    """
    from hashlib import sha256

    return sha256(f"{machine}\n{_text(request)}".encode()).hexdigest()[:32]


def machine_of(request: BuildRequest) -> str:
    """The kind of this machine, as far as a program built on it depends on that.

    Caches may lie in a home directory that many machines share, and `-march=native` means
    another thing on each kind of processor.
    """
    import platform

    kind = f"{sys.platform}-{platform.machine()}"
    return f"{kind}-{_processor()}" if "native" in _text(request) else kind


def _processor() -> str:
    import archspec.cpu

    return str(archspec.cpu.host().name)


def _text(request: BuildRequest) -> str:
    program = request.program
    form = {
        "format": _FORMAT,
        "build": {**asdict(program.build), "target": program.target},
        "globs": program.source.files,
        "tree": request.tree.digest,
        "values": _values(request),
        "flags": request.flags,
        "needs": {role: (one.id, str(one)) for role, one in request.needs.items()},
        "environ": _environ(request),
        "cross": asdict(request.cross) if request.cross else None,
    }
    return json.dumps(form, sort_keys=True, default=dict)


def _values(request: BuildRequest) -> dict[str, str | None]:
    values = request.values()
    return {name: values.get(name) for name in request.holes() - _PLACES}


def _environ(request: BuildRequest) -> dict[str, str]:
    names = {name for entry in request.needs.values() for name in entry.delta.names()}
    return {
        name: request.environ[name]
        for name in (names | _READ) - {"PATH"}
        if name in request.environ
    }
