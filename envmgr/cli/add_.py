"""`envmgr add`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envmgr.api.allow import renewing
from envmgr.api.project import add_wishes, check_meant, project_file, wish_of
from envmgr.cli.asked import here, no_project
from envmgr.cli.output import print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.model.filenames import DEFAULT
from envmgr.model.project import Wish

if TYPE_CHECKING:
    from envmgr.project.edit import Edit


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "add",
            "Write into the project file what the project needs; the rest of it stays as it is."
            " What is needed already gets the new range.",
            (
                "envmgr add 'compiler.llvm@>=14' tool.cmake",
                "envmgr add lib.cudart --feature gpu",
                "envmgr add blas --prefer installed --platform 'linux-*'",
            ),
        )
        .queries("what the project needs: NAME, NAME@VERSION or a query")
        .add("--feature", metavar="FEATURE", default=DEFAULT,
             help="the feature that needs it; one that is not there is made")
        .add("--prefer", metavar="PREFERENCE", action="append", default=[],
             help="what to take first: detected, installed, newest, oldest or a query")
        .add("--platform", metavar="PATTERN", action="append", default=[],
             help="only where it is needed: linux-*, macos-arm64-*")
        .add("--force", action="store_true", help="add also what the catalogue does not know")
        .add("--project", metavar="PATH", help="the project file or its directory")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Edit the file and say what changed."""
    wishes = [
        wish_of(query, prefer=arguments.prefer, platforms=arguments.platform)
        for query in queries_of(arguments, required=True)
    ]
    workspace = workspace_of(arguments)
    file = project_file(workspace.environ, here(), arguments.project)
    if file is None:
        raise no_project()
    if not arguments.force:
        check_meant(workspace, [wish.query for wish in wishes])
    with renewing(workspace, file):
        edit = add_wishes(file, wishes, arguments.feature)
    if arguments.json:
        print_json(**edit_json(edit))
    else:
        _tell(edit)
    return 0


def edit_json(edit: Edit) -> dict[str, object]:
    """What an edit changed, for scripts."""
    return {
        "file": edit.project.file,
        "added": [wish_json(wish) for wish in edit.added],
        "replaced": [{"old": wish_json(old), "new": wish_json(new)} for old, new in edit.replaced],
        "dropped": [wish_json(wish) for wish in edit.dropped],
    }


def wish_json(wish: Wish) -> dict[str, object]:
    """A wish, for scripts."""
    query = wish.query
    return {"query": str(query), "prefer": list(query.prefer), "platforms": list(wish.platforms)}


def wish_text(wish: Wish) -> str:
    """A wish, for people."""
    from envmgr.project.edit import spelled

    options = [f"prefer {', '.join(wish.query.prefer)}"] if wish.query.prefer else []
    options += [f"on {', '.join(wish.platforms)}"] if wish.platforms else []
    return spelled(wish.query) + (f" ({'; '.join(options)})" if options else "")


def _tell(edit: Edit) -> None:
    for wish in edit.added:
        tell(f"added {wish_text(wish)}")
    for old, new in edit.replaced:
        tell(f"replaced {wish_text(old)} by {wish_text(new)}")
    if not edit.added and not edit.replaced:
        say(f"nothing to do: {edit.project.file} says so already")
    if edit.made:
        say(f"made the feature {edit.made}: envmgr shell -e {edit.made} has it")
