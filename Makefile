# unimoe-audio: two commands matter, `make demo` and `make test`; the others are what they are made of.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60

# Which model `make train-default` trains, and the steps to its weights; each goes on where it was left.
RECIPE ?= default
TRAINING_STEPS := data codec align specialists integrate joint
TRAIN := build/training-venv/bin/unimoe-train

export SWIFT DESTDIR

# Released programs carry the Swift runtime with them, so that they run where Swift is not installed, and look for
# libraries where the system does, not beside themselves. The toolchain's lld links them without the warnings that gold
# has for the runtime's own objects.
RELEASE_FLAGS := -c release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld
PROGRAM := build/unimoe-audio
DAEMON := build/unimoe-audiod
# Tests run the optimised code that ships, with its internals visible to them.
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path .build-tests
TEST_PROGRAMS := .build-tests/release
# Tests that play in real time run beside each other, not beside the engine's, which take all cores.
LIVE_TESTS := DaemonTests|JACKClientTests
# The C library holds the Swift runtime too; the two ways of linking it take build folders of their own.
LIBRARY_FLAGS := -c release -Xswiftc -static-stdlib --disable-local-rpath --scratch-path .build-library
LIBRARY := build/libunimoe-audio.so
LIBDIR ?= $(PREFIX)/lib

bindir := $(DESTDIR)$(PREFIX)/bin
mandir := $(DESTDIR)$(PREFIX)/share/man/man1
datadir := $(DESTDIR)$(PREFIX)/share/unimoe-audio
bash_completions := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zsh_completions := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fish_completions := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

.PHONY: help demo test build daemon library install uninstall deb wheel lint format fuzz bench clean
.PHONY: test-debug test-deb test-wheel test-pipewire test-realtime test-sanitizers
.PHONY: dependencies linters packers wheel-packers training train-default test-training

help: ## Show this list
	@printf 'unimoe-audio: speech and music from text\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 26
	@printf '\nVariables: PREFIX (%s), DESTDIR, SWIFT (%s), FUZZ_SECONDS (%s)\n' '$(PREFIX)' '$(SWIFT)' '$(FUZZ_SECONDS)'

demo: build ## Install what is missing, build, speak and compose into build/demo
	@scripts/demo $(PROGRAM) build/demo

test: dependencies library ## Install what is missing, build and run all tests
	Tests/installed/run $(LIBRARY)
	Tests/systemd/run || [ $$? -eq 77 ]
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	Tests/installed/live $(LIBRARY) $(TEST_PROGRAMS)/unimoe-audiod
	Tests/readme/run $(TEST_PROGRAMS) || [ $$? -eq 77 ]
	$(SWIFT) test $(TEST_FLAGS) --skip-build --filter "$(LIVE_TESTS)"
	$(SWIFT) test $(TEST_FLAGS) --skip-build --skip "$(LIVE_TESTS)"

test-debug: dependencies ## Run the engine's tests unoptimised, where assertions and debug preconditions find more
	$(SWIFT) test --filter UniMoEAudioTests

build: dependencies ## Build the program for use: build/unimoe-audio
	$(SWIFT) build $(RELEASE_FLAGS) --product unimoe-audio
	@mkdir -p build
	@ln -sfn "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/unimoe-audio" $(PROGRAM)

daemon: dependencies ## Build the daemon for use: build/unimoe-audiod
	$(SWIFT) build $(RELEASE_FLAGS) --product unimoe-audiod
	@mkdir -p build
	@ln -sfn "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/unimoe-audiod" $(DAEMON)

library: dependencies ## Build the C library: build/libunimoe-audio.so
	$(SWIFT) build $(LIBRARY_FLAGS) --product unimoe-audio-library
	@mkdir -p build
	@ln -sfn "$$($(SWIFT) build $(LIBRARY_FLAGS) --show-bin-path)/libunimoe-audio-library.so" $(LIBRARY)

install: build daemon library ## Install programs, C library, manual pages, units, completions and default model under PREFIX
	scripts/install-library $(LIBRARY) $(PREFIX) $(LIBDIR)
	scripts/install-daemon $(DAEMON) $(PREFIX)
	install -d $(bindir) $(mandir) $(datadir)/models $(bash_completions) $(zsh_completions) $(fish_completions)
	install -m 755 $(PROGRAM) $(bindir)/unimoe-audio
	install -m 644 docs/man/unimoe-audio.1 $(mandir)
	$(PROGRAM) --generate-completion-script bash > $(bash_completions)/unimoe-audio
	$(PROGRAM) --generate-completion-script zsh > $(zsh_completions)/_unimoe-audio
	$(PROGRAM) --generate-completion-script fish > $(fish_completions)/unimoe-audio.fish
	rm -rf $(datadir)/models/default
	cp -R models/default $(datadir)/models/default
	chmod -R u=rwX,go=rX $(datadir)

uninstall: ## Remove what `make install` put under PREFIX
	scripts/install-daemon --remove $(PREFIX)
	rm -f $(bindir)/unimoe-audio $(mandir)/unimoe-audio.1
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/include/,unimoe_audio.h unimoe_audio.hpp)
	rm -f $(DESTDIR)$(LIBDIR)/libunimoe-audio.so* $(DESTDIR)$(LIBDIR)/pkgconfig/unimoe-audio.pc
	rm -rf $(DESTDIR)$(LIBDIR)/cmake/unimoe-audio
	rm -f $(bash_completions)/unimoe-audio $(zsh_completions)/_unimoe-audio $(fish_completions)/unimoe-audio.fish
	rm -rf $(datadir)/models/default
	-rmdir $(datadir)/models $(datadir) 2>/dev/null

deb: packers ## Build Debian packages: build/deb/*.deb
	scripts/build-packages

test-deb: ## Build the Debian packages, check, install, use and remove them; needs root
	Tests/debian/run

wheel: wheel-packers library ## Build the Python wheel: build/dist/*.whl
	scripts/build-wheel $(LIBRARY)

test-wheel: wheel-packers library ## Build the Python wheel, install, use, test and remove it
	$(SWIFT) build $(TEST_FLAGS) --product unimoe-audio
	Tests/wheel/run $(LIBRARY) $(TEST_PROGRAMS)/unimoe-audio

test-pipewire: dependencies ## Play through PipeWire, destroy its nodes and the server; installs PipeWire where it is missing
	$(SWIFT) build $(TEST_FLAGS) --product unimoe-audiod
	$(SWIFT) build $(TEST_FLAGS) --product unimoe-audio
	Tests/pipewire/run $(TEST_PROGRAMS)/unimoe-audiod $(TEST_PROGRAMS)/unimoe-audio

test-realtime: dependencies library ## Run what audio threads call under RealtimeSanitizer while the engine generates
	Tests/realtime/run $(LIBRARY)

test-sanitizers: dependencies ## Run the C library's tests under AddressSanitizer and ThreadSanitizer
	Tests/sanitizers/run

train-default: build ## Train the default model from nothing, resumably; export it to build/default; takes a day of two cores, less with a GPU
	@scripts/install-dependencies python3-venv python3-pip python3-dev espeak-ng flite festival festlex-cmu festvox-us-slt-hts fluidsynth \
	  fluid-soundfont-gm \
	  fortunes dict-gcide dictzip wamerican
	@scripts/install-training teachers evaluate test
	for step in $(TRAINING_STEPS); do $(TRAIN) $$step --recipe $(RECIPE) || exit; done
	$(TRAIN) export --recipe $(RECIPE) --output build/default
	$(TRAIN) evaluate --recipe $(RECIPE) --model build/default --report build/evaluation

test-training: training ## Test the training package, and the engine on a model that it made
	$(SWIFT) build $(TEST_FLAGS) --product unimoe-audio
	UNIMOE_AUDIO_PROGRAM=$$PWD/$(TEST_PROGRAMS)/unimoe-audio \
	  build/training-venv/bin/python -m pytest training/tests

training:
	@scripts/install-dependencies python3-venv python3-pip
	@scripts/install-training test

lint: linters ## Check style, faults and structure: Swift, C, C++, Python, shell scripts, manual pages
	python3 -m unittest discover --quiet Tests/structure
	Tests/structure/run
	Tests/structure/documents
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests
	scripts/lint-c
	scripts/lint-python
	scripts/lint-documents

format: linters ## Rewrite Swift, C, C++ and Python in the project's style
	$(SWIFT) format format --in-place --parallel --recursive Package.swift Sources Tests
	scripts/lint-c --fix
	scripts/lint-python --fix

fuzz: ## Feed each parser random files for FUZZ_SECONDS seconds
	fuzz/run $(FUZZ_SECONDS)

bench: dependencies ## Measure speed and memory; prints a table, writes JSON
	benchmarks/run
	$(SWIFT) run $(RELEASE_FLAGS) callback-cost

clean: ## Remove everything that was built
	rm -rf .build .build-* build

dependencies:
	@scripts/install-dependencies

linters:
	@scripts/install-dependencies python3-venv python3-pip
	@scripts/install-lint

wheel-packers:
	@scripts/install-dependencies python3-venv python3-pip

packers:
	@scripts/install-dependencies debhelper dpkg-dev
