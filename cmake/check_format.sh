#!/bin/bash
# Fails, naming the places, if a source file is not laid out as .clang-format says or has lines of more than 110 columns.
# Comments are kept out of the formatter's reach, so their length is looked at here, and so are those of public headers.
#
#   cmake/check_format.sh [--fix]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

formatter=clang-format-16  # others lay out requires clauses differently
[[ ${1:-} == --fix ]] && mode=(-i) || mode=(--dry-run -Werror)
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' | xargs -0 "$formatter" --style=file "${mode[@]}"
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' | LC_ALL=C.UTF-8 xargs -0 grep -nHP '^.{111,}' && {
  echo "check_format.sh: the lines above have more than 110 columns" >&2
  exit 1
}
cmake/check_public_docs.py
