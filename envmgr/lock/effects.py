"""What a difference between two machines, or two locks, can change: in plain words.

These are rules of thumb for a reader who asks whether figures may be compared. They say what can
change, never that it did.
"""

from __future__ import annotations

import os
import re

from envmgr.model.version import Version

_LIBRARY = re.compile(r"(ld|lib[^/]*?)(?:(?<=ld)-[\w-]+|-[\d.]+)?\.so(?:\.|$)")
_BLAS = re.compile(
    r"lib\.(?:\w*blas\w*|mkl|blis|atlas|lapack|scalapack|armcl|onednn|accelerate)"
    r"|python\.(?:numpy|scipy|mkl)"
)
_MPI = re.compile(r"lib\.\w*(?:mpi|mpich|mvapich)\w*")
_LIBRARIES = {
    "libm": "the last digits of exp, sin, pow and the like; which symbol versions there are",
    "libc": "string and memory functions, the allocator; which symbol versions there are",
    "ld": "how programs are loaded, and which libraries they get",
    "libstdc++": "the ABI of C++, how containers and streams behave",
    "libc++": "the ABI of C++, how containers and streams behave",
    "libgomp": "how loops are divided among threads, and so the order of sums",
    "libomp": "how loops are divided among threads, and so the order of sums",
    "libgfortran": "input and output of Fortran, and its intrinsic functions",
    "libquadmath": "the last digits of quadruple precision",
}
_SUMS = "sums in another order, so the last digits of results; speed"
_PYTHON_ABI = "compiled packages of one Python do not load in another (ABI)"


def of_entry(name: str) -> str:
    """What it can change that something of this *name* is there, or is not."""
    return _by_category(name) or "whatever uses it"


def of_version(name: str, before: str, after: str) -> str:
    """What another version of *name* can change."""
    old, new = Version(before).parts, Version(after).parts
    if name == "compiler.python":
        return _PYTHON_ABI if old[:2] != new[:2] else "fixes in the interpreter and its library"
    if name.startswith("compiler."):
        same_line = old[:2] == new[:2]
        return (
            "code generation: a patch level fixes wrong code and may choose other instructions"
            if same_line
            else "code generation, warnings, the language that is understood, the ABI of C++"
        )
    major = "its interface, if the version keeps to the custom; " if old[:1] != new[:1] else ""
    return major + (_by_category(name) or "whatever uses it")


def of_file(name: str, path: str) -> str:
    """What other bytes at *path*, a file of *name*, can change."""
    found = _LIBRARY.match(os.path.basename(path))
    stem = found[1] if found else ""
    if stem in _LIBRARIES:
        return _LIBRARIES[stem]
    if stem and re.search(r"blas|lapack|mkl|blis|atlas", stem):
        return _SUMS
    if stem:
        return f"what {name} does through {stem}; a rebuild or a patch of the same version"
    category = _by_category(name)
    patched = "a rebuild or a patch of the same version"
    return f"{patched}: {category}" if category else patched


def of_field(name: str, field: str) -> str:
    """What another value of a plain *field* of *name* can change."""
    texts = {
        "kind": "other options and other patches: a distribution builds its own way",
        "path": "what is built with it may hold the path; scripts may name it",
        "package": "patches of the distribution",
        "recipe": "another source and another build",
        "recipe_digest": "nothing, where checksums and plan are the same",
        "plan": "how it is built and laid out",
        "sources": f"everything, for it is made of other bytes: {of_entry(name)}",
        "needs": "what it finds when it runs",
        "built_with": "its machine code: it is built with something else",
        "id": "nothing but its variables and tags: its detector says it otherwise",
    }
    return texts[field]


def of_cpu(before: str, after: str) -> str:
    """What another microarchitecture can change, by the features that `archspec` knows of."""
    import archspec.cpu

    old, new = archspec.cpu.TARGETS.get(before), archspec.cpu.TARGETS.get(after)
    speed = "speed; libraries choose their code by the processor, so last digits"
    if old is None or new is None:
        return speed
    lost = sorted(old.features - new.features)
    if not lost:
        return speed
    few = ", ".join(lost[:6]) + (", …" if len(lost) > 6 else "")
    return f"programs built for {before} may end by an illegal instruction (no {few}); {speed}"


def of_libc(before: str, after: str) -> str:
    """What another C library can change."""
    old_name, _, old = before.partition(" ")
    new_name, _, new = after.partition(" ")
    if old_name != new_name:
        return "programs built for one C library do not run on another; locale, resolver, libm"
    digits = "the last digits of exp, sin, pow and the like"
    if Version(new) < Version(old):
        return f"programs built with {before} may not start on {after}; {digits}"
    return digits


def _by_category(name: str) -> str:
    if _BLAS.fullmatch(name):
        return _SUMS
    if _MPI.fullmatch(name):
        return "the order of reductions over processes; the ABI of what is built with it"
    texts = {
        "compiler": "code generation: other instructions, floating-point sums in another order",
        "dataset": "the data itself, so every figure that is measured on it",
        "model": "the weights themselves, so every result that is computed with them",
        "python": "what programs import: behaviour and defaults",
        "lib": "what programs link with: behaviour and ABI",
        "tool": "how things are built or handled, seldom what they compute",
    }
    return texts.get(name.partition(".")[0], "")
