#!/bin/sh
# Print etc/tidings.conf as common/config.def has it; "--write" writes it.
set -eu
cd "$(dirname "$0")/../.."

# The preprocessor joins what C joins: name @ default @ range @ meaning.
entries() {
	"${CC:-cc}" -E -P -x c \
	    -D'STRING(name, value, meaning)=_ name @ value @ "" @ meaning' \
	    -D'NUMBER(name, value, least, most, meaning)=_ name @ value @ "(" #least " to " #most ")" @ meaning' \
	    -D'CHOICE(name, value, choices, meaning)=_ name @ value @ "(" choices ")" @ meaning' \
	    -include common/config.def /dev/null |
	    { tr '\n' ' '; echo; } | sed 's/ *_ /\n/g' | sed -e 's/" *"//g' -e 's/"//g' \
	    -e 's/ *@ */@/g' -e 's/ *$//' -e '/^$/d'
}

print() {
	cat <<'HEAD'
# The settings of Tidings: what api.fcgi, notifier and the tidings command read
# from /etc/tidings/tidings.conf, or from the file that TIDINGS_CONFIG names.
#
# A line is "name = value".  Each stands here with its default; take the # away
# to change it.  An unknown name or a value out of range stops the programs
# from starting.  "make run" has a file of its own, in var/, and takes
# CONFIG='name=value ...'.
HEAD
	entries | while IFS=@ read -r name value range meaning; do
		echo
		printf '%s %s\n' "$meaning" "$range" | sed 's/ *$//' |
		    fmt -w 76 | sed 's/^/# /'
		printf '#%s = %s\n' "$name" "$value" | sed 's/ *$//'
	done
}

case ${1-} in
--write) print >etc/tidings.conf ;;
*) print ;;
esac
