#!/bin/sh
# Writes the extension script to standard output: build.sh VERSION
#
# The toolbox modules (sql/NN_*.sql) come one after the other. The marketing database
# (sql/marketing/NN_*.sql) comes as text inside one function, dupex.marketing_module(),
# because its tables must be ordinary ones, made by dupex.install() in a schema of the
# user's choice, and not members of the extension.
set -eu
cd "$(dirname "$0")/.."
version=$1

marketing_modules() {
    echo "CREATE FUNCTION marketing_module(OUT module text, OUT source text) RETURNS SETOF record"
    echo "    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS \$dupex_modules\$ VALUES"
    comma=
    for file in sql/marketing/[0-9][0-9]_*.sql; do
        module=$(basename "$file" .sql)
        printf "%s('%s', \$dupex_%s\$\n" "$comma" "$module" "$module"
        cat "$file"
        printf "\$dupex_%s\$)\n" "$module"
        comma=,
    done
    echo "\$dupex_modules\$;"
    echo "COMMENT ON FUNCTION marketing_module() IS"
    echo "    'the source of the marketing database, one row a module in the order in which install() runs them; @schema@ stands for the schema';"
}

printf -- '-- dupex %s: made by sql/build.sh from the modules named below; edit those\n' "$version"
for file in sql/[0-9][0-9]_*.sql; do
    printf '\n-- %s\n\n' "$file"
    cat "$file"
    case $file in
        sql/00_*) ;;
        sql/80_*) printf '\n-- sql/marketing/*.sql\n\n'; marketing_modules ;;
    esac
done
