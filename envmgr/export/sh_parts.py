"""What is the same in every script that `sh` writes.

One part is of bash and makes what is missing; the others are of any shell that POSIX describes,
because a shell may read them.
"""

from __future__ import annotations

MAKING = r"""
umask 022
envmgr_root=$1
missing=()

fail() {  # LINE...
  printf '%s\n' "$@" >&2
  exit 1
}

case $envmgr_root in
  [!/]* | *[!A-Za-z0-9._+/@-]*) fail "not an absolute path of plain characters: $envmgr_root" ;;
esac

has() {  # PACKAGE=VERSION...: remembers those that the system has otherwise, or not at all
  local here pin
  here=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}=${Version}\n' "${@%%=*}" 2>/dev/null) ||
    true
  for pin in "$@"; do
    [[ $'\n'$here$'\n' == *$'\nii '"$pin"$'\n'* ]] || missing+=("$pin")
  done
}

has_files() {  # FILE...: for a system that has no packages to ask for
  local file
  for file in "$@"; do
    [ -e "$file" ] || fail "missing here: $file"
  done
}

runs() {  # PACKAGE COMMAND...: remembers the package if the command cannot be run
  "${@:2}" >/dev/null 2>&1 || missing+=("$1")
}

nothing_missing() {
  [ "${#missing[@]}" -eq 0 ] ||
    fail "missing here, or there in another version: ${missing[*]}" \
      "to install it: sudo apt-get install --no-install-recommends ${missing[*]}"
}

is_made() {  # SLUG...
  local slug
  for slug in "$@"; do
    [ -e "$envmgr_root/made/$slug" ] || return 1
  done
}

alone() {  # waits until nobody else makes anything below the root, and begins
  mkdir -p "$envmgr_root"
  exec 9>"$envmgr_root/lock"
  ! command -v flock >/dev/null || flock 9
  envmgr_work=$(mktemp -d "$envmgr_root/work.XXXXXX")
  trap 'rm -rf "$envmgr_work"' EXIT
  PATH=$envmgr_work/bin:$PATH
}

begin() {  # SLUG
  echo "making $1 below $envmgr_root"
  rm -rf "${envmgr_root:?}/$1"
}

end() {  # SLUG: only now it counts as made
  mkdir -p "$(dirname "$envmgr_root/made/$1")"
  : > "$envmgr_root/made/$1"
}

link() {  # TO AT
  [ "$(readlink "$2")" = "$1" ] || { mkdir -p "$(dirname "$2")" && ln -sfn "$1" "$2"; }
}
"""
"""Functions of bash for the part that makes things. Its one argument is the root."""

ACTIVATION = r"""
envmgr_prepend() {  # NAME DIRECTORY: to the front of a path list, where it stands once
  eval "envmgr_rest=\${$1-}:"
  envmgr_list=$2
  while [ -n "$envmgr_rest" ]; do
    envmgr_part=${envmgr_rest%%:*} envmgr_rest=${envmgr_rest#*:}
    case $envmgr_part in '' | "$2") ;; *) envmgr_list=$envmgr_list:$envmgr_part ;; esac
  done
  eval "export $1=\$envmgr_list"
  unset envmgr_rest envmgr_list envmgr_part
}

envmgr_is_read() {  # whether a shell reads this file, rather than that it was started
  if [ -n "${ZSH_VERSION-}" ]; then
    case $1 in *:file*) ;; *) return 1 ;; esac
  elif [ -n "${BASH_VERSION-}" ]; then
    [ "$2" != "$0" ]
  else
    ! grep -qs '^# Made by .envmgr export sh. for' -- "$0"
  fi
}
"""
"""Functions for the shell that is to be in the environment."""

END = r"""
envmgr_root=${ENVMGR_ROOT:-${HOME-}/.local/share/envmgr-env}
if envmgr_make "$envmgr_root" >&2; then
  envmgr_set
  envmgr_status=0
else
  envmgr_status=1
fi
unset envmgr_root
if ! envmgr_is_read "${ZSH_EVAL_CONTEXT-}" "${BASH_SOURCE-}"; then
  [ "$envmgr_status" -eq 0 ] || exit "$envmgr_status"
  [ "$#" -gt 0 ] || set -- "${SHELL:-/bin/sh}"
  exec "$@"
fi
unset -f envmgr_make envmgr_set envmgr_prepend envmgr_is_read
eval "unset envmgr_status; return $envmgr_status"
"""
"""What such a shell does: make, set, and become the command if it was started."""
