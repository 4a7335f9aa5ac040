"""How much machine code a program has."""

from __future__ import annotations

import os

_EXECUTABLE = 0x4
"""SHF_EXECINSTR of the ELF specification: a section that holds instructions."""


def code_size(path: str) -> int:
    """Bytes of the sections of *path* that hold instructions; of no ELF file, all of its bytes.

    Debug information, symbols and data do not count, so `-g` changes nothing. Raises OSError.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    with open(path, "rb") as file:
        try:
            sections = ELFFile(file).iter_sections()
            return sum(one["sh_size"] for one in sections if one["sh_flags"] & _EXECUTABLE)
        except (ELFError, ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
            return os.path.getsize(path)
