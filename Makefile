# make            build/api.fcgi, build/notifier, build/tidings
# make run        install what is missing, build, run it all until Ctrl-C
# make start      the same, detached; make stop ends it
# make test       every test; check-unit, check-api ... one part of them
# make lint       formatter, static analysers and the project's own rules
# make format     let the formatter write
# make bench      measure, beside the machine's own limits
# make fuzz       parsers of outside bytes, TIME seconds each
# make install    into DESTDIR and PREFIX
#
# SANITIZE=1        with ASan and UBSan, in build/sanitize
# SANITIZE=thread   with TSan, in build/tsan
# V=1               show the commands
#
# For run, start and stop (see etc/run):
# VAR=dir PORT=n CONFIG='name=value ...' WEB=nginx|apache API=fcgi|cgi


BUILD  ?= build$(if $(SANITIZE),/$(if $(filter thread,$(SANITIZE)),tsan,sanitize))
PREFIX ?= /usr/local
TIME   ?= 60
JOBS   := $(shell nproc 2>/dev/null || echo 1)
export BUILD VAR PORT CONFIG WEB API SANITIZE

PACKAGES := fcgi json-c libmariadb libmicrohttpd libsodium
CPPFLAGS += -I. -D_GNU_SOURCE \
            $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
            -Wwrite-strings -Wundef -Wformat=2 \
            -Wimplicit-fallthrough -Wvla -Werror
LDFLAGS  += -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# What this compiler has on this processor.
supported = $(shell echo 'int x;' | $(CC) -Werror $(1) -c -x c -o /dev/null - \
            2>/dev/null && echo $(1))
HARDENING := -fPIE -fstack-protector-strong $(call supported,-fstack-clash-protection) \
             $(call supported,-fcf-protection)

ifeq ($(SANITIZE),thread)
SANITIZER := -fsanitize=thread
else ifneq ($(SANITIZE),)
SANITIZER := -fsanitize=address,undefined -fno-sanitize-recover=all \
             -fno-omit-frame-pointer
else
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

COMPILE = $(CPPFLAGS) -std=c17 $(CFLAGS) $(WARNINGS) $(HARDENING) $(SANITIZER)
LINK    = $(CFLAGS) $(HARDENING) $(SANITIZER) $(LDFLAGS)

libs = $(shell pkg-config --libs $(1) 2>/dev/null)
LIBS_API      := $(call libs,fcgi json-c libmariadb libsodium)
LIBS_NOTIFIER := $(call libs,libmicrohttpd json-c libmariadb libsodium) -pthread
LIBS_TIDINGS  := $(call libs,json-c libmariadb libsodium)
LIBS_ALL      := $(call libs,$(PACKAGES)) -pthread

# A source file belongs to a program by the folder it is in: no lists to keep.
COMMON   := $(wildcard common/*.c)
DB       := $(wildcard db/*.c)
IN_API   := $(wildcard api/*.c api/handlers/*.c)
NOTIFIER := $(wildcard notifier/*.c)
COMMAND  := $(wildcard db/command/*.c)
UNITS    := $(wildcard tests/unit/*_test.c)
DB_UNITS := $(wildcard tests/db/*_test.c)
FUZZERS  := $(wildcard tests/fuzz/*_fuzz.c)
HELPERS  := $(wildcard tests/lib/*.c)
# NAME_main.c is a program of the benchmark, the rest is shared by them.
BENCHERS := $(wildcard tests/bench/*_main.c)
BENCHED  := $(filter-out $(BENCHERS),$(wildcard tests/bench/*.c))
# What tests link: everything but the programs' own main().
PARTS    := $(filter-out %/main.c,$(COMMON) $(DB) $(IN_API) $(NOTIFIER) $(COMMAND))

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PROGRAMS := $(addprefix $(BUILD)/,api.fcgi notifier tidings)
TESTS    := $(patsubst %.c,$(BUILD)/%,$(UNITS) $(DB_UNITS))
BENCH    := $(patsubst tests/bench/%_main.c,$(BUILD)/bench/%,$(BENCHERS))
FUZZ     := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZERS))

Q   := $(if $(V),,@)
SAY := @$(if $(V),:,echo)

all: $(PROGRAMS)
	@:

$(BUILD)/api.fcgi: $(call objects,$(IN_API) $(DB) $(COMMON))
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS_API)

$(BUILD)/notifier: $(call objects,$(NOTIFIER) $(DB) $(COMMON))
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS_NOTIFIER)

$(BUILD)/tidings: $(call objects,$(COMMAND) $(DB) $(COMMON))
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS_TIDINGS)

$(TESTS): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(PARTS) $(HELPERS))
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS_ALL)

$(BENCH): $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%_main.o \
    $(call objects,$(BENCHED) $(DB) $(COMMON))
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK) -o $@ $^ $(LIBS_TIDINGS) -pthread

$(BUILD)/obj/%.o: %.c Makefile | $(BUILD)/packages
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(COMPILE) -MMD -MP -c -o $@ $<

# Says which Debian packages are missing before the compiler says less.
$(BUILD)/packages: etc/run/packages
	@etc/run/packages missing build
	@mkdir -p $(@D)
	@touch $@

tests: $(TESTS)
	@:

bench-programs: $(BENCH)

# Packages can bring the libraries that this file asks pkg-config for, so what
# installs them builds in another make.
run start:
	@etc/run/packages install run
	@$(MAKE) --no-print-directory -O -j$(JOBS) all
	@exec etc/run/$@

stop:
	@exec etc/run/stop

test:
	@etc/run/packages install run test
	@$(MAKE) --no-print-directory -O -j$(JOBS) all tests
	@exec tests/lib/suite unit db www api push faults browser run

check-%:
	@etc/run/packages install run test
	@$(MAKE) --no-print-directory -O -j$(JOBS) all tests
	@exec tests/lib/suite $*

bench:
	@etc/run/packages install bench
	@$(MAKE) --no-print-directory -O -j$(JOBS) all bench-programs
	@exec tests/bench/run

# The formatter is the style: what it writes is right.
SOURCES := $(shell find api common db notifier tests -name node_modules -prune \
           -o -name '*.[ch]' -print 2>/dev/null)
SCRIPTS := .ci/run $(shell grep -lE '^\#!/(bin/sh|bin/bash|usr/bin/env bash)' \
           -r etc tests --exclude-dir=node_modules 2>/dev/null)
TIDY    := $(patsubst %.c,$(BUILD)/tidy/%,$(filter-out tests/%,$(filter %.c,$(SOURCES))))

format:
	clang-format -i $(SOURCES)
	tests/lint/settings.sh --write

lint:
	@etc/run/packages install lint
	clang-format --dry-run --Werror $(SOURCES)
	tests/lint/rules.sh
	shellcheck -x $(SCRIPTS)
	cppcheck -j$(JOBS) --quiet --std=c11 --inline-suppr --error-exitcode=1 \
	    --enable=warning,performance,portability \
	    --suppress=comparePointers --suppress=normalCheckLevelMaxBranches \
	    -I. api common db notifier
	@$(MAKE) --no-print-directory -O -j$(JOBS) tidy

tidy: $(TIDY)

# The object is made anew when a header changes, and so is this.
$(BUILD)/tidy/%: %.c .clang-tidy $(BUILD)/obj/%.o
	$(SAY) TIDY $<
	$(Q)clang-tidy --quiet $< -- $(CPPFLAGS) -std=c17 2>/dev/null
	@mkdir -p $(@D)
	@touch $@

# make fuzz TIME=600: what arrives from outside, one program per parser.
fuzz: $(FUZZ)
	@set -e; for fuzzer in $(FUZZ); do \
		name=$$(basename $$fuzzer _fuzz); \
		mkdir -p $(BUILD)/fuzz/corpus/$$name; \
		seeds=tests/fuzz/corpus/$$name; \
		[ -d $$seeds ] || seeds=; \
		echo "# $$name"; \
		$$fuzzer -max_total_time=$(TIME) -timeout=10 -print_final_stats=1 \
		    -artifact_prefix=$(BUILD)/fuzz/$$name- \
		    $(BUILD)/fuzz/corpus/$$name $$seeds; \
	done

FUZZ_FLAGS := -g -O1 -fno-sanitize-recover=all

$(FUZZ): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/tests/fuzz/%.o \
    $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(PARTS))
	$(SAY) LINK $@
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS_ALL)

$(BUILD)/fuzz/obj/%.o: %.c Makefile | $(BUILD)/packages
	@mkdir -p $(@D)
	$(SAY) FUZZ-CC $<
	$(Q)clang $(CPPFLAGS) -std=c17 $(FUZZ_FLAGS) \
	    -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

# The samples name the places of this installation, and the defaults of
# tidings.conf; that one holds a password, so not everybody may read it.
EXAMPLES := $(DESTDIR)$(PREFIX)/share/doc/tidings/examples
FILL     := -e 's|@LISTEN@|80|' -e 's|@API@|/run/tidings/api.sock|' \
            -e 's|@LOGIN@|/run/tidings/login.sock|' \
            -e 's|@PUSH@|unix:/run/tidings/push.sock|' \
            -e 's|@PUSH_HTTP@|unix:/run/tidings/push.sock\|http://tidings-push|' \
            -e 's|@PUSH_WS@|unix:/run/tidings/push.sock\|ws://tidings-push|' \
            -e 's|@WWW@|$(PREFIX)/share/tidings/www|' \
            -e 's|@ERRORS@|$(PREFIX)/share/tidings/errors|' \
            -e 's|@PROGRAM@|$(PREFIX)/lib/tidings/api.fcgi|' \
            -e 's|@CONFIG@|/etc/tidings/tidings.conf|'

install: all
	install -d $(DESTDIR)$(PREFIX)/lib/tidings $(DESTDIR)$(PREFIX)/sbin \
	    $(DESTDIR)$(PREFIX)/share/tidings/migrations \
	    $(EXAMPLES)/nginx $(EXAMPLES)/apache $(DESTDIR)/etc/tidings
	install -m 755 $(BUILD)/api.fcgi $(BUILD)/notifier $(DESTDIR)$(PREFIX)/lib/tidings
	install -m 755 $(BUILD)/tidings $(DESTDIR)$(PREFIX)/sbin
	install -m 644 db/migrations/*.sql $(DESTDIR)$(PREFIX)/share/tidings/migrations
	cp -R --no-preserve=ownership www etc/errors $(DESTDIR)$(PREFIX)/share/tidings
	chmod -R u=rwX,go=rX $(DESTDIR)$(PREFIX)/share/tidings
	sed $(FILL) etc/nginx/tidings.conf >$(EXAMPLES)/nginx/tidings.conf
	sed $(FILL) etc/apache/tidings.conf >$(EXAMPLES)/apache/tidings.conf
	chmod 644 $(EXAMPLES)/*/tidings.conf
	test -e $(DESTDIR)/etc/tidings/tidings.conf || { umask 027 && sed \
	    's|^#* *migrations_dir *=.*|migrations_dir = $(PREFIX)/share/tidings/migrations|' \
	    etc/tidings.conf >$(DESTDIR)/etc/tidings/tidings.conf; }

clean:
	rm -rf build $(BUILD)

.PHONY: all tests run start stop test bench bench-programs format lint tidy fuzz install clean
.DELETE_ON_ERROR:
-include $(shell find $(BUILD)/obj $(BUILD)/fuzz -name '*.d' 2>/dev/null)
