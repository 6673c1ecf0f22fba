# Commands for working on jumok. Needs Python 3.11 or later with venv, git and make.
PYTHON ?= python3
BIN := .venv/bin
SERVES := .venv/.serves
STAMP := .venv/.installed
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --editable
PROTO := proto/jumok/v1/translation.proto
# so that protoc and the tests find the tools of this environment
export PATH := $(CURDIR)/$(BIN):$(PATH)
.DEFAULT_GOAL := help
.PHONY: help install demo demo-train test test-page test-compose benchmark lint proto lock audit images arrange clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(SERVES): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "jumok needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) '.[serve,client,web]'
	@touch $@

$(STAMP): $(SERVES)
	$(INSTALL) '.[train,export,serve,client,web,dev]'
	@touch $@

install: $(STAMP) ## Install jumok with all extras and development tools

demo: $(SERVES) ## Serve the model that comes with jumok and translate live
	@$(BIN)/jumok demo
	@echo; echo 'To use the command `jumok` in this shell: . $(BIN)/activate'

demo-train: $(STAMP) ## Train, export, serve, translate: a few minutes (shorter: DEMO_STEPS=500)
	$(BIN)/jumok demo --train $(if $(DEMO_STEPS),--steps $(DEMO_STEPS) --folder build/demo-short)

test: $(STAMP) ## Run the tests
	$(BIN)/pytest -n auto --dist worksteal -m 'not compose and not page' $(PYTEST_FLAGS)

test-page: $(STAMP) ## Test the web page in Chromium, with the models that come with jumok
	$(BIN)/pytest -m page tests/page $(PYTEST_FLAGS)

test-compose: $(STAMP) ## Build the images, start the stack, translate, stop it
	PYTEST=$(BIN)/pytest deploy/test-compose.sh

benchmark: $(STAMP) ## Compare the serving engine with its peers: build/benchmark.json
	$(INSTALL) '.[benchmark]'
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.serving --provider cuda --output build/benchmark.cuda.json

lint: $(STAMP) ## Check style, types, imports and the wire contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	@$(BIN)/python deploy/check_proto.py

COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile --quiet --generate-hashes \
	--no-emit-index-url --no-emit-find-links --python-version 3.11 --python-platform linux \
	$(LOCK_FLAGS) pyproject.toml
LOCKS := deploy/requirements

lock: $(STAMP) ## Lock the requirements of the images (LOCK_FLAGS=--upgrade for newer versions)
	$(COMPILE) --extra serve --output-file $(LOCKS)/serve.txt
	$(COMPILE) --extra gpu --output-file $(LOCKS)/gpu.txt
	$(COMPILE) --extra web --output-file $(LOCKS)/web.txt
	$(COMPILE) --extra train --extra export --extra serve --excludes $(LOCKS)/torch.in \
		--output-file $(LOCKS)/trainer.txt

audit: $(STAMP) ## List the packages of the service image (SBOM) and check them for vulnerabilities
	@mkdir -p build
	PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.cdx.json $(LOCKS)/serve.txt
	@$(BIN)/pip-audit --strict --disable-pip --requirement $(LOCKS)/serve.txt || \
		{ echo 'The audit failed: a package has a known vulnerability, or the database of' \
		'vulnerabilities cannot be reached; the lines above say which.'; exit 1; }

images: ## Build the images, labelled with the version and the revision of this checkout
	JUMOK_VERSION=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) \
		JUMOK_REVISION=$$(git describe --always --abbrev=40 --dirty --exclude '*') \
		docker compose --profile gpu --profile train build $(IMAGES)

proto: $(STAMP) ## Generate the gRPC stubs
	$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=proto --grpc_python_out=proto \
		--mypy_out=quiet:proto --mypy_grpc_out=quiet:proto $(PROTO)

arrange: $(STAMP) ## Generate the ONNX graph that moves rows on a device
	$(BIN)/python -m deploy.make_arrange

clean: ## Remove everything that these targets create
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
