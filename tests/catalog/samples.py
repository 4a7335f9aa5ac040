"""Small definitions without mistakes, which tests then break in one place."""

from __future__ import annotations

from pathlib import Path

DETECTOR = r"""name = "compiler.gcc"
description = "GNU C compiler"
homepage = "https://gcc.gnu.org"
tags = ["compiler", "gcc", "lang-c"]
identity = "{real}"

[find]
program = 'gcc(?P<suffix>-[\d.]+)?'
dirs = ["/opt/*"]

[[version]]
run = "{path} --version"
match = 'gcc\S* \((?P<vendor>.*?)\) (\d[\d.]*)'

[[refuse]]
output = "clang"
why = "clang under the name of gcc"

[env]
CC = "{path}"

[prepend]
PATH = ["{bin}"]

[[part]]
file = "{bin}/g++{suffix}"
tags = ["lang-cpp"]
env = { CXX = "{file}" }

[check]
source = "int main(void){return 0;}"
run = "{CC} {source} -o {out} && {out}"

[[case]]
tree."bin/gcc" = "gcc (Ubuntu 9.4.0-1ubuntu1) 9.4.0"
expect = { version = "9.4.0", env = { CC = "{root}/bin/gcc" } }

[[case]]
tree."bin/gcc" = "Apple clang version 15.0.0"
expect = { refused = "clang" }
"""

PYTHON_PACKAGE = r"""name = "python.numpy"
description = "Arrays"
tags = ["python", "numpy"]
identity = "{site}"

[find]
python = "numpy"

[[version]]
text = "{dist_version}"
match = '(\S+)'

[check]
run = '{python} -c "import numpy"'

[[case]]
tree."lib/python3.11/site-packages/numpy-2.1.0.dist-info/METADATA" = "Name: numpy"
expect = { version = "2.1.0" }
"""

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA512 = "sha512:" + "0123456789abcdef" * 8
BASE64 = "sha512:" + "A" * 86 + "=="
MD5 = "md5:" + "0123456789abcdef" * 2
COMMIT = "0123456789" * 4

RECIPE = f"""name = "lib.zlib"
description = "Compression library"
tags = ["lib", "zlib", "compression"]
detector = "lib.zlib"
platforms = ["linux-*"]

[versions]
"1.3.1" = {{ digest = "{SHA256}", values = {{ build = "b7" }} }}

[source]
urls = ["https://example.org/zlib-{{version}}-{{build}}.tar.gz"]
strip = 1

[needs]
cc = "compiler,lang-c"

[build]
system = "commands"
options = ["--prefix={{prefix}}"]
commands = ["{{cc.path}} -j{{jobs}} -o {{work}}/x", "{{cc.CC}} {{version_major}}"]
env = {{ CFLAGS = "-I{{cc.prefix}}/include" }}
links = {{ "bin/zlib-{{version}}" = "lib/zlib" }}
executable = ["bin/*"]
"""

WHEEL = f"""name = "tool.cmake"
description = "Build system"
tags = ["tool", "cmake"]
detector = "tool.cmake"

[versions."4.1.2"]
"cmake-4.1.2-py3-none-manylinux_2_17_x86_64.whl" = "{SHA256}"

[source]
pypi = "cmake"

[needs]
python = "compiler.python,>=3.10"

[build]
scripts = {{ "bin/cmake" = "cmake:main" }}
"""

PROGRAM = r"""name = "blur"
description = "Smoothing of images"
homepage = "https://example.org"
tags = ["kernel", "image"]

[source]
files = ["*.c"]

[needs]
compiler = "compiler,lang-c"

[build]
flags = ["-DSIZE={size}"]
libs = ["-lm"]
include = ["include"]
env = { CPATH = "{compiler.prefix}/include" }

[params]
radius = 3

[params.size]
default = 64
values = [64, 256]

[run.default]
command = "{exe} {image} out.pgm {radius}"
data = { image = "dataset,image" }
outputs = ["out.pgm"]
env = { THREADS = "1" }
timeout = 2.5

[[run.default.check]]
file = "out.pgm"
expect = "expect/{image.name}.pgm"

[[run.default.check]]
match = 'energy (\S+)'

[run.default.figures.seconds]
match = 'took (\S+) s'

[[mutation]]
file = "blur.c"
replace = "+"
with = "-"
"""

SHELL = r"""name = "bash"
description = "GNU Bourne-again shell"
program = "bash"
escapes = [["'", "'\\''"]]
set = "export {name}={value}"
unset = "unset -v {name}"
argv = ["--rcfile", "{rc}/bashrc", "-i"]

[files]
bashrc = '''
{script}
PS1='{label}'"${PS1-}"
'''
"""

PLACES = """[[place]]
manager = "pyenv"
prefixes = ["$PYENV_ROOT/versions/*", "~/.pyenv/versions/*"]
shims = ["~/.pyenv/shims"]
"""

NAMES = """[spack]
"compiler.gcc" = ["gcc-toolchain", "gcc"]
"tool.cmake" = []

[pypi]
"tool.cmake" = "cmake"
"""

DETECTOR_FILE = "detectors/compiler/gcc.toml"
PYTHON_FILE = "detectors/python/numpy.toml"
RECIPE_FILE = "recipes/lib/zlib.toml"
WHEEL_FILE = "recipes/tool/cmake.toml"
PROGRAM_FILE = "programs/blur/program.toml"
SHELL_FILE = "shells/bash.toml"
PLACES_FILE = "detectors/places.toml"
NAMES_FILE = "detectors/names.toml"

GOOD = {
    DETECTOR_FILE: DETECTOR,
    PYTHON_FILE: PYTHON_PACKAGE,
    RECIPE_FILE: RECIPE,
    WHEEL_FILE: WHEEL,
    PROGRAM_FILE: PROGRAM,
    SHELL_FILE: SHELL,
    PLACES_FILE: PLACES,
    NAMES_FILE: NAMES,
}


def small_detector(name: str, description: str = "A thing") -> str:
    """A detector called *name*, as short as one can be."""
    category, _, short = name.partition(".")
    return f"""name = "{name}"
description = "{description}"
tags = ["{category}", "{short}"]
find.program = "{short}"
[[version]]
run = "{{path}} --version"
match = '([\\d.]+)'
[[case]]
tree."bin/{short}" = "1.0"
expect = {{ version = "1.0" }}
"""


def write(root: Path, file: str, text: str) -> Path:
    """Put *text* at *file* below *root*."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def repository(root: Path, files: dict[str, str]) -> Path:
    """A repository at *root* that holds *files*."""
    for file, text in files.items():
        write(root, file, text)
        if file == PROGRAM_FILE:
            write(root, "programs/blur/blur.c", "int sum(int a, int b) { return a + b; }\n")
    return root
