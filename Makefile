# `make` starts the demo: no account, no network, no Node. `make help` lists the rest.
.DEFAULT_GOAL := run
.PHONY: run test check tour crash bench instructions release-check fuzz help

run: ## start the demo: four businesses, stand-ins of the providers, a phone simulator
	cargo run -p prosaas-server -- demo

test: ## everything that must hold, with one summary (15 to 20 minutes cold on 2 cores)
	scripts/test.sh

check: ## the fast part of test: format, lints, licences, proofs, docs
	scripts/test.sh fmt proofs size deny clippy doc

tour: ## walk through the product, printing what happens
	scripts/postgres.sh cargo test -p prosaas-server --test it tour -- --nocapture

crash: ## kill the server again and again (CRASH_ROUNDS, default 20); nothing may be lost or doubled
	CRASH_ROUNDS=$${CRASH_ROUNDS:-20} POSTGRES_DURABLE=1 scripts/postgres.sh \
	  cargo test -p prosaas-server --test it crash -- --nocapture

bench: ## measure the readers of webhooks and the server, optimised, on a Postgres that syncs
	cargo bench -p whatsapp-meta --bench webhook
	cargo bench -p whatsapp-twilio --bench webhook
	POSTGRES_DURABLE=1 scripts/postgres.sh cargo bench -p prosaas-server --bench '*'

instructions: ## count the instructions of reading a webhook; fails above the gate (needs valgrind)
	scripts/instructions.sh

release-check: ## pack the four libraries and build what was packed
	cargo package -p whatsapp-core -p whatsapp-meta -p whatsapp-twilio -p whatsapp-baileys

fuzz: ## look for input that breaks a parser or a signature (FUZZ_SECONDS per target, default 600; needs nightly Rust)
	scripts/fuzz.sh

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
