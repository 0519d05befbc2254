"""The noise lab and the schedule workbench: why mu/B."""
