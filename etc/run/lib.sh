# What the scripts beside this one share: where things are, the settings, and
# how a process is started, recognised and stopped.
#
# Everything lives in VAR (default: var), except that the sockets move to a
# directory of their own below XDG_RUNTIME_DIR or /tmp when VAR is too deep for
# the 107 bytes of a socket's address, or closed to Apache's user; it goes away
# with the last process.  VAR/env names what runs; nothing else remembers it.
#
#	VAR=dir PORT=n CONFIG='name=value ...' (or one to a line)
#	WEB=nginx|apache  API=fcgi|cgi  BUILD=dir
# shellcheck shell=bash

set -u
umask 077
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
PATH=$PATH:/usr/sbin:/sbin

BUILD=${BUILD:-build}
[[ $BUILD = /* ]] || BUILD=$checkout/$BUILD
var=${VAR:-$checkout/var}
[[ $var = /* ]] || var=$PWD/$var
[[ -d $var ]] || { mkdir -p "$var" && chmod 711 "$var"; } || exit 1
var=$(cd "$var" && pwd -P)
mkdir -p "$var/log"

say() { printf '%s\n' "$*"; }

die() {
	printf 'tidings: %s\n' "$*" >&2
	exit 1
}

# A signal is noted here and acted upon between steps, so that nothing is
# started without being written down.
stopping=
trap 'stopping=yes' INT TERM HUP
trap : PIPE

parts=(db notifier api login web)

# What a caller's environment says about another site counts for nothing.
read_env() {
	local name
	for name in URL ADMIN_KEY DB_SOCKET RUN_DIR WEB API \
	    "${parts[@]/%/_PID}"; do
		printf -v "TIDINGS_${name^^}" %s ''
	done
	# shellcheck disable=SC1091
	[[ ! -e $var/env ]] || . "$var/env"
	export TIDINGS_CONFIG=$var/tidings.conf
}
read_env

pid_of() {
	local name=TIDINGS_${1^^}_PID
	printf %s "${!name-}"
}

# A number may be another's by now, so a process must know this VAR: by its
# environment or, where it writes its title over that, by where it stands.
is_ours() {
	local cwd
	[[ -n $1 && -e /proc/$1 ]] || return 1
	! grep -qzFx "TIDINGS_CONFIG=$TIDINGS_CONFIG" "/proc/$1/environ" \
	    2>/dev/null || return 0
	cwd=$(readlink "/proc/$1/cwd") && [[ $cwd/ = "$var"/* ]]
}

is_running() { is_ours "$(pid_of "$1")"; }

anything_runs() {
	local name
	for name in "${parts[@]}"; do ! is_running "$name" || return 0; done
	return 1
}

# The processes of the session that pid $1 leads or led, without zombies.
members() {
	local stat line state session pid
	for stat in /proc/[0-9]*/stat; do
		{ line=$(<"$stat"); } 2>/dev/null || continue
		read -r state _ _ session _ <<<"${line##*) }"
		pid=${line%% *}
		[[ $session = "$1" && $state != Z ]] && is_ours "$pid" && say "$pid"
	done
	:
}

setting() {
	[[ -x $BUILD/tidings ]] || die "there is no $BUILD/tidings; make builds it"
	"$BUILD/tidings" setting "$1"
}

# The web server's user: Apache refuses to serve as root.
web_user() {
	if [[ $(id -u) = 0 && $WEB = apache ]]; then
		say www-data
	else
		id -un
	fi
}

web_user_can() {
	if [[ $(web_user) = "$(id -un)" ]]; then
		test "$@"
	else
		setpriv --reuid="$(web_user)" --regid="$(id -g "$(web_user)")" \
		    --clear-groups test "$@"
	fi
}

# The directory of the sockets, made if need be; /metrics.sock is the longest.
make_run_dir() {
	local longest=/metrics.sock base=${XDG_RUNTIME_DIR:-/tmp}
	run_dir=${TIDINGS_RUN_DIR:-$var/run}
	mkdir -p "$run_dir"
	[[ -z $TIDINGS_RUN_DIR ]] || return 0
	if ((${#run_dir} + ${#longest} > 107)) || [[ $run_dir = *' '* ]] ||
	    ! (chmod 711 "$run_dir" && web_user_can -x "$run_dir"); then
		rmdir "$run_dir"
		[[ $(web_user) = "$(id -un)" && -w $base ]] || base=/tmp
		run_dir=$base/tidings-$(say "$var" | cksum | cut -d' ' -f1)
		mkdir -p "$run_dir"
		[[ -O $run_dir && ! -L $run_dir ]] ||
			die "'$run_dir' is somebody else's"
	fi
	# What is made in here is for the web server's user too.
	if [[ $(web_user) != "$(id -un)" ]]; then
		chgrp "$(id -gn "$(web_user)")" "$run_dir" && chmod 2770 "$run_dir"
	else
		chmod 700 "$run_dir"
	fi
	TIDINGS_RUN_DIR=$run_dir
}

# A secret that is made once and kept.
secret() {
	[[ -s $var/$1 ]] ||
		od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$var/$1"
	cat "$var/$1"
}

write_config() {
	local port=${PORT:+listen_port = $PORT}
	{
		say "# Written by etc/run/start: the settings of this run, over the defaults."
		say "migrations_dir = $checkout/db/migrations"
		say "db_socket = $run_dir/db.sock"
		say "db_password = $(secret db-password)"
		say "run_dir = $run_dir"
		say "inbox = $run_dir/inbox.sock"
		say "doorbell = $run_dir/inbox.sock"
		say "push_listen = unix:$run_dir/push.sock"
		say "metrics_listen = unix:$run_dir/metrics.sock"
		say "$port"
		overrides
	} >"$TIDINGS_CONFIG"
}

overrides() {
	local words=() word
	if [[ ${CONFIG-} = *$'\n'* ]]; then
		mapfile -t words <<<"$CONFIG"
	else
		read -ra words <<<"${CONFIG-}"
	fi
	for word in "${words[@]}"; do
		[[ -z $word ]] || say "${word%%=*} = ${word#*=}"
	done
}

site_url() {
	local host
	host=$(setting listen_address)
	case $host in
	0.0.0.0 | '') host=127.0.0.1 ;;
	::) host='[::1]' ;;
	*:*) host="[$host]" ;;
	esac
	say "http://$host:$(setting listen_port)"
}

write_env() {
	{
		say "TIDINGS_URL='${TIDINGS_URL-}'"
		say "TIDINGS_ADMIN_KEY='${TIDINGS_ADMIN_KEY-}'"
		say "TIDINGS_DB_SOCKET='${TIDINGS_DB_SOCKET-}'"
		say "TIDINGS_DIR='$checkout'"
		say "TIDINGS_CONFIG='$TIDINGS_CONFIG'"
		say "TIDINGS_RUN_DIR='$TIDINGS_RUN_DIR'"
		say "TIDINGS_WEB='$WEB'"
		say "TIDINGS_API='$API'"
		for name in "${parts[@]}"; do
			say "TIDINGS_${name^^}_PID=$(pid_of "$name")"
		done
	} >"$var/env.new"
	mv "$var/env.new" "$var/env"
}

# spawn PART COMMAND...: detached, in a session of its own, told to VAR/log.
# What a killed predecessor left behind goes first.
spawn() {
	local part=$1 pid
	shift
	stop_part "$part"
	log=$var/log/$part.log
	touch "$log"
	log_start=$(stat -c %s "$log")
	(cd "$var" && exec setsid "$@" </dev/null >>"$log" 2>&1 9>&-) &
	pid=$!
	printf -v "TIDINGS_${part^^}_PID" %s "$pid"
	write_env
}

# spawn_api PART PROCESSES: processes of the api on a FastCGI socket of their
# own.  spawn-fcgi opens the socket and becomes multiwatch, which keeps the
# number of processes.  One of them ends after so many requests, and that is no
# failure: only what dies within a tenth of a second counts as one.
spawn_api() {
	local part=$1 socket=$run_dir/$1.sock processes=$2
	rm -f "$socket"
	spawn "$part" spawn-fcgi -n -s "$socket" -M 0660 -b 1024 -- "$(command -v multiwatch)" \
	    -f "$processes" -r 20 -t 100 -- "$BUILD/api.fcgi"
	wait_until "$part" 10 test -S "$socket"
}

# What the part spawned last has said since.
last_words() { tail -c +$((log_start + 1)) "$log" | tail -n 15; }

# wait_until PART SECONDS COMMAND...: fails loudly when the part dies first.
# It was spawned just now: before it is itself, is_running does not know it.
wait_until() {
	local part=$1 deadline=$((SECONDS + $2))
	shift 2
	until "$@" >/dev/null 2>&1; do
		[[ -z $stopping ]] || exit 130
		if ! kill -0 "$(pid_of "$part")" 2>/dev/null; then
			last_words >&2
			die "$part did not start; the above is the end of $log"
		fi
		if ((SECONDS > deadline)); then
			last_words >&2
			stop_part "$part"
			die "$part is not ready in time; the above is the end of $log"
		fi
		sleep 0.02
	done
}

# stop_part PART: ask, wait until its whole session is gone, then insist.
stop_part() {
	local part=$1 pid left deadline=$((SECONDS + 15))
	pid=$(pid_of "$part")
	[[ -n $pid ]] || return 0
	if is_running "$part"; then
		kill -TERM "$pid" 2>/dev/null
	else
		# Nobody is left to lead them to an orderly end.
		# shellcheck disable=SC2046	# a list of numbers
		kill -KILL $(members "$pid") 2>/dev/null
	fi
	while left=$(members "$pid") && [[ -n $left ]]; do
		if ((SECONDS > deadline)); then
			say "tidings: $part does not stop, so it is killed"
			# shellcheck disable=SC2086	# a list of numbers
			kill -KILL $left 2>/dev/null
			deadline=$((SECONDS + 15))
		fi
		sleep 0.02
	done
	printf -v "TIDINGS_${part^^}_PID" %s ''
	write_env
}

# fill TEMPLATE: @NAME@ becomes the value of NAME given as NAME=VALUE.
fill() {
	local text name
	text=$(<"$1")
	shift
	for name; do
		text=${text//"@${name%%=*}@"/"${name#*=}"}
	done
	printf '%s\n' "$text"
}

# WEB and API are those of what runs already, else what was asked for.
if is_running web; then
	WEB=$TIDINGS_WEB
	API=$TIDINGS_API
fi
WEB=${WEB:-nginx}
API=${API:-fcgi}
case $WEB/$API in
nginx/fcgi | apache/fcgi | apache/cgi) ;;
nginx/cgi) die "nginx runs no CGI programs: use WEB=apache with API=cgi" ;;
*) die "WEB is nginx or apache, API is fcgi or cgi; not '$WEB' and '$API'" ;;
esac
