# shellcheck shell=bash
# sandbox.sh: a private PostgreSQL with dupex built into it; sourced by the scripts of
# make check, demo, lint, fuzz, bench and sanitize.
#
# Debian's server tree is relocatable: a copy of it under the work folder finds its own
# libraries and extensions. So dupex is installed there, an unprivileged user runs the server,
# and neither the machine's PostgreSQL nor the checkout is touched.
#
# Environment:
#   DUPEX_WORK         the work folder; kept when given, else a new one that is removed at exit
#   DUPEX_SHARED_DATA  folder of the real data sets; default ../shared/data beside the checkout
#   PG_MAJOR           PostgreSQL's major version, default 15
#   RANDOM_CALLS, RANDOM_SEED  see test/t/070_random_calls.pl

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PG_MAJOR=${PG_MAJOR:-15}
PG_HOME=/usr/lib/postgresql/$PG_MAJOR
PG_SHARE=/usr/share/postgresql/$PG_MAJOR

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "cannot install packages: not root, and there is no sudo. Please install: $*"; fi
}

# need_packages PACKAGE...: installs those that are missing
need_packages() {
    local missing=() package
    command -v dpkg-query >/dev/null || { say "not a Debian system: taking what is installed"; return 0; }
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "installing ${missing[*]}"
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null 2>"${TMPDIR:-/tmp}/dupex-apt.$$" \
        || { cat "${TMPDIR:-/tmp}/dupex-apt.$$" >&2; die "apt-get could not install ${missing[*]}"; }
    rm -f "${TMPDIR:-/tmp}/dupex-apt.$$"
}

# The packages a build and a server need; tests ask for more.
need_server() {
    need_packages gcc libc6-dev "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR" "postgresql-$PG_MAJOR-cron"
}

# as_user COMMAND...: as the unprivileged user of the sandbox (postgres, where we are root).
# PG_BIN is first on the path; the locale and the time zone are the same everywhere. The user may
# not be allowed into the checkout, so a command starts in the work folder unless we are there.
as_user() (
    case $PWD/ in "$WORK"/*) ;; *) cd "$WORK" || exit 1 ;; esac
    local vars=(PATH="$PG_BIN:/usr/local/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 TZ=UTC HOME="$WORK" TMPDIR="$WORK/tmp"
                DUPEX_SHARED_DATA="${DUPEX_SHARED_DATA:-}" PGHOST="${PGHOST:-}" PGPORT="${PGPORT:-}" PGOPTIONS="${PGOPTIONS:-}"
                RANDOM_CALLS="${RANDOM_CALLS:-}" RANDOM_SEED="${RANDOM_SEED:-}")
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- env -i "${vars[@]}" "$@"
    else env -i "${vars[@]}" "$@"; fi
)

# make_sandbox: the work folder ($WORK), the private server tree ($PG_BIN) and a copy of the
# sources ($SRC). A work folder that is used again keeps its objects: make rebuilds what changed.
make_sandbox() {
    if [ -n "${DUPEX_WORK:-}" ]; then WORK=$DUPEX_WORK; mkdir -p "$WORK"
    else WORK=$(mktemp -d "${TMPDIR:-/tmp}/dupex-XXXXXX"); trap leave_sandbox EXIT; fi
    SRC=$WORK/src
    PG_BIN=$WORK/pg$PG_HOME/bin
    mkdir -p "$SRC" "$WORK/tmp"
    if [ ! -x "$PG_BIN/postgres" ]; then
        mkdir -p "$WORK/pg$PG_HOME" "$WORK/pg$PG_SHARE" "$WORK/pg/usr/include"
        cp -a "$PG_HOME/." "$WORK/pg$PG_HOME/"
        cp -aL "$PG_SHARE/." "$WORK/pg$PG_SHARE/"
        ln -sfn /usr/include/postgresql "$WORK/pg/usr/include/postgresql"
    fi
    if [ -z "${DUPEX_SHARED_DATA+set}" ] && [ -d "$ROOT/../shared/data" ]; then
        DUPEX_SHARED_DATA=$(cd "$ROOT/../shared/data" && pwd)
    fi
    find "$SRC" -type f ! -name '*.o' ! -name '*.so' -delete
    tar -C "$ROOT" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
        --exclude=./results --exclude=./tmp_check --exclude=./tmp_check_iso -cf - . | tar -C "$SRC" --no-same-owner -xf -
    if [ "$(id -u)" = 0 ]; then chmod 755 "$WORK"; chown -R postgres: "$WORK"; fi
}

leave_sandbox() {
    local status=$?
    stop_server
    case $WORK in */dupex-*) cd /; rm -rf "$WORK" ;; esac
    return $status
}

# build_dupex [MAKE ARGUMENT...]: compiles and installs into the private tree
build_dupex() {
    as_user make -C "$SRC" -s -j2 with_llvm=no PG_CONFIG="$PG_BIN/pg_config" "$@" all >"$WORK/build.log" 2>&1 \
        && as_user make -C "$SRC" -s with_llvm=no PG_CONFIG="$PG_BIN/pg_config" "$@" install >>"$WORK/build.log" 2>&1 \
        || { cat "$WORK/build.log" >&2; die "the build failed"; }
    if [ -s "$WORK/build.log" ]; then cat "$WORK/build.log" >&2; fi
}

# start_server [SETTING...]: a server of our own on a unix socket in the work folder, no TCP.
# Sets PGHOST and PGPORT for psql. Each argument is a line of postgresql.conf.
start_server() {
    local line
    PGDATA=$WORK/data; PGHOST=$WORK/tmp; PGPORT=5432
    as_user initdb -D "$PGDATA" -U postgres -A trust --encoding=UTF8 --no-locale --no-sync >/dev/null
    {
        printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$PGHOST'" "fsync = off" "timezone = 'UTC'" \
            "max_worker_processes = 16"
        for line in "$@"; do printf '%s\n' "$line"; done
    } | as_user tee -a "$PGDATA/postgresql.conf" >/dev/null
    as_user pg_ctl -D "$PGDATA" -l "$WORK/server.log" -w -s start </dev/null || { cat "$WORK/server.log" >&2; die "the server did not start"; }
}

stop_server() {
    if [ -n "${PGDATA:-}" ] && [ -f "$PGDATA/postmaster.pid" ]; then as_user pg_ctl -D "$PGDATA" -m fast -s stop || true; fi
}
