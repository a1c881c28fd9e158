# What `make lint` looks at. It runs these side by side, each with its words in one block, and all of them even if one fails.
.PHONY: all types style layout layers dependencies
all: types style layout layers dependencies

types: # the longest, so it begins first
	@tools/check-types
style:
	@$(bin)/ruff check .
layout:
	@$(bin)/ruff format --check .
layers:
	@$(bin)/lint-imports
dependencies:
	@$(bin)/python tools/audit.py
