#!/bin/bash
# Run a command with a migrated MariaDB of its own:
# with-mariadb.sh COMMAND [ARG ...]
#
# It lives in a temporary folder, listens on a socket there and nowhere else,
# and is gone when the command ends.  The command finds it as the programs do,
# through TIDINGS_CONFIG.  CONFIG sets settings, as for "make start".
set -u
cd "$(dirname "$0")/../.." || exit 1

dir=$(mktemp -d "${TMPDIR:-/tmp}/tidings-db.XXXXXX")
export VAR=$dir/var

finish() {
	etc/run/database stop
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

etc/run/database start || exit 1
export TIDINGS_CONFIG=$VAR/tidings.conf
"${BUILD:-build}/tidings" migrate >"$VAR/log/migrate.log" 2>&1 || {
	cat "$VAR/log/migrate.log" >&2
	exit 1
}
"$@"
