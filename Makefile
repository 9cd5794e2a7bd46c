# dupex: database (duplex) marketing inside PostgreSQL
#
#   make, make install, make installcheck     need the server headers and pgxs only
#   make demo, check, lint, fuzz, bench       install what is missing (Debian packages),
#                                             work on a private server, leave nothing behind

EXTENSION  = dupex
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)
PGFILEDESC = "dupex - database marketing"

MODULE_big = $(EXTENSION)
OBJS       = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
PG_CFLAGS  = -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wnull-dereference \
             -Wno-unused-parameter -Wno-missing-field-initializers
# apart from the warnings, because clang, which makes the bitcode for JIT, gets only these
PG_CPPFLAGS = -DDUPEX_VERSION='"$(EXTVERSION)"' -I$(srcdir)/src

# The extension script is its modules in order of their numbers; the marketing
# database travels inside it as text (sql/build.sh says how).
SQL_MODULES       = $(sort $(wildcard sql/[0-9][0-9]_*.sql))
MARKETING_MODULES = $(sort $(wildcard sql/marketing/[0-9][0-9]_*.sql))
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)

# The server of the tests is their own: no running cluster, no password, no port.
REGRESS        = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=test --encoding=UTF8 --no-locale --load-extension=$(EXTENSION) \
                 --temp-instance=tmp_check --temp-config=test/regress.conf
ISOLATION      = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=$(EXTENSION) \
                 --temp-instance=tmp_check_iso --temp-config=test/regress.conf
TAP_TESTS     := $(shell perl -MIPC::Run -e 'print 1' 2>/dev/null)
PROVE_TESTS    = $(sort $(wildcard test/t/*.pl))

EXTRA_CLEAN = results regression.diffs regression.out tmp_check tmp_check_iso log output_iso

WORKSHOP = check demo lint fuzz bench sanitize
PG_CONFIG ?= pg_config
PGXS      := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(filter $(WORKSHOP),$(MAKECMDGOALS)),)

.PHONY: $(WORKSHOP)
check lint fuzz sanitize:
	@test/check/$@.sh
demo bench:
	@test/$@/$@.sh

else ifneq ($(PGXS),)

include $(PGXS)
$(DATA_built): $(SQL_MODULES) $(MARKETING_MODULES) $(EXTENSION).control sql/build.sh
	sh sql/build.sh $(EXTVERSION) > $@
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/*/*.h) $(EXTENSION).control

else

.DEFAULT_GOAL := all
all install installcheck clean:
	@echo "dupex needs PostgreSQL's server headers and pgxs (Debian: apt-get install postgresql-server-dev-15)," >&2
	@echo "or PG_CONFIG=/path/to/pg_config. \"make demo\" and \"make check\" install them by themselves." >&2
	@exit 1

endif
