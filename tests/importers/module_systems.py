"""Environment Modules and Lmod as Debian has them, unpacked into a directory of their own.

The two cannot be installed side by side, and neither is to change the machine that tests run on.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

PACKAGES = {
    "environment-modules": ("environment-modules",),
    "lmod": ("lmod", "lua5.3", "lua-posix", "lua-filesystem", "lua-term", "lua-json", "lua-lpeg"),
}
INITS = {
    "environment-modules": "usr/share/modules",
    "lmod": "usr/share/lmod/lmod",
}
"""What MODULESHOME is below the directory."""
SAYS = "a 'b' \"c\" $HOME ;d"
SAYS_IN_TCL = "{" + SAYS + "}"
_PATH = re.compile(rb"(?<![\w./-])/(?:usr|etc)/[\w./+-]*")


def unpacked(system: str, place: Path) -> Path:
    """The module system below *place*; its MODULESHOME."""
    root = place / system
    root.mkdir()
    command = ["apt-get", "-o", "APT::Sandbox::User=root", "download", *PACKAGES[system]]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    for file in root.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", file.name, "."], cwd=root, check=True, timeout=60)
    for folder, _, names in os.walk(root):
        for name in names:
            _relocate(Path(folder, name), root)
    return root / INITS[system]


def _relocate(file: Path, root: Path) -> None:
    """Let the texts of the packages name each other where they are now."""
    if file.is_symlink():
        target = os.readlink(file)
        if target.startswith("/") and (root / target[1:]).exists():
            file.unlink()
            file.symlink_to(root / target[1:])
        return
    data = file.read_bytes()
    if b"\0" in data:
        return

    def here(found: re.Match[bytes]) -> bytes:
        inside = root / os.fsdecode(found[0])[1:]
        return os.fsencode(root) + found[0] if os.path.lexists(inside) else found[0]

    changed = _PATH.sub(here, data)
    if changed != data:
        file.write_bytes(changed)


def tree(place: Path, prefix: Path) -> Path:
    """A module tree, in Tcl, with what the tests load; its modules are about *prefix*."""
    top = place / "modulefiles"
    for name, text in _modulefiles(prefix).items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(f"#%Module1.0\n{text}\n")
    return top


def _modulefiles(prefix: Path) -> dict[str, str]:
    return {
        "hello/1.2": f"prepend-path PATH {prefix}/bin\nsetenv HELLO_ROOT {prefix}\n"
        f"prepend-path MANPATH {prefix}/share/man",
        "nothing/1": "setenv NOTHING_SAYS 2\nprepend-path PATH /nowhere/at/all",
        "needs-hello/2": f"setenv SAYS {SAYS_IN_TCL}\nsetenv HELLO_ROOT /elsewhere",
        "broken/1": 'puts stderr "out of licences"\nexit 1',
    }
