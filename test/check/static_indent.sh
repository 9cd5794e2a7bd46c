#!/usr/bin/env bash
# The C files are indented as PostgreSQL's are.
exec "$(dirname "$0")/indent.sh"
