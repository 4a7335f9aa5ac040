"""One mistake each: what a good file says, what is written instead, and what must be said to it."""

from __future__ import annotations

from dataclasses import dataclass

from .samples import (
    BASE64,
    COMMIT,
    DETECTOR_FILE,
    GOOD,
    MD5,
    NAMES_FILE,
    PLACES_FILE,
    PROGRAM_FILE,
    PYTHON_FILE,
    RECIPE_FILE,
    SHA256,
    SHELL_FILE,
    WHEEL_FILE,
)


@dataclass(frozen=True)
class Mistake:
    """`new` instead of `old` in the good `file` gives exactly one problem."""

    file: str
    old: str
    new: str
    key: str
    says: str
    meant: str | None = None
    at: str | None = None
    """Text on the line that must be named; by default the last line of `new`."""

    @property
    def text(self) -> str:
        """The broken file."""
        good = GOOD[self.file]
        assert self.old in good
        return good.replace(self.old, self.new, 1)

    @property
    def line(self) -> int:
        """The line that must be named."""
        at = self.at or self.new.splitlines()[-1]
        lines = self.text.splitlines()
        return 1 + next(i for i, line in enumerate(lines) if at in line)


def _mistakes(file: str, *rows: tuple[str | None, ...]) -> list[Mistake]:
    return [Mistake(file, *row) for row in rows]  # type: ignore[arg-type]


_PATTERN = r"'gcc(?P<suffix>-[\d.]+)?'"
_TAGS = '["compiler", "gcc", "lang-c"]'
_DIRS = 'dirs = ["/opt/*"]'
_REFUSED = '{ refused = "clang" }'
_OTHER = '"Apple clang version 15.0.0"'
_BIN_GCC = 'case[1].tree."bin/gcc"'
_ROW = 'versions."1.3.1"'
_LINK = 'build.links."bin/zlib-{version}"'

DETECTOR_MISTAKES = _mistakes(
    DETECTOR_FILE,
    ('"compiler.gcc"', '"compiler.gc"', "name", "must be 'compiler.gcc'", "compiler.gcc"),
    ('"compiler.gcc"', '""', "name", "must not be empty", None, "name ="),
    ('name = "compiler.gcc"\n', "", "name", "is missing", None, "description ="),
    ('"GNU C compiler"', '"  "', "description", "must not be empty"),
    ('"GNU C compiler"', '"two\\nlines"', "description", "must be one line"),
    ("[find]", "[find]\nprogam = 'x'", "find.progam", "unknown key", "program"),
    ("identity =", "identitty =", "identitty", "unknown key", "identity"),
    ("[find]", "[[finds]]\n[find]", "finds", "unknown key", "find", "[[finds]]"),
    (_TAGS, '["gcc", "compiler"]', "tags", "must begin with 'compiler' and 'gcc'"),
    ('"lang-c"]', '"Lang C"]', "tags[2]", "'Lang C' is not a tag", "lang-c"),
    ('"lang-c"]', '"gcc"]', "tags[2]", "stands twice"),
    ('"lang-c"]', "3]", "tags[2]", "must be a string, not a number"),
    (_TAGS, '[\n"compiler", # "x", [\n"gcc",\n\n"@"]', "tags[2]", "not a tag", None, '"@"'),
    (_TAGS, '"compiler"', "tags", "must be a list, not a string", '["compiler"]', "tags ="),
    ("https://gcc.gnu.org", "gcc.gnu.org", "homepage", "is not an address"),
    ("https://gcc.gnu.org", "https://[x", "homepage", "is not an address"),
    *(
        ("identity =", f"{key}\nidentity =", at, says, meant, f"{key.partition(' ')[0]} =")
        for key, at, says, meant in (
            ('provides = "mpi"', "provides", "must be a list, not a string", '["mpi"]'),
            ('provides = ["Mpi"]', "provides[0]", "'Mpi' is not a tag", "mpi"),
            ('provides = ["mpi", "mpi"]', "provides[1]", "'mpi' stands twice", None),
            ('provides = ["lang-c"]', "provides[0]", "the name or a tag of it already", None),
            ('provides = ["lang-cpp"]', "provides[0]", "the name or a tag of it already", None),
            ('provides = ["compiler.gcc"]', "provides[0]", "the name or a tag of it", None),
            ('conflicts = ["@>=3"]', "conflicts[0]", "not a tag", None),
            ('conflicts = ["x", "a,>=b c"]', "conflicts[1]", "not a version range", None),
            ('conflicts = ["compiler.gcc"]', "conflicts[0]", "it fits itself", None),
            ('conflicts = ["compiler,-mpi"]', "conflicts[0]", "it fits itself", None),
        )
    ),
    ("{real}", "{reel}", "identity", "unknown placeholder {reel}", "{real}"),
    ("{real}", "{site}", "identity", "unknown placeholder {site}"),
    (_PATTERN, r"['x', 'gcc(?P<suffix>-']", "find.program[1]", "not a regular expression"),
    (_PATTERN, r"'gcc(?P<suffix>-)(?P<bin>x)'", "find.program[0]", "the group 'bin' has the name"),
    (_PATTERN, r"'(?P<suffix>x)a{99999999999}'", "find.program[0]", "not a regular expression"),
    (_PATTERN, r"'(?P<suffix>x)[[a]'", "find.program[0]", "not a regular expression"),
    (_PATTERN, r"'gcc(?P<suffix>-)(a+)+'", "find.program[0]", "(a+)+ repeats a repetition"),
    (_PATTERN, r"'gcc(?P<suffix>[\d.]*)*'", "find.program[0]", "repeats a repetition"),
    (_PATTERN, r"'gcc(?P<suffix>-)(?:\w+?){2,}'", "find.program[0]", "repeats a repetition"),
    (_DIRS, 'dirs = ["opt/*"]', "find.dirs[0]", "must begin with /, ~ or a $VARIABLE"),
    (_DIRS, 'header = "../x.h"', "find.header[0]", "leaves its directory"),
    (_DIRS, 'marker = "/etc/passwd"', "find.marker[0]", "must be relative"),
    (_DIRS, 'pkgconfig = "zlib.pc"', "find.pkgconfig[0]", "without path and suffix"),
    (_DIRS, 'python = "Foo_Bar"', "find.python[0]", "not a normalised name", "foo-bar"),
    (_DIRS, "dirs = [1979-05-27]", "find.dirs[0]", "must be a string, not a date"),
    ("{path} --version", "{pth} --version", "version[0].run", "placeholder {pth}", "{path}"),
    ("{path} --version", "{version}", "version[0].run", "placeholder {version}", None),
    ("{path} --version", "{path} 'x", "version[0].run", "split into words: no closing"),
    ('run = "{path}', 'file = "x"\nrun = "{path}', "version[0]", "not run and file", None,
     "[[version]]"),
    ('run = "{path} --version"\n', "", "version[0]", "one of run, file, text", None,
     "[[version]]"),
    (r"\((?P<vendor>.*?)\) (\d[\d.]*)'", "x'", "version[0].match", "no group for the version",
     None, "match ="),
    ("(?P<vendor>", "(?P<prefix>", "version[0].match", "the group 'prefix' has the name"),
    ('"clang"\nwhy', '"*"\nwhy', "refuse[0].output", "not a regular expression", None,
     "output ="),
    ('why = "clang under the name of gcc"\n', "", "refuse[0].why", "is missing", None,
     "[[refuse]]"),
    ('CC = "{path}"', 'CC = "{path}"\n"C C" = ""', 'env."C C"', "not a name of a variable"),
    ('["{bin}"]', '"{bin}"', "prepend.PATH", "must be a list", '["{bin}"]', "PATH ="),
    ('["{bin}"]', '["{bim}"]', "prepend.PATH[0]", "placeholder {bim}", "{bin}"),
    ('PATH = ["{bin}"]', 'CC = ["{bin}"]', "prepend.CC", "put in [env] as well"),
    ("g++{suffix}", "g++{sufix}", "part[0].file", "placeholder {sufix}", "{suffix}"),
    ('["lang-cpp"]', '["-cpp"]', "part[0].tags[0]", "not a tag", "cpp"),
    ("{file}", "{fil}", "part[0].env.CXX", "placeholder {fil}", "{file}"),
    ("[[part]]", '[[part]]\nfile = "x"\n[[part]]', "part[0]", "adds nothing", None, "[[part]]"),
    ("{CC} {source}", "{CCC} {source}", "check.run", "placeholder {CCC}", "{CC}"),
    ("{CC} {source}", "{CC} {source} '", "check.run", "split into words"),
    ("[check]", "[check]\nexpect = '('", "check.expect", "not a regular expression"),
    ("[check]", "[check]\nneeds.CC = 'compiler'", "check.needs.CC", "is not a role"),
    ("[check]", "[check]\nneeds.cc = '>=3'", "check.needs.cc", "wants nothing"),
    ("[check]", "[check]\nfiles.'../x' = 1", 'check.files."../x"', "leaves its directory"),
    ("[check]", "[check]\nfiles.x = true", "check.files.x", "whole number, not true or false"),
    ("[check]", "[check]\nfiles.x = -1", "check.files.x", "must not be negative"),
    (_OTHER, "{ txt = 'x', run = 'x' }", f"{_BIN_GCC}.txt", "unknown key", "text"),
    (_OTHER, "{ text = 'x', run = 'x' }", _BIN_GCC, "not text and run"),
    (_OTHER, "'x'\ntree.'../x' = 'x'", 'case[1].tree."../x"', "leaves its directory"),
    (_REFUSED, "{ }", "case[1].expect", "expects nothing"),
    (_REFUSED, "{ refused = '(' }", "case[1].expect.refused", "not a regular expression"),
    (_REFUSED, "{ refuse = 'x', count = 2 }", "case[1].expect.refuse", "unknown", "refused"),
    (_REFUSED, "{ tags = ['lang-cp'] }", "case[1].expect.tags[0]", "no entry gets", "lang-cpp"),
    (_REFUSED, "{ env.CXY = 'x' }", "case[1].expect.env.CXY", "is set by nothing", "CXX"),
    (_REFUSED, "{ refused = 'x', version = '1' }", "case[1].expect", "has no version"),
)  # fmt: skip

PYTHON_MISTAKES = _mistakes(
    PYTHON_FILE,
    ("{site}", "{sight}", "identity", "placeholder {sight}", "{site}"),
    ('"numpy"\n\n[[', '""\n\n[[', "find.python[0]", "must not be empty", None, "python ="),
    ("[check]", "[check]\nsuffix = 3", "check.suffix", "must be a string"),
    ("[check]", "[check]\nsource = ''", "check.source", "must not be empty"),
    ("""run = '{python} -c "import numpy"'""", "", "check", "proves nothing", None, "[check]"),
    ("'(\\S+)'", "''", "version[0].match", "must not be empty", None, "match ="),
)  # fmt: skip

RECIPE_MISTAKES = _mistakes(
    RECIPE_FILE,
    ('detector = "lib.zlib"\n', "", "detector", "is missing", None, "name ="),
    ('detector = "lib.zlib"', 'detector = "Lib zlib"', "detector", "not a name of a detector"),
    ('"linux-*"', "1", "platforms[0]", "must be a string", None, "platforms ="),
    ('"linux-*"', '"Linux-*"', "platforms[0]", "which is lower case"),
    ('"linux-*"', '"linx-*"', "platforms[0]", "begins with no system", "linux"),
    ("platforms =", 'provides = ["x"]\nplatforms =', "provides", "unknown key", None, "provides"),
    *(
        ('cc = "compiler,lang-c"', f'cc = "compiler,lang-c"\nld = {need}', f"needs.ld{at}",
         says, meant)
        for need, at, says, meant in (
            ("{ versions = '1' }", ".query", "is missing", None),
            ("{ query = 'x', version = '1' }", ".version", "unknown key", "versions"),
            ("{ query = '>=3' }", "", "wants nothing", None),
            ("{ query = 'x', versions = '>=a b' }", ".versions", "not a version range", None),
            ("{ query = 'x', versions = '>=2' }", ".versions", "no version of the recipe", None),
            ("{ query = 'x', platforms = 'linux-*' }", ".platforms", "a list", '["linux-*"]'),
            ("{ query = 'x', platforms = ['a b'] }", ".platforms[0]", "fits no name", None),
            ("{ query = 'x', platforms = ['macos-*'] }", ".platforms[0]", "is none of", None),
        )
    ),
    (SHA256, "sha256:abc", _ROW, "64 hexadecimal digits"),
    (SHA256, "sha256:" + SHA256[7:].upper(), _ROW, "in lower case"),
    (SHA256, SHA256[7:], _ROW, "is not a digest", SHA256),
    (SHA256, "sha512-" + BASE64[7:], _ROW, "is not a digest", BASE64),
    (SHA256, "sha512:" + "A" * 80, _ROW, "or base64 of 64 bytes"),
    (SHA256, "sha1:" + "0" * 40, _ROW, "is not a digest"),
    (SHA256, MD5, _ROW, "the description must say"),
    ('"1.3.1" =', '"1.3,1" =', 'versions."1.3,1"', "is not a version"),
    ("digest =", f'commit = "{COMMIT}", digest =', f"{_ROW}.commit", "has no meaning"),
    ('"b7"', '"b7", version = "x"', f"{_ROW}.values.version", "placeholder of its own"),
    ('"b7"', '"b7", BUILD = "x"', f"{_ROW}.values.BUILD", "placeholder of its own"),
    ('"b7"', "7", f"{_ROW}.values.build", "must be a string", None, "values ="),
    ("[source]", f'"1.4" = "{SHA256}"\n[source]', "source.urls[0]", "version 1.4 has no value",
     None, "urls ="),
    ("https://example.org/", "ftp://example.org/", "source.urls[0]", "https://, http://, file://"),
    ("https://example.org/", "https:///", "source.urls[0]", "without a host"),
    ("https://example.org/", "https://example.org/a b", "source.urls[0]", "holds a blank"),
    ("{version}-", "{versoin}-", "source.urls[0]", "{versoin}", "{version}"),
    ("{version}-", "{prefix}-", "source.urls[0]", "{prefix}"),
    ("strip = 1", 'into = "../x"', "source.into", "leaves its directory"),
    ("strip = 1", "unpack = 1", "source.unpack", "must be true or false, not a number"),
    ("strip = 1", 'pypi = "zlib"', "source", "not urls and pypi", None, "[source]"),
    ('"compiler,lang-c"', '"Compiler lang"', "needs.cc", "not a tag"),
    ('"compiler,lang-c"', '"compiler,>=a b"', "needs.cc", "not a version range"),
    ('"commands"', '"comands"', "build.system", "must be one of none, cmake", "commands"),
    ("--prefix={prefix}", "{cc.prefx}", "build.options[0]", "{cc.prefx}", "{cc.prefix}"),
    ("{cc.CC}", "{ccc.CC}", "build.commands[1]", "{ccc.CC}", None),
    ("{cc.CC} {version_major}", "{cc.CC} '", "build.commands[1]", "split into words"),
    ("CFLAGS", "C.FLAGS", "build.env.C", "must be a string, not a table"),
    ('"lib/zlib"', '"../zlib"', _LINK, "leaves its directory"),
    ('"bin/zlib-{version}"', '"/bin/zlib"', 'build.links."/bin/zlib"', "must be relative"),
    ('"lib/zlib"', '"lib/{prefix}"', _LINK, "unknown placeholder {prefix}"),
    ('["bin/*"]', '["C:/x"]', "build.executable[0]", "must be relative"),
    ("links =", 'scripts = { "bin/x" = "x:y" }\nlinks =', "build.scripts", "needs.python", None,
     "scripts ="),
)  # fmt: skip

WHEEL_MISTAKES = _mistakes(
    WHEEL_FILE,
    ('pypi = "cmake"', 'pypi = "-cmake"', "source.pypi", "not a name of a package"),
    ('pypi = "cmake"', "", "source", "exactly one of urls, pypi, npm, git", None, "[source]"),
    ('pypi = "cmake"', 'pypi = ""', "source.pypi", "must not be empty"),
    ('pypi = "cmake"', 'npm = "@a/b/c"', "source.npm", "not a name of a package"),
    ('[versions."4.1.2"]\n"cmake-4.1.2-py3-none-manylinux_2_17_x86_64.whl" = ',
     '[versions]\n"4.1.2" = ', 'versions."4.1.2"', "table of file name and digest", None,
     '"4.1.2" ='),
    ('"cmake-4', '"../cmake-4', 'versions."4.1.2"', "is not a file name", None,
     '[versions."4.1.2"]'),
    ("cmake:main", "cmake main", 'build.scripts."bin/cmake"', "is not module:function"),
    ('"bin/cmake"', '"../cmake"', 'build.scripts."../cmake"', "leaves its directory"),
)  # fmt: skip

_RUN = "[run.default]\n"
_EXPECT = 'expect = "expect/{image.name}.pgm"'
_FILES = 'files = ["*.c"]'
_CHECK = 'file = "out.pgm"\nexpect'

PROGRAM_MISTAKES = _mistakes(
    PROGRAM_FILE,
    ('"blur"', '"blurr"', "name", "must be 'blur', as its directory is", "blur"),
    ('"image"]', '"Image"]', "tags[1]", "'Image' is not a tag", "image"),
    ("Smoothing", "One\\nTwo", "description", "must be one line"),
    ("https:", "ftp:", "homepage", "is not an address"),
    (_FILES, 'files = ["../*.c"]', "source.files[0]", "leaves its directory"),
    (_FILES, 'url = "https://example.org/x.tar"', "source.digest", "nothing unverified", None,
     "[source]"),
    (_FILES, 'git = "https://example.org/x"', "source.commit", "40 hexadecimal", None, "[source]"),
    (_FILES, 'digest = "sha256:12"', "source.digest", "sha256"),
    (_FILES, (f'url = "https://a.org/x"\ndigest = "{SHA256}"\ngit = "https://a.org/y"\n'
     f'commit = "{COMMIT}"'), "source", "both a url and a git", None, "[source]"),
    ('"compiler,lang-c"', '"@x"', "needs.compiler", "not a tag"),
    ("radius = 3", "radius = 3\nRadius = 3", "params.Radius", "lower case"),
    ("radius = 3", "exe = 3\nradius = 3", "params.exe", "meaning of its own", None, "exe = 3"),
    ("radius = 3", "compiler = 3\nradius = 3", "needs.compiler", "something else here", None,
     "compiler ="),
    ("image = ", "size = 'dataset', image = ", "run.default.data.size", "something else here",
     None, "size = 'dataset'"),
    ("radius = 3", "radius = true", "params.radius", "must be a string"),
    ("values = [64, 256]", "values = 64", "params.size.values", "must be a list"),
    ("[build]", '[build]\nsystem = "cmak"', "build.system", "must be one of", "cmake"),
    ("[build]", '[build]\ntarget = "/bin/x"', "build.target", "must be relative"),
    ("[build]", '[build]\ncommands = ["make"]', "build.commands", "are for the system script"),
    ("[build]", '[build]\nsystem = "script"', "build.commands", "are for the system script",
     None, "[build]"),
    ('["include"]', '["/usr/include"]', "build.include[0]", "must be relative"),
    ("{size}", "{sise}", "build.flags[0]", "unknown placeholder {sise}", "{size}"),
    ("{compiler.prefix}", "{cc.prefix}", "build.env.CPATH", "unknown placeholder {cc.prefix}"),
    ("{compiler.prefix}", "{image}", "build.env.CPATH", "unknown placeholder {image}"),
    ("CPATH", "C-PATH", "build.env.C-PATH", "is not a name of a variable"),
    ("{image} out.pgm", "{imag} out.pgm", "run.default.command", "unknown placeholder", "{image}"),
    ("{radius}\"", "'{radius}\"", "run.default.command", "cannot be split"),
    (_RUN, _RUN + "params = { radios = 4 }\n", "run.default.params.radios", "is no parameter",
     "radius", "radios"),
    (_RUN, _RUN + 'inputs = ["/etc/*"]\n', "run.default.inputs[0]", "must be relative", None,
     "inputs"),
    (_RUN, _RUN + 'stdin = "{imag}"\n', "run.default.stdin", "unknown", "{image}", "stdin"),
    (_RUN, _RUN + 'repeat = "A B"\n', 'run.default.repeat."A B"', "is not a name", None, "repeat"),
    ('["out.pgm"]', '["out.pgm", "../out"]', "run.default.outputs[1]", "leaves its directory"),
    ("THREADS", "1", "run.default.env.1", "is not a name of a variable"),
    ('"1"', '"{thread}"', "run.default.env.THREADS", "unknown placeholder {thread}"),
    ("2.5", "0", "run.default.timeout", "must be more than nothing"),
    ("2.5", "-1", "run.default.timeout", "must not be negative"),
    ("2.5", "inf", "run.default.timeout", "endless"),
    ("2.5", '"2"', "run.default.timeout", "must be a number"),
    (_CHECK, 'file = "out"\nexpect', "run.default.check[0].file", "none of its outputs",
     "out.pgm", 'file = "out"'),
    (_EXPECT, 'expect = "/etc/passwd"', "run.default.check[0].expect", "must be relative"),
    (_EXPECT, 'text = "x"\nrecorded = true', "run.default.check[0]", "exactly one of", None,
     "[[run.default.check]]"),
    (_EXPECT, 'run = "a \'b"', "run.default.check[0].run", "cannot be split"),
    (_EXPECT, 'match = "("', "run.default.check[0].match", "not a regular expression"),
    (_EXPECT, 'match = "x"\ntolerance = 0.1', "run.default.check[0].tolerance", "no meaning"),
    (_EXPECT, f"{_EXPECT}\nabsolute = 0.1", "run.default.check[0].absolute", "needs a tolerance"),
    (_EXPECT, f"{_EXPECT}\nignore = ['(']", "run.default.check[0].ignore[0]", "not a regular"),
    (r"'took (\S+) s'", "'took'", "run.default.figures.seconds.match", "has no group"),
    (r"'took (\S+) s'", "'(x)'\nkey = 'a'", "run.default.figures.seconds", "exactly one of", None,
     "[run.default.figures.seconds]"),
    (r"'took (\S+) s'", "'(x)'\nbetter = 'more'", "run.default.figures.seconds.better",
     "lower or higher"),
    ("figures.seconds", "figures.wall", "run.default.figures.wall", "is measured of every run"),
    ('"blur.c"', '"/blur.c"', "mutation[0].file", "must be relative"),
    ('with = "-"', 'with = "+"', "mutation[0].with", "changes nothing"),
    ('with = "-"', 'with = "-"\ncommand = "defalt"', "mutation[0].command", "is no command",
     "default"),
)  # fmt: skip

SHELL_MISTAKES = _mistakes(
    SHELL_FILE,
    ('name = "bash"', 'name = "zsh"', "name", "must be 'bash'", "bash"),
    ("escapes =", "escape =", "escape", "unknown key", "escapes"),
    ("escapes = [[", "escapes = [['a'], [", "escapes[0]", "must be two strings"),
    ("escapes =", "quote = ['x']\nescapes =", "quote", "must be two strings", None, "quote"),
    ("escapes =", "format = 'jsn'\nescapes =", "format", "lines or json", "json", "format"),
    ("unset -v {name}", "unset -v", "unset", "must hold {name}"),
    ("{rc}/bashrc", "{rcs}/bashrc", "argv[1]", "{rcs}", "{rc}"),
    ("{script}", "{scrip}", "files.bashrc", "{scrip}", "{script}", "bashrc ="),
    ("bashrc = ", "'../x' = ", 'files."../x"', "leaves its directory"),
)  # fmt: skip

PLACES_MISTAKES = _mistakes(
    PLACES_FILE,
    ('manager = "pyenv"\n', "", "place[0].manager", "is missing", None, "[[place]]"),
    ('"$PYENV_ROOT', '"PYENV_ROOT', "place[0].prefixes[0]", "must begin with"),
    ("shims =", "shim =", "place[0].shim", "unknown key", "shims"),
    ("shims =", 'bin = ["../x"]\nshims =', "place[0].bin[0]", "leaves its", None, "bin ="),
    ("[[place]]", "[[place]]\nmanager = 'x'\n[[place]]", "place[0]", "neither prefixes"),
)  # fmt: skip

NAMES_MISTAKES = _mistakes(
    NAMES_FILE,
    ("[spack]", "[spak]", "spak", "unknown key", "spack"),
    ('["gcc-toolchain", "gcc"]', "3", 'spack."compiler.gcc"[0]', "must be a string"),
    ('"gcc"]', '"gcc", "gcc"]', 'spack."compiler.gcc"[2]', "stands twice"),
    ('"gcc"]', '"GCC"]', 'spack."compiler.gcc"[1]', "is not a name of a package of spack"),
    ('"compiler.gcc"', "gcc", "spack.gcc", "'gcc' is not a name of a thing"),
    ('"cmake"', '"c_make"', 'pypi."tool.cmake"[0]', "is not a name of a package of pypi"),
    ('"cmake"', '""', 'pypi."tool.cmake"[0]', "must not be empty"),
)  # fmt: skip

MISTAKES = [
    *DETECTOR_MISTAKES,
    *PYTHON_MISTAKES,
    *RECIPE_MISTAKES,
    *WHEEL_MISTAKES,
    *PROGRAM_MISTAKES,
    *SHELL_MISTAKES,
    *PLACES_MISTAKES,
    *NAMES_MISTAKES,
]
