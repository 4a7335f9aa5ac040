"""Libraries in miniature: what is built is tiny, how it is built and what is installed is real."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Mapping

from .archives import Files, tar

_ZLIB_CMAKE = """
cmake_minimum_required(VERSION 3.5)
project(zlib VERSION @VERSION@ LANGUAGES C)
include(GNUInstallDirs)
add_library(zlib SHARED zlib.c)
add_library(zlibstatic STATIC zlib.c)
set_target_properties(zlib PROPERTIES OUTPUT_NAME z VERSION @VERSION@ SOVERSION 1)
set_target_properties(zlibstatic PROPERTIES OUTPUT_NAME z)
configure_file(zlib.pc.in zlib.pc @ONLY)
install(TARGETS zlib zlibstatic DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES zlib.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/zlib.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
"""
_ZLIB_H = """
#define ZLIB_VERSION "@VERSION@"
typedef unsigned char Bytef;
typedef unsigned long uLong;
typedef uLong uLongf;
int compress(Bytef *, uLongf *, const Bytef *, uLong);
int uncompress(Bytef *, uLongf *, const Bytef *, uLong);
"""
_ZLIB_C = """
#include <string.h>
#include "zlib.h"
int compress(Bytef *to, uLongf *size, const Bytef *from, uLong length) {
    memcpy(to, from, *size = length);
    return 0;
}
int uncompress(Bytef *to, uLongf *size, const Bytef *from, uLong length) {
    return compress(to, size, from, length);
}
"""
_PC = "Name: @NAME@\nDescription: a miniature\nVersion: @VERSION@\nLibs: -L@LIBDIR@\n"


def zlib(version: str) -> Files:
    files = {
        "CMakeLists.txt": _ZLIB_CMAKE,
        "zlib.h": _ZLIB_H,
        "zlib.c": _ZLIB_C,
        "zlib.pc.in": _PC.replace("@NAME@", "zlib").replace(
            "@LIBDIR@", "@CMAKE_INSTALL_FULL_LIBDIR@"
        ),
    }
    return _gzip("zlib", version, files)


_EIGEN_CMAKE = """
cmake_minimum_required(VERSION 3.5)
project(Eigen3 VERSION @VERSION@ LANGUAGES CXX)
if(BUILD_TESTING OR EIGEN_BUILD_DOC)
    message(FATAL_ERROR "neither tests nor documents are wanted")
endif()
install(DIRECTORY Eigen DESTINATION include/eigen3)
install(FILES eigen3.pc DESTINATION share/pkgconfig)
"""
_EIGEN_CORE = """
#pragma once
namespace Eigen {
struct Vector2d {
    double x, y;
    Vector2d(double x, double y) : x(x), y(y) {}
    double dot(const Vector2d &other) const { return x * other.x + y * other.y; }
};
}
"""


def eigen(version: str) -> Files:
    files = {
        "CMakeLists.txt": _EIGEN_CMAKE,
        "Eigen/Core": _EIGEN_CORE,
        "Eigen/Dense": '#include "Core"\n',
        "eigen3.pc": _PC.replace("@NAME@", "Eigen3").replace("@LIBDIR@", "."),
    }
    return {f"eigen-{version}.tar.bz2": bz2.compress(_tar("eigen", version, files))}


_GSL_CONFIGURE = """#!/bin/sh
for option; do
    case $option in --prefix=*) prefix=${option#--prefix=} ;; esac
done
: "${prefix:?}" "${CC:=cc}"
sed -e "s|@prefix@|$prefix|" -e "s|@CC@|$CC|" Makefile.in > Makefile
"""
_GSL_MAKEFILE = """
prefix = @prefix@
root = $(DESTDIR)$(prefix)
all: libgsl.so.28 libgslcblas.so.0
libgsl.so.28: bessel.c
\t@CC@ -fPIC -shared -Wl,-soname,libgsl.so.28 -o $@ bessel.c -lm
libgslcblas.so.0: cblas.c
\t@CC@ -fPIC -shared -Wl,-soname,libgslcblas.so.0 -o $@ cblas.c
install: all
\tmkdir -p $(root)/lib/pkgconfig $(root)/include/gsl
\tcp libgsl.so.28 libgslcblas.so.0 $(root)/lib
\tln -sf libgsl.so.28 $(root)/lib/libgsl.so
\tln -sf libgslcblas.so.0 $(root)/lib/libgslcblas.so
\tcp gsl_sf_bessel.h gsl_version.h $(root)/include/gsl
\tcp gsl.pc $(root)/lib/pkgconfig
"""


def gsl(version: str) -> Files:
    files = {
        "configure": _GSL_CONFIGURE,
        "Makefile.in": _GSL_MAKEFILE,
        "bessel.c": "#include <math.h>\ndouble gsl_sf_bessel_J0(double x) { return j0(x); }\n",
        "cblas.c": "int gsl_cblas_miniature;\n",
        "gsl_sf_bessel.h": "double gsl_sf_bessel_J0(double);\n",
        "gsl_version.h": '#define GSL_VERSION "@VERSION@"\n',
        "gsl.pc": _PC.replace("@NAME@", "GSL").replace("@LIBDIR@", "."),
    }
    return _gzip("gsl", version, files)


_LZ4_MAKEFILE = """
PREFIX = /usr/local
root = $(DESTDIR)$(PREFIX)
library = liblz4.so.@VERSION@
all: $(library)
$(library): lz4.c
\t$(CC) -fPIC -shared -Wl,-soname,liblz4.so.1 -o $@ lz4.c
install: all
\tmkdir -p $(root)/lib/pkgconfig $(root)/include
\tcp $(library) $(root)/lib
\tln -sf $(library) $(root)/lib/liblz4.so.1
\tln -sf $(library) $(root)/lib/liblz4.so
\tcp lz4.h $(root)/include
\tsed 's|^Libs:.*|Libs: -L$(PREFIX)/lib -llz4|' liblz4.pc > $(root)/lib/pkgconfig/liblz4.pc
"""
_LZ4_C = """
#include <string.h>
#include "lz4.h"
const char *LZ4_versionString(void) { return "@VERSION@"; }
int LZ4_compress_default(const char *from, char *to, int size, int room) {
    return size <= room ? (memcpy(to, from, size), size) : 0;
}
int LZ4_decompress_safe(const char *from, char *to, int size, int room) {
    return LZ4_compress_default(from, to, size, room);
}
"""
_LZ4_H = """
const char *LZ4_versionString(void);
int LZ4_compress_default(const char *, char *, int, int);
int LZ4_decompress_safe(const char *, char *, int, int);
"""


def lz4(version: str) -> Files:
    files = {
        "Makefile": _LZ4_MAKEFILE,
        "lz4.c": _LZ4_C,
        "lz4.h": _LZ4_H,
        "liblz4.pc": _PC.replace("@NAME@", "lz4").replace("@LIBDIR@", "."),
    }
    return _gzip("lz4", version, files)


# Like the original it knows no DESTDIR, and makes links that name the place they were made for.
_BZIP2_MAKEFILE = """
PREFIX = /usr/local
all: libbz2.a
libbz2.a: bzlib.c
\t$(CC) $(CFLAGS) -c bzlib.c
\tar rcs $@ bzlib.o
install: all
\tmkdir -p $(PREFIX)/bin $(PREFIX)/lib $(PREFIX)/include
\tcp libbz2.a $(PREFIX)/lib
\tcp bzlib.h $(PREFIX)/include
\tcp bzgrep bzmore bzdiff $(PREFIX)/bin
\tln -sf $(PREFIX)/bin/bzgrep $(PREFIX)/bin/bzegrep
\tln -sf $(PREFIX)/bin/bzgrep $(PREFIX)/bin/bzfgrep
\tln -sf $(PREFIX)/bin/bzmore $(PREFIX)/bin/bzless
\tln -sf $(PREFIX)/bin/bzdiff $(PREFIX)/bin/bzcmp
"""
_BZIP2_H = """
/* bzip2/libbzip2 version @VERSION@ of a miniature */
#define BZ_OK 0
const char *BZ2_bzlibVersion(void);
int BZ2_bzBuffToBuffCompress(char *, unsigned *, char *, unsigned, int, int, int);
int BZ2_bzBuffToBuffDecompress(char *, unsigned *, char *, unsigned, int, int);
"""
_BZIP2_C = """
#include <string.h>
#include "bzlib.h"
const char *BZ2_bzlibVersion(void) { return "@VERSION@"; }
int BZ2_bzBuffToBuffCompress(char *to, unsigned *room, char *from, unsigned size,
                             int level, int verbosity, int work) {
    memcpy(to, from, *room = size);
    return level + verbosity + work < 0;
}
int BZ2_bzBuffToBuffDecompress(char *to, unsigned *room, char *from, unsigned size,
                               int small, int verbosity) {
    memcpy(to, from, *room = size);
    return small + verbosity < 0 ? 1 : BZ_OK;
}
"""


def bzip2(version: str) -> Files:
    files = {"Makefile": _BZIP2_MAKEFILE, "bzlib.h": _BZIP2_H, "bzlib.c": _BZIP2_C}
    scripts = dict.fromkeys(("bzgrep", "bzmore", "bzdiff"), "#!/bin/sh\n")
    return _gzip("bzip2", version, {**files, **scripts})


def _gzip(name: str, version: str, files: Mapping[str, str]) -> Files:
    return {f"{name}-{version}.tar.gz": gzip.compress(_tar(name, version, files))}


def _tar(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """*files* in the directory that source archives have, their version filled in."""
    return tar(
        {
            f"{name}-{version}/{path}": text.replace("@VERSION@", version).lstrip("\n").encode()
            for path, text in files.items()
        }
    )


PROJECTS: Mapping[str, Callable[[str], Files]] = {
    "lib.bzip2": bzip2,
    "lib.eigen": eigen,
    "lib.gsl": gsl,
    "lib.lz4": lz4,
    "lib.zlib": zlib,
}
"""The sources of a version, as its recipe fetches them."""
