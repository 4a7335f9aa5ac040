"""What an image gets and what it does without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envmgr.export.carry import Image, decide
from envmgr.export.material import LeftOut, Lost, Packaged, Pin
from envmgr.model.delta import Delta
from envmgr.model.plan import Download, Link, Run, Script, Unpack

from .things import SHA, detected, installed, material, package, plan, remade

GCC = package("gcc", "4:12.2.0-3")
UNOWNED = "no installed package owns it"
FETCH = (Download("x.zip", ("https://a.example/x.zip",), SHA), Unpack("x.zip", "prefix", "."))


def told(image: Image) -> list[tuple[str, str]]:
    return [(item.what, item.why) for item in image.left_out]


def test_a_packaged_thing_comes_with_its_packages_and_its_variables() -> None:
    gcc = detected("compiler.gcc", delta=Delta({"CC": "/usr/bin/gcc"}))
    image = decide(material((gcc, Packaged((GCC, package("libc6-dev"))))))
    assert image.packages == (GCC, package("libc6-dev"))
    assert image.delta == gcc.delta
    assert (image.entries, image.left_out, image.installs) == ((gcc,), (), ())


def test_what_no_package_owns_is_told_with_its_place() -> None:
    python = detected("compiler.python", path="/home/me/.pyenv/bin/python")
    image = decide(material((python, Packaged((), {python.path: UNOWNED}))))
    assert image.left_out == (LeftOut("compiler.python@1.0", UNOWNED, python.path),)
    assert (image.entries, image.delta, image.wanted) == ((), Delta(), (python,))


def test_a_data_set_is_to_be_mounted() -> None:
    data = detected("dataset.x", path="/data/x", tags=("dataset",))
    image = decide(material((data, Packaged((), {data.path: UNOWNED}))))
    assert told(image) == [("dataset.x@1.0", f"{UNOWNED}; mount it when the image runs")]


def test_what_needs_a_thing_left_out_is_left_out() -> None:
    python = detected("compiler.python", path="/home/me/python")
    numpy = detected("python.numpy", needs=(python.id,))
    image = decide(
        material((python, Packaged((), {python.path: UNOWNED})), (numpy, Packaged((GCC,))))
    )
    assert told(image)[1] == (
        "python.numpy@1.0",
        "it needs compiler.python@1.0, which cannot be carried over",
    )
    assert image.packages == ()


def test_a_part_that_no_package_owns_takes_its_variables_with_it() -> None:
    part = "/usr/local/bin/g++"
    delta = Delta({"CC": "/usr/bin/gcc", "CXX": f"{part} -O2", "OTHER": f"{part}-12"})
    gcc = detected("compiler.gcc", delta=delta)
    image = decide(material((gcc, Packaged((GCC,), {part: UNOWNED}))))
    assert image.delta.put == {"CC": "/usr/bin/gcc", "OTHER": f"{part}-12"}
    assert image.left_out == (LeftOut("compiler.gcc@1.0", UNOWNED, part),)


@pytest.mark.parametrize("value", ["a\nb", "\udcff"])
def test_a_value_that_a_dockerfile_cannot_hold_is_told(value: str) -> None:
    thing = detected("tool.x", delta=Delta({"A": value, "B": "b"}, {"C": ("/c", value)}))
    image = decide(material((thing, Packaged())))
    assert image.delta == Delta({"B": "b"})
    assert [item.what for item in image.left_out] == ["A of tool.x@1.0", "C of tool.x@1.0"]


def test_an_installed_thing_is_made_again_at_the_image_s_place() -> None:
    delta = Delta({"X_ROOT": "/store/p/x", "Y": "/store/p/xy:-L/store/p/x/lib"})
    thing = installed("tool.x", "/store/p/x", delta=delta)
    made = plan("tool.x", (*FETCH, Link("bin/y", "bin/x")))
    image = decide(material((thing, remade(made))))
    place = "/opt/envmgr/tool.x/1.0-0a1b2c3d"
    assert image.delta.put == {"X_ROOT": place, "Y": f"/store/p/xy:-L{place}/lib"}
    assert image.copies == (place,)
    assert [install.prefix for install in image.installs] == [place]
    assert [pin.name for pin in image.fetch_packages] == [
        "ca-certificates", "curl", "libarchive-tools",
    ]  # fmt: skip
    assert (image.packages, image.left_out) == ((), ())


def test_builds_see_their_needs_and_only_the_first_stage_has_them() -> None:
    gcc = detected(
        "compiler.gcc", delta=Delta({"CC": "/usr/bin/gcc"}), links={"cc": "/usr/bin/gcc-12"}
    )
    cmake = installed("tool.cmake", "/store/p/cmake")
    thing = installed("lib.x", "/store/p/x", delta=Delta({"X": "/store/p/x"}))
    steps = (*FETCH, Run(("cmake", "-DCC={cc.CC}", "{cmake.prefix}", "{prefix}")))
    made = plan("lib.x", steps, needs={"cc": gcc, "cmake": cmake})
    image = decide(
        material(
            (thing, remade(made, package("make"))),
            helpers=((gcc, Packaged((GCC,))), (cmake, remade(plan("tool.cmake", FETCH)))),
        )
    )
    assert [i.title.split("@")[0] for i in image.installs] == ["tool.cmake", "lib.x"]
    assert image.copies == ("/opt/envmgr/lib.x/1.0-0a1b2c3d",)
    assert [i.needs for i in image.installs] == [(), ("/opt/envmgr/tool.cmake/1.0-0a1b2c3d",)]
    pins = {str(pin) for pin in image.fetch_packages}
    assert {"gcc=4:12.2.0-3", "make=1.0-1", "curl=2.0-1"} <= pins
    fetching, building = image.installs[1].chunks
    assert fetching.directory == building.directory
    commands = building.commands
    assert commands[-1] == (
        "cmake -DCC=/usr/bin/gcc /opt/envmgr/tool.cmake/1.0-0a1b2c3d /opt/envmgr/lib.x/1.0-0a1b2c3d"
    )
    assert commands[-2] == (
        "export CC=/usr/bin/gcc PATH=/opt/envmgr/tool.cmake/1.0-0a1b2c3d/bin:"
        '/opt/envmgr/names/compiler.gcc-1.0:"$PATH"'
    )
    assert "ln -sfn /usr/bin/gcc-12 /opt/envmgr/names/compiler.gcc-1.0/cc" in commands
    assert (image.packages, image.delta.put) == ((), {"X": "/opt/envmgr/lib.x/1.0-0a1b2c3d"})
    assert image.files == ("/opt/envmgr/lib.x/1.0-0a1b2c3d/bin/x",)


def test_what_a_build_needs_comes_with_what_that_needs() -> None:
    python = detected("compiler.python", path="/usr/bin/python3")
    node = installed("compiler.node", "/store/p/node")
    meson = installed("tool.meson", "/store/p/meson", needs=(python.id, node.id))
    thing = installed("lib.x", "/store/p/x")
    made = plan("lib.x", (Run(("meson",)),), needs={"meson": meson})
    helpers = (
        (python, Packaged((package("python3"),))),
        (node, remade(plan("compiler.node", FETCH))),
        (meson, remade(plan("tool.meson", FETCH))),
    )
    image = decide(material((thing, remade(made)), helpers=helpers))
    assert [i.title.split("@")[0] for i in image.installs] == [
        "compiler.node", "tool.meson", "lib.x",
    ]  # fmt: skip
    node_and_meson = (
        "/opt/envmgr/compiler.node/1.0-0a1b2c3d",
        "/opt/envmgr/tool.meson/1.0-0a1b2c3d",
    )
    assert image.installs[-1].needs == node_and_meson
    assert "python3=1.0-1" in map(str, image.fetch_packages)


def test_unpacking_takes_no_needs_but_launchers_name_their_interpreter() -> None:
    python = detected("compiler.python", path="/usr/bin/python3")
    meson = installed("tool.meson", "/store/p/meson", needs=(python.id,))
    steps = (*FETCH, Script("bin/meson", "m:main", "{python.path}", "site"))
    made = remade(plan("tool.meson", steps, needs={"python": python}))
    image = decide(material((python, Packaged((package("python3"),))), (meson, made)))
    assert image.packages == (package("python3"),)
    assert "python3" not in [pin.name for pin in image.fetch_packages]
    assert any("#!/usr/bin/python3" in c for c in image.installs[0].chunks[0].commands)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Lost("its recipe tool.x is no longer in the catalogue"), "no longer in the catalogue"),
        (
            remade(plan("tool.x", (Download("x", ("file:///x",), SHA),))),
            "comes from this machine, not from the network",
        ),
        (
            replace(
                remade(plan("tool.x", (Run(("frob",)),))), programs=Packaged((), {"frob": UNOWNED})
            ),
            "making it runs frob: no installed package owns it",
        ),
        (remade(replace(plan("tool.x", FETCH), slug="tool.x/1 0")), "not a plain path"),
    ],
)
def test_what_cannot_be_made_again_is_told(made: Lost, why: str) -> None:
    thing = installed("tool.x", "/store/p/x")
    image = decide(material((thing, made)))
    assert (image.installs, image.copies) == ((), ())
    assert [item.what for item in image.left_out] == ["tool.x@1.0"]
    assert why in image.left_out[0].why


def test_a_build_whose_need_is_left_out_is_left_out() -> None:
    gcc = detected("compiler.gcc", path="/home/me/gcc")
    thing = installed("lib.x", "/store/p/x")
    made = remade(plan("lib.x", (Run(("make",)),), needs={"cc": gcc}))
    unowned = Packaged((), {gcc.path: UNOWNED})
    image = decide(material((thing, made), helpers=((gcc, unowned),)))
    assert told(image) == [
        ("lib.x@1.0", "making it needs compiler.gcc@1.0, which cannot be carried over")
    ]


def test_a_changed_recipe_is_told_and_followed() -> None:
    thing = installed("tool.x", "/store/p/x")
    image = decide(material((thing, remade(plan("tool.x", FETCH), changed=True))))
    assert len(image.installs) == 1
    assert "recipe has changed" in image.left_out[0].why


def test_a_version_that_nobody_offers_is_told() -> None:
    gcc = detected("compiler.gcc")
    image = decide(replace(material((gcc, Packaged((GCC,)))), gone=frozenset((GCC, package("z")))))
    assert image.packages == (GCC,)
    assert [item.what for item in image.left_out] == ["gcc=4:12.2.0-3"]


def test_so_is_one_that_only_a_build_takes() -> None:
    made = remade(plan("lib.x", (Run(("make",)),)), package("make"))
    given = material((installed("lib.x", "/store/p/x"), made))
    image = decide(replace(given, gone=frozenset((package("make"),))))
    assert [item.what for item in image.left_out] == ["make=1.0-1"]


def test_drivers_stay_behind() -> None:
    cuda = detected("lib.cudart", tags=("cuda", "gpu"))
    smi = detected("tool.nvidia-smi", tags=("nvidia", "nvidia-driver"))
    image = decide(material((cuda, Packaged()), (smi, Packaged())))
    assert image.entries == (cuda,)
    assert [item.what for item in image.left_out] == [
        "tool.nvidia-smi@1.0",
        "the driver of the GPU",
    ]


def test_plain_names_go_to_the_front_of_the_path() -> None:
    gcc = detected("compiler.gcc", "11:4", links={"gcc": "/usr/bin/gcc-11"})
    image = decide(material((gcc, Packaged((GCC,)))))
    assert image.names == {"/opt/envmgr/names/compiler.gcc-11_4/gcc": "/usr/bin/gcc-11"}
    assert image.delta.prepend == {"PATH": ("/opt/envmgr/names/compiler.gcc-11_4",)}


def test_pins_say_what_they_know() -> None:
    assert (str(Pin("a", "1")), str(Pin("a", None))) == ("a=1", "a")
