"""The supply graph as one network of needs in plain arrays: ordered, solved, pushed, searched."""
