# SPDX-License-Identifier: BSD-2-Clause
# The user's face of the build: `make help`.  Meson and ninja do the work.

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
# What to fuzz: names of targets; all unless given.
FUZZ ?=
# Simulated lives of `make soak`.
SIM_LIVES ?= 2000000
# Given to `imsreg demo`: make demo DEMO='--transport udp --family 4'
DEMO ?=

.PHONY: build demo test test-vm bench fuzz lint soak install help
.DEFAULT_GOAL := build

build: ## build the program: build/imsreg (imsreg help lists its commands)
	@scripts/install-deps build
	@test -f build/build.ninja || meson setup build --buildtype=debugoptimized \
		--prefix=$(PREFIX) -Dtests=disabled
	@ninja -C build imsreg

demo: build ## see a UE register in eight steps; DEMO='--family 4' adds options
	@build/imsreg demo $(DEMO)

test: ## run every test, under ASan and UBSan
	@scripts/install-deps build test
	@test -f build-test/build.ninja || meson setup build-test \
		--buildtype=debug --optimization=1 \
		-Db_sanitize=address,undefined -Dtests=enabled
	@ninja -C build-test
	@meson test -C build-test --no-rebuild --print-errorlogs

test-vm: ## the ESP tests under a kernel that has ESP: minutes, needs no KVM
	@scripts/install-deps build test vm
	@test -f build-test/build.ninja || meson setup build-test \
		--buildtype=debug --optimization=1 \
		-Db_sanitize=address,undefined -Dtests=enabled
	@ninja -C build-test
	@meson test -C build-test --no-rebuild --print-errorlogs --suite vm

soak: ## two million simulated lives (SIM_LIVES), then the long kill test: hours
	@scripts/install-deps build test
	@test -f build-soak/build.ninja || meson setup build-soak \
		--buildtype=release -Dtests=enabled
	@ninja -C build-soak imsreg tests/sim
	@build-soak/tests/sim --lives $(SIM_LIVES) --jobs 0
	@tests/sim/mutate.py
	@ninja -C build-soak tests/ue_crowd
	@tests/e2e/kill.py build-soak/imsreg --kills 200 --ues 500

bench: build ## measure: time and instructions per operation
	@scripts/install-deps build bench
	@meson test -C build --benchmark --verbose

fuzz: ## fuzz each parser FUZZ_SECONDS (60) long; FUZZ='name name' selects
	@scripts/install-deps build fuzz
	@test -f build-fuzz/build.ninja || CC=clang meson setup build-fuzz \
		--buildtype=debug --optimization=1 -Dfuzz=true -Dtests=disabled
	@ninja -C build-fuzz
	@scripts/fuzz build-fuzz $(FUZZ_SECONDS) $(FUZZ)

lint: ## formatting, clang-tidy, house rules; gcc and clang without warning
	@scripts/install-deps build lint
	@scripts/lint

install: build ## program, manual, library under PREFIX (/usr/local), DESTDIR
	@meson configure build -Dprefix=$(PREFIX)
	@meson install -C build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
