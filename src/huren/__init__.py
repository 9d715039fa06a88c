"""huren 互认: footprints of whole supply chains, and recognition of their certificates."""

__version__ = "0.1.0"
