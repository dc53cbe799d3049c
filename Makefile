# SPDX-License-Identifier: Apache-2.0
# make demo   install what is missing, build, run the shipped study, name the report
# make test   install what is missing, build, run every fast test
# make help   the rest
.DEFAULT_GOAL := help
SHELL := /bin/bash
BUILD := build
JOBS := $(shell nproc)
PROGRAM := $(BUILD)/kinescape
DEMO := demo/crizotinib

.PHONY: help deps build demo test test-long bench lint fuzz clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

deps:
	@scripts/install_deps.sh build

$(BUILD)/build.ninja: CMakePresets.json
	@cmake --preset release >/dev/null

build: deps $(BUILD)/build.ninja  ## the program at build/kinescape
	@cmake --build $(BUILD) -j $(JOBS) --target kinescape_program

demo: build  ## run the shipped study and name the report
	@$(PROGRAM) study run examples/crizotinib/study.toml -o $(DEMO)

test: deps $(BUILD)/build.ninja  ## every fast test
	@scripts/install_deps.sh test
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -LE slow -j $(JOBS) --output-on-failure --no-tests=error

test-long: test  ## recovery grids, an outside build, an hour of processor time of fuzzing
	@ctest --test-dir $(BUILD) -L slow -j $(JOBS) --output-on-failure --no-tests=error
	@scripts/install_deps.sh fuzz
	@scripts/fuzz.sh 3600

lint:  ## formatting, clang-tidy, headers that compile alone, rooms that keep their bounds
	@scripts/install_deps.sh lint
	@scripts/lint.sh

fuzz:  ## one minute over all readers
	@scripts/install_deps.sh fuzz
	@FUZZ_SEED=1 scripts/fuzz.sh 60

bench:  ## speed, beside the peers that are installed
	@scripts/install_deps.sh bench
	@scripts/bench.sh

clean:  ## remove what was built
	rm -rf build build-* demo
