#!/bin/sh
# The project's own rules, those no compiler or analyser knows.
# Prints "file:line: text  <- rule" for each breach; silent when all is well.
set -u
cd "$(dirname "$0")/../.." || exit 1
breaches=0

breach() {
	printf '%s\n' "$1"
	breaches=1
}

forbid() {	# forbid PATTERN RULE PATH...
	pattern=$1 rule=$2
	shift 2
	found=$(grep -nE "$pattern" "$@" /dev/null) || return 0
	breach "$(printf '%s\n' "$found" | sed "s|\$|  <- $rule|")"
}

sources() { find "$@" -name '*.[ch]' | sort; }
scripts() {
	find "$@" -name node_modules -prune -o \
	    \( -name '*.js' -o -name '*.mjs' \) -print | sort
}
ours() {
	find . \( -name .git -o -name node_modules -o -path ./build -o \
	    -path ./var -o -path ./tests/fuzz/corpus \) -prune -o -type f "$@" -print |
		sed 's|^\./||' | sort
}

# shellcheck disable=SC2046	# file names have no spaces
{
forbid '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca|strncpy)\(' \
	'banned: unbounded or blind to errors' $(sources api common db notifier tests)

# Who may know what.
forbid '"(SELECT|INSERT|UPDATE|DELETE|REPLACE|CALL) ' \
	'SQL lives in db/ only' $(sources api common notifier)
forbid '\bmysql_' 'only db/db*.c and db/migrate.c talk to the client library' \
	$(sources api common notifier db | grep -vE '^db/(db(_[a-z]+)?|migrate)\.[ch]$')
forbid '\bMHD_' 'only notifier/http*.c knows libmicrohttpd' \
	$(sources api common db notifier | grep -vE '^notifier/http[a-z_]*\.[ch]$')
forbid '\bFCG|fcgi[a-z_]*\.h' 'only api/gateway*.c knows how bytes arrive' \
	$(sources api common db notifier | grep -vE '^api/gateway[a-z_]*\.[ch]$')
forbid '\b(free|malloc|calloc|realloc|strdup)\(' \
	'the api takes its memory from the request arena' $(sources api)

# Who may include whom: api -> db -> common, notifier -> db -> common.
forbid '#include "(api|db|notifier|tests)/' \
	'common/ depends on nothing of ours' $(sources common)
forbid '#include "(api|notifier|tests)/' \
	'db/ depends on common/ only' $(sources db)
forbid '#include "(notifier|tests)/' \
	'api and notifier meet in common/' $(sources api)
forbid '#include "(api|tests)/' \
	'api and notifier meet in common/' $(sources notifier)
forbid '#include "db/' 'two doors to the database: store and follower' \
	$(sources notifier | grep -vE '^notifier/(store|follower)[a-z_]*\.[ch]$')

# The page.
forbid 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function' \
	'text goes in with textContent' $(scripts www)
forbid '<script[^>]*>[^<]|<style|\bstyle="|\bon[a-z]+="' \
	'no inline script or style' $(find www -name '*.html')
forbid '(src|href)="(https?:)?//' 'everything is served from here' \
	$(find www -name '*.html')

# Habits.
forbid '(^|[^:"'"'"'/])//' 'C comments are /* */' \
	$(sources api common db notifier tests)
forbid '\b(TODO|FIXME|XXX|HACK)\b' 'open work belongs in an issue' \
	$(sources api common db notifier tests) $(scripts www tests) \
	$(find db -name '*.sql')
forbid '\b(it|test|describe)\.(skip|only|todo)\b|\b(skip|todo): *true' \
	'what cannot run, fails' $(scripts tests)
forbid '(^|[^a-z$}@])/(home|work|root)/[a-z]' 'no machine has this path but yours' \
	$(ours ! -name package-lock.json ! -path ./tests/lint/rules.sh)

for file in $(sources api common db notifier tests) $(scripts www tests); do
	lines=$(wc -l <"$file")
	[ "$lines" -le 500 ] ||
		breach "$file: $lines lines  <- look for the second noun"
done
}

# etc/tidings.conf and common/config.def agree in name, default and meaning.
difference=$(tests/lint/settings.sh | diff -u etc/tidings.conf -) ||
	breach "$difference
etc/tidings.conf: differs from common/config.def  <- make format writes it"

# The handler conversations_list is in api/handlers/conversations.c, right
# under a comment that starts with its route.
while read -r method path handler; do
	if ! grep -h -A9 -F "/* $method $path" api/handlers/*.c 2>/dev/null |
	    grep -q "^$handler("; then
		breach "api/routes.def: $method $path $handler  <- not right under \
a comment that starts with its route"
	fi
	[ -e "api/handlers/${handler%%_*}.c" ] ||
		breach "api/routes.def: $handler  <- there is no ${handler%%_*}.c"
done <<ROUTES
$(sed -n 's/^ROUTE(\([A-Z]*\),[ 	]*"\([^"]*\)",[ 	]*\([a-z_]*\),.*/\1 \2 \3/p' \
    api/routes.def)
ROUTES

exit $breaches
