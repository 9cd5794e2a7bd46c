#!/usr/bin/env bash
# make bench: what dupex costs against hand-written SQL, as ratios within one run.
#
# Each measurement runs its two (or more) sides in turn several times and keeps the shortest time
# of each; time spent waiting for a processor is left out. So what else the machine does disturbs
# little. Nothing is asserted: the figures are printed, and doc/benchmarks.md says what they mean.
#
#   bench.sh [PART...]   types, search, ratios, scores, value, value_models, attribution, load, refresh, sample, leads, night,
#                      retention, journeys, hygiene, linkage, merge_purge, lists, permission, selection; all of them by default
#
# Environment:
#   BENCH_SIZES   numbers of rows, default "100000 1000000 3000000"; loads take the first two
#   VALUE_SIZES   numbers of customers of parts value and value_models, default "2357 23570 1000000"
#   EVENT_SIZES   numbers of events of parts retention, attribution and journeys, default "1000000 3000000 10000000"
#   SELECTION_SIZES  numbers of customers of part selection, default "1000000"
#   DUPEX_WORK    see test/check/sandbox.sh
set -euo pipefail
. "$(dirname "$0")/../check/sandbox.sh"

sizes=${BENCH_SIZES:-100000 1000000 3000000}
parts=${*:-types search ratios scores value value_models attribution load refresh sample leads night retention journeys hygiene linkage merge_purge lists permission selection}

need_server
need_packages make
make_sandbox
if [ -n "${DUPEX_WORK:-}" ]; then trap 'stop_server; rm -rf "$WORK/data" "$WORK/tmp/bench_"*' EXIT; fi
rm -rf "$WORK/data"
say "building"
build_dupex
start_server "shared_buffers = 4GB" "work_mem = 256MB" "maintenance_work_mem = 512MB" "max_wal_size = 16GB" \
    "checkpoint_timeout = 30min" "max_parallel_workers_per_gather = 0" "max_parallel_maintenance_workers = 0" \
    "jit = off" "autovacuum = off" "random_page_cost = 1.1"

run() { as_user psql -XAtq -v ON_ERROR_STOP=1 -d bench "$@"; }

as_user psql -Xq -d postgres -c "CREATE DATABASE bench"
run -f "$SRC/test/bench/harness.sql"
printf 'machine: %s, %s processors, %s memory, load before %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
    "$(nproc)" "$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
run -c "SELECT bench.settings()"
begun=$SECONDS
for part in $parts; do
    if [ -f "$SRC/test/bench/$part.sh" ]; then
        # shellcheck source=/dev/null
        . "$SRC/test/bench/$part.sh"
        continue
    fi
    run -c "SELECT bench.header('$part')"
    part_sizes=$sizes
    if [ "$part" = value ] || [ "$part" = value_models ]; then part_sizes=${VALUE_SIZES:-2357 23570 1000000}; fi
    if [ "$part" = hygiene ] || [ "$part" = linkage ] || [ "$part" = merge_purge ]; then part_sizes="100000 1000000"; fi
    if [ "$part" = lists ]; then part_sizes="200000"; fi
    if [ "$part" = permission ]; then part_sizes="100000"; fi
    if [ "$part" = selection ]; then part_sizes=${SELECTION_SIZES:-1000000}; fi
    if [ "$part" = retention ] || [ "$part" = attribution ] || [ "$part" = journeys ]; then part_sizes=${EVENT_SIZES:-1000000 3000000 10000000}; fi
    for size in $part_sizes; do
        if [ "$part" = sample ] && [ "$size" != "${sizes%% *}" ]; then break; fi
        run -v size="$size" -v folder="$WORK/tmp" -f "$SRC/test/bench/$part.sql"
    done
done
printf '\n%s s, load after %s\n' "$((SECONDS - begun))" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
