"""Peers of activation: mise, direnv, lmod, Conan and Spack, each in a home of its own.

A peer is taken from PATH or from a directory that `fetch` filled without being root. One that
cannot be had is absent, with the reason.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import clean_environ
from benchmarks.peers import AbsentError

LUA = "5.3"
DEBIAN = (
    "direnv", "lmod", "lua5.3", "lua-posix", "lua-filesystem", "lua-term", "lua-json", "lua-bit32",
    "libtcl8.6",
)  # fmt: skip
MISE = "@jdxcode/mise"
CONAN = "conan"


@dataclass(frozen=True, slots=True)
class Rival:
    """A peer as bash meets it. A step that it does not have is empty."""

    name: str
    environ: Mapping[str, str]
    setup: str = ""
    """What a start-up file holds."""
    prompt: str = ""
    """What each prompt does, or what is asked again where there is no prompt hook."""
    enter: str = ""
    leave: str = ""
    command: tuple[str, ...] = ()
    """One command inside the environment, from nothing."""
    native: bool = False
    """Whether it is machine code, which no interpreter can start ahead of."""


def fetch(directory: Path) -> None:
    """Put the peers into *directory*, through the clients that are set up on this machine."""
    directory.mkdir(parents=True, exist_ok=True)
    _run(["npm", "install", "--silent", "--prefix", str(directory), MISE], directory)
    packages = directory / "packages"
    packages.mkdir(exist_ok=True)
    _run(["apt-get", "download", "-qq", *DEBIAN], packages)
    for package in packages.glob("*.deb"):
        _run(["dpkg", "-x", str(package), str(directory / "debian")], packages)
    if not (directory / "conan").is_dir():
        venv.create(directory / "conan", with_pip=True)
    _run([str(directory / "conan/bin/python"), "-m", "pip", "install", "-q", CONAN], directory)


def mise(place: Path, fetched: Path | None) -> Rival:
    """mise with a configuration that sets a variable and a directory. Raises AbsentError."""
    program = _program("mise", fetched, "node_modules/@jdxcode/*/bin/mise", _NESTED_MISE)
    environ = _home(place)
    (place / "project/mise.toml").write_text(
        f'[env]\nALPHA = "x"\n_.path = ["{place}/opt/bin"]\n', "utf-8"
    )
    _run([program, "trust", str(place / "project/mise.toml")], place / "project", environ)
    return Rival(
        "mise",
        environ,
        setup=f'eval "$({program} activate bash)"',
        prompt='eval "$(mise hook-env -s bash --reason precmd)"',
        enter=f"builtin cd '{place}/project'",
        leave=f"builtin cd '{place}'",
        command=("/bin/sh", "-c", f"cd '{place}/project' && exec {program} exec -- true"),
        native=True,
    )


def direnv(place: Path, fetched: Path | None) -> Rival:
    """direnv with an `.envrc` that sets a variable and a directory. Raises AbsentError."""
    program = _program("direnv", fetched, "debian/usr/bin/direnv")
    environ = _home(place)
    (place / "project/.envrc").write_text(f"export ALPHA=x\nPATH_add '{place}/opt/bin'\n", "utf-8")
    _run([program, "allow", str(place / "project")], place, environ)
    return Rival(
        "direnv",
        environ,
        setup=f'eval "$({program} hook bash)"; export DIRENV_LOG_FORMAT=',
        prompt="_direnv_hook",
        enter=f"cd '{place}/project'",
        leave=f"cd '{place}'",
        command=(program, "exec", str(place / "project"), "true"),
        native=True,
    )


def lmod(place: Path, fetched: Path | None) -> Rival:
    """lmod with one module. It has no prompt hook: loading what is loaded. Raises AbsentError."""
    lua, script, more = _lmod_of(fetched)
    environ = {**_home(place), **more, "MODULEPATH": str(place / "modules")}
    (place / "modules/alpha").mkdir(parents=True)
    (place / "modules/alpha/1.0.lua").write_text(
        f'setenv("ALPHA", "x")\nprepend_path("PATH", "{place}/opt/bin")\n', "utf-8"
    )
    setup = f"""module() {{ eval "$({lua} {script} bash "$@" 2>/dev/null)"; }}"""
    return Rival(
        "lmod",
        environ,
        setup=setup,
        prompt="module load alpha",
        enter=":",
        leave="module unload alpha",
        command=("/bin/bash", "-c", f"{setup}; module load alpha; true"),
    )


def conan(place: Path, fetched: Path | None) -> Rival:
    """Conan: making the run environment of a project, then running in it. Raises AbsentError."""
    program = _program("conan", fetched, "conan/bin/conan")
    environ = _home(place)
    (place / "project/conanfile.txt").write_text("[generators]\nVirtualRunEnv\n", "utf-8")
    _run([program, "profile", "detect"], place, environ)
    make = f"{program} install '{place}/project' -of '{place}/out' >/dev/null 2>&1"
    _run(["sh", "-c", make], place, environ)
    return Rival(
        "conan install",
        environ,
        command=("/bin/sh", "-c", f"{make} && . '{place}/out/conanrun.sh' && true"),
    )


def spack(place: Path, checkout: Path | None) -> Rival:
    """Spack activating an environment that holds nothing: the least it costs. AbsentError."""
    if checkout is None:
        raise AbsentError("no checkout was given; --spack DIR names one")
    environ = {**_home(place), "SPACK_USER_CACHE_PATH": str(place / "cache")}
    (place / "project/spack.yaml").write_text("spack:\n  specs: []\n", "utf-8")
    program = checkout / "bin/spack"
    activate = f'eval "$({program} env activate --sh -d {place}/project)" && true'
    _run(["sh", "-c", activate], place, environ)
    return Rival("spack env activate", environ, command=("/bin/sh", "-c", activate))


MAKERS: dict[str, Callable[[Path, Path | None], Rival]] = {
    "mise": mise,
    "direnv": direnv,
    "lmod": lmod,
    "Conan": conan,
}

_NESTED_MISE = "node_modules/@jdxcode/mise/node_modules/@jdxcode/*/bin/mise"


def _home(place: Path) -> dict[str, str]:
    (place / "project").mkdir(parents=True)
    (place / "opt/bin").mkdir(parents=True)
    return clean_environ(place)


def _program(name: str, fetched: Path | None, *patterns: str) -> str:
    """The program among what was fetched, machine code before wrappers; else the one on PATH."""
    found = [path for pattern in patterns for path in (fetched.glob(pattern) if fetched else ())]
    binaries = [path for path in found if path.read_bytes()[:4] == b"\x7fELF"]
    program = str((binaries or found)[0]) if found else shutil.which(name)
    if program is None:
        raise AbsentError(f"there is no {name} on PATH; --install-peers DIR gets it")
    return program


def _lmod_of(fetched: Path | None) -> tuple[str, str, dict[str, str]]:
    """Its interpreter, its script, and the variables that let it run where it was unpacked."""
    installed = Path(os.environ.get("LMOD_CMD", "/usr/share/lmod/lmod/libexec/lmod"))
    if installed.is_file():
        return "", str(installed), {}
    root = fetched / "debian" if fetched else None
    if root is None or not (root / "usr/share/lmod").is_dir():
        raise AbsentError("there is no lmod; --install-peers DIR gets it")
    (script,) = (root / "usr/share/lmod").glob("[0-9]*/libexec/lmod")
    _move(script, root)
    libraries = root / f"usr/lib/{platform.machine()}-linux-gnu"
    return str(root / f"usr/bin/lua{LUA}"), str(script), {"LD_LIBRARY_PATH": str(libraries)}


def _move(script: Path, root: Path) -> None:
    """Let a script that was built for /usr find its libraries below *root*."""
    text = script.read_text("utf-8")
    if str(root) not in text:
        text = text.replace("/usr/local/", "/nowhere/").replace('"/usr/', f'"{root}/usr/')
        script.write_text(text.replace(";/usr/", f";{root}/usr/"), "utf-8")


def _run(argv: Sequence[str], place: Path, environ: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            argv, cwd=place, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except OSError as error:
        raise AbsentError(f"cannot run {argv[0]}: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise AbsentError(f"{argv[0]} {argv[1]} failed: {last}")
