"""The commands of `huren`, one file each; `huren.cli` gathers them."""
